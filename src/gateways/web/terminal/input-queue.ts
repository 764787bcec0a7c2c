import { INPUT_WINDOW } from '../../../api/contract/ws-limits.ts';
import { AppError } from '../../../kernel/errors.ts';

/** Small chunks each keep the larger buffer alive that they are cut from: after so many they are made one. */
const MAX_CHUNKS = 1024;

/** What a page typed, until the session takes it. Bounded: a page that sends more than it may is cut off. */
export class InputQueue {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #pauses = 0;
  #taken = 0;
  #give: ((chunk: Buffer) => void) | undefined;

  /** Bytes the session has taken in all. */
  get taken(): number {
    return this.#taken;
  }

  /** To whom everything goes, what is held first. */
  open(give: (chunk: Buffer) => void): void {
    this.#give = give;
    this.#flush();
  }

  /** @throws AppError `too_large` when the page sends more than may be on its way. */
  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    if (this.#heldBytes + chunk.length > INPUT_WINDOW)
      throw new AppError('too_large', 'more was typed than the other side takes, and the page did not wait');
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#flush();
    if (this.#held.length > MAX_CHUNKS) this.#held = [Buffer.concat(this.#held)];
  }

  pause(): void {
    this.#pauses++;
  }

  resume(): void {
    this.#pauses--;
    this.#flush();
  }

  /** What was not taken is gone: a page that comes back sends it again. */
  drop(): void {
    this.#held = [];
    this.#heldBytes = 0;
  }

  close(): void {
    this.#give = undefined;
    this.drop();
  }

  #flush(): void {
    while (this.#pauses === 0 && this.#give) {
      const chunk = this.#held.shift();
      if (!chunk) return;
      this.#heldBytes -= chunk.length;
      this.#taken += chunk.length;
      this.#give(chunk);
    }
  }
}
