import { useEffect, useSyncExternalStore } from 'react';
import { type Language, useLanguage } from '../words.ts';
import type { Sayer } from './catalogue.ts';
import { forPages } from './for-pages.ts';

/** The catalogues, each loaded when its language is chosen. English is what the daemon speaks. */
const CATALOGUES: Readonly<Partial<Record<Language, () => Promise<Sayer>>>> = {
  'zh-CN': async () => (await import('./zh/catalogue.ts')).say,
};

const loaded = new Map<Language, Sayer>();
const loading = new Set<Language>();
const listeners = new Set<() => void>();

function load(language: Language): void {
  const catalogue = CATALOGUES[language];
  if (!catalogue || loading.has(language)) return;
  loading.add(language);
  void catalogue().then(
    (say) => {
      loaded.set(language, say);
      for (const listener of listeners) listener();
    },
    // what is said stays English, and the next one who asks tries again
    () => void loading.delete(language),
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * What the daemon says, in the chosen language: every sentence that a page got from it goes through here. One that is
 * not known stays as it is.
 */
export function useSaid(): (sentence: string) => string {
  const language = useLanguage();
  useEffect(() => load(language), [language]);
  const say = useSyncExternalStore(subscribe, () => loaded.get(language));
  return (sentence) => forPages(say?.(sentence) ?? sentence);
}
