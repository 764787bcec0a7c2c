import type { Clock } from '../kernel/clock.ts';
import { type AppError, toAppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { StoreThread } from './thread.ts';
import type { StoreWorkerData } from './worker.ts';

/** Without a search for so long, the thread ends: it holds some 20 MB and starts again in a tenth of a second. */
export const SEARCH_IDLE_MS = 60_000;

/**
 * The reader's thread, started with the first search: a command that looks up one thing should not pay for it, nor a
 * daemon that nobody asks anything. Until it is open, and should it fail, the writer answers searches too.
 */
export class Searches {
  readonly #data: StoreWorkerData;
  readonly #clock: Pick<Clock, 'after'>;
  readonly #log: Log;
  #started: StoreThread | undefined;
  #open: StoreThread | undefined;
  #ending: Promise<void> | undefined;
  #cancel: (() => void) | undefined;

  constructor(data: StoreWorkerData, clock: Pick<Clock, 'after'>, log: Log) {
    this.#data = data;
    this.#clock = clock;
    this.#log = log;
  }

  /** The thread that answers a search which begins now; undefined while the writer has to. */
  thread(): StoreThread | undefined {
    if (!this.#started) this.#start();
    this.#waitForMore();
    return this.#open;
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await Promise.all([this.#started?.close(), this.#ending]);
  }

  #start(): void {
    const thread = new StoreThread(this.#data, { failed: (error) => this.#giveUp(error) });
    this.#started = thread;
    thread.opened().then(
      () => {
        this.#open = thread;
      },
      (error) => this.#giveUp(toAppError(error)),
    );
  }

  #waitForMore(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.after(SEARCH_IDLE_MS, () => this.#end());
  }

  #end(): void {
    const thread = this.#open;
    // one that failed stays what it is, and the writer goes on
    if (!thread) return;
    if (thread.busy) {
      this.#waitForMore();
      return;
    }
    this.#open = undefined;
    this.#started = undefined;
    this.#ending = thread.close();
  }

  #giveUp(error: AppError): void {
    this.#open = undefined;
    this.#log.warn({ err: error.cause }, 'the thread for searches is gone; the writer answers them');
  }
}
