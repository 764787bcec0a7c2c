import type { Size } from '../../kernel/channel.ts';
import { ModeTracker } from '../../kernel/term-modes.ts';
import type { Admission } from './admission.ts';
import type { Key } from './keys.ts';

/** More output than this between two commands is not drawn but for its end. */
const LIMIT = 96 * 1024;
/** What stays of it: more than any prompt needs. */
const TAIL = 24 * 1024;
/** Many small chunks are joined, so that echoes do not cost a Buffer object each; those between keys stay apart. */
const MANY_ITEMS = 512;
const SMALL = 16 * 1024;

/** A key, standing between what the target said before it and what came after. */
export interface KeyMark {
  readonly key: Key;
  /** Monotonic. */
  readonly at: number;
  /** Of an Enter that was held: what was decided, and about which line. */
  readonly admission?: Admission | undefined;
  readonly judged?: string | undefined;
}

/** Output that came by itself: no key was pressed for a while. */
export const BY_ITSELF = Symbol('by itself');

export type Item = Buffer | Size | KeyMark | typeof BY_ITSELF;

export function isKey(item: Item): item is KeyMark {
  return typeof item === 'object' && 'key' in item;
}

/**
 * What happened on a terminal and nobody looked at yet, in its order: output by reference, sizes, keys. Bulk output
 * between commands is dropped but for its end, keeping the modes it switched.
 */
export class Backlog {
  /** Modes where the kept output begins. */
  readonly modes = new ModeTracker();
  #items: Item[] = [];
  #bytes = 0;
  #marks = 0;
  #joinAt = MANY_ITEMS;

  /** Bytes of output. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Keys that nobody looked at. */
  get marks(): number {
    return this.#marks;
  }

  get tooMuch(): boolean {
    return this.#bytes > LIMIT;
  }

  output(chunk: Buffer): void {
    this.#items.push(chunk);
    this.#bytes += chunk.length;
    if (this.#items.length > this.#joinAt) this.#join();
  }

  /** Characters that came one right behind the other are one mark. */
  key(mark: KeyMark): void {
    const last = this.#items.at(-1);
    if (mark.key.kind === 'text' && last !== undefined && isKey(last) && last.key.kind === 'text') {
      this.#items[this.#items.length - 1] = { ...last, key: { kind: 'text', text: last.key.text + mark.key.text } };
      return;
    }
    this.#marks++;
    this.#items.push(mark);
  }

  /** What follows came by itself. */
  byItself(): void {
    if (this.#items.at(-1) !== BY_ITSELF) this.#items.push(BY_ITSELF);
  }

  resize(size: Size): void {
    this.#items.push(size);
  }

  /** The next one; the place where output was taken is where the modes must be kept by who takes it. */
  shift(): Item | undefined {
    const item = this.#items.shift();
    if (Buffer.isBuffer(item)) this.#bytes -= item.length;
    else if (item !== undefined && isKey(item)) this.#marks--;
    return item;
  }

  unshift(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#items.unshift(rest);
    this.#bytes += rest.length;
  }

  /** As `unshift`, joined with the output behind it; false when there is none yet. */
  unshiftTorn(rest: Buffer): boolean {
    const [next] = this.#items;
    if (!Buffer.isBuffer(next)) return false;
    this.#items[0] = Buffer.concat([rest, next]);
    this.#bytes += rest.length;
    return true;
  }

  /** Drops output but its end, if there is much of it. True when something was dropped. Only while no key waits. */
  skip(): boolean {
    if (this.#bytes <= TAIL) return false;
    let size: Size | undefined;
    let dropped = 0;
    for (let excess = this.#bytes - TAIL; excess > 0; ) {
      const item = this.#items[dropped]!;
      if (Buffer.isBuffer(item)) {
        this.modes.scan(item.length > excess ? item.subarray(0, excess) : item);
        if (item.length > excess) {
          this.#items[dropped] = item.subarray(excess);
          break;
        }
        excess -= item.length;
      } else if (typeof item === 'object' && 'cols' in item) size = item;
      dropped++;
    }
    this.#items.splice(0, dropped, ...(size ? [size] : []));
    this.#bytes = TAIL;
    return true;
  }

  clear(): void {
    for (const item of this.#items) if (Buffer.isBuffer(item)) this.modes.scan(item);
    this.#items = [];
    this.#bytes = 0;
    this.#marks = 0;
  }

  #join(): void {
    const joined: Item[] = [];
    let run: Buffer[] = [];
    const close = () => {
      if (run.length > 0) joined.push(run.length === 1 ? run[0]! : Buffer.concat(run));
      run = [];
    };
    for (const item of this.#items) {
      if (Buffer.isBuffer(item) && item.length < SMALL) run.push(item);
      else {
        close();
        joined.push(item);
      }
    }
    close();
    this.#items = joined;
    this.#joinAt = Math.max(MANY_ITEMS, 2 * joined.length);
  }
}
