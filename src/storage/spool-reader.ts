import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checksum, FRAME, FRAME_HEAD, type FrameKind, MAX_PAYLOAD, type SpoolHeader } from './frames.ts';

export interface Frame {
  readonly kind: FrameKind;
  /** Microseconds since the session began. */
  readonly micros: number;
  /** Valid until the next frame is read. */
  readonly payload: Buffer;
}

/** How a spool stops being readable. `torn`: the last frame is incomplete; `corrupt`: what stands there is no frame. */
export interface SpoolTail {
  readonly state: 'whole' | 'torn' | 'corrupt';
  /** Bytes that could not be read. */
  readonly lostBytes: number;
}

const KINDS: ReadonlySet<number> = new Set(Object.values(FRAME));
const BLOCK = 1024 * 1024;

/**
 * Reads a spool frame by frame in bounded memory, up to the end the file had when it was opened. Synchronous: it
 * belongs into a worker.
 */
export class SpoolReader {
  readonly #fd: number;
  readonly #size: number;
  #buffer = Buffer.allocUnsafe(BLOCK);
  #from = 0;
  #to = 0;
  /** File offset behind the last good frame. */
  #good = 0;
  #tail: SpoolTail | undefined;

  constructor(path: string) {
    this.#fd = openSync(path, 'r');
    this.#size = fstatSync(this.#fd).size;
  }

  /** Of the whole file when it was opened. */
  get bytes(): number {
    return this.#size;
  }

  /** The next frame; undefined at the end, after which `tail` says how it ended. */
  next(): Frame | undefined {
    if (this.#tail) return undefined;
    if (!this.#need(FRAME_HEAD)) return this.#stop('torn');
    const head = this.#buffer.subarray(this.#from, this.#from + FRAME_HEAD);
    const length = head.readUInt32LE(0);
    if (length > MAX_PAYLOAD || !KINDS.has(head[14]!) || head[15] !== 0) return this.#stop('corrupt');
    if (!this.#need(FRAME_HEAD + length)) return this.#stop('torn');
    const start = this.#from;
    const whole = this.#buffer.subarray(start, start + FRAME_HEAD + length);
    const payload = whole.subarray(FRAME_HEAD);
    if (checksum(whole, payload) !== whole.readUInt32LE(4)) return this.#stop('corrupt');
    this.#from += whole.length;
    this.#good += whole.length;
    return { kind: whole[14] as FrameKind, micros: whole.readUIntLE(8, 6), payload };
  }

  /** The header frame, which comes first; undefined when there is none to read. */
  header(): SpoolHeader | undefined {
    const frame = this.next();
    return frame?.kind === FRAME.header ? (JSON.parse(frame.payload.toString('utf8')) as SpoolHeader) : undefined;
  }

  get tail(): SpoolTail {
    return this.#tail ?? { state: 'whole', lostBytes: 0 };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #stop(state: 'torn' | 'corrupt'): undefined {
    const lostBytes = this.#size - this.#good;
    this.#tail = { state: lostBytes === 0 ? 'whole' : state, lostBytes };
    return undefined;
  }

  /** Makes `bytes` available from the current position; false when the file has not so many. */
  #need(bytes: number): boolean {
    if (this.#to - this.#from >= bytes) return true;
    if (this.#good + bytes > this.#size) return false;
    const kept = this.#buffer.subarray(this.#from, this.#to);
    const room = Math.max(BLOCK, bytes);
    const buffer = room > this.#buffer.length ? Buffer.allocUnsafe(room) : this.#buffer;
    kept.copy(buffer, 0);
    this.#buffer = buffer;
    this.#to = kept.length;
    this.#from = 0;
    while (this.#to < bytes) {
      const read = readSync(this.#fd, buffer, this.#to, buffer.length - this.#to, this.#good + this.#to);
      if (read === 0) return false;
      this.#to += read;
    }
    return true;
  }
}
