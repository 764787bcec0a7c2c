import type { ExitStatus } from '../channel.ts';
import type { ReceiveWindow } from './window.ts';

export type Arrival =
  | { readonly kind: 'data'; readonly chunk: Buffer }
  | { readonly kind: 'stderr'; readonly chunk: Buffer }
  | { readonly kind: 'eof' }
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'closed'; readonly error: Error | undefined };

/** Pieces that wait are put together up to this size: kept alone, a single byte costs two hundred. */
const GATHER_BYTES = 4096;
/** Up to so many stdout and stderr wait in the exact order in which they came, which SSH does not promise. */
const ORDERED_PIECES = 1024;

/**
 * What arrived on one channel, in order, held while the reader is paused or nobody is attached. The receive window
 * bounds it: credit is given only for what was delivered. Pauses count: as many resumes as pauses start it again.
 */
export class Inbox {
  readonly #window: ReceiveWindow;
  readonly #deliver: (arrival: Arrival) => void;
  #waiting: Arrival[] = [];
  /** Not attached counts as one pause. */
  #pauses = 1;
  #draining = false;
  #over = false;

  constructor(window: ReceiveWindow, deliver: (arrival: Arrival) => void) {
    this.#window = window;
    this.#deliver = deliver;
  }

  /** Starts delivering to a (new) reader, with no pauses left over from the one before. */
  attach(): void {
    if (this.#pauses > 0) this.#window.resume();
    this.#pauses = 0;
    // not inside the caller's own call: it may still be setting itself up
    process.nextTick(() => this.#drain());
  }

  detach(): void {
    if (this.#pauses === 0) this.#window.pause();
    this.#pauses = 1;
  }

  pause(): void {
    if (this.#pauses === 0) this.#window.pause();
    this.#pauses += 1;
  }

  resume(): void {
    if (this.#pauses === 0) return;
    this.#pauses -= 1;
    if (this.#pauses > 0) return;
    this.#window.resume();
    this.#drain();
  }

  bytes(kind: 'data' | 'stderr', chunk: Buffer): void {
    // an empty packet uses no window, so nothing would bound those that wait
    if (this.#over || chunk.length === 0 || !this.#window.received(chunk.length)) return;
    if (!this.#gather(kind, chunk)) this.arrived({ kind, chunk });
  }

  arrived(arrival: Arrival): void {
    if (this.#over) return;
    if (this.#pauses > 0 || this.#draining || this.#waiting.length > 0) this.#waiting.push(arrival);
    else this.#hand(arrival);
  }

  /** Drops what waits and ends with `closed` at once. */
  end(error?: Error): void {
    if (this.#over) return;
    this.#waiting = [];
    this.#hand({ kind: 'closed', error });
  }

  get over(): boolean {
    return this.#over;
  }

  #gather(kind: 'data' | 'stderr', chunk: Buffer): boolean {
    const waiting = this.#waiting;
    // while they are handed out, the last may have gone already
    if (this.#draining || waiting.length === 0 || chunk.length >= GATHER_BYTES) return false;
    const at = waiting.length - (waiting.at(-1)!.kind !== kind && waiting.length > ORDERED_PIECES ? 2 : 1);
    const last = waiting[at]!;
    if (last.kind !== kind || last.chunk.length + chunk.length > GATHER_BYTES) return false;
    waiting[at] = { kind, chunk: Buffer.concat([last.chunk, chunk]) };
    return true;
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    let next = 0;
    while (next < this.#waiting.length && this.#pauses === 0 && !this.#over) this.#hand(this.#waiting[next++]!);
    this.#waiting.splice(0, next);
    this.#draining = false;
  }

  #hand(arrival: Arrival): void {
    if (arrival.kind === 'closed') {
      this.#over = true;
      this.#window.close();
    }
    this.#deliver(arrival);
    if (arrival.kind === 'data' || arrival.kind === 'stderr') this.#window.delivered(arrival.chunk.length);
  }
}
