/** Who wants a channel to stand still. */
export const HOLD = { slowReader: 1, recorder: 2, lock: 4, review: 8, answers: 16, rows: 32 } as const;
type Hold = (typeof HOLD)[keyof typeof HOLD];

export interface Pausable {
  pause(): void;
  resume(): void;
}

/** A channel's pause and resume for several reasons at once: it runs again when the last one is gone. */
export class Holds {
  readonly #channel: Pausable;
  #held = 0;

  constructor(channel: Pausable) {
    this.#channel = channel;
  }

  hold(reason: Hold): void {
    const before = this.#held;
    this.#held |= reason;
    if (before === 0) this.#channel.pause();
  }

  release(reason: Hold): void {
    if ((this.#held & reason) === 0) return;
    this.#held &= ~reason;
    if (this.#held === 0) this.#channel.resume();
  }
}
