import type { Size } from '../../kernel/channel.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { CommandContext } from '../../store/model.ts';
import type { Admission } from './admission.ts';
import { Backlog, BY_ITSELF, isKey, type KeyMark } from './backlog.ts';
import { type Candidate, candidates } from './candidates.ts';
import type { Key } from './keys.ts';
import { nextMove } from './moves.ts';
import { ProgramKeys } from './program-keys.ts';
import { KnownPrompts, looksLikePrompt } from './prompts.ts';
import { CommandRows, type RowsHost } from './rows.ts';
import { CommandScreen } from './screen.ts';
import { asksForSecret } from './secret.ts';
import { sameText } from './settle.ts';
import { LineTracker } from './tracker.ts';

/** After an Enter the screen is looked at when the program had time to answer, or said so much. */
const SOON_MS = 25;
const SOON_BYTES = 4096;
/** How often a line is looked after that is not left. */
const LATE_MS = 200;
/** Output so long after the last key comes by itself. */
const BY_ITSELF_MS = 700;
/** One step of work; others have their turn in between. */
const STEP_MS = 3;
/** Of work that somebody waits for. */
const HURRY_MS = 25;
/** At the end of a session. */
const LAST_MS = 100;
/** More work than this in that time is no person at a keyboard. */
const MOST_WORK_MS = 1500;
const WORK_WINDOW_MS = 10_000;
/** The terminal is given up after so long without a key. */
const IDLE_MS = 60_000;
/** Of more keys that nobody looked at the oldest are looked at, one behind each echo; of so many more, at once. */
const MANY_KEYS = 200;
const MOST_KEYS = 400;

export interface ReaderHost extends RowsHost {
  readonly clock: Clock;
  readonly size: () => Size;
}

/** What stands at the cursor now, for who must decide before its Enter goes on. */
export interface Current {
  readonly context: CommandContext;
  /** Lines it may be, the likeliest first. Empty: nothing is entered, or a secret is. */
  readonly lines: readonly Candidate[];
  /** The screen shows all that was typed, and only that. */
  readonly complete: boolean;
  /** Only keys were used of which we know what they do. */
  readonly exact: boolean;
  readonly prompt: string;
  /** Commands were seen at this prompt. */
  readonly known: boolean;
  /** What stands behind the cursor is part of the line. */
  readonly behind: boolean;
  readonly empty: boolean;
  /** Most likely the terminal itself takes the line: Ctrl-D hands on what stands there, as Enter does. */
  readonly noEditor: boolean;
}

const NOTHING: Current = {
  context: 'shell',
  lines: [],
  complete: false,
  exact: false,
  prompt: '',
  known: false,
  behind: false,
  empty: false,
  noEditor: false,
};

