/**
 * Chance that repeats: the same seed gives the same run, so that what a fuzz test finds can be found again.
 * `BASTION_FUZZ=20` makes each run twenty times as long, which `npm run bench fuzz` does.
 */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** A whole number from 0 to below `limit` (xorshift32). */
  below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x >>> 0;
    return this.#state % limit;
  }

  /** From 0 to below 1. */
  chance(): number {
    return this.below(2 ** 31) / 2 ** 31;
  }

  one<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /** The same bytes in pieces of arbitrary length. */
  pieces(bytes: Buffer, longest = 64): Buffer[] {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const end = at + 1 + this.below(longest);
      pieces.push(bytes.subarray(at, end));
      at = end;
    }
    return pieces;
  }
}

/** How many rounds a fuzz test runs that takes a second or two with this many. */
export function rounds(usual: number): number {
  return usual * Number(process.env.BASTION_FUZZ ?? 1);
}
