import { closeSync, constants, fchmodSync, openSync } from 'node:fs';
import BetterSqlite, { type Database as Sqlite, type Statement } from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { AppError } from '../kernel/errors.ts';
import type { Database } from './schema.ts';

const STATEMENTS_KEPT = 400;

/**
 * Opens the database file, made with mode 0600 when it is new (SQLite gives its -wal and -shm files the same mode).
 *
 * `synchronous = full`: a commit is on the disk when its reply goes out, so nobody is told of an audit row or a
 * removed right that a power cut takes back. What that costs is shared by the group commit.
 */
export function openSqlite(file: string, access: 'write' | 'read'): Sqlite {
  if (access === 'write') makePrivate(file);
  const sqlite = new BetterSqlite(file, { readonly: access === 'read', timeout: 5000 });
  if (access === 'write') {
    sqlite.pragma('journal_mode = wal');
    sqlite.pragma('synchronous = full');
    sqlite.pragma(`journal_size_limit = ${64 * 2 ** 20}`);
    sqlite.pragma('foreign_keys = on');
  }
  sqlite.pragma('temp_store = memory');
  sqlite.pragma(`cache_size = ${-16 * 1024}`);
  return sqlite;
}

function makePrivate(file: string): void {
  try {
    const fd = openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600);
    fchmodSync(fd, 0o600);
    closeSync(fd);
  } catch (cause) {
    const text = `${file} cannot be opened. Check that the data directory exists and belongs to you.`;
    throw new AppError('config', text, { cause });
  }
}

/** kysely over an open database. Prepared statements are kept by their text, the least recently used go first. */
export function queriesOver(sqlite: Sqlite): Kysely<Database> {
  const kept = new Map<string, Statement>();
  const prepare = (text: string): Statement => {
    const statement = kept.get(text) ?? sqlite.prepare(text);
    kept.delete(text);
    kept.set(text, statement);
    if (kept.size > STATEMENTS_KEPT) kept.delete(kept.keys().next().value!);
    return statement;
  };
  return new Kysely<Database>({ dialect: new SqliteDialect({ database: { prepare, close: () => undefined } }) });
}
