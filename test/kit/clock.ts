import type { Clock } from '../../src/kernel/clock.ts';

/** A clock that stands until `at` is set; its timers never fire. */
export class StandingClock implements Clock {
  at: number;

  constructor(at: number) {
    this.at = at;
  }

  now = () => this.at;
  monotonic = () => this.at;
  after = () => () => {};
  every = () => () => {};
}

/** A clock that moves, and fires its timers, when told to. */
export class FakeClock implements Clock {
  #at = Date.UTC(2026, 2, 9, 10);
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#at;
  }

  monotonic(): number {
    return this.#at - 1e12;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#at + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  every(ms: number, callback: () => void): () => void {
    let cancel = () => {};
    const again = () => {
      cancel = this.after(ms, again);
      callback();
    };
    cancel = this.after(ms, again);
    return () => cancel();
  }

  advance(ms: number): void {
    const end = this.#at + ms;
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#at = Math.max(this.#at, due.at);
      due.callback();
    }
    this.#at = end;
  }
}
