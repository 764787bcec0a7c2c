import { workerData } from 'node:worker_threads';
import { useAddonFiles } from './kernel/addons.ts';
import type { WorkerStart } from './kernel/worker.ts';

/** The one entry of every thread. Each body is imported only where it is needed. */
async function main(start: WorkerStart): Promise<void> {
  useAddonFiles(start.addons);
  const data = start.data as never;
  switch (start.kind) {
    case 'store':
      return (await import('./store/worker.ts')).run(data);
    case 'texts':
      return (await import('./storage/text-worker.ts')).run(data);
    case 'password':
      return (await import('./auth/password-worker.ts')).run(data);
    case 'render':
      return (await import('./storage/render-worker.ts')).run(data);
  }
}

// a failure here is an unhandled rejection, which ends the thread and reaches its owner as an `error` event
void main(workerData);
