import type { Size } from '../kernel/channel.ts';
import type { Clock } from '../kernel/clock.ts';
import type { CommandContext, Confidence } from '../store/model.ts';
import { type Admission, ruled } from './command-admission.ts';
import { Backlog, BY_ITSELF, isKey, type KeyMark } from './command-backlog.ts';
import { isExpansion, LineHistory, mayExpand } from './command-history.ts';
import { type Input, newInput } from './command-input.ts';
import { type Key, TypedLine } from './command-keys.ts';
import { anchorHere, type Reading, readLine, spaced } from './command-line.ts';
import type { CommandLog } from './command-log.ts';
import { ShellMarks } from './command-marks.ts';
import { bottomCommand, isMultiplexer, paneOf, showsWindows } from './command-programs.ts';
import { KnownPrompts, looksLikePrompt } from './command-prompts.ts';
import { CommandScreen } from './command-screen.ts';
import { asksForSecret } from './command-secret.ts';
import { giveUp, NOTHING, type Settled, settle } from './command-settle.ts';

/** After an Enter the screen is looked at when the program had time to answer, or said so much. */
const SOON_MS = 25;
const SOON_BYTES = 4096;
/** A line that the cursor did not leave by then is taken as it is. */
const PATIENCE_MS = 1200;
/** As above, for lines typed before their prompt was there. */
const AHEAD_PATIENCE_MS = 3000;
/** Output so long after the last key comes by itself. */
const BY_ITSELF_MS = 700;
/** One step of work; others have their turn in between. */
const STEP_MS = 3;
/** Of work that somebody waits for. */
const HURRY_MS = 25;
/** More work than this in that time is no person at a keyboard. */
const MOST_WORK_MS = 1500;
const WORK_WINDOW_MS = 10_000;
/** The terminal is given up after so long without a key. */
const IDLE_MS = 60_000;
/** Lines on their way at once. */
const MOST_WAITING = 200;
const LONGEST_NAME = 120;

export interface ReaderHost {
  readonly commands: Pick<CommandLog, 'add' | 'report'>;
  readonly clock: Clock;
  readonly size: () => Size;
  /** A line became known only when it ran already. Says what a filter makes of it, telling the user. */
  readonly ranUnjudged: (line: string) => Admission | undefined;
}

/** A program that has the whole screen. */
interface Program {
  readonly name: string;
  readonly multiplexer: boolean;
  told: boolean;
  alternation: number;
  /** Since the last Enter or Escape. */
  keys: TypedLine;
}

/** What stands at the cursor now, for who must decide before its Enter goes on. */
export interface Current {
  readonly context: CommandContext;
  /** Lines it may be, the likeliest first. Empty: nothing is entered, or a secret is. */
  readonly lines: readonly string[];
  /** The screen shows all that was typed, and only that. */
  readonly complete: boolean;
  /** Only keys were used of which we know what they do. */
  readonly exact: boolean;
  readonly prompt: string;
  /** What stands behind the cursor is part of the line. */
  readonly behind: boolean;
  readonly empty: boolean;
}

/**
 * Reads the command lines of a terminal. Keys and output are only noted, in their order; they are drawn when an Enter
 * came, and no more of the output than is needed to see the line it ended.
 */
export class CommandReader {
  readonly #host: ReaderHost;
  readonly #backlog = new Backlog();
  readonly #known = new KnownPrompts();
  readonly #history = new LineHistory();
  readonly #marks: ShellMarks;
  #screen: CommandScreen | undefined;
  #input: Input | undefined;
  #waiting: Input[] = [];
  /** A line of which the shell may show what it made of it. */
  #expanding: { input: Input; settled: Settled & { kind: 'line' } } | undefined;
  #pasting = false;
  #program: Program | undefined;
  #lastLine = '';

  #paused = false;
  #enters = 0;
  #typing = false;
  #lastKey = 0;
  #cancelSoon: (() => void) | undefined;
  #working = false;
  #windowStart = 0;
  #windowSpent = 0;
  #idleTimer: (() => void) | undefined;

