import { type Admission, rule, ruled, type Waiting } from './admission.ts';
import type { CommandGate } from './gate.ts';
import type { CommandLog } from './log.ts';

const LINE_FEED = 0x0a;
/** A longer line is judged and written down as it stands then: it must not gather in memory. */
const LONGEST_LINE = 64 * 1024;

export interface StdinHost {
  readonly gate: CommandGate;
  readonly commands: CommandLog;
  forward(chunk: Buffer): void;
  end(): void;
  /** A sentence for the person. */
  notice(text: string): void;
  /** While a line waits for a reviewer nothing more should come. */
  hold(): void;
  release(): void;
}

const CANCELLED: Admission = { runs: false, verdict: 'cancelled', filter: null, reviewer: null, text: undefined };

/**
 * The standard input of a shell without a terminal: each line is a command. Without rules the bytes pass at once and
 * the lines are written down; with rules a line passes as a whole once it is judged.
 */
export class StdinLines {
  readonly #host: StdinHost;
  /** What the line under way consists of. */
  #parts: Buffer[] = [];
  #length = 0;
  /** Whether the line under way is kept until it is judged; as it was when the line began. */
  #judged = false;
  /** The line that waits for a reviewer, and its review once it is asked. */
  #waiting: { readonly line: string; review?: Waiting } | undefined;
  /** What came while a line waited. */
  #queue: (Buffer | 'end')[] = [];
  #listed = true;
  #stopped = false;

  constructor(host: StdinHost) {
    this.#host = host;
  }

  take(chunk: Buffer): void {
    if (this.#waiting) {
      this.#queue.push(chunk);
      return;
    }
    for (let at = 0; at < chunk.length && !this.#stopped; ) {
      if (this.#parts.length === 0) {
        this.#judged = !this.#host.gate.empty;
        if (!this.#judged && !this.#listed) {
          this.#host.forward(chunk.subarray(at));
          return;
        }
      }
      const feed = chunk.indexOf(LINE_FEED, at);
      const end = feed < 0 ? Math.min(chunk.length, at + LONGEST_LINE) : feed + 1;
      const part = chunk.subarray(at, end);
      at = end;
      this.#parts.push(part);
      this.#length += part.length;
      if (!this.#judged) this.#host.forward(part);
      if (feed < 0 ? this.#length < LONGEST_LINE : this.#continues()) continue;
      this.#line();
      if (this.#waiting) {
        if (at < chunk.length) this.#queue.push(chunk.subarray(at));
        return;
      }
    }
  }

  /** The client sends no more. A line without an end is a line all the same: shells run it. */
  end(): void {
    if (this.#waiting) {
      this.#queue.push('end');
      return;
    }
    if (this.#parts.length > 0) this.#line();
    if (this.#waiting) this.#queue.push('end');
    else this.#host.end();
  }

  /** The session is over: nobody waits for a reviewer any more. */
  stop(): void {
    this.#stopped = true;
    this.#queue = [];
    if (!this.#waiting) return;
    this.#list(this.#waiting.line, CANCELLED);
    this.#waiting.review?.cancel();
  }

  /** A backslash before the line's end joins it with the next one. */
  #continues(): boolean {
    if (this.#length > LONGEST_LINE) return false;
    const line = Buffer.concat(this.#parts);
    let slashes = 0;
    for (let at = line.length - 2; at >= 0 && line[at] === 0x5c; at--) slashes++;
    return slashes % 2 === 1;
  }

  /** The line is complete: it goes on its way, is dropped, or waits. */
  #line(): void {
    const parts = this.#parts;
    const line = Buffer.concat(parts).toString('utf8').trim();
    this.#parts = [];
    this.#length = 0;
    if (!this.#judged || line === '') {
      if (this.#judged) for (const part of parts) this.#host.forward(part);
      if (line !== '') this.#list(line, undefined);
      return;
    }
    const ruling = rule(this.#host.gate, line);
    if (ruling.kind === 'decided') this.#settle(line, parts, ruling.admission);
    else void this.#review(line, parts, ruling.ask);
  }

  #settle(line: string, parts: readonly Buffer[], admission: Admission): void {
    this.#list(line, admission);
    if (admission.text !== undefined) this.#host.notice(admission.text);
    if (!admission.runs) return;
    this.#host.gate.entered(line);
    for (const part of parts) this.#host.forward(part);
  }

  #list(line: string, admission: Admission | undefined): void {
    if (!this.#listed) return;
    const id = this.#host.commands.add({ line, confidence: 'typed', context: 'stdin', ...ruled(admission) });
    this.#listed = id !== undefined;
  }

  async #review(line: string, parts: readonly Buffer[], ask: () => Promise<Waiting>): Promise<void> {
    const held: { readonly line: string; review?: Waiting } = { line };
    this.#waiting = held;
    this.#host.hold();
    const review = await ask();
    held.review = review;
    if (this.#stopped) review.cancel();
    else this.#host.notice(review.text);
    const admission = await review.settled;
    this.#waiting = undefined;
    if (this.#stopped) return;
    this.#settle(line, parts, admission);
    const queue = this.#queue;
    this.#queue = [];
    for (const next of queue) {
      if (next === 'end') this.end();
      else this.take(next);
    }
    if (!this.#waiting) this.#host.release();
  }
}
