import type { Worker } from 'node:worker_threads';
import type { Clock } from '../kernel/clock.ts';
import { startWorker } from '../kernel/worker.ts';
import type { RenderJob, RenderReply, RenderRequest, RenderResults } from './render-worker.ts';

/** The thread costs some megabytes: it ends when nothing was asked of it for this long. */
const IDLE_MS = 30_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The main thread's side of the render worker: starts it when there is work, ends it when there is none. */
export class RenderThread {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #cancelIdle: (() => void) | undefined;
  #next = 1;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with what the job threw, or when the thread died. */
  run<J extends RenderJob>(job: J): Promise<RenderResults[J['kind']]> {
    if (this.#closed) return Promise.reject(new Error('the render thread was closed'));
    this.#cancelIdle?.();
    const worker = this.#running();
    const id = this.#next++;
    worker.ref();
    return new Promise<RenderResults[J['kind']]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (result) => resolve(result as RenderResults[J['kind']]), reject });
      worker.postMessage({ id, job } satisfies RenderRequest);
    });
  }

  /** Ends the thread at once; what it was working on is rejected. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelIdle?.();
    await this.#worker?.terminate();
  }

  #running(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startWorker('render', undefined);
    worker.on('message', (reply: RenderReply) => this.#settle(reply));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, new Error('the render thread ended')));
    this.#worker = worker;
    return worker;
  }

  #settle(reply: RenderReply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.result);
    else waiting?.reject(Object.assign(new Error(reply.message), { code: reply.code }));
    if (this.#waiting.size > 0) return;
    this.#worker?.unref();
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => {
      // forgotten first: the next job must not be given to a thread that is ending
      const worker = this.#worker;
      this.#worker = undefined;
      void worker?.terminate();
    });
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}
