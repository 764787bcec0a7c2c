import { Readable } from 'node:stream';
import type { SftpClient } from './sftp-client.ts';
import { PIECE, UNDER_WAY } from './upload.ts';

/** Of the file, as it was asked for; the pieces leave in the order in which they stand there. */
class Piece {
  readonly offset: number;
  length: number;
  readonly bytes: Buffer[] = [];
  have = 0;
  /** The file ends in it. */
  last = false;

  constructor(offset: number, length: number) {
    this.offset = offset;
    this.length = length;
  }

  get whole(): boolean {
    return this.last || this.have === this.length;
  }

  take(bytes: Buffer): void {
    this.bytes.push(bytes);
    this.have += bytes.length;
  }
}

/**
 * The bytes of an open file from `from` on. With an `end` they are asked for well ahead, and a file that has become
 * shorter breaks the stream off; what it has grown by is left out. Without, they are asked for one after the other until
 * the file ends: files of /proc and the like have no size.
 */
export class Download extends Readable {
  readonly #client: SftpClient;
  readonly #handle: Buffer;
  readonly #end: number | undefined;
  readonly #pieces: Piece[] = [];
  /** The next byte to ask for, and the next to give away. */
  #ask: number;
  #give: number;
  #wanted = false;
  /** Everything was given, or the target has not got it: nobody broke it off. */
  complete = false;

  /** `first`: what was read there already; undefined when the file ends there. */
  constructor(client: SftpClient, handle: Buffer, from: number, end: number | undefined, first: Buffer | undefined) {
    super({ highWaterMark: PIECE });
    this.#client = client;
    this.#handle = handle;
    this.#end = end;
    this.#give = from;
    this.#ask = from + (first?.length ?? 0);
    const piece = new Piece(from, this.#ask - from);
    if (first) piece.take(first);
    else piece.last = true;
    this.#pieces.push(piece);
  }

  override _read(): void {
    this.#wanted = true;
    this.#go();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#pieces.length = 0;
    callback(error);
  }

  #go(): void {
    this.#deliver();
    const atOnce = this.#end === undefined ? 1 : UNDER_WAY;
    while (!this.complete && this.#pieces.length < atOnce && this.#ask !== this.#end) {
      const length = Math.min(PIECE, (this.#end ?? Number.MAX_SAFE_INTEGER) - this.#ask);
      const piece = new Piece(this.#ask, length);
      this.#ask += length;
      this.#pieces.push(piece);
      this.#read(piece);
    }
  }

  #read(piece: Piece): void {
    this.#client.read(this.#handle, piece.offset + piece.have, piece.length - piece.have).then(
      (bytes) => {
        if (this.destroyed) return;
        if (bytes) piece.take(bytes);
        else piece.last = true;
        if (this.#end === undefined) {
          piece.length = piece.have;
          this.#ask = piece.offset + piece.have;
        }
        // a server may give less than was asked for
        if (piece.whole) this.#go();
        else this.#read(piece);
      },
      (error: Error) => {
        this.complete = true;
        this.destroy(error);
      },
    );
  }

  #deliver(): void {
    while (this.#wanted && !this.complete) {
      if (this.#give === this.#end) {
        this.complete = true;
        this.push(null);
        return;
      }
      if (!this.#pieces[0]?.whole) return;
      const piece = this.#pieces.shift()!;
      this.#give += piece.have;
      for (const bytes of piece.bytes) this.#wanted = this.push(bytes);
      if (!piece.last) continue;
      this.complete = true;
      if (this.#end === undefined) this.push(null);
      else this.destroy(new Error('the file has become shorter while it was read'));
    }
  }
}
