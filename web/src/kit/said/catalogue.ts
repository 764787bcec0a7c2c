/**
 * Sentences of the daemon in another language. The daemon speaks English, also over SSH and to programs; the pages say
 * the same in the language that is chosen.
 */
export interface Catalogue {
  /**
   * By the English sentence. `{0}`, `{1}`, … stand for the values in it, in their order. In the translation `{0}` is the
   * value as it is, `<0>` a value that is a sentence or phrase itself, `[0]` one that may be one of the `words`, or several.
   */
  readonly sentences: Readonly<Record<string, string>>;
  /** Single words that stand in the place of a value. They are translated nowhere else: a name may look like one. */
  readonly words: Readonly<Record<string, string>>;
}

/** `Give {0} to {1}.`: what stands between the values. */
interface Template {
  readonly pieces: readonly string[];
  readonly translation: string;
  /** It says too little to be recognised but as a part of a sentence: `{0} on {1}`. */
  readonly onlyWithin: boolean;
}

/** A sentence of the daemon in the language of the catalogue; undefined when it is not in there. */
export type Sayer = (sentence: string) => string | undefined;

/** So deep may phrases stand within each other. */
const DEEPEST = 4;
/** What begins with a value must have so many letters of its own to be taken for the sentence it looks like. */
const FEWEST_LETTERS = 7;
const lettersOf = (pieces: readonly string[]) => pieces.join('').replaceAll(' ', '').length;

export function sayer({ sentences, words }: Catalogue): Sayer {
  const fixed = new Map<string, string>();
  const templates: Template[] = [];
  for (const [english, translation] of Object.entries(sentences)) {
    const pieces = english.split(/\{\d+\}/);
    if (pieces.length === 1) fixed.set(english, translation);
    else templates.push({ pieces, translation, onlyWithin: pieces[0] === '' && lettersOf(pieces) < FEWEST_LETTERS });
  }
  // what says most goes first: "There is no user {0}." before "There is no {0} {1}."
  templates.sort((a, b) => lettersOf(b.pieces) - lettersOf(a.pieces));

  const say = (sentence: string, depth: number): string | undefined => {
    const whole = fixed.get(sentence);
    if (whole !== undefined || depth > DEEPEST) return whole;
    for (const { pieces, translation, onlyWithin } of templates) {
      if (onlyWithin && depth === 0) continue;
      const values = valuesOf(sentence, pieces);
      if (values) return filled(translation, values, depth);
    }
    return undefined;
  };
  const filled = (translation: string, values: readonly string[], depth: number) =>
    translation.replace(/\{(\d+)\}|<(\d+)>|\[(\d+)\]/g, (_, plain?: string, phrase?: string, word?: string) => {
      const value = values[Number(plain ?? phrase ?? word)] ?? '';
      if (plain !== undefined) return value;
      if (word !== undefined && wordsOf(value) !== undefined) return wordsOf(value)!;
      return say(value, depth + 1) ?? value;
    });
  const wordsOf = (value: string): string | undefined => {
    const parts = value.split(', ').map((one) => (Object.hasOwn(words, one) ? words[one] : undefined));
    return parts.includes(undefined) ? undefined : parts.join('、');
  };
  return (sentence) => say(sentence, 0) ?? mistakes(sentence, (words) => say(words, 1));
}

/** `name: must not be empty; port: …`: what a schema says, field by field. */
function mistakes(sentence: string, say: Sayer): string | undefined {
  const said = sentence.split(/; (?=[\w.@-]+: )/).map((part) => {
    const [, field, words] = /^([\w.@-]+): (.+)$/s.exec(part) ?? [];
    const translated = words === undefined ? undefined : say(words);
    return translated && `${field}：${translated}`;
  });
  return said.includes(undefined) ? undefined : said.join('；');
}

/**
 * What stands in a sentence where the template has values; undefined when it is no sentence of this template. Each piece
 * is taken where it first comes, so that the time is bounded by the length, whatever somebody chose as a name.
 */
function valuesOf(sentence: string, pieces: readonly string[]): string[] | undefined {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (!sentence.startsWith(first) || !sentence.endsWith(last)) return undefined;
  const end = sentence.length - last.length;
  const values: string[] = [];
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = sentence.indexOf(piece, at);
    if (found === -1) return undefined;
    values.push(sentence.slice(at, found));
    at = found + piece.length;
  }
  if (at > end) return undefined;
  return [...values, sentence.slice(at, end)];
}
