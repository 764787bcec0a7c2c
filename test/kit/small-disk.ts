import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process.ts';

/** A directory of its own small file system. */
export async function mountSmall(path: string, mebibytes: number): Promise<AsyncDisposable> {
  mkdirSync(path, { recursive: true });
  const mounted = await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0700`, 'bastion-test', path]);
  if (mounted.code !== 0) throw new Error(`these tests need a small file system to fill: ${mounted.stderr}`);
  return {
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', path]);
    },
  };
}

/** Fills a file system to its last byte. */
export async function fill(path: string): Promise<void> {
  await run('dd', ['if=/dev/zero', `of=${join(path, 'filler')}`, 'bs=64k']);
}
