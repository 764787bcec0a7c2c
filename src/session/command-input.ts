import type { CommandContext } from '../store/model.ts';
import type { Admission } from './command-admission.ts';
import { TypedLine } from './command-keys.ts';
import type { Anchor, Reading } from './command-line.ts';

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
    shownElsewhere: false,
    admission: undefined,
    judged: undefined,
  };
}