  constructor(host: ReaderHost) {
    this.#host = host;
    this.#marks = new ShellMarks((id, report) => host.commands.report(id, report));
  }

  /** A key that is about to go to the target. */
  key(key: Key, decided?: { admission: Admission | undefined; judged: string | undefined }): void {
    if (this.#paused) return;
    const at = this.#host.clock.monotonic();
    this.#lastKey = at;
    this.#typing = true;
    if (this.#backlog.marks === 0 && !this.#isWaiting && this.#input === undefined) this.#skip();
    const last = this.#backlog.last;
    if (key.kind === 'text' && typeof last === 'object' && 'key' in last && last.key.kind === 'text') {
      // nothing came in between: one run of text
      (last as { key: Key }).key = { kind: 'text', text: last.key.text + key.text };
      return;
    }
    this.#backlog.push({ key, at, ...decided });
    if (key.kind === 'enter') {
      this.#enters++;
      this.#typing = false;
      this.#soon(SOON_MS);
      this.#armIdle();
    }
    if (this.#backlog.marks > MOST_WAITING) this.#work(STEP_MS);
  }

  output(chunk: Buffer): void {
    if (this.#paused) return;
    if (this.#typing && this.#host.clock.monotonic() - this.#lastKey > BY_ITSELF_MS && this.#backlog.last !== BY_ITSELF)
      this.#backlog.push(BY_ITSELF);
    this.#backlog.output(chunk);
    if (this.#enters > 0) {
      if (this.#backlog.bytes > SOON_BYTES) this.#work(STEP_MS);
      else this.#soon(SOON_MS);
    } else if (this.#backlog.tooMuch) {
      if (this.#backlog.marks > 0) this.#work(STEP_MS);
      if (this.#backlog.marks === 0) this.#skip();
    }
  }

  resize(size: Size): void {
    this.#backlog.push(size);
  }

  /** Neither keys nor output are a person's at a prompt until `resume`. */
  pause(): void {
    this.finish();
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  /** The session ends: what is known by now is all there is. */
  finish(): void {
    if (this.#marks.seen || this.#enters > 0) this.#work(4 * HURRY_MS, this.#marks.seen);
    this.#settleExpansion(undefined);
    while (this.#waiting.length > 0) this.#drop(this.#waiting.shift()!);
    this.#forget();
  }

  /** Whether line breaks are part of the line now: a program that asked for brackets around pastes gets one. */
  get pasting(): boolean {
    this.catchUp();
    return this.#pasting;
  }

  /** Draws all that came. */
  catchUp(): void {
    this.#work(HURRY_MS, true);
  }

  /** What would be entered now. */
  current(): Current {
    this.catchUp();
    const screen = this.#screen;
    const nothing: Current = {
      context: 'shell',
      lines: [],
      complete: false,
      exact: false,
      prompt: '',
      behind: false,
      empty: false,
    };
    if (!screen) return nothing;
    if (screen.alternate && !this.#enterProgram(screen).multiplexer) {
      const found = bottomCommand(screen, this.#program!.keys);
      const mayCome = this.#program!.keys.exact && /[:!|]/.test(this.#program!.keys.text);
      const lines = found ? [shellPart(found.text), found.text] : [];
      return {
        ...nothing,
        context: 'program',
        lines,
        complete: found ? found.sure : !mayCome,
        exact: this.#program!.keys.exact,
      };
    }
    const context = screen.alternate ? 'multiplexer' : 'shell';
    const input = this.#input ?? newInput(this.#isWaiting);
    if (!input.anchor) this.#anchor(input, screen);
    const reading = this.#read(input, screen);
    const { typed } = input;
    const prompt = reading?.prompt ?? '';
    const shown = reading?.text ?? '';
    const lines: string[] = [];
    if (shown !== '') lines.push(shown);
    if (typed.text.trim() !== '' && (typed.exact || shown === '') && !lines.some((line) => sameLine(line, typed.text)))
      lines.push(typed.text);
    if (!reading && !typed.exact) lines.push(...this.#guesses(screen));
    const expanded = lines.map((line) => this.#history.expand(line)).filter((line) => line !== undefined);
    const masked = shown === '' && asksForSecret(prompt) && !this.#known.has(prompt);
    return {
      context,
      lines: masked ? [] : [...lines, ...expanded],
      complete: typed.exact && reading !== undefined && sameLine(shown, typed.text) && reading.left === typed.text,
      exact: typed.exact,
      prompt,
      behind: reading !== undefined && reading.text.length > reading.left.trimEnd().length,
      empty: shown === '',
    };
  }

  /** The line at the cursor was taken away, or never entered: what comes next is a new one. */
  cleared(): void {
    this.#input = undefined;
  }

  /** Adds the row of a line that did not run. */
  refused(line: string, context: CommandContext, admission: Admission): void {
    this.#host.commands.add({ line, confidence: 'screen', context, ...ruled(admission) });
  }

  get #isWaiting(): boolean {
    return this.#waiting.length > 0 || this.#expanding !== undefined;
  }

  // ---- when to work ----

  #soon(ms: number): void {
    if (this.#cancelSoon || this.#working) return;
    this.#cancelSoon = this.#host.clock.after(ms, () => {
      this.#cancelSoon = undefined;
      this.#work(STEP_MS);
    });
  }

  #work(budget: number, all = false): void {
    if (this.#working) return;
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
    this.#working = true;
    const start = performance.now();
    try {
      while (all || this.#backlog.marks > 0 || this.#isWaiting) {
        const item = this.#backlog.shift();
        if (item === undefined) break;
        if (Buffer.isBuffer(item)) this.#backlog.unshift(this.#draw(item, start + budget, all));
        else if (item === BY_ITSELF) {
          if (this.#input) this.#input.disturbed = true;
        } else if (isKey(item)) this.#press(item);
        else this.#screen?.resize(item);
        if (performance.now() - start > budget) break;
      }
    } catch {
      // hostile output made the terminal throw: what was on its way is not known any more
      this.#forget();
    }
    this.#working = false;
    this.#count(performance.now() - start);
    this.#giveUpLate();
    this.#enters = this.#backlog.marks > 0 ? Math.max(this.#enters, 1) : 0;
    if (this.#isWaiting || this.#backlog.marks > 0) {
      this.#enters = Math.max(1, this.#enters);
      if (this.#backlog.bytes > 0 && this.#isWaiting) setImmediate(() => this.#work(STEP_MS));
      else this.#soon(SOON_MS * 4);
    } else this.#enters = 0;
  }

  /** A target that keeps us busy is not read any more for a while. */
  #count(spent: number): void {
    const now = this.#host.clock.monotonic();
    if (now - this.#windowStart > WORK_WINDOW_MS) {
      this.#windowStart = now;
      this.#windowSpent = 0;
    }
    this.#windowSpent += spent;
    if (this.#windowSpent <= MOST_WORK_MS) return;
    while (this.#waiting.length > 0) this.#drop(this.#waiting.shift()!);
    this.#forget();
  }

  #skip(): void {
    // the terminal does not know what was left out: a new one begins where the rest does
    if (this.#backlog.skip()) this.#discardScreen();
  }

  #armIdle(): void {
    this.#idleTimer ??= this.#host.clock.after(IDLE_MS, () => {
      this.#idleTimer = undefined;
      const idle = this.#host.clock.monotonic() - this.#lastKey >= IDLE_MS;
      if (idle && !this.#isWaiting && !this.#input && !this.#screen?.alternate) this.#discardScreen();
      else this.#armIdle();
    });
  }

  #forget(): void {
    this.#backlog.clear();
    this.#discardScreen();
    this.#waiting = [];
    this.#expanding = undefined;
    this.#pasting = false;
    this.#enters = 0;
  }

  #discardScreen(): void {
    this.#screen?.dispose();
    this.#screen = undefined;
    this.#input = undefined;
  }

  #needScreen(): CommandScreen {
    if (this.#screen) return this.#screen;
    this.#screen = new CommandScreen(this.#host.size(), this.#backlog.modes, (id, data) => this.#marks.osc(id, data));
    if (this.#program) this.#program.alternation = this.#screen.alternations;
    return this.#screen;
  }

  // ---- output ----

  /** Draws what is needed and returns the rest. */
  #draw(bytes: Buffer, until: number, all: boolean): Buffer {
    const screen = this.#needScreen();
    let at = 0;
    while (at < bytes.length && (all || this.#isWaiting || this.#backlog.marks > 0)) {
      if (performance.now() > until) break;
      let end = Math.min(bytes.length, at + screen.slice);
      if (this.#isWaiting) {
        const move = nextMove(bytes, at, end);
        if (move && move.begin === at) {
          this.#move(screen, bytes.subarray(at, move.end), move);
          at = move.end;
          continue;
        }
        if (move) end = move.begin;
      }
      screen.write(bytes.subarray(at, end));
      at = end;
    }
    return bytes.subarray(at);
  }

  /** Draws what moves the cursor to another row: a line may end here. */
  #move(screen: CommandScreen, bytes: Buffer, { feed }: Move): void {
    const head = this.#waiting[0];
    const before = screen.cursorRow;
    const isPane = screen.alternate;
    const left = spaced(screen.logical(before, isPane ? paneOf(screen) : undefined).text).trimEnd();
    const reading = head && !head.ahead ? this.#read(head, screen) : undefined;
    screen.write(bytes);
    const after = screen.cursorRow;
    if (!feed && (isPane ? reading && after >= reading.first && after <= reading.last : after <= before)) return;
    if (this.#expanding) {
      this.#settleExpansion(left);
      return;
    }
    if (!head) return;
    if (head.ahead) {
      this.#lookAhead(left);
      return;
    }
    const below = head.first >= 0 && before - head.first < head.depth;
    if (below && spaced(screen.logical(after).text).trim() !== '') return;
    const settled = settle({ ...head, atEnd: reading }, this.#known);
    if (settled) {
      this.#waiting.shift();
      this.#settled(head, settled);
      return;
    }
    head.ahead = true;
    this.#lookAhead(left);
  }

  /** A row was left while lines wait whose prompts had not been there. */
  #lookAhead(left: string): void {
    for (const [index, input] of this.#waiting.slice(0, 8).entries()) {
      input.secretAsked ||= asksForSecret(left);
      const found = this.#matches(input, left);
      if (!found) continue;
      for (const passed of this.#waiting.splice(0, index + 1)) {
        if (passed === input) this.#settled(input, found);
        else this.#drop(passed);
      }
      return;
    }
  }

  #matches(input: Input, left: string): Settled | undefined {
    const { typed } = input;
    const line = (text: string, prompt: string): Settled => ({
      kind: 'line',
      line: text,
      confidence: 'screen',
      prompt,
    });
    if (!typed.exact) {
      const prompt = this.#known.startOf(`${left} `);
      const text = left.slice(prompt.length).trim();
      return prompt === '' || text === '' ? undefined : line(text, prompt);
    }
    const text = typed.text.trim();
    if (text === '') return NOTHING;
    if (!left.endsWith(text)) return undefined;
    const prompt = left.slice(0, -text.length);
    if (this.#known.has(prompt) || (prompt !== '' && prompt === input.anchor?.prompt) || looksLikePrompt(prompt))
      return line(text, prompt);
    input.shownElsewhere = true;
    return undefined;
  }

  // ---- keys ----

  #press(mark: KeyMark): void {
    const screen = this.#needScreen();
    if (screen.alternate) {
      const program = this.#enterProgram(screen);
      if (!program.multiplexer) {
        this.#pressInProgram(mark, screen, program);
        return;
      }
    } else this.#program = undefined;
    const { key } = mark;
    if (key.kind === 'paste') {
      this.#pasting = key.on && screen.bracketedPaste;
      return;
    }
    if (key.kind === 'interrupt') {
      this.#interrupt(key.by);
      return;
    }
    this.#input ??= newInput(this.#isWaiting);
    const input = this.#input;
    this.#observe(input, screen);
    switch (key.kind) {
      case 'text':
        input.typed.add(key.text);
        return;
      case 'erase':
        input.typed.erase();
        return;
      case 'kill':
        input.typed.kill();
        return;
      case 'enter':
        if (this.#pasting) input.typed.breakLine();
        else this.#submit(input, screen, mark);
        return;
      default:
        input.typed.blur();
    }
  }

  #interrupt(by: string): void {
    const typed = this.#input?.typed;
    // Ctrl-D on a line with text deletes, lists, or hands it on
    if (by === 'd' && typed && !(typed.exact && typed.text === '')) typed.blur();
    else this.#input = undefined;
    this.#pasting = false;
  }

  /** Looks at the line as it stands before the next key. */
  #observe(input: Input, screen: CommandScreen): void {
    if (!input.anchor) {
      if (this.#isWaiting) return;
      this.#anchor(input, screen);
    }
    const reading = this.#read(input, screen);
    if (!reading) {
      // what the first key was for is gone, and something else asks now
      if (!this.#isWaiting) this.#anchor(input, screen);
      return;
    }
    if (input.typed.exact && input.typed.text !== '' && reading.left === input.typed.text) input.echoed = true;
    const rows = screen.cursorRow - reading.first;
    input.depth = input.first === reading.first ? Math.max(input.depth, rows) : rows;
    input.first = reading.first;
  }

  #anchor(input: Input, screen: CommandScreen): void {
    input.anchor?.mark?.dispose();
    input.anchor = anchorHere(screen, this.#known, input.typed, screen.alternate ? paneOf(screen) : undefined);
  }

  #read(input: Input, screen: CommandScreen): Reading | undefined {
    return input.anchor && readLine(screen, input.anchor, input.typed, this.#known);
  }

  #submit(input: Input, screen: CommandScreen, { key, at, admission, judged }: KeyMark): void {
    this.#input = undefined;
    input.at = at;
    input.by = key.kind === 'enter' ? key.by : 'enter';
    input.admission = admission;
    input.judged = judged;
    input.atEnter = this.#read(input, screen);
    if (!input.anchor) input.ahead = true;
    this.#waiting.push(input);
    if (this.#waiting.length > MOST_WAITING) this.#drop(this.#waiting.shift()!);
  }

  // ---- full-screen programs ----

  #enterProgram(screen: CommandScreen): Program {
    if (this.#program?.alternation === screen.alternations) return this.#program;
    while (this.#waiting.length > 0) this.#drop(this.#waiting.shift()!);
    const name = this.#lastLine.slice(0, LONGEST_NAME);
    const multiplexer = isMultiplexer(name) || showsWindows(screen);
    this.#input = undefined;
    this.#program = { name, multiplexer, told: false, alternation: screen.alternations, keys: new TypedLine() };
    return this.#program;
  }

  #pressInProgram({ key, at, admission }: KeyMark, screen: CommandScreen, program: Program) {
    if (!program.told) {
      program.told = true;
      const name = program.name === '' ? 'a full-screen program' : program.name;
      this.#add(`${name}: keys typed in it are not parsed`, 'unparsed', 'program', at, undefined);
    }
    const { keys } = program;
    if (key.kind === 'text') keys.add(key.text);
    else if (key.kind === 'erase') keys.erase();
    else if (key.kind === 'enter') {
      const found = bottomCommand(screen, keys);
      if (found) this.#add(found.text, found.sure ? 'screen' : 'typed', 'program', at, admission);
      program.keys = new TypedLine();
    } else if (key.kind === 'escape' || key.kind === 'interrupt') program.keys = new TypedLine();
    else keys.blur();
  }

  // ---- rows ----

  #settled(input: Input, settled: Settled): void {
    input.anchor?.mark?.dispose();
    if (settled.kind === 'nothing') {
      this.#marks.entered(undefined);
      return;
    }
    if (settled.confidence === 'screen' && (looksLikePrompt(settled.prompt) || /\S\s+$/.test(settled.prompt)))
      this.#known.learn(settled.prompt);
    if (settled.confidence === 'screen' && mayExpand(settled.line)) {
      this.#expanding = { input, settled };
      return;
    }
    this.#enterLine(input, settled);
  }

  /** The row behind the line was written: what the shell made of it, or something else. */
  #settleExpansion(printed: string | undefined): void {
    const expanding = this.#expanding;
    if (!expanding) return;
    this.#expanding = undefined;
    const { input, settled } = expanding;
    const is = printed !== undefined && isExpansion(settled.line, printed, this.#history.expand(settled.line));
    this.#enterLine(input, is ? { ...settled, line: printed } : settled);
  }

  #enterLine(input: Input, { line, confidence }: Settled & { kind: 'line' }): void {
    const context = this.#program?.multiplexer ? 'multiplexer' : 'shell';
    let { admission } = input;
    if (confidence !== 'unparsed' && !(input.judged !== undefined && sameLine(line, input.judged)))
      admission = this.#host.ranUnjudged(line) ?? admission;
    this.#add(line, confidence, context, input.at, admission);
    if (confidence === 'unparsed') return;
    this.#history.add(line);
    this.#lastLine = line;
  }

  #add(line: string, confidence: Confidence, context: CommandContext, at: number, admission: Admission | undefined) {
    const id = this.#host.commands.add({ line, confidence, context, at, ...ruled(admission) });
    this.#marks.entered(id);
  }

  #giveUpLate(): void {
    const now = this.#host.clock.monotonic();
    const head = this.#waiting[0] ?? this.#expanding?.input;
    if (!head || now - head.at < (head.ahead ? AHEAD_PATIENCE_MS : PATIENCE_MS)) return;
    if (this.#expanding) this.#settleExpansion(undefined);
    else this.#drop(this.#waiting.shift()!);
    this.#giveUpLate();
  }

  #drop(input: Input): void {
    const screen = this.#screen;
    const row = screen ? spaced(screen.logical(screen.cursorRow).text).trimEnd() : '';
    const prompt = input.anchor?.prompt ?? '';
    if (input.by === 'ctrl-o' && input.atEnter && screen?.cursorRow === input.atEnter.last) {
      // not an Enter here: the line goes on
      input.typed.blur();
      this.#input = input;
      return;
    }
    const found = input.ahead ? this.#matches(input, row) : undefined;
    const secretAsked = input.secretAsked || asksForSecret(row) || asksForSecret(prompt);
    this.#settled(input, found ?? giveUp(input2(input), { ...input, prompt, secretAsked }, this.#known));
  }

  /** What an unknown prompt may leave of the row at the cursor. */
  #guesses(screen: CommandScreen): string[] {
    const row = spaced(screen.logical(screen.cursorRow).text).trim();
    const behind = /^.*?[$#%>❯»:]\s+(.+)$/u.exec(row)?.[1];
    return [behind, row].filter((line) => line !== undefined && line !== '') as string[];
  }
}

const input2 = (input: Input) => ({ ...input, atEnd: undefined });

interface Move {
  readonly begin: number;
  readonly end: number;
  /** A line feed; otherwise a control sequence. */
  readonly feed: boolean;
}

const LF = 0x0a;
const ESC = 0x1b;
/** CUD, CNL, CUP, VPA, HVP. */
const VERTICAL: ReadonlySet<number> = new Set(Buffer.from('BEHdf'));

/** The next thing in this stretch of output that moves the cursor to another row. */
function nextMove(bytes: Buffer, from: number, to: number): Move | undefined {
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF) return { begin: at, end: at + 1, feed: true };
    if (bytes[at] !== ESC || bytes[at + 1] !== 0x5b) continue;
    let end = at + 2;
    while (end < bytes.length && bytes[end]! >= 0x20 && bytes[end]! < 0x40) end++;
    if (VERTICAL.has(bytes[end] ?? 0)) return { begin: at, end: end + 1, feed: false };
  }
  return undefined;
}

function sameLine(one: string, other: string): boolean {
  return one.trim() === other.trim();
}

function shellPart(text: string): string {
  return /!(.*)$/s.exec(text)?.[1]?.trim() ?? text;
}
