import { join } from 'node:path';
import { Worker } from 'node:worker_threads';

declare const __BUNDLED__: boolean | undefined;

/** Which body of `src/worker.ts` a thread runs. */
export type WorkerKind = 'store' | 'texts' | 'password' | 'render';

/** True inside the esbuild bundle, where addons and the worker are files beside it. */
function isBundled(): boolean {
  return typeof __BUNDLED__ !== 'undefined' && __BUNDLED__;
}

/** Starts a worker thread of the given kind; `data` must be structured-cloneable. */
export function startWorker(kind: WorkerKind, data: unknown): Worker {
  const workerData = { kind, data };
  const worker = isBundled()
    ? new Worker(join(import.meta.dirname, 'worker.cjs'), { workerData })
    : new Worker(new URL('../worker.ts', import.meta.url), { workerData });
  return worker;
}
