import { scryptSync } from 'node:crypto';
import { parentPort } from 'node:worker_threads';

/** One derivation; the password is the thread's own copy and is overwritten afterwards. */
export interface ScryptJob {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly length: number;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

export type ScryptResult = { readonly hash: Uint8Array } | { readonly error: string };

/**
 * The body of a password thread: derives one key at a time, since each takes 128 MiB and a third of a second.
 * Takes no start data.
 */
export function run(_data: unknown): void {
  parentPort!.on('message', (job: ScryptJob) => {
    parentPort!.postMessage(derive(job));
  });
}

function derive(job: ScryptJob): ScryptResult {
  try {
    const memory = 128 * job.cost * job.blockSize;
    return {
      hash: scryptSync(job.password, job.salt, job.length, {
        N: job.cost,
        r: job.blockSize,
        p: job.parallelization,
        maxmem: 2 * memory,
      }),
    };
  } catch (error) {
    return { error: (error as Error).message };
  } finally {
    job.password.fill(0);
  }
}
