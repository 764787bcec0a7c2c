import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database as Sqlite } from 'better-sqlite3';
import { AppError } from '../kernel/errors.ts';
import { sizeText } from '../kernel/size-text.ts';

const KEEP = 3;
/** What an upgrade may take beside the copy and a write-ahead log as large as the database. */
const MARGIN_BYTES = 8 * 2 ** 20;

/**
 * The copy an upgrade makes first. While the upgrade runs it is `bastion.db.upgrading`; it gets its name for good once
 * the upgrade is committed. So whatever an upgrade that was killed left behind is known for what it is, and one that is
 * tried again and again does not push out the copies of earlier ones.
 */
const unfinished = (file: string) => `${file}.upgrading`;

/** Removes it, and the journal that SQLite leaves beside it when it is killed: beside another copy that would be applied to it. */
function removeUnfinished(file: string): void {
  const copy = unfinished(file);
  rmSync(copy, { force: true });
  rmSync(`${copy}-journal`, { force: true });
}

/** Bytes that an upgrade of this database needs, as its size goes. */
export function upgradeNeeds(databaseBytes: number): number {
  return 2 * databaseBytes + MARGIN_BYTES;
}

/** Copies the whole database. AppError `config` when there is no room for it, or for the upgrade behind it. */
export function makeCopy(sqlite: Sqlite, file: string): void {
  // what is committed then stands in the file itself: should the log have to go, nothing of it is lost
  sqlite.pragma('wal_checkpoint(truncate)');
  const needed = upgradeNeeds(statSync(file).size);
  const disk = statfsSync(dirname(file));
  const free = disk.bavail * disk.bsize;
  if (free < needed)
    throw new AppError(
      'config',
      `The database must be upgraded, and is copied before: that needs ${sizeText(needed)} in ${dirname(file)}, and ${sizeText(free)} are free. Make room and start again; nothing was changed.`,
    );
  const copy = unfinished(file);
  removeUnfinished(file);
  // VACUUM INTO accepts an empty file, and making it ourselves is what gives it its mode
  closeSync(openSync(copy, 'wx', 0o600));
  try {
    sqlite.prepare('vacuum into ?').run(copy);
    syncPath(copy);
  } catch (error) {
    removeUnfinished(file);
    throw error;
  }
}

/** The upgrade is done: its copy is kept as `bastion.db.before-VERSION-TIME`, beside the newest of earlier ones. */
export function keepCopy(file: string, version: number, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '');
  const kept = `${file}.before-${version}-${time}`;
  renameSync(unfinished(file), kept);
  syncPath(dirname(kept));
  for (const old of copiesOf(file).slice(KEEP)) rmSync(old.file);
  return kept;
}

/** The database is as it was: its copy says nothing that it does not say itself. */
export function dropCopy(file: string): void {
  removeUnfinished(file);
}

/** Puts the copy in the place of a database that is closed. Needs no room, so that it works on a full disk. */
export function restoreCopy(file: string): void {
  for (const log of [`${file}-wal`, `${file}-shm`]) rmSync(log, { force: true });
  renameSync(unfinished(file), file);
  syncPath(dirname(file));
}

/** What a killed upgrade left: kept when it had come to its end, else of no use. `version` is what the database has. */
export function tidyCopy(file: string, version: number): void {
  const copy = unfinished(file);
  if (!existsSync(copy)) return;
  const copied = versionIn(copy);
  if (copied > 0 && copied < version) keepCopy(file, copied + 1, statSync(copy).mtimeMs);
  else dropCopy(file);
}

const HEADER = Buffer.from('SQLite format 3\0', 'latin1');
/** Where the header of an SQLite file has the user version, big endian. */
const VERSION_AT = 60;

/** 0 when the file is no database. Read as a file: opened as a database, it would get a log beside it. */
function versionIn(file: string): number {
  const bytes = Buffer.alloc(VERSION_AT + 4);
  const fd = openSync(file, 'r');
  try {
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    return read === bytes.length && bytes.subarray(0, HEADER.length).equals(HEADER) ? bytes.readInt32BE(VERSION_AT) : 0;
  } finally {
    closeSync(fd);
  }
}

export interface Copy {
  readonly file: string;
  /** Of the database in it. */
  readonly version: number;
}

/** The copies that are kept, the newest first. */
export function copiesOf(file: string): Copy[] {
  const prefix = `${basename(file)}.before-`;
  const found = readdirSync(dirname(file)).flatMap((name) => {
    const match = name.startsWith(prefix) && /^(\d+)-(\w+)$/.exec(name.slice(prefix.length));
    return match ? [{ file: join(dirname(file), name), version: Number(match[1]) - 1, time: match[2]! }] : [];
  });
  return found.sort((a, b) => b.time.localeCompare(a.time)).map(({ time: _, ...copy }) => copy);
}

function syncPath(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
