import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../kernel/errors.ts';

/** One event of an asciicast v2: `o` output, `r` resize (`COLSxROWS`), `m` marker. `at` is in seconds. */
export interface CastEvent {
  readonly at: number;
  readonly kind: string;
  readonly data: string;
}

/** An event of a stored recording, with the place in the file where the next one begins. */
export interface PlacedEvent extends CastEvent {
  readonly end: number;
}

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

const LONGEST_LINE = 64 * 2 ** 20;
const READ_BYTES = 64 * 1024;
const WRITE_BYTES = 1024 * 1024;
const NEWLINE = Buffer.from('\n');

/** Splits a byte stream into lines without their line break. */
export async function* byteLines(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    let chunk = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10)) {
      yield parts.length > 0 ? Buffer.concat([...parts, chunk.subarray(0, end)]) : chunk.subarray(0, end);
      parts = [];
      length = 0;
      chunk = chunk.subarray(end + 1);
    }
    if (chunk.length > 0) parts.push(chunk);
    length += chunk.length;
    if (length > LONGEST_LINE) throw notPlayable();
  }
  if (length > 0) yield Buffer.concat(parts);
}

/** The size of the terminal that was recorded, and whether there was one. */
export function parseHeader(line: Buffer): Size & { readonly terminal: boolean } {
  try {
    const header = JSON.parse(line.toString('utf8')) as {
      version?: unknown;
      width?: unknown;
      height?: unknown;
      env?: Record<string, unknown>;
    };
    if (header.version === 2) {
      const terminal = header.env === undefined || header.env.TERM !== undefined;
      return { cols: Number(header.width) || 80, rows: Number(header.height) || 24, terminal };
    }
  } catch {
    // told below
  }
  throw notPlayable();
}

/** An event line; undefined when it is none, as at the end of a file that was cut off. */
export function parseEvent(line: Buffer): CastEvent | undefined {
  try {
    const [at, kind, data] = JSON.parse(line.toString('utf8')) as unknown[];
    if (typeof at === 'number' && typeof kind === 'string' && typeof data === 'string') return { at, kind, data };
  } catch {
    // undefined says it
  }
  return undefined;
}

/** `132x40` → columns and rows. */
export function parseSize(data: string): Size | undefined {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(data);
  return match ? { cols: Number(match[1]), rows: Number(match[2]) } : undefined;
}

function notPlayable(): AppError {
  return new AppError('unsupported', 'This recording cannot be played here: it is not an asciicast of version 2.');
}

/**
 * A recording kept while it is played, so that the player can go back and forth in it. It lies in a file that has no
 * name any more: only this process can read it, it is gone when the process ends, and memory stays small.
 */
export class CastFile {
  readonly size: Size;
  /** Time of the last event, seconds. */
  readonly duration: number;
  readonly #file: FileHandle;

  private constructor(size: Size, duration: number, file: FileHandle) {
    this.size = size;
    this.duration = duration;
    this.#file = file;
  }

  static async load(source: AsyncIterable<Uint8Array>): Promise<CastFile> {
    const folder = await mkdtemp(join(tmpdir(), 'bastion-replay-'));
    const file = await open(join(folder, 'cast'), 'wx+', 0o600);
    await rm(folder, { recursive: true });
    try {
      let size: Size | undefined;
      let duration = 0;
      let batch: Buffer[] = [];
      let bytes = 0;
      const flush = async () => {
        await file.appendFile(Buffer.concat(batch));
        batch = [];
        bytes = 0;
      };
      for await (const line of byteLines(source)) {
        if (!size) {
          size = parseHeader(line);
          continue;
        }
        // the time stands first in the line; the whole line is read when it is played
        const at = Number.parseFloat(line.toString('latin1', 1, 24));
        if (Number.isNaN(at)) continue;
        duration = Math.max(duration, at);
        batch.push(line, NEWLINE);
        bytes += line.length + 1;
        if (bytes >= WRITE_BYTES) await flush();
      }
      await flush();
      if (!size) throw notPlayable();
      return new CastFile(size, duration, file);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The events from a place in the file on: 0, or the `end` of an event. */
  async *events(from = 0): AsyncGenerator<PlacedEvent> {
    let end = from;
    for await (const line of byteLines(this.#bytes(from))) {
      end += line.length + 1;
      const event = parseEvent(line);
      if (event) yield { ...event, end };
    }
  }

  async *#bytes(from: number): AsyncGenerator<Buffer> {
    for (let offset = from; ; ) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, offset);
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
