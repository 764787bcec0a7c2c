import type { Clock } from '../../../kernel/clock.ts';
import { DisposableStore, type Disposer } from '../../../kernel/lifecycle.ts';
import { type Key, KeyDecoder } from './keys.ts';
import type { MenuEnd, MenuTerminal } from './types.ts';

/** How long an Escape waits for the rest of a sequence before it counts as the key. */
const ESCAPE_MS = 50;

/** Why no more keys come. */
export type InputEnd = Exclude<MenuEnd, 'left'>;

/** The keyboard of the menu, one key at a time. */
export class Input {
  readonly #terminal: MenuTerminal;
  readonly #clock: Clock;
  readonly #idleMs: number;
  readonly #decoder = new KeyDecoder();
  readonly #disposables = new DisposableStore();
  readonly #closed = Promise.withResolvers<InputEnd>();
  #end: InputEnd | undefined;
  #waiting: ((key: Key | undefined) => void) | undefined;
  /** A key that was decoded to see whether there is one. */
  #peeked: Key | undefined;
  #detach: Disposer | undefined;
  #cancelIdle: Disposer = () => {};
  #cancelEscape: Disposer = () => {};

  constructor(terminal: MenuTerminal, clock: Clock, idleMs: number, signal: AbortSignal) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#disposables.add(terminal.onClose(() => this.#finish('closed')));
    const abort = () => this.#finish('closed');
    signal.addEventListener('abort', abort);
    this.#disposables.add(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    this.attach();
  }

  /** Set once no more keys come. */
  get end(): InputEnd | undefined {
    return this.#end;
  }

  /** Resolves when no more keys come. */
  get closed(): Promise<InputEnd> {
    return this.#closed.promise;
  }

  /** True when `next` has a key at once: then drawing can wait for it. */
  get ready(): boolean {
    this.#peeked ??= this.#decoder.next();
    return this.#peeked !== undefined;
  }

  /** The next key; undefined when there will be none (`end` says why). Calls must not overlap. */
  next(): Promise<Key | undefined> {
    if (this.#end) return Promise.resolve(undefined);
    if (this.ready) {
      const key = this.#peeked;
      this.#peeked = undefined;
      return Promise.resolve(key);
    }
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Listens to the terminal (again), beginning with bytes that were handed over and not used. */
  attach(unused?: Buffer): void {
    if (this.#end || this.#detach) return;
    if (unused) this.#decoder.push(unused);
    this.#detach = this.#terminal.onData((chunk) => this.#data(chunk));
    this.#touch();
  }

  /** Leaves the terminal to others and hands over what was typed already. */
  detach(): Buffer {
    this.#detach?.();
    this.#detach = undefined;
    this.#cancelIdle();
    this.#cancelEscape();
    this.#peeked = undefined;
    return this.#decoder.takeRest();
  }

  dispose(): void {
    this.detach();
    this.#disposables.dispose();
  }

  #data(chunk: Buffer): void {
    this.#touch();
    this.#cancelEscape();
    this.#decoder.push(chunk);
    if (this.#waiting && this.ready) this.#deliver();
    if (!this.#peeked && this.#decoder.waiting) {
      this.#cancelEscape = this.#clock.after(ESCAPE_MS, () => {
        this.#peeked ??= this.#decoder.flush();
        if (this.#peeked) this.#deliver();
      });
    }
  }

  #deliver(): void {
    const resolve = this.#waiting;
    if (!resolve) return;
    const key = this.#peeked;
    this.#waiting = undefined;
    this.#peeked = undefined;
    resolve(key);
  }

  #touch(): void {
    this.#cancelIdle();
    if (this.#idleMs > 0) this.#cancelIdle = this.#clock.after(this.#idleMs, () => this.#finish('idle'));
  }

  #finish(end: InputEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.detach();
    this.#closed.resolve(end);
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }
}
