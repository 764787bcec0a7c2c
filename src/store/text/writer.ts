import type { Database as Sqlite } from 'better-sqlite3';
import type { SessionId } from '../../kernel/id.ts';
import { PARTS, pack, type TextBlock } from './block.ts';
import type { OutputSession } from './outputs-model.ts';

/** So much text shares a commit: the larger, the less the index has to merge later. */
const COMMIT_BYTES = 8 * 2 ** 20;

/** What changes the text index. Call after call: a transaction may stay open between two of them. */
export class TextWriter {
  readonly #sqlite: Sqlite;
  #uncommitted = 0;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
  }

  /** Begins to take in a session; what was there of it goes. Returns the number to give to the others. */
  begin(session: OutputSession): number {
    this.#transaction();
    this.#remove(session.id);
    const added = this.#sqlite
      .prepare(
        `insert into sessions (id, user_id, user_name, asset_id, asset_name, account, started_at, state)
         values (@id, @userId, @userName, @assetId, @assetName, @account, @startedAt, 0)`,
      )
      .run(session);
    return Number(added.lastInsertRowid);
  }

  add(session: number, block: TextBlock): void {
    this.#transaction();
    const { text, times, parts } = block;
    const added = this.#sqlite
      .prepare('insert into blocks (session, parts, from_ms, to_ms, packed) values (?, ?, ?, ?, ?)')
      .run(session, parts.length, times[0], times.at(-1), pack(block));
    const first = Number(added.lastInsertRowid) * PARTS;
    const insert = this.#sqlite.prepare('insert into texts (rowid, text) values (?, ?)');
    for (const [i, { byte }] of parts.entries()) {
      // the end is searched too: every character begins a trigram, which is how one or two characters are found
      insert.run(first + i, `${text.toString('utf8', byte, parts[i + 1]?.byte ?? text.length)}\n\n`);
    }
    this.#uncommitted += text.length;
    if (this.#uncommitted >= COMMIT_BYTES) this.commit();
  }

  finish(session: number, cut: boolean): void {
    this.#transaction();
    this.#sqlite
      .prepare(
        `update sessions set state = 1, cut = @cut, last_at = started_at +
           coalesce((select max(to_ms) from blocks where session = @session), 0)
         where number = @session`,
      )
      .run({ cut: cut ? 1 : 0, session });
    this.commit();
  }

  /** Its recording cannot be read: the session is known and has no text. */
  fail(session: number): void {
    this.#transaction();
    this.#removeBlocks(session);
    this.#sqlite.prepare('update sessions set state = 2 where number = ?').run(session);
    this.commit();
  }

  remove(ids: readonly SessionId[]): void {
    this.#transaction();
    for (const id of ids) this.#remove(id);
    this.commit();
  }

  commit(): void {
    if (this.#sqlite.inTransaction) this.#sqlite.exec('commit');
    this.#uncommitted = 0;
  }

  /** Undoes what was not committed. */
  rollback(): void {
    if (this.#sqlite.inTransaction) this.#sqlite.exec('rollback');
    this.#uncommitted = 0;
  }

  #transaction(): void {
    if (!this.#sqlite.inTransaction) this.#sqlite.exec('begin immediate');
  }

  #remove(id: SessionId): void {
    const number = this.#sqlite.prepare('select number from sessions where id = ?').pluck().get(id);
    if (number === undefined) return;
    this.#removeBlocks(Number(number));
    this.#sqlite.prepare('delete from sessions where number = ?').run(number);
  }

  #removeBlocks(session: number): void {
    const blocks = this.#sqlite.prepare('select number, parts from blocks where session = ?').all(session);
    const remove = this.#sqlite.prepare('delete from texts where rowid = ?');
    for (const { number, parts } of blocks as { number: number; parts: number }[]) {
      for (let part = 0; part < parts; part++) remove.run(number * PARTS + part);
    }
    this.#sqlite.prepare('delete from blocks where session = ?').run(session);
  }
}
