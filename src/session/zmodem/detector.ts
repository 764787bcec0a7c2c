import { HeaderReader, ZDLE, ZPAD } from './header.ts';

/**
 * Finds whole ZMODEM headers in a stream of anything, also those that lie across chunks. What has no CAN byte, which is
 * nearly every chunk of a terminal, costs one search for it.
 */
export class Detector {
  readonly header = new HeaderReader();
  /** Where the header that was found begins in the chunk; 0 when it began in an earlier one. */
  start = 0;
  #reading = false;
  /** The last byte was a ZPAD. */
  #padded = false;

  /** The index behind the first header with a right checksum from `from` on, -1 when there is none. */
  find(chunk: Buffer, from: number): number {
    let at = from;
    this.start = from;
    for (;;) {
      if (!this.#reading) {
        const can = chunk.indexOf(ZDLE, at);
        if (can < 0) {
          if (chunk.length > from) this.#padded = chunk[chunk.length - 1] === ZPAD;
          return -1;
        }
        at = can + 1;
        if (!(can > from ? chunk[can - 1] === ZPAD : this.#padded)) continue;
        this.start = can;
        while (this.start > from && can - this.start < 2 && chunk[this.start - 1] === ZPAD) this.start--;
        this.#reading = true;
        this.header.begin();
        this.header.push(ZDLE);
      }
      while (this.#reading && at < chunk.length) {
        const result = this.header.push(chunk[at]!);
        if (result === 'more') at++;
        else this.#reading = false;
        if (result !== 'done') continue;
        this.#padded = false;
        return at + 1;
      }
      if (this.#reading) return -1;
    }
  }

  /** Forgets what was begun. */
  reset(): void {
    this.#reading = false;
    this.#padded = false;
  }
}
