import type { CommandContext } from '../../store/model.ts';
import type { Admission } from './admission.ts';
import { TypedLine } from './keys.ts';
import type { Anchor, Reading } from './line.ts';
import type { Mark } from './screen.ts';
import type { Settled } from './settle.ts';

/** One line of input from its first key on. */
export interface Input {
  readonly typed: TypedLine;
  /** Begun while lines before it were still on their way: its prompt was not there yet. */
  ahead: boolean;
  anchor: Anchor | undefined;
  /** The screen showed exactly what was typed until then. */
  echoed: boolean;
  disturbed: boolean;
  /** Moved to the left, so that its beginning is not shown. */
  scrolled: boolean;
  /** Its prompt was printed again on another row. */
  reprinted: boolean;
  /** Where it was typed there was no prompt: it is looked for elsewhere. */
  lost: boolean;
  /** How many rows below its first one the cursor has been. */
  depth: number;
  first: number;
  // since its Enter
  at: number;
  by: 'enter' | 'ctrl-o';
  context: CommandContext;
  /** Most likely the terminal itself takes the line. */
  noEditor: boolean;
  atEnter: Reading | undefined;
  /** How much had been drawn. */
  drawn: number;
  secretAsked: boolean;
  /** Its last key was Ctrl-D, which hands on what stands there. */
  handedOn: boolean;
  shownElsewhere: boolean;
  admission: Admission | undefined;
  judged: string | undefined;
}

export function newInput(ahead: boolean): Input {
  return {
    typed: new TypedLine(),
    ahead,
    anchor: undefined,
    echoed: false,
    disturbed: false,
    scrolled: false,
    reprinted: false,
    lost: false,
    depth: 0,
    first: -1,
    at: 0,
    by: 'enter',
    context: 'shell',
    noEditor: false,
    drawn: 0,
    atEnter: undefined,
    secretAsked: false,
    handedOn: false,
    shownElsewhere: false,
    admission: undefined,
    judged: undefined,
  };
}

/** A row was left below a line while the program still edits: it may only have drawn a list there. */
export interface Left {
  readonly settled: Settled;
  readonly mark: Mark | undefined;
  readonly row: number;
}

/** How the cursor left a row. */
export interface LeftRow {
  readonly left: string;
  readonly reading: Reading | undefined;
  readonly before: number;
  readonly after: number;
  readonly mark: Mark | undefined;
  readonly erases: boolean;
}
