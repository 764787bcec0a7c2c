import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/**
 * A stretch of the text of one session, about 16 KiB: lines, each with its time. Blocks are what is compressed and
 * kept; the index knows their parts, about 2 KiB each. The smaller the parts, the fewer hold every trigram of a text
 * but not the text, and each of those is looked through in vain; the larger, the smaller the index, which with these
 * takes a third of the text.
 */
export interface TextBlock {
  /** UTF-8, each line with its line feed. */
  readonly text: Buffer;
  /** For each line, milliseconds since the recording began; never falling. */
  readonly times: readonly number[];
  /** Where each part begins. */
  readonly parts: readonly { readonly byte: number; readonly line: number }[];
}

export const PART_BYTES = 2048;
export const PARTS = 8;
const SIZE = { chunkSize: 2 * PARTS * PART_BYTES };
const PACK = { ...SIZE, params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** A block as it is stored: zstd over counts, parts, times (all u32 little endian) and text. */
export function pack({ text, times, parts }: TextBlock): Buffer {
  const head = Buffer.allocUnsafe(4 * (2 + 2 * parts.length + times.length));
  let at = head.writeUInt32LE(times.length, head.writeUInt32LE(parts.length, 0));
  for (const { byte, line } of parts) at = head.writeUInt32LE(line, head.writeUInt32LE(byte, at));
  for (const time of times) at = head.writeUInt32LE(Math.min(time, 0xffffffff), at);
  return zstdCompressSync(Buffer.concat([head, text]), PACK);
}

export function unpack(packed: Buffer): StoredBlock {
  return new StoredBlock(zstdDecompressSync(packed, SIZE));
}

/** Reads a block where it lies. */
export class StoredBlock {
  readonly parts: number;
  readonly #bytes: Buffer;
  readonly #times: number;
  readonly #text: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.parts = bytes.readUInt32LE(0);
    this.#times = 8 + 8 * this.parts;
    this.#text = this.#times + 4 * bytes.readUInt32LE(4);
  }

  /** The text of one part. */
  text(part: number): string {
    const from = this.#text + this.#bytes.readUInt32LE(8 + 8 * part);
    const to = part + 1 < this.parts ? this.#text + this.#bytes.readUInt32LE(16 + 8 * part) : this.#bytes.length;
    return this.#bytes.toString('utf8', from, to);
  }

  firstLine(part: number): number {
    return this.#bytes.readUInt32LE(12 + 8 * part);
  }

  /** When this line of the block came, in milliseconds. */
  time(line: number): number {
    return this.#bytes.readUInt32LE(this.#times + 4 * line);
  }
}
