import type { Clock } from '../../kernel/clock.ts';
import { SEVERITY } from '../../store/model.ts';
import { type Admission, rule, type Waiting } from './admission.ts';
import type { Candidate } from './candidates.ts';
import { LineClearer } from './clear.ts';
import type { CommandGate } from './gate.ts';
import { type Key, KeyReader } from './keys.ts';
import type { CommandReader, Current } from './reader.ts';

/** An Enter waits for its line to be seen no longer than this. */
const ECHO_MS = 150;
/** A screen that was still for so long shows all there is to see. */
const STILL_MS = 25;
/** Of what is typed behind a held Enter; then the client is held, too. */
const QUEUE_BYTES = 16 * 1024;
const BELL = '\x07';
const END_OF_PASTE = '\x1b[201~';
const CTRL_C = 3;
const CTRL_D = 4;

export interface GuardHost {
  readonly gate: CommandGate;
  readonly clock: Clock;
  readonly reader: CommandReader;
  /** To the target. */
  readonly send: (bytes: Buffer) => void;
  readonly notice: (text: string) => void;
  /** To the user's terminal alone. */
  readonly show: (text: string) => void;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Nothing is held any more. */
  readonly idle: () => void;
}

/** What may have a line run: Enter, or Ctrl-D where no editor takes the line. */
type EnterKey = Extract<Key, { kind: 'enter' | 'interrupt' }>;

type State =
  | { readonly kind: 'open' }
  /** Its line is not sure to be seen yet. */
  | { readonly kind: 'seeing'; readonly since: number }
  | {
      readonly kind: 'asking';
      readonly line: Candidate;
      readonly current: Current;
      waiting: Waiting | undefined;
      given: boolean;
    }
  | { readonly kind: 'clearing' };

/**
 * Stands between what is typed and the target. Without rules everything passes at once. With rules an Enter waits until
 * the line it would enter is seen and judged; what is typed behind it waits in its order.
 */
export class CommandGuard {
  readonly #host: GuardHost;
  #keys = new KeyReader();
  #state: State = { kind: 'open' };
  /** From the held Enter on. */
  #queue: Buffer[] = [];
  #queued = 0;
  /** The held key. */
  #enter: EnterKey = { kind: 'enter', by: 'enter', bytes: 1 };
  /** The rest of a paste that is refused. */
  #discards = false;
  #lastKey = 0;
  #lastOutput = 0;
  #cancelTimer: (() => void) | undefined;
  #paused = false;

  constructor(host: GuardHost) {
    this.#host = host;
  }

  get holding(): boolean {
    return this.#state.kind !== 'open';
  }

