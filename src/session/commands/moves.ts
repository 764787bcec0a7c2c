/** A stretch of output that moves the cursor to another row. */
export interface Move {
  readonly begin: number;
  /** undefined: it goes on in output that has not come yet. */
  readonly end: number | undefined;
  /** A line feed; otherwise a control sequence. */
  readonly feed: boolean;
}

const CR = 0x0d;
const LF = 0x0a;
const ESC = 0x1b;
/** CUD, CNL, CUP, VPA, HVP. */
const VERTICAL: ReadonlySet<number> = new Set(Buffer.from('BEHdf'));

/** The next one that begins before `to`. The carriage returns before a line feed belong to it. */
export function nextMove(bytes: Buffer, from: number, to: number): Move | undefined {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === LF) return { begin: at, end: at + 1, feed: true };
    if (byte === CR) {
      let end = at + 1;
      while (bytes[end] === CR) end++;
      if (end >= bytes.length) return { begin: at, end: undefined, feed: true };
      if (bytes[end] === LF) return { begin: at, end: end + 1, feed: true };
      at = end - 1;
    } else if (byte === ESC) {
      if (at + 1 >= bytes.length) return { begin: at, end: undefined, feed: false };
      if (bytes[at + 1] !== 0x5b) continue;
      let end = at + 2;
      while (end < bytes.length && bytes[end]! >= 0x20 && bytes[end]! < 0x40) end++;
      // a longer sequence is none of these
      if (end >= bytes.length && end - at < 16) return { begin: at, end: undefined, feed: false };
      if (VERTICAL.has(bytes[end] ?? 0)) return { begin: at, end: end + 1, feed: false };
    }
  }
  return undefined;
}
