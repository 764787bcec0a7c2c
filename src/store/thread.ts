import type { Worker } from 'node:worker_threads';
import { AppError } from '../kernel/errors.ts';
import { startWorker, type WorkerKind } from '../kernel/worker.ts';
import type { Upgrade } from './migrate.ts';
import type { TextWorkerData } from './text/worker.ts';
import { type Call, type FromWorker, fromWire, pack, type ToWorker, unpack } from './wire.ts';
import type { StoreWorkerData } from './worker.ts';

interface Pending {
  resolve(value: unknown): void;
  reject(error: AppError): void;
}

export interface ThreadEvents {
  /** A commit changed somebody's rights. Called before the callers of that commit hear of it. */
  accessChanged?(): void;
  /** The thread died; every pending call was rejected and later ones will be. */
  failed(error: AppError): void;
}

/** The main thread's end of one store thread. */
export class StoreThread {
  /** What was done to the database when it was opened, if anything. */
  upgrade: Upgrade | undefined;
  readonly #worker: Worker;
  readonly #events: ThreadEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #opening = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  #failure: AppError | undefined;
  #closing = false;

  constructor(data: StoreWorkerData, events: ThreadEvents, kind?: 'store');
  constructor(data: TextWorkerData, events: ThreadEvents, kind: 'texts');
  constructor(data: StoreWorkerData | TextWorkerData, events: ThreadEvents, kind: WorkerKind = 'store') {
    this.#events = events;
    this.#worker = startWorker(kind, data);
    this.#worker.on('message', (bytes: Uint8Array) => this.#receive(unpack<FromWorker>(bytes)));
    this.#worker.on('error', (cause) => this.#fail(cause));
    this.#worker.on('exit', () => {
      this.#fail(undefined);
      this.#ended.resolve();
    });
  }

  /** Resolves when the database is open and migrated; rejects with what hindered it. */
  opened(): Promise<void> {
    return this.#opening.promise;
  }

  /** Whether somebody waits for an answer. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  call(call: Call): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#closing) return Promise.reject(closed());
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#post({ kind: 'call', call });
    this.#pending.set(call.id, { resolve, reject });
    return promise;
  }

  /** Lets waiting calls finish, closes the database and ends the thread. */
  async close(): Promise<void> {
    if (!this.#closing && !this.#failure) this.#post({ kind: 'close' });
    this.#closing = true;
    await this.#ended.promise;
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(pack(message));
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'ready':
        this.upgrade = message.upgrade;
        this.#opening.resolve();
        break;
      case 'refused':
        this.#closing = true;
        this.#opening.reject(fromWire(message.error));
        break;
      case 'replies':
        if (message.accessChanged) this.#events.accessChanged?.();
        for (const reply of message.replies) this.#settle(reply);
        break;
    }
  }

  #settle(reply: Extract<FromWorker, { kind: 'replies' }>['replies'][number]): void {
    const waiting = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.error) waiting?.reject(fromWire(reply.error));
    else waiting?.resolve(reply.value);
  }

  #fail(cause: Error | undefined): void {
    if (this.#failure) return;
    // an exit after "close", or after a refusal to open, is how it should be
    const expected = this.#closing && this.#pending.size === 0 && !cause;
    this.#failure = expected
      ? closed()
      : new AppError('internal', 'The thread that holds the database ended unexpectedly; restart the bastion.', {
          cause,
        });
    this.#opening.reject(this.#failure);
    this.#opening.promise.catch(() => undefined);
    for (const waiting of this.#pending.values()) waiting.reject(this.#failure);
    this.#pending.clear();
    if (!expected) this.#events.failed(this.#failure);
  }
}

function closed(): AppError {
  return new AppError('shutting_down', 'The database is closed; the bastion is stopping.');
}