  /** Takes what the user sent. */
  input(chunk: Buffer): void {
    const { gate, reader, send } = this.#host;
    if (this.holding) {
      this.#hold(chunk);
      return;
    }
    if (this.#discards) {
      this.#discard(chunk);
      return;
    }
    if (gate.empty) {
      send(chunk);
      this.#keys.read(chunk, (key) => void reader.key(key));
      return;
    }
    let passed = chunk.length;
    this.#keys.read(chunk, (key, end) => {
      if (this.#enters(key)) {
        this.#enter = key;
        passed = end - bytesOf(key);
        return false;
      }
      reader.key(key);
      return undefined;
    });
    if (passed > 0) {
      // whatever it was: its echo may be on its way
      this.#lastKey = this.#host.clock.monotonic();
      send(chunk.subarray(0, passed));
    }
    if (passed === chunk.length) return;
    this.#state = { kind: 'seeing', since: this.#host.clock.monotonic() };
    this.#hold(chunk.subarray(passed));
    this.#look();
  }

  /** Whether a line may run when this key goes on. */
  #enters(key: Key): key is EnterKey {
    const { gate, reader } = this.#host;
    if (key.kind === 'enter') {
      const pasting = key.by === 'enter' ? reader.pasting : undefined;
      if (!pasting) return true;
      // who does not know of pastes takes it for an Enter
      const { action } = gate.judgePasted(pasting.line);
      return !pasting.exact || action === 'deny' || action === 'review';
    }
    if (key.kind !== 'interrupt') return false;
    if (key.by === 'c') gate.interrupted();
    if (key.by !== 'd') return false;
    const { noEditor, lines, empty } = reader.current();
    if (empty && lines.length === 0) gate.interrupted();
    return noEditor && lines.length > 0;
  }

  /** Takes up what comes behind the end of a paste. Ctrl-C by itself is no part of it. */
  #discard(chunk: Buffer): void {
    let end = chunk.length;
    if (chunk.length === 1 && chunk[0] === CTRL_C) end = 0;
    else
      this.#keys.read(chunk, (key, at) => {
        if (key.kind !== 'paste' || key.on) return undefined;
        end = at;
        this.#discards = false;
        return false;
      });
    if (end === 0) this.#discards = false;
    if (this.#discards) return;
    this.#keys = new KeyReader();
    if (end < chunk.length) this.input(chunk.subarray(end));
  }

  /** Output came, which the reader has. */
  output(): void {
    if (this.#host.gate.empty && !this.holding) return;
    this.#lastOutput = this.#host.clock.monotonic();
    if (this.#state.kind === 'seeing') this.#look();
    else if (this.#state.kind === 'clearing') this.#clearer?.output();
  }

  /** Gives up what is held: it never goes on. */
  drop(): void {
    const state = this.#state;
    this.#cancel();
    this.#clearer?.stop();
    this.#clearer = undefined;
    this.#state = { kind: 'open' };
    this.#empty();
    this.#discards = false;
    if (state.kind === 'asking') {
      state.given = true;
      state.waiting?.cancel();
      const nobody = { runs: false, verdict: 'cancelled' as const, filter: null, reviewer: null, text: undefined };
      this.#host.reader.refused(state.line, state.current, nobody);
    }
  }

  #clearer: LineClearer | undefined;

  // ---- seeing ----

  #look(): void {
    const state = this.#state;
    if (state.kind !== 'seeing') return;
    this.#cancel();
    const now = this.#host.clock.monotonic();
    const current = this.#host.reader.current();
    const over = now - state.since >= ECHO_MS || this.#host.gate.empty;
    // a screen that did not change for so long after the last key does not wait for anything any more
    const still = now - this.#lastKey >= ECHO_MS && now - this.#lastOutput >= STILL_MS;
    // what only the program knows is what it shows; nothing shown may be an echo that is still on its way
    const hasAnswered = this.#lastOutput > this.#lastKey && now - this.#lastOutput >= STILL_MS;
    const answered = hasAnswered && !current.exact && !current.empty;
    if (current.complete || over || still || answered) this.#decide(current);
    else this.#cancelTimer = this.#host.clock.after(STILL_MS, () => this.#look());
  }

  #decide(current: Current): void {
    const { gate } = this.#host;
    let worst: { line: Candidate; severity: number } | undefined;
    for (const line of current.lines) {
      const severity = SEVERITY[gate.judge(judgedOf(line)).action];
      if (!worst || severity > worst.severity) worst = { line, severity };
    }
    if (!worst) {
      this.#release(undefined, undefined);
      return;
    }
    const { line } = worst;
    const ruling = rule(gate, judgedOf(line));
    if (ruling.kind === 'review') {
      this.#ask(line, current, ruling.ask);
      return;
    }
    const { admission } = ruling;
    if (!admission.runs) this.#refuse(line, current, admission);
    else {
      if (admission.text !== undefined && this.#enter.kind === 'enter') this.#host.notice(admission.text);
      this.#release(admission, judgedOf(line));
    }
  }

  // ---- asking ----

  #ask(line: Candidate, current: Current, ask: () => Promise<Waiting>): void {
    const state: State & { kind: 'asking' } = {
      kind: 'asking',
      line,
      current,
      waiting: undefined,
      given: false,
    };
    this.#state = state;
    const asked = async () => {
      const waiting = await ask();
      if (state.given) {
        waiting.cancel();
        return;
      }
      state.waiting = waiting;
      this.#host.notice(waiting.text);
      const admission = await waiting.settled;
      if (state.given || this.#state !== state) return;
      // the rules may have changed since
      const now = admission.runs ? rule(this.#host.gate, judgedOf(line)) : undefined;
      if (now?.kind === 'decided' && !now.admission.runs) this.#refuse(line, current, now.admission);
      else if (admission.runs) {
        if (admission.text !== undefined) this.#host.notice(admission.text);
        this.#release(admission, judgedOf(line));
      } else this.#refuse(line, current, admission);
    };
    void asked();
  }

  /** While somebody is asked, only giving up is taken: nobody wants the rest typed minutes later. */
  #whileAsking(state: State & { kind: 'asking' }, chunk: Buffer): void {
    if (!chunk.includes(CTRL_C) && !chunk.includes(CTRL_D)) {
      this.#host.show(BELL);
      return;
    }
    state.waiting?.cancel();
  }

  // ---- going on ----

  #refuse(line: Candidate, current: Current, admission: Admission): void {
    const { reader, notice, send, show, clock, gate } = this.#host;
    reader.refused(line, current, admission);
    gate.interrupted();
    const rest = Buffer.concat(this.#queue).subarray(bytesOf(this.#enter));
    const behind = rest.length > 0;
    this.#empty();
    if (reader.pasting) {
      // the line cannot be taken away as long as keys are text
      this.#discards = true;
      this.#queue = [rest];
      reader.key({ kind: 'paste', on: false });
      send(Buffer.from(END_OF_PASTE));
    }
    this.#state = { kind: 'clearing' };
    this.#clearer = new LineClearer({
      reader,
      send,
      show,
      clock,
      current,
      done: () => {
        this.#clearer = undefined;
        if (!this.#discards) this.#keys = new KeyReader();
        this.#open();
      },
      tell: () => {
        const dropped = behind ? ' What was typed behind it is dropped.' : '';
        notice(`${admission.text ?? ''}${dropped}`);
      },
    });
    this.#clearer.start();
  }

  /** The Enter goes on, and what was typed behind it as if it came now. */
  #release(admission: Admission | undefined, judged: string | undefined): void {
    this.#cancel();
    const queue = Buffer.concat(this.#queue);
    this.#empty();
    this.#state = { kind: 'open' };
    const { reader, send, gate } = this.#host;
    if (this.#enter.kind === 'enter') gate.entered(judged ?? '');
    reader.key(this.#enter, { admission, judged });
    this.#lastKey = this.#host.clock.monotonic();
    const bytes = bytesOf(this.#enter);
    send(queue.subarray(0, bytes));
    if (queue.length > bytes) this.input(queue.subarray(bytes));
    if (!this.holding) this.#open();
  }

  #open(): void {
    const queue = Buffer.concat(this.#queue);
    this.#empty();
    this.#state = { kind: 'open' };
    if (queue.length > 0) this.input(queue);
    if (!this.holding) this.#host.idle();
  }

  #hold(chunk: Buffer): void {
    if (this.#state.kind === 'asking') {
      this.#whileAsking(this.#state, chunk);
      return;
    }
    // a copy: the queue may outlive the packet it came in
    this.#queue.push(Buffer.from(chunk));
    this.#queued += chunk.length;
    if (this.#queued <= QUEUE_BYTES || this.#paused) return;
    this.#paused = true;
    this.#host.pause();
  }

  #empty(): void {
    this.#queue = [];
    this.#queued = 0;
    if (!this.#paused) return;
    this.#paused = false;
    this.#host.resume();
  }

  #cancel(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }
}

/** How many bytes of it may wait: what came before them in a sequence went on. */
function bytesOf(key: EnterKey): number {
  return key.kind === 'enter' ? key.bytes : 1;
}

function judgedOf({ text, judged }: Candidate): string {
  return judged ?? text;
}
