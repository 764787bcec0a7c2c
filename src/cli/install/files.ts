import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError } from '../../kernel/errors.ts';

/** A file to be put somewhere, by its path on the machine that will run it. */
export interface Wanted {
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  /** Belongs to the administrator once it is there. */
  readonly theirs?: boolean;
}

export type FileState = 'written' | 'replaced' | 'unchanged' | 'kept';

/** Puts a file into `root`, whole or not at all; with `dryRun` only tells what would come of it. */
export function place(root: string, wanted: Wanted, dryRun: boolean): FileState {
  const path = join(root, wanted.path);
  const state = compare(path, wanted);
  if (dryRun || state === 'unchanged' || state === 'kept') return state;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    // a program that runs keeps the file it was started from
    const aside = `${path}.new-${process.pid}`;
    writeFileSync(aside, wanted.content, { mode: wanted.mode, flag: 'wx' });
    chmodSync(aside, wanted.mode);
    renameSync(aside, path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const next = code === 'EACCES' || code === 'EPERM' ? 'Run this as root, or give --root DIR.' : 'Make room for it.';
    throw new AppError('config', `${path} cannot be written (${code}). ${next}`, { cause });
  }
  return state;
}

function compare(path: string, { content, mode, theirs }: Wanted): FileState {
  if (!existsSync(path)) return 'written';
  if (theirs) return 'kept';
  const same = (statSync(path).mode & 0o777) === mode && readFileSync(path).equals(content);
  return same ? 'unchanged' : 'replaced';
}
