import { OPEN, TYPE } from '../../kernel/sftp/wire.ts';
import type { Action } from '../../store/model.ts';

/** The actions a request needs, all of them. */
export type Needs = readonly Action[];

export const LOOK: Needs = ['connect'];
export const READ: Needs = ['download'];
export const WRITE: Needs = ['upload'];
const REMOVE: Needs = ['delete'];
const MOVE: Needs = ['upload', 'delete'];
const COPY: Needs = ['download', 'upload'];

/** What nobody here knows may do anything. */
export const UNKNOWN: Needs = ['download', 'upload', 'delete'];

/** What each request needs; OPEN by its flags (`neededToOpen`). docs/FILES.md has the same table for people. */
export const BY_TYPE: ReadonlyMap<number, Needs> = new Map([
  [TYPE.close, []],
  [TYPE.read, READ],
  [TYPE.write, WRITE],
  [TYPE.lstat, LOOK],
  [TYPE.fstat, LOOK],
  [TYPE.setstat, WRITE],
  [TYPE.fsetstat, WRITE],
  [TYPE.opendir, LOOK],
  [TYPE.readdir, LOOK],
  [TYPE.remove, REMOVE],
  [TYPE.mkdir, WRITE],
  [TYPE.rmdir, REMOVE],
  [TYPE.realpath, LOOK],
  [TYPE.stat, LOOK],
  [TYPE.rename, MOVE],
  [TYPE.readlink, LOOK],
  [TYPE.symlink, WRITE],
]);

/** The same for what is asked by EXTENDED. */
export const BY_EXTENSION: ReadonlyMap<string, Needs> = new Map([
  ['posix-rename@openssh.com', MOVE],
  ['hardlink@openssh.com', WRITE],
  ['lsetstat@openssh.com', WRITE],
  ['fsync@openssh.com', WRITE],
  ['copy-data', COPY],
  ['statvfs@openssh.com', LOOK],
  ['fstatvfs@openssh.com', LOOK],
  ['limits@openssh.com', LOOK],
  ['expand-path@openssh.com', LOOK],
  ['home-directory', LOOK],
  ['users-groups-by-id@openssh.com', LOOK],
]);

const CHANGING = OPEN.write | OPEN.append | OPEN.create | OPEN.truncate | OPEN.exclusive;

/** Whether an OPEN with these flags may change anything. */
export const isChanging = (flags: number): boolean => (flags & CHANGING) !== 0;

/** Servers open for reading what is not opened for writing, whatever else the flags say. */
export function neededToOpen(flags: number): Needs {
  const reads = (flags & OPEN.read) !== 0 || (flags & OPEN.write) === 0;
  if (!isChanging(flags)) return READ;
  return reads ? COPY : WRITE;
}