/** ED and EL, by which what stands below a line is taken away. */
const ERASES = /^\x1b\[0?[JK]/;

/**
 * Reads the command lines of a terminal. Keys and output are only noted, in their order; they are drawn when an Enter
 * came, and no more of the output than is needed to see the line it ended.
 */
export class CommandReader {
  readonly #host: ReaderHost;
  readonly #backlog = new Backlog();
  readonly #known = new KnownPrompts();
  readonly #rows: CommandRows;
  readonly #tracker: LineTracker;
  #screen: CommandScreen | undefined;
  #program: { keys: ProgramKeys; alternation: number } | undefined;

  /** An Enter was noted whose line is not settled. */
  #entered = false;
  #typing = false;
  #lastKey = 0;
  #working = false;
  #cancelSoon: (() => void) | undefined;
  #idleTimer: (() => void) | undefined;
  #windowStart = 0;
  #windowSpent = 0;

  constructor(host: ReaderHost) {
    this.#host = host;
    this.#rows = new CommandRows(host, this.#known);
    this.#tracker = new LineTracker(this.#known, this.#rows);
  }

  /** A key that is about to go to the target. */
  key(key: Key, decided?: { admission: Admission | undefined; judged: string | undefined }): void {
    const at = this.#host.clock.monotonic();
    this.#lastKey = at;
    this.#typing = true;
    if (this.#backlog.marks === 0 && !this.#tracker.waits && !this.#tracker.begun) this.#skip();
    this.#backlog.key({ key, at, ...decided });
    if (key.kind === 'enter') {
      this.#entered = true;
      this.#typing = false;
      this.#soon(SOON_MS);
      this.#armIdle();
    }
    if (this.#backlog.marks > MOST_KEYS) this.#work(STEP_MS);
  }

  output(chunk: Buffer): void {
    if (this.#typing && this.#host.clock.monotonic() - this.#lastKey > BY_ITSELF_MS) this.#backlog.byItself();
    this.#backlog.output(chunk);
    if (this.#entered) {
      if (this.#backlog.bytes > SOON_BYTES) this.#work(STEP_MS);
      else this.#soon(SOON_MS);
    } else if (this.#backlog.tooMuch) {
      if (this.#backlog.marks > 0) this.#work(STEP_MS);
      if (this.#backlog.marks === 0) this.#skip();
    } else if (this.#backlog.marks > MANY_KEYS) this.#relieve();
  }

  resize(size: Size): void {
    this.#backlog.resize(size);
  }

  /** The session ends: what is known by now is all there is. */
  finish(): void {
    if (this.#rows.marks.seen || this.#backlog.marks > 0 || this.#tracker.waits)
      this.#work(LAST_MS, this.#rows.marks.seen);
    this.#tracker.giveUp(this.#screen);
    this.#forget();
  }

  /**
   * Whether line breaks are part of the line now: a program that asked for brackets around pastes gets one. `line` is
   * what was pasted since the last one.
   */
  get pasting(): { readonly line: string; readonly exact: boolean } | undefined {
    this.#work(HURRY_MS, true);
    return this.#tracker.pasting;
  }

  /** What would be entered now. */
  current(): Current {
    this.#work(HURRY_MS, true);
    const screen = this.#screen;
    if (!screen) return NOTHING;
    const program = this.#programOf(screen);
    if (program && !program.multiplexer) {
      const found = program.line(screen, this.#known);
      // what is typed behind the exclamation mark is what runs, but the row names all of it
      const lines: Candidate[] = found ? [found, { ...found, text: shellPart(found.text) }] : [];
      const unseen = found ? undefined : program.unseen(screen, this.#known);
      if (unseen) lines.push(unseen);
      const complete = found ? found.confidence === 'screen' : !program.mayRun && !unseen;
      return { ...NOTHING, context: 'program', lines, complete, exact: program.exact };
    }
    const { input, reading } = this.#tracker.current(screen);
    const { typed } = input;
    const prompt = reading?.prompt ?? '';
    const shown = reading?.text ?? '';
    const lines = candidates(input, reading, screen, this.#known);
    for (const { text } of [...lines]) {
      const expanded = this.#rows.history.expand(text);
      if (expanded !== undefined) lines.push({ text: expanded, confidence: 'screen' });
    }
    // a secret is judged by nobody
    const isSecret = shown === '' && asksForSecret(prompt) && !this.#known.has(prompt);
    return {
      context: program ? 'multiplexer' : 'shell',
      lines: isSecret ? [] : lines,
      complete:
        typed.exact && reading !== undefined && sameText(shown, typed.text) && sameText(reading.left, typed.text),
      exact: typed.exact,
      prompt,
      known: this.#known.has(prompt),
      behind: reading !== undefined && shown.length > reading.left.trimEnd().length,
      empty: reading !== undefined && shown === '',
      noEditor: !screen.bracketedPaste,
    };
  }

  /** The line at the cursor was taken away: what comes next is a new one. */
  cleared(): void {
    this.#tracker.cleared();
  }

  /** Adds the row of a line that did not run. */
  refused({ text, confidence }: Candidate, { context, prompt }: Current, admission: Admission): void {
    this.#tracker.settleLeft();
    if (confidence === 'screen' && looksLikePrompt(prompt)) this.#known.learn(prompt);
    this.#rows.add(text, confidence, context, this.#host.clock.monotonic(), admission);
  }

  // ---- when to work ----

  #soon(ms: number): void {
    if (this.#cancelSoon || this.#working) return;
    this.#cancelSoon = this.#host.clock.after(ms, () => {
      this.#cancelSoon = undefined;
      this.#work(STEP_MS);
    });
  }

  /** Draws what is needed, or all of it, for so long at most. */
  #work(budget: number, all = false): void {
    if (this.#working) return;
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
    let drained = false;
    this.#measured((start) => {
      drained = this.#take(start + budget, () => all || this.#backlog.marks > 0 || this.#tracker.waits);
      if (this.#screen && drained) this.#tracker.drained(this.#screen);
    });
    this.#tracker.giveUpLate(this.#host.clock.monotonic(), this.#screen);
    this.#entered = this.#tracker.waits || this.#backlog.marks > 0;
    if (!this.#entered) return;
    if (drained) this.#soon(LATE_MS);
    else setImmediate(() => this.#work(STEP_MS));
  }

  /** The oldest of many keys is looked at: nobody waits for it now, and the next Enter will not have to. */
  #relieve(): void {
    if (this.#working) return;
    this.#measured((start) => this.#take(start + STEP_MS, () => this.#backlog.marks > MANY_KEYS));
  }

  #measured(work: (start: number) => void): void {
    const start = performance.now();
    this.#working = true;
    try {
      work(start);
    } catch {
      // hostile output made the terminal throw: what was on its way is not known any more
      this.#tracker.giveUp(undefined);
      this.#forget();
    }
    this.#working = false;
    this.#limit(performance.now() - start);
  }

  /** False when there is more to do. */
  #take(until: number, isNeeded: () => boolean): boolean {
    while (isNeeded()) {
      const item = this.#backlog.shift();
      if (item === undefined) return true;
      if (Buffer.isBuffer(item)) {
        const { rest, torn } = this.#draw(item, until, isNeeded);
        if (rest.length > 0 && !(torn && this.#backlog.unshiftTorn(rest))) {
          // a key behind it does not wait for what may never come
          if (torn && this.#backlog.marks > 0) this.#tracker.draw(this.#needScreen(), rest);
          else {
            this.#backlog.unshift(rest);
            if (torn) return true;
          }
        }
      } else if (item === BY_ITSELF) this.#tracker.disturbed();
      else if (isKey(item)) this.#press(item);
      else this.#screen?.resize(item);
      if (performance.now() > until) return !isNeeded();
    }
    return true;
  }

  /** Draws until nothing more is needed, and returns the rest. `torn`: it can only be told with what follows. */
  #draw(bytes: Buffer, until: number, isNeeded: () => boolean): { rest: Buffer; torn: boolean } {
    const screen = this.#needScreen();
    let at = 0;
    while (at < bytes.length && isNeeded() && performance.now() <= until) {
      const end = Math.min(bytes.length, at + screen.slice);
      const move = this.#tracker.waits ? nextMove(bytes, at, end) : undefined;
      if (move?.begin !== at) {
        const stop = move?.begin ?? end;
        this.#tracker.draw(screen, bytes.subarray(at, stop));
        at = stop;
      } else if (move.end === undefined) return { rest: bytes.subarray(at), torn: true };
      else {
        const erases = ERASES.test(bytes.toString('latin1', move.end, move.end + 5));
        this.#tracker.move(screen, bytes.subarray(at, move.end), { feed: move.feed, erases });
        at = move.end;
      }
    }
    return { rest: bytes.subarray(at), torn: false };
  }

  #press(mark: KeyMark): void {
    const screen = this.#needScreen();
    const program = this.#programOf(screen);
    if (program && !program.multiplexer) program.press(mark, screen, this.#rows, this.#known);
    else this.#tracker.press(mark, screen);
  }

  /** The program that has the whole screen, if one has. */
  #programOf(screen: CommandScreen): ProgramKeys | undefined {
    if (!screen.alternate) {
      this.#program = undefined;
      return undefined;
    }
    if (this.#program?.alternation === screen.alternations) return this.#program.keys;
    this.#tracker.learnEntered();
    this.#tracker.giveUp(screen);
    this.#tracker.cleared();
    const keys = new ProgramKeys(screen, this.#rows.lastLine);
    this.#program = { keys, alternation: screen.alternations };
    return keys;
  }

  /** A target that keeps us busy is not read any more for a while. */
  #limit(spent: number): void {
    const now = this.#host.clock.monotonic();
    if (now - this.#windowStart > WORK_WINDOW_MS) {
      this.#windowStart = now;
      this.#windowSpent = 0;
    }
    this.#windowSpent += spent;
    if (this.#windowSpent <= MOST_WORK_MS) return;
    this.#tracker.giveUp(this.#screen);
    this.#forget();
  }

  // ---- the terminal ----

  #needScreen(): CommandScreen {
    if (this.#screen) return this.#screen;
    this.#screen = new CommandScreen(this.#host.size(), this.#backlog.modes, {
      osc: (id, data) => this.#rows.marks.osc(id, data),
      pasteOff: () => this.#tracker.pasteOff(),
    });
    // a program that had the screen before still has it
    if (this.#program) this.#program.alternation = this.#screen.alternations;
    return this.#screen;
  }

  #skip(): void {
    // the terminal does not know what was left out: a new one begins where the rest does
    if (this.#backlog.skip()) this.#discard();
  }

  #armIdle(): void {
    this.#idleTimer ??= this.#host.clock.after(IDLE_MS, () => {
      this.#idleTimer = undefined;
      const isIdle = this.#host.clock.monotonic() - this.#lastKey >= IDLE_MS;
      if (!isIdle || this.#tracker.waits || this.#tracker.begun || this.#screen?.alternate) this.#armIdle();
      else this.#discard();
    });
  }

  #forget(): void {
    this.#backlog.clear();
    this.#discard();
    this.#entered = false;
  }

  #discard(): void {
    this.#tracker.cleared();
    this.#screen?.dispose();
    this.#screen = undefined;
  }
}

function shellPart(text: string): string {
  return /!(.*)$/s.exec(text)?.[1]?.trim() ?? text;
}
