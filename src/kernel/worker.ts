import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type AddonFiles, addonFiles } from './addons.ts';
import { bundled, inExecutable, inside } from './inside.ts';

/** Which body of `src/worker.ts` a thread runs. */
export type WorkerKind = 'store' | 'texts' | 'password' | 'render';

/** What the entry of a thread is given. */
export interface WorkerStart {
  readonly kind: WorkerKind;
  readonly data: unknown;
  readonly addons: AddonFiles | undefined;
}

/** Starts a worker thread of the given kind; `data` must be structured-cloneable. */
export function startWorker(kind: WorkerKind, data: unknown): Worker {
  const workerData: WorkerStart = { kind, data, addons: addonFiles() };
  // a thread cannot see into the executable, so it gets its source as text
  if (inExecutable) return new Worker(readFileSync(inside('worker.cjs'), 'utf8'), { eval: true, workerData });
  return bundled
    ? new Worker(inside('worker.cjs'), { workerData })
    : new Worker(new URL('../worker.ts', import.meta.url), { workerData });
}
