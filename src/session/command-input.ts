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
  /** How many rows below its first one the cursor has been. */
  depth: number;
  first: number;
  // since its Enter
  at: number;
  by: 'enter' | 'ctrl-o';
  atEnter: Reading | undefined;
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
    depth: 0,
    first: -1,
    at: 0,
    by: 'enter',
    atEnter: undefined,
    secretAsked: false,
    shownElsewhere: false,
    admission: undefined,
    judged: undefined,
  };
}
