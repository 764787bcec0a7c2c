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
 * pipe is written to as it is. Returns the bytes written. Ctrl-C ends it with `Interrupted`.
 */
export async function exportText(
  io: CliIo,
  to: string,
  source: (options: { readonly signal: AbortSignal }) => AsyncIterable<string>,
): Promise<number> {
  const abort = new AbortController();
  const offSignal = io.onSignal(() => abort.abort());
  const { signal } = abort;
  try {
    return to === '-' ? await print(io, source({ signal }), signal) : await save(to, source({ signal }), signal);
  } catch (error) {
    throw signal.aborted ? new Interrupted() : error;
  } finally {
    offSignal();
  }
}

/** Writes rows as JSON Lines to where `--to` says, and tells how many there were. */
export async function exportLines(
  run: Run,
  to: string,
  noun: string,
  rows: (options: { readonly signal: AbortSignal }) => AsyncIterable<unknown>,
): Promise<void> {
  let lines = 0;
  const bytes = await exportText(run.io, to, async function* (options) {
    for await (const row of rows(options)) {
      lines++;
      yield `${terminalSafeJson(JSON.stringify(row))}\n`;
    }
  });
  if (to !== '-') run.done({ file: to, lines, bytes }, `${to}: ${count(lines, noun)}, ${byteSize(bytes)}.`);
}

async function print({ stdout }: CliIo, source: AsyncIterable<string>, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const text of source) {
    const chunk = Buffer.from(text);
    bytes += chunk.length;
    if (!stdout.write(chunk)) await once(stdout, 'drain', { signal });
  }
  return bytes;
}

async function save(to: string, source: AsyncIterable<string>, signal: AbortSignal): Promise<number> {
  let bytes = 0;
  const there = await stat(to).catch(() => undefined);
  const special = there !== undefined && !there.isFile() && !there.isDirectory();
  const partial = join(dirname(to), `.${basename(to)}.${randomBytes(6).toString('hex')}.partial`);
  try {
    const file = special ? await open(to, 'w') : await open(partial, 'wx', 0o600);
    try {
      for await (const text of source) {
        signal.throwIfAborted();
        const chunk = Buffer.from(text);
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
