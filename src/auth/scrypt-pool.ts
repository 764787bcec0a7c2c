import type { Worker } from 'node:worker_threads';
import { AppError } from '../kernel/errors.ts';
import { startWorker } from '../kernel/worker.ts';
import type { ScryptJob, ScryptResult } from './password-worker.ts';

const MAX_THREADS = 2; // 128 MiB each
const MAX_WAITING = 64;
/** One address cannot fill the queue for everyone else. */
const MAX_PER_SOURCE = 16;

interface Waiting {
  readonly job: ScryptJob;
  readonly source: string;
  readonly resolve: (hash: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Derives keys in at most two threads, which start when first needed. More work waits in order, up to a bound:
 * beyond it `derive` rejects with AppError `rate_limited`.
 */
export class ScryptPool {
  readonly #threads: Thread[] = [];
  readonly #waiting: Waiting[] = [];
  readonly #perSource = new Map<string, number>();
  #closed = false;

  /** `source` is who causes the work, usually an address. */
  async derive(job: ScryptJob, source: string): Promise<Buffer> {
    if (this.#closed) throw new AppError('shutting_down', 'The bastion is stopping; log in again in a moment.');
    const ofSource = this.#perSource.get(source) ?? 0;
    if (this.#waiting.length >= MAX_WAITING || ofSource >= MAX_PER_SOURCE) {
      throw new AppError('rate_limited', 'Too many passwords are being checked right now; try again in a moment.');
    }
    this.#perSource.set(source, ofSource + 1);
    try {
      return await new Promise<Buffer>((resolve, reject) => {
        this.#waiting.push({ job, source, resolve, reject });
        this.#next();
      });
    } finally {
      const left = (this.#perSource.get(source) ?? 1) - 1;
      if (left > 0) this.#perSource.set(source, left);
      else this.#perSource.delete(source);
    }
  }

  /** Ends the threads; what waits is rejected with `shutting_down`. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopping = new AppError('shutting_down', 'The bastion is stopping; log in again in a moment.');
    for (const waiting of this.#waiting.splice(0)) waiting.reject(stopping);
    await Promise.all(this.#threads.splice(0).map((thread) => thread.stop(stopping)));
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    let thread = this.#threads.find((one) => !one.busy);
    if (!thread && this.#threads.length < MAX_THREADS) {
      const made = new Thread(() => this.#drop(made));
      this.#threads.push(made);
      thread = made;
    }
    if (!thread) return;
    const { job, resolve, reject } = this.#waiting.shift()!;
    thread.run(job).then(
      (hash) => {
        this.#next();
        resolve(hash);
      },
      (error: Error) => {
        this.#drop(thread);
        this.#next();
        reject(error);
      },
    );
  }

  /** A thread that failed is not asked again. */
  #drop(thread: Thread): void {
    const at = this.#threads.indexOf(thread);
    if (at < 0) return;
    this.#threads.splice(at, 1);
    void thread.stop(new Error('dropped'));
  }
}

/** One thread with at most one job. */
class Thread {
  readonly #worker: Worker = startWorker('password', null);
  #settle: { resolve: (hash: Buffer) => void; reject: (error: Error) => void } | undefined;

  /** `onGone`: it ended, busy or not, and must not be given work any more. */
  constructor(onGone: () => void) {
    this.#worker.on('message', (result: ScryptResult) => {
      if ('hash' in result) this.#take()?.resolve(Buffer.from(result.hash));
      else this.#take()?.reject(new Error(result.error));
    });
    this.#worker.on('error', (error: Error) => this.#take()?.reject(error));
    this.#worker.on('exit', (code) => {
      this.#take()?.reject(new Error(`the password thread ended with code ${code}`));
      onGone();
    });
    this.#worker.unref();
  }

  get busy(): boolean {
    return this.#settle !== undefined;
  }

  run(job: ScryptJob): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.ref();
      this.#worker.postMessage(job);
    });
  }

  async stop(reason: Error): Promise<void> {
    this.#take()?.reject(reason);
    await this.#worker.terminate();
  }

  #take() {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#worker.unref();
    return settle;
  }
}
