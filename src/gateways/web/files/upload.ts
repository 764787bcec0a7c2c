import { Writable } from 'node:stream';
import type { SftpClient } from './sftp-client.ts';

/** As OpenSSH's own client: requests of so many bytes, so many of them under way. */
export const PIECE = 32 * 1024;
export const UNDER_WAY = 32;

/** Writes what comes into an open file, from `offset` on. It has ended when the target has confirmed every byte. */
export class Upload extends Writable {
  readonly #client: SftpClient;
  readonly #handle: Buffer;
  #offset: number;
  #underWay = 0;
  /** Why the target did not take it. */
  failure: Error | undefined;
  /** What waits for an answer: the next piece, or the end. */
  #next: (() => void) | undefined;

  constructor(client: SftpClient, handle: Buffer, offset: number) {
    super({ highWaterMark: PIECE });
    this.#client = client;
    this.#handle = handle;
    this.#offset = offset;
  }

  /** Resolves when nothing is under way any more, however it went. */
  async idle(): Promise<void> {
    while (this.#underWay > 0) await new Promise<void>((resolve) => this.#wake(resolve));
  }

  override _write(chunk: Buffer, _: BufferEncoding, callback: (error?: Error | null) => void): void {
    let at = 0;
    const go = () => {
      while (at < chunk.length && this.#underWay < UNDER_WAY && !this.failure) {
        this.#send(chunk.subarray(at, at + PIECE));
        at += PIECE;
      }
      if (this.failure || at >= chunk.length) callback(this.failure);
      else this.#wake(go);
    };
    go();
  }

  override _final(callback: (error?: Error | null) => void): void {
    void this.idle().then(() => callback(this.failure));
  }

  #send(piece: Buffer): void {
    this.#underWay++;
    const answered = (failure?: Error) => {
      this.#underWay--;
      this.failure ??= failure;
      const next = this.#next;
      this.#next = undefined;
      next?.();
    };
    this.#client.write(this.#handle, this.#offset, piece).then(() => answered(), answered);
    this.#offset += piece.length;
  }

  /** A file that is destroyed in the middle of a piece has that piece's wish and `idle` waiting at once. */
  #wake(then: () => void): void {
    const before = this.#next;
    this.#next = before
      ? () => {
          before();
          then();
        }
      : then;
  }
}
