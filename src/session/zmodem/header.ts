import { crc32 } from 'node:zlib';
import type { TransferDirection } from '../../store/model.ts';
import { crc16 } from './crc16.ts';

/** ZMODEM's marks: padding, and the escape that begins everything else. The latter is CAN: five of them cancel. */
export const ZPAD = 0x2a;
export const ZDLE = 0x18;

/** Types of headers. */
export const TYPE = {
  requestInit: 0,
  receiverInit: 1,
  senderInit: 2,
  file: 4,
  skip: 5,
  abort: 7,
  finish: 8,
  position: 9,
  data: 10,
  endOfFile: 11,
  fileError: 12,
  cancelled: 16,
  command: 18,
  stderr: 19,
} as const;

const BIN16 = 0x41;
const HEX = 0x42;
const BIN32 = 0x43;
/** More ZPADs in front are not part of a header. */
const MOST_PADS = 4;
/** Type and four bytes of position or flags. */
const BODY = 5;

/** XON and XOFF, with and without the high bit: the line may put them anywhere, they mean nothing. */
export const isFlowControl = (byte: number): boolean => (byte & 0x7d) === 0x11;

/** What an escaped byte stands for, -1 when it stands for nothing. */
export function unescaped(byte: number): number {
  if ((byte & 0x60) === 0x40) return byte ^ 0x40;
  return byte === 0x6c ? 0x7f : byte === 0x6d ? 0xff : -1;
}

/** Reads one header, byte by byte, from behind its first ZPAD. Of the three encodings each tells its checksum. */
export class HeaderReader {
  type = 0;
  /** The four bytes as a little-endian number. */
  position = 0;
  /** Bytes of checksum of this header and of the subpackets behind it. */
  crcBytes: 2 | 4 = 2;
  isHex = false;
  readonly #body = Buffer.alloc(BODY + 4);
  #state: 'padding' | 'encoding' | 'hex' | 'binary' = 'padding';
  #length = 0;
  #high = -1;
  #escaped = false;

  begin(): void {
    this.#state = 'padding';
    this.#length = 0;
    this.#high = -1;
    this.#escaped = false;
  }

  push(byte: number): 'more' | 'done' | 'bad' {
    switch (this.#state) {
      case 'padding':
        if (byte === ZDLE) this.#state = 'encoding';
        else if (byte !== ZPAD || ++this.#length === MOST_PADS) return 'bad';
        return 'more';
      case 'encoding':
        if (byte !== HEX && byte !== BIN16 && byte !== BIN32) return 'bad';
        this.isHex = byte === HEX;
        this.crcBytes = byte === BIN32 ? 4 : 2;
        this.#state = this.isHex ? 'hex' : 'binary';
        this.#length = 0;
        return 'more';
      case 'hex':
        return this.#hex(byte);
      case 'binary':
        return this.#binary(byte);
    }
  }

  #hex(byte: number): 'more' | 'done' | 'bad' {
    if (isFlowControl(byte)) return 'more';
    const digit = hexDigit(byte);
    if (digit < 0) return 'bad';
    if (this.#high < 0) {
      this.#high = digit;
      return 'more';
    }
    const value = this.#high * 16 + digit;
    this.#high = -1;
    return this.#take(value);
  }

  #binary(byte: number): 'more' | 'done' | 'bad' {
    if (isFlowControl(byte)) return 'more';
    if (this.#escaped) {
      this.#escaped = false;
      const value = unescaped(byte);
      return value < 0 ? 'bad' : this.#take(value);
    }
    if (byte !== ZDLE) return this.#take(byte);
    this.#escaped = true;
    return 'more';
  }

  #take(value: number): 'more' | 'done' | 'bad' {
    const body = this.#body;
    body[this.#length++] = value;
    if (this.#length < BODY + this.crcBytes) return 'more';
    const content = body.subarray(0, BODY);
    const right =
      this.crcBytes === 4
        ? crc32(content) === body.readUInt32LE(BODY)
        : crc16(content, BODY) === body.readUInt16BE(BODY);
    if (!right) return 'bad';
    this.type = body[0]!;
    this.position = body.readUInt32LE(1);
    return 'done';
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** The direction for which the target begins with such a header. */
export function asked(type: number): TransferDirection | undefined {
  if (type === TYPE.requestInit || type === TYPE.file) return 'download';
  return type === TYPE.receiverInit ? 'upload' : undefined;
}
