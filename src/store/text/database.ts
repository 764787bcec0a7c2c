import { rmSync } from 'node:fs';
import type { Database as Sqlite } from 'better-sqlite3';
import BetterSqlite from 'better-sqlite3';
import { openSqlite } from '../sqlite.ts';

/** "basx": the text index. With the version it says whether a file is one that this program can use. */
const APPLICATION_ID = 0x62617378;
const VERSION = 1;

/**
 * `texts` has one row for each part of a block, numbered `block * PARTS + part`. It knows which parts hold a trigram and
 * neither where nor the text itself. `state`: 0 while a session is taken in, 1 whole, 2 its recording cannot be read.
 */
const SCHEMA = `
  create table sessions (
    number integer primary key,
    id text not null unique,
    user_id text not null,
    user_name text not null,
    asset_id text not null,
    asset_name text not null,
    account text not null,
    started_at integer not null,
    last_at integer not null default 0,
    state integer not null,
    cut integer not null default 0
  ) strict;
  create table blocks (
    number integer primary key,
    session integer not null references sessions (number),
    parts integer not null,
    from_ms integer not null,
    to_ms integer not null,
    packed blob not null
  ) strict;
  create index blocks_by_session on blocks (session);
  create virtual table texts using fts5 (
    text, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram'
  );
  create virtual table trigrams using fts5vocab (texts, row);
  insert into texts (texts, rank) values ('hashsize', ${8 * 2 ** 20});
`;

/** Opens the text index; what is missing, damaged or of another version is made anew, empty. */
export function openTexts(file: string): Sqlite {
  try {
    const sqlite = openUsable(file);
    if (sqlite) return sqlite;
  } catch (error) {
    if (!isDamage(error)) throw error;
  }
  removeTexts(file);
  const sqlite = openUsable(file);
  if (!sqlite) throw new Error(`${file} cannot be made`);
  return sqlite;
}

export function removeTexts(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
}

/** Whether SQLite says that the file is not what it should be. */
export function isDamage(error: unknown): boolean {
  return error instanceof BetterSqlite.SqliteError && /^SQLITE_(CORRUPT|NOTADB)/.test(error.code);
}

function openUsable(file: string): Sqlite | undefined {
  const sqlite = openSqlite(file, 'write');
  try {
    // a power cut may take the last commits, which are then made again; it never damages the file
    sqlite.pragma('synchronous = normal');
    const application = sqlite.pragma('application_id', { simple: true });
    const version = sqlite.pragma('user_version', { simple: true });
    if (application === APPLICATION_ID && version === VERSION) return sqlite;
    const empty = sqlite.prepare('select count(*) from sqlite_schema').pluck().get() === 0;
    if (empty) {
      sqlite.transaction(() => {
        sqlite.exec(SCHEMA);
        sqlite.pragma(`application_id = ${APPLICATION_ID}`);
        sqlite.pragma(`user_version = ${VERSION}`);
      })();
      return sqlite;
    }
  } catch (error) {
    sqlite.close();
    throw error;
  }
  sqlite.close();
  return undefined;
}
