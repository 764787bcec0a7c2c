import { Readable } from 'node:stream';
import type { Size } from '../../kernel/channel.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { EndReason, Watcher } from '../../session/types.ts';
import type { WatchEvent } from '../contract/sessions.ts';

/** Bytes of events that may wait for a slow watcher before it is told to wait for a new snapshot. */
const HIGH_WATER = 256 * 1024;

/**
 * A watcher whose events are read as lines of JSON. When its reader is slow it takes no more output, and asks for a
 * new snapshot once the reader caught up: the session never waits for it.
 */
export class WatchStream extends Readable implements Watcher {
  /** More waits for the reader than should. */
  #full = false;
  /** Output was turned down: only a snapshot makes the screen whole again. */
  #missed = false;
  /** The last change of size that had to wait. */
  #size: Size | undefined;
  #over = false;
  #ready: () => void = () => {};
  #detach: Disposer | undefined;

  constructor() {
    super({ highWaterMark: HIGH_WATER });
  }

  /** Hands over what takes the watcher off the session; called when the reader goes away. */
  attached(detach: Disposer): void {
    if (this.destroyed) detach();
    else this.#detach = detach;
  }

  snapshot(screen: Buffer, size: Size): void {
    this.#missed = false;
    this.#size = undefined;
    this.#send({ kind: 'snapshot', cols: size.cols, rows: size.rows, data: screen.toString('base64') });
  }

  output(chunk: Buffer): boolean {
    if (this.#full) this.#missed = true;
    else this.#send({ kind: 'output', data: chunk.toString('base64') });
    return !this.#missed;
  }

  resize(size: Size): void {
    if (this.#full) this.#size = size;
    else this.#send({ kind: 'resize', cols: size.cols, rows: size.rows });
  }

  notice(text: string): void {
    this.#send({ kind: 'notice', text });
  }

  ended(reason: EndReason): void {
    if (this.#over) return;
    this.#send({ kind: 'ended', cause: reason.cause, detail: reason.detail ?? null });
    this.#over = true;
    this.push(null);
  }

  onReady(callback: () => void): void {
    this.#ready = callback;
  }

  override _read(): void {
    if (!this.#full) return;
    this.#full = false;
    if (this.#size && !this.#missed) this.resize(this.#size);
    this.#size = undefined;
    if (this.#missed) this.#ready();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#detach?.();
    this.#detach = undefined;
    callback(error);
  }

  #send(event: WatchEvent): void {
    if (this.destroyed || this.#over) return;
    if (!this.push(`${JSON.stringify(event)}\n`)) this.#full = true;
  }
}
