import { Seeded } from '../kit/seeded.ts';

/** Text as servers write it, the same at each run: listings, logs, prose, hashes, compiler messages, some Chinese. */
export class OutputText {
  readonly #chance: Seeded;
  readonly words: readonly string[];
  readonly han: readonly string[];

  constructor(seed: number) {
    this.#chance = new Seeded(seed);
    this.words = Array.from({ length: 20_000 }, () =>
      Array.from({ length: 1 + this.#chance.below(3) }, () => this.#syllable()).join(''),
    );
    this.han = Array.from({ length: 3000 }, (_, i) => String.fromCharCode(0x4e00 + i * 7));
  }

  /** Lines of about so many bytes. */
  lines(bytes: number): string {
    const lines: string[] = [];
    for (let size = 0; size < bytes; ) {
      const line = this.#line();
      lines.push(line);
      size += Buffer.byteLength(line) + 2;
    }
    return lines.join('\r\n');
  }

  #line(): string {
    const w = () => this.#word();
    const n = (below: number) => this.#chance.below(below);
    const kind = this.#chance.chance();
    if (kind < 0.3)
      return `-rw-r--r-- 1 ${w()} ${w()} ${n(1e7)} Nov ${n(30)} ${n(24)}:${n(60)} \x1b[01;32m${w()}-${w()}.${n(9)}.so\x1b[0m`;
    if (kind < 0.6)
      return `Nov ${n(30)} ${n(24)}:${n(60)}:${n(60)} ${w()} ${w()}[${n(32768)}]: ${w()} ${w()} ${w()} from 10.${n(256)}.${n(256)}.${n(256)} port ${n(65536)}: ${w()} ${w()}`;
    if (kind < 0.8) return `${Array.from({ length: 10 }, w).join(' ')} (${w()}) ${w()}.`;
    if (kind < 0.9) return `${this.#hex(40)} ${w()}/${w()}/${w()}.ts`;
    if (kind < 0.95) return `/usr/lib/${w()}/${w()}/${w()}_${w()}.h:${n(3000)}: ${w()}(${w()}, ${w()})`;
    return `${Array.from({ length: 20 }, () => this.han[this.#often(this.han.length)]).join('')}，${w()}`;
  }

  #syllable(): string {
    return [ONSETS, NUCLEI, CODAS].map((parts) => parts[this.#chance.below(parts.length)]).join('');
  }

  #word(): string {
    return this.words[this.#often(this.words.length)]!;
  }

  #hex(length: number): string {
    let text = '';
    while (text.length < length) text += this.#chance.below(2 ** 32).toString(16);
    return text.slice(0, length);
  }

  /** Small numbers far more often than great ones, as words of a language. */
  #often(below: number): number {
    return Math.floor(below * this.#chance.chance() ** 3);
  }
}

const ONSETS = 'b c d f g h j k l m n p r s t v w z ch sh th st tr pr br cl gr qu'.split(' ');
const NUCLEI = 'a e i o u ai ea io ou'.split(' ');
const CODAS = ',n,r,s,t,l,m,d,ng,st'.split(',');
