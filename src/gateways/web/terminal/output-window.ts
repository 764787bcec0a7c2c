import { OUTPUT_WINDOW } from '../../../api/contract/ws-limits.ts';

/** Small chunks each keep the larger buffer alive that they are cut from: after so many they are made one. */
const MAX_CHUNKS = 2048;
/** The largest frame for a page. */
const MAX_TAKE = 64 * 1024;

/**
 * Output a page has not acknowledged yet, kept by reference and counted from the first byte of the session. What was
 * sent stays until then, so that a page which comes back gets exactly what it misses.
 */
export class OutputWindow {
  #chunks: Buffer[] = [];
  /** Offset at which the first chunk begins. */
  #from = 0;
  #acked = 0;
  #sent = 0;
  #end = 0;
  /** The chunk that holds the next byte to send, and the offset at which it begins. */
  #cursor = 0;
  #cursorAt = 0;

  get acked(): number {
    return this.#acked;
  }

  get sent(): number {
    return this.#sent;
  }

  get allSent(): boolean {
    return this.#sent === this.#end;
  }

  /** Nothing more should be written until `hasRoom`. */
  get full(): boolean {
    return this.#end - this.#acked >= OUTPUT_WINDOW;
  }

  get hasRoom(): boolean {
    return this.#end - this.#acked <= OUTPUT_WINDOW / 2;
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#end += chunk.length;
    if (this.#chunks.length > MAX_CHUNKS) this.#merge();
  }

  /** The next bytes to send; undefined when all is sent. */
  take(): Buffer | undefined {
    const chunk = this.#chunks[this.#cursor];
    if (!chunk) return undefined;
    const skip = this.#sent - this.#cursorAt;
    const left = chunk.length - skip;
    const piece = skip === 0 && left <= MAX_TAKE ? chunk : chunk.subarray(skip, skip + MAX_TAKE);
    this.#sent += piece.length;
    if (piece.length === left) {
      this.#cursor++;
      this.#cursorAt = this.#sent;
    }
    return piece;
  }

  /** The page has drawn everything before this offset. False: it cannot have, so much was not sent. */
  ack(offset: number): boolean {
    if (offset > this.#sent) return false;
    if (offset <= this.#acked) return true;
    this.#acked = offset;
    let done = 0;
    while (done < this.#cursor && this.#from + this.#chunks[done]!.length <= offset) {
      this.#from += this.#chunks[done]!.length;
      done++;
    }
    this.#chunks.splice(0, done);
    this.#cursor -= done;
    return true;
  }

  /** A page that has this many bytes gets what follows. False: it cannot have them, or what follows is not there any more. */
  rewind(offset: number): boolean {
    if (offset < this.#acked || !this.ack(offset)) return false;
    this.#cursor = 0;
    this.#cursorAt = this.#from;
    this.#sent = offset;
    while (this.#cursor < this.#chunks.length && this.#cursorAt + this.#chunks[this.#cursor]!.length <= offset) {
      this.#cursorAt += this.#chunks[this.#cursor]!.length;
      this.#cursor++;
    }
    return true;
  }

  #merge(): void {
    this.#chunks = [Buffer.concat(this.#chunks)];
    this.#cursor = 0;
    this.#cursorAt = this.#from;
  }
}
