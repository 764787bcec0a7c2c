import { close, fdatasync, open, writev } from 'node:fs';
import type { Clock } from '../kernel/clock.ts';
import { FRAME, type FrameKind, frameHead, MAX_PAYLOAD, type SpoolEnd, type SpoolHeader } from './frames.ts';

/** A frame lies in memory at most this long before it is handed to the kernel. */
const FLUSH_MS = 250;
const FLUSH_BYTES = 256 * 1024;
/** What the kernel has is on the disk at most this much later. */
const SYNC_MS = 5000;
/** Above it the session is asked to hold the target until the disk has caught up. */
const QUEUE_LIMIT = 4 * 1024 * 1024;
/** What a frame weighs in memory besides its payload: frames of single bytes fill the queue as well. */
const FRAME_WEIGHT = 256;

export interface SpoolEvents {
  /** Once, with the first error (ENOSPC, EIO, EDQUOT, …); nothing is written afterwards. */
  readonly onError: (error: Error) => void;
  /** After `append` said false: the queue is short again. */
  readonly onDrain: () => void;
}

/**
 * Writes one session's spool. `append` only keeps references; one `writev` at a time carries what has gathered, so
 * recording costs the data path no copy, no promise and no system call per chunk.
 */
export class SpoolWriter {
  readonly path: string;
  readonly #fd: number;
  readonly #clock: Clock;
  readonly #events: SpoolEvents;
  readonly #startedAt: number;
  #queue: Buffer[] = [];
  /** Weight of the queue in bytes, and of what is being written. */
  #queued = 0;
  #inFlight = 0;
  #full = false;
  #dirty = false;
  #syncing = false;
  #cancelFlush: (() => void) | undefined;
  #cancelSync: (() => void) | undefined;
  #failed: Error | undefined;
  #finished: ((error: Error | undefined) => void) | undefined;
  #closed = false;

  private constructor(path: string, fd: number, clock: Clock, events: SpoolEvents) {
    this.path = path;
    this.#fd = fd;
    this.#clock = clock;
    this.#events = events;
    this.#startedAt = clock.monotonic();
  }

  /** Creates the file (0600) and writes its header, so that a disk that takes nothing shows at once. Rejects with the system error. */
  static async create(path: string, header: SpoolHeader, clock: Clock, events: SpoolEvents): Promise<SpoolWriter> {
    const fd = await new Promise<number>((resolve, reject) => {
      open(path, 'wx', 0o600, (error, value) => (error ? reject(error) : resolve(value)));
    });
    let opening = true;
    const writer = new SpoolWriter(path, fd, clock, {
      onDrain: events.onDrain,
      onError: (error) => {
        if (!opening) events.onError(error);
      },
    });
    writer.append(FRAME.header, Buffer.from(JSON.stringify(header)));
    await new Promise<void>((resolve, reject) => {
      writer.#write((error) => (error ? reject(error) : resolve()));
    });
    opening = false;
    return writer;
  }

  /**
   * Adds a frame. The payload must not be changed afterwards. False: more than 4 MB wait for the disk, stop the
   * source until `onDrain`; the frame was taken all the same.
   */
  append(kind: FrameKind, payload: Buffer): boolean {
    if (this.#failed || this.#finished || this.#closed) return true;
    if (payload.length > MAX_PAYLOAD) {
      this.append(kind, payload.subarray(0, MAX_PAYLOAD));
      return this.append(kind, payload.subarray(MAX_PAYLOAD));
    }
    const micros = Math.max(0, Math.round((this.#clock.monotonic() - this.#startedAt) * 1000));
    this.#queue.push(frameHead(kind, micros, payload), payload);
    this.#queued += payload.length + FRAME_WEIGHT;
    if (this.#queued >= FLUSH_BYTES) this.flush();
    else this.#cancelFlush ??= this.#clock.after(FLUSH_MS, () => this.flush());
    if (this.#queued + this.#inFlight <= QUEUE_LIMIT) return true;
    this.#full = true;
    return false;
  }

  /** Starts writing what waits, unless a write is under way. */
  flush(): void {
    if (this.#inFlight > 0 || this.#queue.length === 0 || this.#failed || this.#closed) return;
    this.#write((error) => {
      if (error) return;
      if (this.#full && this.#queued <= QUEUE_LIMIT / 2) {
        this.#full = false;
        this.#events.onDrain();
      }
      if (this.#queued >= FLUSH_BYTES || (this.#finished && this.#queue.length > 0)) this.flush();
      else if (this.#finished) this.#finish();
    });
  }

  /** Writes the end frame and everything before it, syncs and closes. Resolves with the error that made it incomplete, if any. */
  finish(end: SpoolEnd): Promise<Error | undefined> {
    if (this.#failed || this.#closed) return Promise.resolve(this.#failed);
    this.append(FRAME.end, Buffer.from(JSON.stringify(end)));
    return new Promise((resolve) => {
      this.#finished = resolve;
      this.flush();
    });
  }

  /** Closes without an end frame, for a session that never began. */
  abandon(): void {
    this.#close();
  }

  #write(done: (error: Error | undefined) => void): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const buffers = this.#queue;
    this.#inFlight = this.#queued;
    this.#queue = [];
    this.#queued = 0;
    this.#writeAll(buffers, (error) => {
      this.#inFlight = 0;
      if (this.#closed) return this.#closeWhenQuiet();
      if (error) this.#fail(error);
      else this.#arrangeSync();
      done(error);
    });
  }

  #writeAll(buffers: Buffer[], done: (error: Error | undefined) => void): void {
    writev(this.#fd, buffers, null, (error, written) => {
      if (error) return done(error);
      const rest = after(buffers, written);
      if (rest.length === 0) return done(undefined);
      // a short write is how a full disk begins; the next one brings the error
      if (written === 0) return done(Object.assign(new Error('the disk takes no more bytes'), { code: 'ENOSPC' }));
      this.#writeAll(rest, done);
    });
  }

  #arrangeSync(): void {
    this.#dirty = true;
    this.#cancelSync ??= this.#clock.after(SYNC_MS, () => {
      this.#cancelSync = undefined;
      this.#sync();
    });
  }

  #sync(): void {
    if (this.#syncing || this.#closed || this.#failed) return;
    this.#syncing = true;
    this.#dirty = false;
    fdatasync(this.#fd, (error) => {
      this.#syncing = false;
      if (this.#closed) this.#closeWhenQuiet();
      else if (error) this.#fail(error);
      else if (this.#finished && this.#inFlight === 0 && this.#queue.length === 0) this.#finish();
      else if (this.#dirty) this.#arrangeSync();
    });
  }

  #finish(): void {
    if (this.#syncing) return;
    if (this.#dirty) {
      this.#sync();
      return;
    }
    this.#close();
    this.#finished?.(undefined);
  }

  #fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = error;
    this.#queue = [];
    this.#queued = 0;
    this.#close();
    this.#events.onError(error);
    this.#finished?.(error);
    if (this.#full) this.#events.onDrain();
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelFlush?.();
    this.#cancelSync?.();
    this.#closeWhenQuiet();
  }

  /** Not while a write is under way: the number could belong to another file by then. */
  #closeWhenQuiet(): void {
    if (this.#inFlight === 0 && !this.#syncing) close(this.#fd, () => {});
  }
}

/** What of these buffers is left after `written` bytes. */
function after(buffers: Buffer[], written: number): Buffer[] {
  for (let i = 0; i < buffers.length; i++) {
    const buffer = buffers[i]!;
    if (written < buffer.length) return [buffer.subarray(written), ...buffers.slice(i + 1)];
    written -= buffer.length;
  }
  return [];
}
