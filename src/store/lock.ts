import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { AppError } from '../kernel/errors.ts';
import type { Disposer } from '../kernel/lifecycle.ts';

interface Holder {
  readonly pid: number;
  readonly purpose: string;
  readonly startedAt: string;
}

/**
 * Takes the data directory for this process, or throws AppError `busy` saying who has it, with the purpose in
 * `details.holder`; null in the moment at the beginning and the end in which that is not known. The returned function gives
 * it back; so does the end of the process, however it ends.
 *
 * The lock is SQLite's on `bastion.lock`, that is one of the operating system, so it cannot go stale. Who holds it
 * stands in `bastion.lock.json`: POSIX drops a file's locks when the process closes any descriptor of it, so nothing
 * but SQLite may open `bastion.lock` itself.
 */
export function acquireLock(dataDir: string, purpose: string): Disposer {
  const lockFile = join(dataDir, 'bastion.lock');
  const holderFile = `${lockFile}.json`;
  const lock = openLockFile(lockFile);
  try {
    lock.pragma('journal_mode = memory');
    lock.exec('begin exclusive');
  } catch (cause) {
    lock.close();
    if (!(cause instanceof BetterSqlite.SqliteError) || !cause.code.startsWith('SQLITE_BUSY'))
      throw new AppError('config', `${lockFile} cannot be locked; the data directory must be on a local disk.`, {
        cause,
      });
    const holder = readHolder(holderFile);
    throw new AppError('busy', busyText(dataDir, holder), { cause, details: { holder: holder?.purpose ?? null } });
  }
  try {
    writeHolder(holderFile, { pid: process.pid, purpose, startedAt: new Date().toISOString() });
  } catch (cause) {
    lock.close();
    const { code } = cause as NodeJS.ErrnoException;
    const text = `${holderFile} cannot be written (${code}). Make room on its disk, and see that the data directory belongs to you.`;
    throw new AppError('config', text, { cause });
  }
  return () => {
    if (!lock.open) return;
    rmSync(holderFile, { force: true });
    lock.close();
  };
}

function openLockFile(lockFile: string): BetterSqlite.Database {
  try {
    // made by us for its mode, and never opened once it is there: see above
    if (!existsSync(lockFile)) closeSync(openSync(lockFile, 'wx', 0o600));
    return new BetterSqlite(lockFile, { timeout: 0 });
  } catch (cause) {
    throw new AppError(
      'config',
      `${lockFile} cannot be opened. Check that the data directory exists and belongs to you.`,
      { cause },
    );
  }
}

function busyText(dataDir: string, holder: Holder | undefined): string {
  const by = holder
    ? `${holder.purpose} (pid ${holder.pid}, since ${holder.startedAt.slice(0, 19).replace('T', ' ')} UTC)`
    : 'another bastion';
  return `The data in ${dataDir} is in use by ${by}. End that first, or choose another directory with --data.`;
}

function writeHolder(file: string, holder: Holder): void {
  const temporary = `${file}.${holder.pid}`;
  writeFileSync(temporary, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}
