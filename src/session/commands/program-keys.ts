import type { Confidence } from '../../store/model.ts';
import type { KeyMark } from './backlog.ts';
import { TypedLine } from './keys.ts';
import { spaced } from './line.ts';
import { bottomCommand, isMultiplexer, showsWindows } from './programs.ts';
import { type KnownPrompts, takesEmptyLine } from './prompts.ts';
import type { CommandRows } from './rows.ts';
import type { CommandScreen } from './screen.ts';

const LONGEST_NAME = 120;

/** A line that something in a full-screen program is asked to run. */
export interface ProgramLine {
  readonly text: string;
  readonly confidence: Confidence;
}

function isShellPrompt(text: string): boolean {
  return takesEmptyLine(text) && /\S\s$/.test(text);
}

/** A program that has the whole screen: its keys are no lines, but for those that have a shell run something. */
export class ProgramKeys {
  readonly multiplexer: boolean;
  readonly #name: string;
  #told = false;
  /** Since the last Enter or Escape. */
  #keys = new TypedLine();

  /** `line`: what was run before the program took the screen. */
  constructor(screen: CommandScreen, line: string) {
    this.#name = line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME)}…` : line;
    this.multiplexer = isMultiplexer(line) || showsWindows(screen);
  }

  press({ key, at, admission }: KeyMark, screen: CommandScreen, rows: CommandRows, known: KnownPrompts): void {
    if (!this.#told) {
      this.#told = true;
      const name = this.#name === '' ? 'a full-screen program' : this.#name;
      rows.add(`${name}: keys typed in it are not parsed`, 'unparsed', 'program', at);
    }
    if (key.kind === 'text') this.#keys.add(key.text);
    else if (key.kind === 'erase') this.#keys.erase();
    else if (key.kind === 'enter') {
      const found = this.line(screen, known);
      if (found) rows.add(found.text, found.confidence, 'program', at, admission);
      this.#keys = new TypedLine();
    } else if (key.kind === 'escape' || key.kind === 'interrupt') this.#keys = new TypedLine();
    else this.#keys.blur();
  }

  /** What an Enter would run now. */
  line(screen: CommandScreen, known: KnownPrompts): ProgramLine | undefined {
    const found = bottomCommand(screen, this.#keys);
    if (found) return { text: found.text, confidence: found.sure ? 'screen' : 'typed' };
    // a shell on the screen that a program left behind
    const row = spaced(screen.logical(screen.cursorRow).text).trimEnd();
    const prompt = known.startOf(`${row} `);
    const text = row.slice(prompt.length).trim();
    const typed = this.#keys.exact ? this.#keys.text.trim() : '';
    if (prompt !== '' && text !== '') return { text, confidence: typed === text ? 'screen' : 'typed' };
    const isTyped = typed !== '' && row.endsWith(typed) && isShellPrompt(row.slice(0, row.length - typed.length));
    return isTyped ? { text: typed, confidence: 'typed' } : undefined;
  }

  /** What was typed behind a prompt and is not shown there yet. */
  unseen(screen: CommandScreen, known: KnownPrompts): ProgramLine | undefined {
    const typed = this.#keys.exact ? this.#keys.text.trim() : '';
    if (typed === '') return undefined;
    const row = screen.logical(screen.cursorRow);
    const left = spaced(row.text.slice(0, row.cursor));
    let echo = Math.min(typed.length, left.length);
    while (echo > 0 && !left.endsWith(typed.slice(0, echo))) echo--;
    const before = left.slice(0, left.length - echo);
    return known.has(before) || isShellPrompt(before) ? { text: typed, confidence: 'typed' } : undefined;
  }

  /** The keys alone may ask for a shell: the screen is worth waiting for. */
  get mayRun(): boolean {
    return this.#keys.exact && /[:!|]/.test(this.#keys.text);
  }

  get exact(): boolean {
    return this.#keys.exact;
  }
}
