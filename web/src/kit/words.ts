import { useSyncExternalStore } from 'react';

/** The languages of the pages, by the name each has for itself. */
export const LANGUAGES = { en: 'English', 'zh-CN': '简体中文' } as const;
export type Language = keyof typeof LANGUAGES;

/** A sentence, or what makes one of values. */
// biome-ignore lint/suspicious/noExplicitAny: the values differ from sentence to sentence, and each keeps its own types
type Sentence = string | ((...values: any[]) => string);
type Sentences = Readonly<Record<string, Sentence>>;
/** The same sentences in another language: none may be missing, and each takes the same values. */
type Translated<W extends Sentences> = {
  readonly [K in keyof W]: W[K] extends (...values: infer V) => string ? (...values: V) => string : string;
};
export interface Words<W extends Sentences> {
  readonly en: W;
  readonly 'zh-CN': Translated<W>;
}

/** The sentences of one room of the pages. What is missing in a language is a type error. */
export function defineWords<const W extends Sentences>(en: W, zh: Translated<W>): Words<W> {
  return { en, 'zh-CN': zh };
}

const KEY = 'bastion-language';
const listeners = new Set<() => void>();

export function language(): Language {
  return document.documentElement.lang === 'zh-CN' ? 'zh-CN' : 'en';
}

export function setLanguage(next: Language): void {
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // for this visit only, then
  }
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useLanguage(): Language {
  return useSyncExternalStore(subscribe, language);
}

/** The sentences in the language that is chosen now. */
export function useWords<W extends Sentences>(words: Words<W>): Translated<W> {
  return words[useLanguage()] as Translated<W>;
}
