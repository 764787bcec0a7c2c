import type { Clock } from './clock.ts';

/** A browser whose pages lie elsewhere stays below it. */
const AT_ONCE = 100;
/** Beyond that, one answer in this time. */
const APART_MS = 100;

/**
 * When somebody is told that they may not. Each refusal is a row of the audit and a line of the log, for a client only a
 * packet: without a brake anybody who may log in, or try to, could fill the disk.
 */
export class DenialPace {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>;
  /** By person or network: until when their refusals so far would have taken, one after the other. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#clock = clock;
  }

  /** Counts one refusal of this person or network; resolves when it may be written down and told. */
  turn(person: string): Promise<void> {
    const now = this.#clock.monotonic();
    for (const [other, until] of this.#until) if (until <= now) this.#until.delete(other);
    const until = Math.max(this.#until.get(person) ?? 0, now) + APART_MS;
    this.#until.set(person, until);
    const wait = until - now - AT_ONCE * APART_MS;
    return wait <= 0 ? Promise.resolve() : new Promise((resolve) => void this.#clock.after(wait, resolve));
  }
}
