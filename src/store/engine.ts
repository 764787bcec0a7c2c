import BetterSqlite, { type Database as Sqlite } from 'better-sqlite3';
import { AppError, toAppError } from '../kernel/errors.ts';
import { AuditWriter } from './audit/writer.ts';
import { kindOf, type RepositoryName } from './catalog.ts';
import { createRepositories, type Repositories } from './repositories/index.ts';
import { queriesOver } from './sqlite.ts';
import { type Call, type Reply, toWire } from './wire.ts';
import type { Work } from './work.ts';

export interface Outcome {
  readonly replies: readonly Reply[];
  readonly accessChanged: boolean;
}

/**
 * Runs calls over one open database, one after the other. The writes of a batch share one commit, each in a savepoint
 * of its own, so a failing one takes nothing along. The answers are only worth giving once `run` is done: then the
 * commit is on the disk.
 */
export class Engine {
  readonly #sqlite: Sqlite;
  readonly #work: Work;
  readonly #repositories: Repositories;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#work = { db: queriesOver(sqlite), now: 0, auditWriter: new AuditWriter() };
    this.#repositories = createRepositories(this.#work);
  }

  async run(calls: readonly Call[]): Promise<Outcome> {
    const replies = calls.some(isWrite)
      ? await this.#commitTogether(calls)
      : await this.#each(calls, (call) => this.#answer(call));
    return { replies, accessChanged: calls.some((call, i) => isAccessChange(call) && !replies[i]!.error) };
  }

  async #each(calls: readonly Call[], run: (call: Call) => Promise<Reply>): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (const call of calls) replies.push(await run(call));
    return replies;
  }

  async #commitTogether(calls: readonly Call[]): Promise<Reply[]> {
    try {
      return await this.#transaction(calls);
    } catch {
      // The whole transaction is gone: a full disk, an I/O error. Each call gets its own try, so that one big write
      // that does not fit does not take the small ones along, and reads still answer.
      return await this.#each(calls, (call) => (isWrite(call) ? this.#commitAlone(call) : this.#answer(call)));
    }
  }

  async #commitAlone(call: Call): Promise<Reply> {
    try {
      return (await this.#transaction([call]))[0]!;
    } catch (error) {
      return { id: call.id, error: toWire(asAppError(error)) };
    }
  }

  /** Throws only when the transaction as a whole is lost; it is rolled back then. */
  async #transaction(calls: readonly Call[]): Promise<Reply[]> {
    const replies: Reply[] = [];
    const tail = this.#work.auditWriter.tail;
    this.#sqlite.exec('begin immediate');
    try {
      for (const call of calls) replies.push(isWrite(call) ? await this.#inSavepoint(call) : await this.#answer(call));
      await this.#work.auditWriter.note(this.#work.db);
      this.#sqlite.exec('commit');
    } catch (error) {
      if (this.#sqlite.inTransaction) this.#sqlite.exec('rollback');
      this.#work.auditWriter.rewind(tail);
      throw error;
    }
    return replies;
  }

  async #inSavepoint(call: Call): Promise<Reply> {
    const tail = this.#work.auditWriter.tail;
    this.#sqlite.exec('savepoint job');
    try {
      const value = await this.#perform(call);
      this.#sqlite.exec('release job');
      return { id: call.id, value };
    } catch (error) {
      // SQLite itself rolls everything back on some errors (SQLITE_FULL, SQLITE_IOERR): then the batch is lost
      if (!this.#sqlite.inTransaction) throw error;
      this.#sqlite.exec('rollback to job; release job');
      this.#work.auditWriter.rewind(tail);
      return { id: call.id, error: toWire(asAppError(error)) };
    }
  }

  async #answer(call: Call): Promise<Reply> {
    try {
      return { id: call.id, value: await this.#perform(call) };
    } catch (error) {
      return { id: call.id, error: toWire(asAppError(error)) };
    }
  }

  async #perform(call: Call): Promise<unknown> {
    if (!kindOf(call.repository, call.method)) throw new Error(`no such method: ${call.repository}.${call.method}`);
    this.#work.now = call.now;
    const repository = this.#repositories[call.repository as RepositoryName];
    const method = repository[call.method as keyof typeof repository] as (
      ...args: readonly unknown[]
    ) => Promise<unknown>;
    return await method.apply(repository, [...call.args]);
  }
}

function isWrite(call: Call): boolean {
  const kind = kindOf(call.repository, call.method);
  return kind === 'write' || kind === 'access';
}

function isAccessChange(call: Call): boolean {
  return kindOf(call.repository, call.method) === 'access';
}

/** What SQLite says, as a person needs it. The repositories find clashes themselves; the rest here is the safety net. */
export function asAppError(error: unknown): AppError {
  if (!(error instanceof BetterSqlite.SqliteError)) return toAppError(error);
  const { code } = error;
  const say = (kind: 'conflict' | 'busy' | 'internal', text: string) => new AppError(kind, text, { cause: error });
  if (code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
    return say('conflict', 'That exists already.');
  if (code === 'SQLITE_CONSTRAINT_FOREIGNKEY')
    return say(
      'conflict',
      'Something this refers to is gone, or something else still refers to it; look again and retry.',
    );
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return say('busy', 'Another program holds the database; end it and try again.');
  if (code === 'SQLITE_FULL')
    return say(
      'internal',
      'The disk that holds the data directory is full; nothing was saved. Free some space and try again.',
    );
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/.test(code))
    return say(
      'internal',
      'The database file cannot be read or written; nothing was saved. Check the disk and the rights of the data directory.',
    );
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code))
    return say(
      'internal',
      'The database file is damaged. Stop the bastion and restore bastion.db from a backup or a snapshot.',
    );
  return toAppError(error);
}
