import type { Clock } from '../../kernel/clock.ts';
import { printable } from '../../kernel/printable.ts';
import { TEXTS } from './texts.ts';

/** A connection that stands sooner shows no line: its output is that of a direct connection, byte for byte. */
const SHOW_AFTER_MS = 500;
const TICK_MS = 100;

/**
 * "Connecting to web1 as root … 2.1 s", rewritten in place on a terminal until it is stopped; sentences that come
 * meanwhile stand above it.
 */
export class ProgressLine {
  readonly #write: (text: string) => void;
  readonly #clock: Clock;
  readonly #login: string;
  readonly #asset: string;
  readonly #since: number;
  readonly #cancel: () => void;
  #shown = false;
  #stopped = false;

  constructor(write: (text: string) => void, clock: Clock, login: string, asset: string) {
    this.#write = write;
    this.#clock = clock;
    this.#login = printable(login);
    this.#asset = printable(asset);
    this.#since = clock.monotonic();
    this.#cancel = clock.every(TICK_MS, () => this.#draw());
  }

  say(sentence: string): void {
    if (this.#stopped) return;
    this.#clear();
    this.#write(`${printable(sentence)}\r\n`);
  }

  /** Takes the line off the screen. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancel();
    this.#clear();
  }

  #draw(): void {
    const elapsed = this.#clock.monotonic() - this.#since;
    if (elapsed < SHOW_AFTER_MS) return;
    this.#write(`\r${TEXTS.connecting(this.#login, this.#asset, (elapsed / 1000).toFixed(1))}\x1b[K`);
    this.#shown = true;
  }

  #clear(): void {
    if (this.#shown) this.#write('\r\x1b[K');
    this.#shown = false;
  }
}
