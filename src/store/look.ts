import { createSecretKey } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import type { Database as Sqlite } from 'better-sqlite3';
import type { SessionId } from '../kernel/id.ts';
import { type KeyPlace, tryVault } from './aes-vault.ts';
import { SECRET_PLACE } from './audit/evidence.ts';
import { deriveAuditKeys } from './audit/keys.ts';
import { endOf, rowAt, walkPage } from './audit/pages.ts';
import { type Finding, startWalk, type WalkState } from './audit/walk.ts';
import { AuditWriter } from './audit/writer.ts';
import { type DatabaseState, databaseState, newerText } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { VaultRows } from './repositories/vault-rows.ts';
import { openSqlite, queriesOver } from './sqlite.ts';
import { upgradeNeeds } from './upgrade-copy.ts';

const DAMAGES = 5;
const PAGE = 500;
/** Rows of the audit log that are looked at when not all are. */
const LAST_ROWS = 2000;

export interface ExpectedRecording {
  readonly id: SessionId;
  readonly bytes: number;
}

/**
 * A look at a database as it is, beside a daemon or without one. Nothing is changed, migrated or repaired; only what
 * stood in a table from the first version on is asked for. Errors are SQLite's.
 */
export class DatabaseLook implements Disposable {
  readonly state: DatabaseState;
  readonly known = MIGRATIONS.length;
  readonly #file: string;
  readonly #sqlite: Sqlite;
  readonly #ownLog: boolean;

  /** @param alone nobody else has the database open, as the lock of the data directory says */
  constructor(file: string, alone: boolean) {
    this.#file = file;
    // to read a database with a log, SQLite makes a log where there is none
    this.#ownLog = alone && !existsSync(`${file}-wal`);
    this.#sqlite = openSqlite(file, 'read');
    try {
      this.state = databaseState(this.#sqlite);
    } catch (error) {
      this[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#sqlite.close();
    if (!this.#ownLog) return;
    for (const log of [`${this.#file}-wal`, `${this.#file}-shm`]) rmSync(log, { force: true });
  }

  /** Of a database that this release must not touch: who wrote it, and what can be done. */
  newerText(own: string): string {
    return newerText(this.#file, this.state, this.known, own);
  }

  /** Bytes that its upgrade needs. */
  get upgradeNeeds(): number {
    // the file alone may be short of what its log holds
    const [pages, size] = ['page_count', 'page_size'].map((name) =>
      Number(this.#sqlite.pragma(name, { simple: true })),
    );
    return upgradeNeeds(pages! * size!);
  }

  /** What SQLite finds wrong with the file; `whole` compares the indexes with their tables as well, which takes longer. */
  damages(whole: boolean): string[] {
    const found = this.#sqlite.pragma(`${whole ? 'integrity_check' : 'quick_check'}(${DAMAGES})`) as object[];
    const texts = found.map((row) => String(Object.values(row)[0]));
    if (texts.length !== 1 || texts[0] !== 'ok') return texts;
    const dangling = this.#sqlite.pragma('foreign_key_check') as { table: string }[];
    return [...new Set(dangling.map(({ table }) => `a row of ${table} refers to one that is gone`))];
  }

  newestAudit(): number | undefined {
    return this.#one('select at from audit order by seq desc limit 1');
  }

  /** Addresses of the assets that can be used, the newest first. */
  addresses(): string[] {
    return this.#all('select address from assets where active = 1 group by address order by max(id) desc');
  }

  /** The newest recordings that must be there. */
  recordings(limit: number): ExpectedRecording[] {
    return this.#sqlite
      .prepare("select id, recording_bytes as bytes from sessions where recording = 'ready' order by id desc limit ?")
      .all(limit) as ExpectedRecording[];
  }

  /** Sessions whose recording is in the making. */
  spooled(): SessionId[] {
    return this.#all("select id from sessions where recording = 'spool'");
  }

  /** How many recordings of sessions that began since failed. */
  failedRecordings(since: number): number {
    return Number(
      this.#one("select count(*) from sessions where recording = 'failed' and started_at >= ?", since) ?? 0,
    );
  }

  /** Whether the master key is that of this database and opens every secret in it. AppError `config` about its file. */
  async vault(key: KeyPlace): Promise<{ fits: boolean; opened: number; damaged: readonly string[] }> {
    const rows = this.#vaultRows();
    const { fits, opened, damaged } = tryVault(key, await rows.keyCheck(), await rows.all());
    for (const secret of opened) secret.wipe();
    return { fits, opened: opened.length, damaged };
  }

  /** Walks the newest rows of the audit log, or all; undefined where no chain has begun. */
  async audit(place: KeyPlace, whole: boolean): Promise<{ rows: number; findings: Finding[] } | undefined> {
    const sealed = (await this.#vaultRows().all()).find(({ id }) => id === SECRET_PLACE.id);
    if (!sealed) return undefined;
    const { opened } = tryVault(place, await this.#vaultRows().keyCheck(), [sealed]);
    const [secret] = opened;
    if (!secret) return undefined;
    const key = createSecretKey(deriveAuditKeys(secret).mac);
    secret.wipe();
    const db = queriesOver(this.#sqlite);
    // one moment of the log, however long the walk takes
    this.#sqlite.exec('begin');
    try {
      const findings: Finding[] = [];
      let state: WalkState | undefined = whole ? undefined : await this.#near(db);
      for (;;) {
        const page = await walkPage(db, state, key, PAGE);
        findings.push(...page.findings);
        if (page.done) return { rows: page.state.rows, findings };
        state = page.state;
      }
    } finally {
      this.#sqlite.exec('commit');
    }
  }

  async #near(db: ReturnType<typeof queriesOver>): Promise<WalkState | undefined> {
    const { first, last } = await endOf(db);
    const seq = last.seq - LAST_ROWS;
    const hash = seq > first ? (await rowAt(db, seq))?.hash : undefined;
    return hash ? startWalk({ seq, hash }) : undefined;
  }

  #vaultRows(): VaultRows {
    return new VaultRows({ db: queriesOver(this.#sqlite), now: 0, auditWriter: new AuditWriter() });
  }

  #all<T>(sql: string): T[] {
    return this.#sqlite.prepare(sql).pluck().all() as T[];
  }

  #one<T>(sql: string, ...values: unknown[]): T | undefined {
    return this.#sqlite
      .prepare(sql)
      .pluck()
      .get(...values) as T | undefined;
  }
}
