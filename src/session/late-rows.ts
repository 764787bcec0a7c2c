import type { Clock } from '../kernel/clock.ts';

const RETRY_MS = 2000;

/**
 * Rows of ended sessions that could not be written, mostly because the disk is full: tried again until they are. What
 * is left when the daemon stops is found by the next start.
 */
export class LateRows {
  readonly #clock: Clock;
  #waiting: (() => Promise<void>)[] = [];
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(write: () => Promise<void>): void {
    this.#waiting.push(write);
    this.#cancel ??= this.#clock.after(RETRY_MS, () => void this.#again());
  }

  stop(): void {
    this.#cancel?.();
    this.#waiting = [];
  }

  async #again(): Promise<void> {
    const writes = this.#waiting;
    this.#waiting = [];
    this.#cancel = undefined;
    for (const write of writes) await write().catch(() => this.add(write));
  }
}
