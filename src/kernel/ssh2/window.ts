import { flowOf } from './flow.ts';
import type { RawChannel } from './internals.ts';

/** What every channel starts with (the patched ssh2 announces it when the channel opens). */
const BASE_WINDOW = 256 * 1024;
const MAX_WINDOW = 32 * 1024 * 1024;
/** Enough to keep a reader busy that is slower than the network. */
const BUSY_WINDOW = 1024 * 1024;
/** Credit is given in pieces: often enough that a peer far away does not wait, not for every packet. */
const MIN_GRANT = 128 * 1024;
/** Growth beyond the base, of all channels of the process together. */
const TOTAL_GROWTH = 256 * 1024 * 1024;
/** A reader stopped for longer than this is slow, not busy: its window goes back to the base. */
const LONG_PAUSE_MS = 1000;
/** A sender that stood still longer than this had nothing to send. */
const LONG_GAP_MS = 1000;

/** The memory all windows may promise together. */
export class WindowBudget {
  readonly total: number;
  #used = 0;

  constructor(total: number) {
    this.total = total;
  }

  get used(): number {
    return this.#used;
  }

  /** Three quarters used: large windows give back instead of growing. */
  get crowded(): boolean {
    return this.#used > this.total * 0.75;
  }

  take(bytes: number): boolean {
    if (this.#used + bytes > this.total) return false;
    this.#used += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#used -= bytes;
  }
}

const windowBudget = new WindowBudget(TOTAL_GROWTH);

/**
 * The receive window of one channel (RFC 4254 §5.2). At any time the peer's credit plus what it sent and nobody took
 * yet is at most `limit`, so a stopped reader stops the peer after that many bytes. The limit grows while the peer
 * is seen waiting for credit: it used up its old credit to the byte, and waited a good part of the time since. (Who
 * happens to have nothing more to send at just that byte grows too, which costs nothing until the reader stops.)
 * A peer that sends more than its credit is disconnected.
 */
export class ReceiveWindow {
  readonly #raw: RawChannel;
  readonly #budget: WindowBudget;
  #limit: number;
  /** Bytes of growth taken from the budget. */
  #reserved = 0;
  /** Received and not yet delivered. */
  #held = 0;
  #closed = false;
  /** Credit the peer still had when the last grant was sent; below zero it has used the grant. */
  #edge = -1;
  #grantedAt = 0;
  /** When the old credit was used up to the byte, 0 when it was not. */
  #dryAt = 0;
  #pausedAt = 0;
  #paused = false;

  constructor(raw: RawChannel, budget: WindowBudget = windowBudget) {
    this.#raw = raw;
    this.#budget = budget;
    this.#limit = Math.max(BASE_WINDOW, raw.incoming.window);
    // ssh2 drops data silently at exactly zero; one hidden byte more and every excess reaches `received`
    raw.incoming.window += 1;
  }

  get limit(): number {
    return this.#limit;
  }

  /** Counts what arrived, after ssh2 has taken it off the credit. False: more than allowed, the connection is being ended. */
  received(bytes: number): boolean {
    if (this.#raw.incoming.window <= 0) {
      if (!this.#closed) flowOf(this.#raw._client).violated('it sent more than the channel window');
      this.close();
      return false;
    }
    this.#held += bytes;
    if (this.#edge >= 0) this.#watch(bytes);
    return true;
  }

  /** Counts what the reader took. */
  delivered(bytes: number): void {
    this.#held -= bytes;
    if (this.#closed) return;
    const credit = this.#raw.incoming.window - 1;
    if (this.#reserved > this.#limit - BASE_WINDOW) this.#release(credit);
    const grant = this.#limit - credit - this.#held;
    if (grant >= Math.max(MIN_GRANT, this.#limit / 4) && this.#raw.outgoing.state !== 'closed')
      this.#grant(credit, grant);
  }

  /** The reader stopped: what follows says nothing about the peer's speed. */
  pause(): void {
    this.#paused = true;
    this.#pausedAt = performance.now();
    this.#edge = -1;
  }

  resume(): void {
    this.#paused = false;
    if (performance.now() - this.#pausedAt > LONG_PAUSE_MS) this.#limit = BASE_WINDOW;
    // Most of the window waits for the reader, so the network is not what holds things up: what lies here any longer
    // only costs memory, and outlives the cheap collections of young buffers
    else if (this.#limit > BUSY_WINDOW && this.#held > this.#limit / 2)
      this.#limit = Math.max(BUSY_WINDOW, this.#limit / 2);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#budget.give(this.#reserved);
    this.#reserved = 0;
  }

  #grant(credit: number, bytes: number): void {
    if (this.#limit > BASE_WINDOW && this.#budget.crowded) this.#limit = Math.max(BASE_WINDOW, this.#limit / 2);
    this.#raw.incoming.window += bytes;
    this.#raw._client._protocol.channelWindowAdjust(this.#raw.outgoing.id, bytes);
    // one grant is watched at a time, until the peer is seen to have used it
    if (this.#paused || this.#edge >= 0) return;
    this.#edge = credit;
    this.#grantedAt = performance.now();
    this.#dryAt = credit === 0 ? this.#grantedAt : 0;
  }

  #watch(bytes: number): void {
    if (this.#edge === 0) {
      this.#edge = -1;
      const now = performance.now();
      const gap = now - this.#dryAt;
      if (gap > 1 && gap < LONG_GAP_MS && gap > (now - this.#grantedAt) / 4) this.#grow();
      return;
    }
    this.#edge -= bytes;
    if (this.#edge === 0) this.#dryAt = performance.now();
  }

  #grow(): void {
    const wanted = Math.min(MAX_WINDOW, this.#limit < 4 * BASE_WINDOW ? this.#limit * 4 : this.#limit * 2);
    const more = wanted - BASE_WINDOW - this.#reserved;
    if (this.#budget.crowded || (more > 0 && !this.#budget.take(more))) return;
    this.#reserved += Math.max(0, more);
    this.#limit = wanted;
  }

  /** After shrinking: hands back what neither the limit nor the credit already given needs. */
  #release(credit: number): void {
    const needed = Math.max(this.#limit, credit + this.#held) - BASE_WINDOW;
    if (needed >= this.#reserved) return;
    this.#budget.give(this.#reserved - needed);
    this.#reserved = needed;
  }
}
