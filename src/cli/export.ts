import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { AppError } from '../kernel/errors.ts';
import { terminalSafeJson } from '../kernel/printable.ts';
import { type CliIo, Interrupted } from './io.ts';
import { byteSize } from './output/time.ts';
import { count, type Run } from './run.ts';

/**
 * Writes what was exported to a file (0600) that is there only when it is whole, or to standard output for `-`; a device or
 * pipe is written to as it is. Returns the bytes written.
 */
export async function exportBytes(
  io: CliIo,
  source: AsyncIterable<Uint8Array>,
  to: string,
  signal: AbortSignal,
): Promise<number> {
  let bytes = 0;
  if (to === '-') {
    for await (const chunk of source) {
      bytes += chunk.length;
      if (!io.stdout.write(chunk)) await once(io.stdout, 'drain', { signal });
    }
    return bytes;
  }
  const there = await stat(to).catch(() => undefined);
  const special = there !== undefined && !there.isFile() && !there.isDirectory();
  const partial = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString('hex')}.partial`);
  try {
    const file = special ? await open(to, 'w') : await open(partial, 'wx', 0o600);
    try {
      for await (const chunk of source) {
        signal.throwIfAborted();
        bytes += chunk.length;
        await file.writeFile(chunk);
      }
      if (!special) await file.sync();
    } finally {
      await file.close();
    }
    if (!special) await rename(partial, to);
    return bytes;
  } catch (cause) {
    // why it could not be written counts, not what its removal says
    await rm(partial, { force: true }).catch(() => {});
    const { code, syscall } = cause as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined || syscall === 'connect') throw cause;
    const why = code === 'ENOENT' ? 'there is no such directory' : `cannot be written (${code})`;
    throw new AppError('usage', `${to}: ${why}. Choose another place with --to.`, { cause });
  }
}

/** Writes rows as JSON Lines to where `--to` says, and tells how many there were. */
export async function exportLines(
  run: Run,
  to: string,
  noun: string,
  rows: (options: { signal: AbortSignal }) => AsyncIterable<unknown>,
): Promise<void> {
  const abort = new AbortController();
  const offSignal = run.io.onSignal(() => abort.abort());
  let lines = 0;
  async function* encoded() {
    for await (const row of rows({ signal: abort.signal })) {
      lines++;
      yield Buffer.from(`${terminalSafeJson(JSON.stringify(row))}\n`);
    }
  }
  try {
    const bytes = await exportBytes(run.io, encoded(), to, abort.signal);
    if (to !== '-') run.done({ file: to, lines, bytes }, `${to}: ${count(lines, noun)}, ${byteSize(bytes)}.`);
  } catch (error) {
    throw abort.signal.aborted ? new Interrupted() : error;
  } finally {
    offSignal();
  }
}
