import BetterSqlite from 'better-sqlite3';
import { openSqlite } from './sqlite.ts';
import { openTexts } from './text/database.ts';

/** Makes both kinds of database that the bastion keeps and writes to them; says which SQLite did it. Throws otherwise. */
export function checkSqlite(rows: string, texts: string): string {
  const sqlite = openSqlite(rows, 'write');
  try {
    if (sqlite.pragma('journal_mode', { simple: true }) !== 'wal') {
      throw new Error('the database is not in WAL mode; is the data directory on a network file system?');
    }
    sqlite.exec('create table probe (value text) strict');
    sqlite.prepare('insert into probe values (?)').run('written');
    if (sqlite.prepare('select value from probe').pluck().get() !== 'written') throw new Error('a row was not kept');
  } finally {
    sqlite.close();
  }
  const text = openTexts(texts);
  try {
    text.prepare("insert into texts (rowid, text) values (1, 'one needle in it')").run();
    // one trigram: the index keeps no positions, so it knows no longer ones
    const found = text.prepare("select rowid from texts where texts match 'nee'").pluck().get();
    if (found !== 1) throw new Error('the full text search does not find what was written');
  } finally {
    text.close();
  }
  return `SQLite ${new BetterSqlite(':memory:').prepare('select sqlite_version()').pluck().get()}`;
}
