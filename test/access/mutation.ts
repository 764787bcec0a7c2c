/** Where a mutation must be noticed. */
export type Catcher =
  /** The name of a cell of the access matrix. */
  | { readonly cell: string }
  /** The name of a try at a side door. */
  | { readonly bypass: string }
  /** What is taken away while everything is open. */
  | { readonly ending: string }
  /** A file of unit tests without its ending, and the name of a test in it, or a part of it. */
  | { readonly unit: string; readonly test: string }
  /** Nothing would notice its loss, for another guard stands behind it: which one. */
  | { readonly behind: string };

/** A guard that is switched off. */
export interface Mutation {
  readonly name: string;
  readonly file: string;
  /** Text of the file, which stands there once; the expression between « and » is replaced. */
  readonly find: string;
  readonly replace: string;
  readonly caughtBy: Catcher;
}

export const cell = (text: string): Catcher => ({ cell: text });
export const bypass = (text: string): Catcher => ({ bypass: text });
export const ending = (text: string): Catcher => ({ ending: text });
export const behind = (text: string): Catcher => ({ behind: text });
export const unit = (file: string, test: string): Catcher => ({ unit: file, test });

type Row = readonly [name: string, find: string, replace: string, caughtBy: Catcher];
export const inFile = (file: string, rows: readonly Row[]): Mutation[] =>
  rows.map(([name, find, replace, caughtBy]) => ({ name, file: `src/${file}`, find, replace, caughtBy }));
