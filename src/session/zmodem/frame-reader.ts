import { crc32 } from 'node:zlib';
import { crc16 } from './crc16.ts';
import { HeaderReader, isFlowControl, TYPE, unescaped, ZDLE, ZPAD } from './header.ts';

/** The longest content of a subpacket that any program sends; a longer one is none. */
const MAX_SUBPACKET = 32 * 1024;
/** Of what may become a frame so much is kept: an escaped subpacket and some flow control. */
const MAX_KEPT = 4 * MAX_SUBPACKET;
/** Many small pieces are joined. */
const MAX_PIECES = 256;
/** So many CAN in a row cancel (the first of them may have been an escape). */
const CANCELS = 5;
const BS = 0x08;
const CR = 0x0d;
const LF = 0x0a;
const OVER = 0x4f;

/** How a subpacket ends: the frame too (E, and W waits for an answer), or another subpacket follows (G, Q). */
const END = { e: 0x68, g: 0x69, q: 0x6a, w: 0x6b } as const;
const BEFORE_SUBPACKETS: ReadonlySet<number> = new Set([
  TYPE.senderInit,
  TYPE.file,
  TYPE.data,
  TYPE.command,
  TYPE.stderr,
]);

export interface FrameEvents {
  header(type: number, position: number): void;
  /** The content of a subpacket with a right checksum, valid during the call. False: take it for ordinary bytes. */
  data(content: Buffer): boolean;
  /** A subpacket was damaged. */
  damaged(): void;
  cancelled(): void;
  /** Bytes that are no part of a frame, in order. `earlier`: they came with a chunk before this one. */
  stray(bytes: Buffer, earlier: boolean): void;
}

/** A prompt is not longer than this. */
const LONGEST_TEXT = 1024;
const TEXT = /[\x07-\x0d\x1b\x20-\x7e\u00a0-\ufffc\u{10000}-\u{10ffff}]*$/u;

function textAtEnd(bytes: Buffer): Buffer {
  const text = TEXT.exec(bytes.subarray(-LONGEST_TEXT).toString('utf8'));
  return Buffer.from(text?.[0] ?? '');
}

type State = 'between' | 'header' | 'tail' | 'data' | 'escape' | 'checksum' | 'cancel';

/**
 * Follows one direction of a transfer. What it tells as frames had right checksums; every other byte is told as stray,
 * once that is certain. Memory is bounded by one subpacket; damage never throws.
 */
export class FrameReader {
  readonly #events: FrameEvents;
  /** Whether it reads the side that sends the file: only there subpackets follow headers. */
  readonly #sender: boolean;
  readonly #header = new HeaderReader();
  readonly #content = Buffer.allocUnsafeSlow(MAX_SUBPACKET);
  readonly #sum = Buffer.alloc(4);
  #state: State = 'between';
  /** What comes behind the end of a hex header's line. */
  #afterTail: 'between' | 'data' = 'between';
  #crcBytes: 2 | 4 = 2;
  #length = 0;
  #end = 0;
  #sumLength = 0;
  #sumEscaped = false;
  #cancels = 0;
  #wasCancelled = false;
  /** How many `O` may still follow the last header. */
  #overs = 0;
  /** What is not yet known to be a frame: pieces of earlier chunks, and where it begins in this one. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #mark = -1;
  #stopped = false;

  constructor(events: FrameEvents, sender: boolean) {
    this.#events = events;
    this.#sender = sender;
  }

  /** Goes on behind a header that somebody else has read. */
  startAfter(header: HeaderReader): void {
    this.#whole(header);
  }

  /** The transfer is over: what may still come is "OO". */
  expectOver(): void {
    this.#overs = 2;
  }

  /** What the other side sends after a cancellation may follow: more CAN, and backspaces. */
  expectCancel(): void {
    this.#wasCancelled = true;
  }

  /** `feed` returns after the event that calls this. */
  stop(): void {
    this.#stopped = true;
  }

  /** What was begun need not be told any more, whatever becomes of it. */
  forget(): void {
    this.#verified();
  }

