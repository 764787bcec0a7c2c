import BetterSqlite, { type Database as Sqlite } from 'better-sqlite3';
import { AppError } from '../kernel/errors.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { copiesOf, dropCopy, keepCopy, makeCopy, restoreCopy, tidyCopy } from './upgrade-copy.ts';

/** "bast": tells our database from any other SQLite file. */
const APPLICATION_ID = 0x62617374;
/** The row of `meta` that says which release worked on the database last. */
const PROGRAM = 'program';

export type Migrations = typeof MIGRATIONS;

export interface Upgrade {
  readonly from: number;
  readonly to: number;
  /** The copy of the database as it was before. */
  readonly copy: string;
}

export interface MigrateOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly migrations?: Migrations | undefined;
  /** The release that this is; noted in the database. */
  readonly program?: string | undefined;
}

/**
 * Brings the database to the newest version in one transaction. An existing database is copied beside itself first.
 * AppError `config` when the file was written by a newer release, is not ours, or has no room for the copy; then
 * nothing is touched. AppError `internal` when a step fails: then the database is as it was before.
 * @returns what was done, undefined when the database was new or had the newest version.
 */
export function migrate(sqlite: Sqlite, file: string, options: MigrateOptions): Upgrade | undefined {
  const { now, migrations = MIGRATIONS, program } = options;
  const from = checkOurs(sqlite, file, migrations, program);
  const to = migrations.length;
  tidyCopy(file, from);
  if (from > 0 && from < to) makeCopy(sqlite, file);
  if (from < to) takeSteps(sqlite, file, from, migrations);
  const upgrade = from > 0 && from < to ? { from, to, copy: keepCopy(file, from + 1, now) } : undefined;
  if (program !== undefined && writtenBy(sqlite) !== program) noteProgram(sqlite, program);
  return upgrade;
}

function takeSteps(sqlite: Sqlite, file: string, from: number, migrations: Migrations): void {
  let step = 'begin';
  // a step may rebuild a table that others refer to; the switch only works outside a transaction
  sqlite.pragma('foreign_keys = off');
  sqlite.exec('begin exclusive');
  try {
    for (const { name, sql } of migrations.slice(from)) {
      step = name;
      sqlite.exec(sql);
    }
    const broken = sqlite.pragma('foreign_key_check') as { table: string }[];
    if (broken.length > 0) throw new Error(`it leaves broken references in ${broken[0]!.table}`);
    sqlite.pragma(`application_id = ${APPLICATION_ID}`);
    sqlite.pragma(`user_version = ${migrations.length}`);
    step = 'commit';
    sqlite.exec('commit');
  } catch (cause) {
    const outcome = undo(sqlite, file, from > 0);
    const why =
      cause instanceof BetterSqlite.SqliteError ? `${cause.code}: ${cause.message}` : (cause as Error).message;
    throw new AppError(
      'internal',
      `The database ${file} could not be upgraded from version ${from} to ${migrations.length} (${step}: ${why}). ${outcome} ` +
        'Make sure that its disk has room and is sound, then start again; or go on with the release that ran before.',
      { cause },
    );
  }
  sqlite.pragma('foreign_keys = on');
}

/** Afterwards the database is as it was before the first step. Says how that came about. */
function undo(sqlite: Sqlite, file: string, copied: boolean): string {
  try {
    // SQLite rolls back by itself on some errors (SQLITE_FULL, SQLITE_IOERR): then nothing vouches for what is there
    if (!copied || sqlite.inTransaction) {
      if (sqlite.inTransaction) sqlite.exec('rollback');
      dropCopy(file);
      return 'Every step was taken back: it is as it was before.';
    }
  } catch {
    // the copy will do
  }
  sqlite.close();
  restoreCopy(file);
  return 'The copy made before was put back: it is as it was.';
}

/** The version of the database, 0 of a new one. */
function checkOurs(sqlite: Sqlite, file: string, migrations: Migrations, program: string | undefined): number {
  const state = databaseState(sqlite);
  if (state.foreign)
    throw new AppError(
      'config',
      `${file} is an SQLite database of another program; move it away or choose another data directory.`,
    );
  if (state.version > migrations.length)
    throw new AppError('config', newerText(file, state, migrations.length, program));
  return state.version;
}

export interface DatabaseState {
  readonly version: number;
  /** It is none of ours. */
  readonly foreign: boolean;
  /** The release that worked on it last, as far as it said so. */
  readonly program: string | undefined;
}

export function databaseState(sqlite: Sqlite): DatabaseState {
  const version = Number(sqlite.pragma('user_version', { simple: true }));
  const application = Number(sqlite.pragma('application_id', { simple: true }));
  const tables = Number(sqlite.prepare('select count(*) from sqlite_schema').pluck().get());
  return { version, foreign: tables > 0 && application !== APPLICATION_ID, program: writtenBy(sqlite) };
}

/** Of a database that this release must not touch: who wrote it, and what can be done. */
export function newerText(file: string, { version, program }: DatabaseState, known: number, own?: string): string {
  const copy = copiesOf(file).find((one) => one.version <= known);
  const back = copy
    ? ` Or go back to what was there before the upgrade, and lose what came after: rm -f ${file}-wal ${file}-shm; mv ${copy.file} ${file}`
    : '';
  return (
    `${file} was written by a newer bastion${program === undefined ? '' : `, ${program}`} ` +
    `(database version ${version}; ${own === undefined ? 'this one' : `bastion ${own}`} knows ${known}). Run that release or a later one.${back}`
  );
}

function writtenBy(sqlite: Sqlite): string | undefined {
  try {
    const value = sqlite.prepare('select value from meta where key = ?').pluck().get(PROGRAM);
    return Buffer.isBuffer(value) ? value.toString('utf8') : undefined;
  } catch {
    // a database that is new, or has another shape
    return undefined;
  }
}

function noteProgram(sqlite: Sqlite, program: string): void {
  sqlite.prepare('insert or replace into meta (key, value) values (?, ?)').run(PROGRAM, Buffer.from(program, 'utf8'));
}
