import { networkOf } from '../../auth/address-patterns.ts';

/**
 * Bounds the connections that have not logged in yet. An address (of IPv6 a network of 64 bits) may hold half of the
 * places, so that one alone never shuts the others out. From half full on, addresses that hold a place already are
 * refused at random, more and more often (the idea of sshd's MaxStartups): a flood does not keep a first-comer out
 * before all is full.
 */
export class Admission {
  readonly #max: number;
  readonly #maxPerAddress: number;
  readonly #random: () => number;
  readonly #perAddress = new Map<string, number>();
  #total = 0;

  constructor(max: number, random: () => number = Math.random) {
    this.#max = max;
    this.#maxPerAddress = Math.max(1, Math.ceil(max / 2));
    this.#random = random;
  }

  /** Takes a place; the returned function gives it back (once). undefined: refused. */
  enter(ip: string): (() => void) | undefined {
    const source = networkOf(ip);
    const held = this.#perAddress.get(source) ?? 0;
    if (this.#total >= this.#max || held >= this.#maxPerAddress) return undefined;
    const fullness = (2 * this.#total) / this.#max - 1;
    if (held > 0 && fullness > 0 && this.#random() < fullness) return undefined;
    this.#total++;
    this.#perAddress.set(source, held + 1);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#total--;
      const left = this.#perAddress.get(source)! - 1;
      if (left === 0) this.#perAddress.delete(source);
      else this.#perAddress.set(source, left);
    };
  }

  get waiting(): number {
    return this.#total;
  }
}
