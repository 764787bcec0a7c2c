import { PART_BYTES, PARTS, type TextBlock } from '../store/text/block.ts';
import type { LineSink } from './edited-line.ts';

/** Pieces of drawn screens are kept once among so many different ones. */
const PIECES_REMEMBERED = 2000;
/** A line has at most 4096 columns and each at most four bytes. */
const LONGEST_LINE = 4 * 4096 + 1;
const CAPACITY = PARTS * (PART_BYTES + LONGEST_LINE);
const SPACE = 0x20;
const LINE_FEED = 0x0a;

/**
 * Gathers lines into blocks. White space is drawn together to one space and trimmed, so that how columns were lined up
 * does not hide a text; a line equal to the one before, and a piece of a screen that was drawn shortly before, is left
 * out.
 */
export class TextBlocks implements LineSink {
  /** Blocks that are complete; whoever takes them empties it. */
  readonly ready: TextBlock[] = [];
  /** Bytes of text so far. */
  bytes = 0;
  readonly #limit: number;
  #buffer = Buffer.allocUnsafe(CAPACITY);
  #used = 0;
  #times: number[] = [];
  #parts: { byte: number; line: number }[] = [];
  #previous: Buffer = Buffer.alloc(0);
  readonly #pieces = new Set<string>();

  /** @param limit bytes of text after which lines are no longer taken */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.bytes >= this.#limit;
  }

  line(cells: Uint32Array, length: number, ms: number, piece: boolean): void {
    if (this.full) return;
    const start = this.#used;
    const end = this.#encode(cells, length, start);
    if (end === start) return;
    const line = this.#buffer.subarray(start, end);
    if (line.equals(this.#previous) || (piece && this.#known(line))) return;
    this.#previous = line;
    const parts = this.#parts;
    if (parts.length === 0 || start - parts.at(-1)!.byte >= PART_BYTES)
      parts.push({ byte: start, line: this.#times.length });
    this.#buffer[end] = LINE_FEED;
    this.#used = end + 1;
    this.bytes += this.#used - start;
    this.#times.push(Math.max(ms, this.#times.at(-1) ?? 0));
    if (parts.length === PARTS && this.#used - parts.at(-1)!.byte >= PART_BYTES) this.flush();
  }

  /** Makes what is left a block. */
  flush(): void {
    if (this.#used === 0) return;
    this.ready.push({ text: this.#buffer.subarray(0, this.#used), times: this.#times, parts: this.#parts });
    this.#buffer = Buffer.allocUnsafe(CAPACITY);
    this.#used = 0;
    this.#times = [];
    this.#parts = [];
  }

  #known(line: Buffer): boolean {
    // a lone character is what a cursor leaves behind when it edits a screen
    if (line.length === 1) return true;
    const key = line.toString('latin1');
    if (this.#pieces.has(key)) return true;
    this.#pieces.add(key);
    if (this.#pieces.size > PIECES_REMEMBERED) this.#pieces.delete(this.#pieces.values().next().value!);
    return false;
  }

  #encode(cells: Uint32Array, length: number, start: number): number {
    const buffer = this.#buffer;
    let end = start;
    let gap = false;
    for (let i = 0; i < length; i++) {
      const point = cells[i]!;
      if (point === SPACE || point === 0xa0) {
        gap = end > start;
        continue;
      }
      if (point === 0) continue;
      if (gap) buffer[end++] = SPACE;
      gap = false;
      if (point < 0x80) buffer[end++] = point;
      else end = encodeWide(buffer, end, point);
    }
    return end;
  }
}

function encodeWide(buffer: Buffer, at: number, point: number): number {
  let end = at;
  if (point < 0x800) buffer[end++] = 0xc0 | (point >> 6);
  else {
    if (point < 0x10000) buffer[end++] = 0xe0 | (point >> 12);
    else {
      buffer[end++] = 0xf0 | (point >> 18);
      buffer[end++] = 0x80 | ((point >> 12) & 63);
    }
    buffer[end++] = 0x80 | ((point >> 6) & 63);
  }
  buffer[end++] = 0x80 | (point & 63);
  return end;
}
