import type { ExitStatus } from '../channel.ts';
import type { ReceiveWindow } from './window.ts';

export type Arrival =
  | { readonly kind: 'data'; readonly chunk: Buffer }
  | { readonly kind: 'stderr'; readonly chunk: Buffer }
  | { readonly kind: 'eof' }
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'closed'; readonly error: Error | undefined };

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
    if (this.#over || !this.#window.received(chunk.length)) return;
    this.arrived({ kind, chunk });
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
