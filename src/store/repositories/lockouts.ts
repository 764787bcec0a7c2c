import type { Selectable } from 'kysely';
import type { Lockout, Millis } from '../model.ts';
import type { LockoutsTable } from '../schema.ts';
import type { Audit, LockoutsRepository } from '../store.ts';
import { nameKey, Repository } from '../work.ts';

/** Names that are tried need not belong to anybody, so their length is not to be trusted. */
const NAME_LENGTH = 128;

export class Lockouts extends Repository implements LockoutsRepository {
  async list(now: Millis): Promise<Lockout[]> {
    const rows = await this.db
      .selectFrom('lockouts')
      .selectAll()
      .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', now)]))
      .orderBy('last_at', 'desc')
      .execute();
    return rows.map(toLockout);
  }

  async get(userName: string, ip: string): Promise<Lockout | undefined> {
    const row = await this.db
      .selectFrom('lockouts')
      .selectAll()
      .where('user_key', '=', keyOf(userName))
      .where('ip', '=', ip)
      .executeTakeFirst();
    return row && toLockout(row);
  }

  async fail(userName: string, ip: string, now: Millis, tries: number, lockMs: number, audit: Audit): Promise<Lockout> {
    await this.#dropOld(now, lockMs);
    const before = await this.get(userName, ip);
    const failures = (before?.failures ?? 0) + 1;
    // a lock is not prolonged by what is tried during it
    const until = before?.until ?? (failures >= tries ? now + lockMs : null);
    const row = { failures, last_at: now, until };
    await this.db
      .insertInto('lockouts')
      .values({ user_key: keyOf(userName), user_name: userName.slice(0, NAME_LENGTH), ip, ...row })
      .onConflict((conflict) => conflict.columns(['user_key', 'ip']).doUpdateSet(row))
      .execute();
    await this.writeAudit(audit);
    return { userName: userName.slice(0, NAME_LENGTH), ip, failures, lastAt: now, until };
  }

  async clear(userName: string, audit: Audit): Promise<number> {
    const gone = await this.db.deleteFrom('lockouts').where('user_key', '=', keyOf(userName)).executeTakeFirst();
    const count = Number(gone.numDeletedRows);
    if (count > 0) await this.writeAudit(audit);
    return count;
  }

  /** Locks that ran out and counts that went stale, of everybody: guessing many names cannot fill the table. */
  async #dropOld(now: Millis, lockMs: number): Promise<void> {
    await this.db.deleteFrom('lockouts').where('until', 'is not', null).where('until', '<=', now).execute();
    await this.db
      .deleteFrom('lockouts')
      .where('until', 'is', null)
      .where('last_at', '<=', now - lockMs)
      .execute();
  }
}

const keyOf = (userName: string) => nameKey(userName.slice(0, NAME_LENGTH));

function toLockout(row: Selectable<LockoutsTable>): Lockout {
  return { userName: row.user_name, ip: row.ip, failures: row.failures, lastAt: row.last_at, until: row.until };
}
