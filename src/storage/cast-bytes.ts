import { isUtf8 } from 'node:buffer';

/** A byte becomes at most six: `\\u001b`. */
export const MAX_GROWTH = 6;

const BACKSLASH = 0x5c;
const HEX = Buffer.from('0123456789abcdef');

/** For each byte: 0 as it is, 1 as `\\u00xx`, else what follows a backslash. */
const ESCAPE = new Uint8Array(256).fill(1, 0, 0x20);
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
] as const) {
  ESCAPE[byte] = letter.charCodeAt(0);
}

/**
 * Writes UTF-8 as the inside of a JSON string (RFC 8259 §7) into `to` at `at`; returns where it ends. With `crlf` a
 * line feed becomes carriage return and line feed.
 */
export function escapeJson(utf8: Buffer, to: Buffer, at: number, crlf: boolean): number {
  let end = at;
  for (let i = 0; i < utf8.length; i++) {
    const byte = utf8[i]!;
    const letter = ESCAPE[byte]!;
    if (letter === 0) {
      to[end++] = byte;
    } else if (letter === 1) {
      to[end++] = BACKSLASH;
      to[end++] = 0x75;
      to[end++] = 0x30;
      to[end++] = 0x30;
      to[end++] = HEX[byte >> 4]!;
      to[end++] = HEX[byte & 15]!;
    } else {
      if (crlf && byte === 0x0a) {
        to[end++] = BACKSLASH;
        to[end++] = 0x72;
      }
      to[end++] = BACKSLASH;
      to[end++] = letter;
    }
  }
  return end;
}

/** A byte stream as pieces of valid UTF-8: a character cut at a chunk's end waits for its rest, what is none becomes U+FFFD. */
export class Utf8Pieces {
  #cut: Buffer = Buffer.alloc(0);

  take(chunk: Buffer): Buffer {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const whole = bytes.length - unfinished(bytes);
    this.#cut = Buffer.from(bytes.subarray(whole));
    return valid(bytes.subarray(0, whole));
  }

  /** What was still waiting at the end. */
  rest(): Buffer {
    return valid(this.#cut);
  }
}

function valid(bytes: Buffer): Buffer {
  return isUtf8(bytes) ? bytes : Buffer.from(bytes.toString('utf8'));
}

/** How many bytes at the end begin a character that is not complete. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needs > back ? back : 0;
    }
  }
  return 0;
}
