import type { Budget } from './budget.ts';

/** A piece of a word. `quoted`: what it becomes is neither split at white space nor a file pattern. */
export type Part = TextPart | VariablePart | CommandPart | ArithmeticPart;

export interface TextPart {
  readonly kind: 'text';
  readonly text: string;
  readonly quoted: boolean;
}

/** `$x`, `${x}`, `${x:-word}`, `${!x}`, `${a[0]}`. The name is empty when what stands in the braces is none. */
export interface VariablePart {
  readonly kind: 'variable';
  readonly name: string;
  /** `!` (the value names a variable), `#` (its length) or nothing. */
  readonly prefix: string;
  /** What stands in `[…]`, empty without one. */
  readonly index: string;
  /** `:-`, `#`, `//`, … or nothing. */
  readonly operator: string;
  readonly operand: Word;
  readonly source: string;
  readonly quoted: boolean;
}

/** `$(…)`, backticks, or with `process` `<(…)` and `>(…)`. */
export interface CommandPart {
  readonly kind: 'command';
  readonly items: readonly Item[];
  readonly process: boolean;
  readonly source: string;
  readonly quoted: boolean;
}

export interface ArithmeticPart {
  readonly kind: 'arithmetic';
  readonly inner: Word;
  readonly source: string;
  readonly quoted: boolean;
}

export type Word = readonly Part[];

export interface Assignment {
  readonly name: string;
  readonly append: boolean;
  /** One word, or those of `a=(…)`. */
  readonly values: readonly Word[];
}

export interface Redirect {
  /** Without the number of the descriptor: `>`, `<<`, `<<<`, … */
  readonly operator: string;
  readonly target: Word;
  /** Of a here-document, known once its lines have been read. */
  body: Word | null;
}

/** One command with its words, as `rm -rf x`. */
export interface Simple {
  readonly kind: 'simple';
  readonly assignments: readonly Assignment[];
  readonly words: readonly Word[];
  readonly redirects: readonly Redirect[];
  /** It runs whatever came before: an assignment here replaces earlier ones. */
  readonly certain: boolean;
  /** Its output is the input of the item after it. */
  piped: boolean;
}

/** `( … )` and `{ … }`. */
export interface Group {
  readonly kind: 'group';
  readonly items: readonly Item[];
  readonly redirects: readonly Redirect[];
  piped: boolean;
}

export interface FunctionDefinition {
  readonly kind: 'function';
  readonly name: string;
  readonly body: Group;
  piped: boolean;
}

/** `for x in words`; null means the arguments. */
export interface Loop {
  readonly kind: 'loop';
  readonly name: string;
  readonly words: readonly Word[] | null;
  piped: boolean;
}

export interface Comment {
  readonly kind: 'comment';
  readonly text: string;
  piped: boolean;
}

/**
 * `if`, `while`, `case` and their kind leave no item of their own: what stands between their words may run, and that is
 * all a filter asks.
 */
export type Item = Simple | Group | FunctionDefinition | Loop | Comment;

/** A text being read. */
export interface Source {
  readonly text: string;
  at: number;
  /** Here-documents that begin after the end of this line. */
  readonly documents: Redirect[];
  /** A quote, a bracket or a here-document is not closed: what is typed next belongs to this line. */
  open: boolean;
  readonly budget: Budget;
  /** Reads commands up to `end`, which is `)`, `}` or nothing for the whole text. */
  readonly items: (source: Source, end: string) => Item[];
}

/** A text to read inside another one. */
export function within(source: Source, text: string): Source {
  source.budget.spend(text.length);
  return { ...source, text, at: 0, documents: [], open: false };
}

/** The text of a word without quotes, `$` and the like; null for any other. */
export function bareText(word: Word): string | null {
  const [part, more] = word;
  return part?.kind === 'text' && !part.quoted && more === undefined ? part.text : null;
}