  /**
   * Nothing more comes of what was begun: gives what of it is none of a frame. A program that is stopped within a
   * subpacket says nothing at its end; the text behind the piece is the shell's.
   */
  rest(): Buffer {
    const kept = Buffer.concat(this.#kept);
    const whole = this.#state === 'header' || this.#state === 'cancel';
    this.#verified();
    this.#state = 'between';
    return whole ? kept : textAtEnd(kept);
  }

  /** Returns where it stopped: at the end of the chunk unless an event called `stop`. */
  feed(chunk: Buffer, from: number): number {
    let at = from;
    this.#stopped = false;
    this.#mark = this.#kept.length > 0 ? from : -1;
    while (at < chunk.length && !this.#stopped) at = this.#step(chunk, at);
    if (!this.#stopped && this.#mark >= 0) this.#keep(chunk.subarray(this.#mark));
    return at;
  }

  #step(chunk: Buffer, at: number): number {
    const byte = chunk[at]!;
    switch (this.#state) {
      case 'between':
        return this.#between(chunk, at);
      case 'tail':
        return this.#tail(byte, at);
      case 'header': {
        const result = this.#header.push(byte);
        if (result === 'bad') return this.#fail(chunk, at);
        if (result === 'done') this.#whole(this.#header);
        return at + 1;
      }
      case 'data':
        if (this.#mark < 0) this.#mark = at;
        return this.#data(chunk, at);
      case 'escape':
        return this.#escape(chunk, at);
      case 'checksum':
        return this.#checksum(chunk, at);
      case 'cancel':
        if (byte !== ZDLE) return this.#fail(chunk, at);
        this.#cancel();
        return at + 1;
    }
  }

  #between(chunk: Buffer, from: number): number {
    let at = from;
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      const begins = byte === ZPAD || byte === ZDLE;
      if (!begins && !this.#belongs(byte)) continue;
      if (at > from) break;
      if (byte === ZDLE && !this.#wasCancelled) {
        this.#mark = at;
        this.#cancels = 0;
        this.#state = 'cancel';
        this.#cancel();
      } else if (byte === ZPAD) {
        this.#mark = at;
        this.#state = 'header';
        this.#header.begin();
      } else if (byte === OVER) this.#overs--;
      return at + 1;
    }
    this.#events.stray(chunk.subarray(from, at), false);
    return at;
  }

  /** Bytes that mean nothing where a header could begin. */
  #belongs(byte: number): boolean {
    return isFlowControl(byte) || (byte === BS && this.#wasCancelled) || (byte === OVER && this.#overs > 0);
  }

  /** CR, LF (the high bit may be set) and XON behind a hex header. */
  #tail(byte: number, at: number): number {
    if ((byte & 0x7f) === CR || isFlowControl(byte)) return at + 1;
    this.#state = this.#afterTail;
    return (byte & 0x7f) === LF ? at + 1 : at;
  }

  #whole({ type, position, isHex, crcBytes }: HeaderReader): void {
    this.#verified();
    this.#crcBytes = crcBytes;
    this.#afterTail = this.#sender && BEFORE_SUBPACKETS.has(type) ? 'data' : 'between';
    this.#state = isHex ? 'tail' : this.#afterTail;
    this.#length = 0;
    this.#events.header(type, position);
  }

  #data(chunk: Buffer, from: number): number {
    const content = this.#content;
    let length = this.#length;
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at]!;
      if (length === MAX_SUBPACKET && byte !== ZDLE) return this.#fail(chunk, at);
      if (byte === ZDLE) {
        const next = chunk[at + 1];
        if (next === undefined || (next & 0x60) !== 0x40 || length === MAX_SUBPACKET) {
          this.#state = 'escape';
          at++;
          break;
        }
        content[length++] = next ^ 0x40;
        at += 2;
      } else {
        if (!isFlowControl(byte)) content[length++] = byte;
        at++;
      }
    }
    this.#length = length;
    return at;
  }

  #escape(chunk: Buffer, at: number): number {
    const byte = chunk[at]!;
    if (isFlowControl(byte)) return at + 1;
    if (byte === ZDLE) {
      this.#cancels = 1;
      this.#state = 'cancel';
      this.#cancel();
      return at + 1;
    }
    if (byte >= END.e && byte <= END.w) {
      this.#end = byte;
      this.#sumLength = 0;
      this.#sumEscaped = false;
      this.#state = 'checksum';
      return at + 1;
    }
    const value = unescaped(byte);
    if (value < 0 || this.#length === MAX_SUBPACKET) return this.#fail(chunk, at);
    this.#content[this.#length++] = value;
    this.#state = 'data';
    return at + 1;
  }

  #checksum(chunk: Buffer, at: number): number {
    let byte = chunk[at]!;
    if (isFlowControl(byte)) return at + 1;
    if (this.#sumEscaped) {
      this.#sumEscaped = false;
      byte = unescaped(byte);
      if (byte < 0) return this.#fail(chunk, at);
    } else if (byte === ZDLE) {
      this.#sumEscaped = true;
      return at + 1;
    }
    this.#sum[this.#sumLength++] = byte;
    if (this.#sumLength === this.#crcBytes) this.#subpacket(chunk, at + 1);
    return at + 1;
  }

  #subpacket(chunk: Buffer, end: number): void {
    const content = this.#content.subarray(0, this.#length);
    this.#length = 0;
    this.#state = this.#end === END.g || this.#end === END.q ? 'data' : 'between';
    const right = this.#right(content);
    if (!right) this.#events.damaged();
    if (right && this.#events.data(content)) this.#verified();
    else this.#strays(chunk, end);
  }

  /** The checksum is over the content and the byte that ends it. */
  #right(content: Buffer): boolean {
    const end = Buffer.of(this.#end);
    if (this.#crcBytes === 4) return crc32(end, crc32(content)) === this.#sum.readUInt32LE(0);
    return crc16(end, 1, crc16(content, content.length)) === this.#sum.readUInt16BE(0);
  }

  #cancel(): void {
    if (++this.#cancels < CANCELS) return;
    // what was begun before is nothing that anybody takes
    this.#verified();
    this.#state = 'between';
    this.#wasCancelled = true;
    this.#events.cancelled();
  }

  #keep(piece: Buffer): void {
    this.#kept.push(piece);
    this.#keptBytes += piece.length;
    if (this.#kept.length > MAX_PIECES) this.#kept = [Buffer.concat(this.#kept)];
    this.#mark = -1;
    if (this.#keptBytes > MAX_KEPT) this.#fail(piece, 0);
  }

  #verified(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.#mark = -1;
  }

  /** What was begun is no frame; this byte may begin one. */
  #fail(chunk: Buffer, at: number): number {
    if (this.#state !== 'header') this.#events.damaged();
    this.#state = 'between';
    this.#strays(chunk, at);
    return at;
  }

  #strays(chunk: Buffer, end: number): void {
    const kept = this.#kept;
    const mark = this.#mark;
    this.#verified();
    for (const piece of kept) this.#events.stray(piece, true);
    if (mark >= 0 && end > mark) this.#events.stray(chunk.subarray(mark, end), false);
  }
}
