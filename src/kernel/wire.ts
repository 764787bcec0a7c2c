/** Reads the primitive types of RFC 4251 §5. Every method throws a `WireError` when the bytes end too early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** How many bytes were read so far. */
  get position(): number {
    return this.#at;
  }

  byte(): number {
    return this.#take(1)[0]!;
  }

  uint32(): number {
    return this.#take(4).readUInt32BE(0);
  }

  uint64(): bigint {
    return this.#take(8).readBigUInt64BE(0);
  }

  /** A `string` as bytes; a view, not a copy. */
  string(): Buffer {
    return this.#take(this.uint32());
  }

  /** A `string` that must be UTF-8: anything else would let two different byte strings compare as equal. */
  text(): string {
    try {
      return STRICT_UTF8.decode(this.string());
    } catch (cause) {
      if (cause instanceof WireError) throw cause;
      throw new WireError('text is not UTF-8');
    }
  }

  /** A non-negative `mpint` without its leading zeros. */
  unsigned(): Buffer {
    const bytes = this.string();
    if (bytes.length > 0 && bytes[0]! >= 0x80) throw new WireError('negative number');
    let start = 0;
    while (start < bytes.length && bytes[start] === 0) start++;
    return bytes.subarray(start);
  }

  rest(): Buffer {
    return this.#take(this.left);
  }

  /** Refuses bytes that follow what was read. */
  end(): void {
    if (this.left > 0) throw new WireError('unexpected bytes at the end');
  }

  #take(length: number): Buffer {
    if (length > this.left) throw new WireError('too short');
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}

/** A `string` with its length before it. */
export function wireString(value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([wireUint32(bytes.length), bytes]);
}

export function wireUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function wireUint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

/** Bytes that are not what their format says. */
export class WireError extends Error {}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
