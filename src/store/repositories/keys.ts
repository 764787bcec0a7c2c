import type { Selectable } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { UserId } from '../../kernel/id.ts';
import type { UserKey } from '../model.ts';
import type { UserKeysTable } from '../schema.ts';
import type { Audit, KeysRepository } from '../store.ts';
import { flag, notFound, Repository } from '../work.ts';
import { missing } from './credentials.ts';

export class Keys extends Repository implements KeysRepository {
  async listOf(userId: UserId): Promise<UserKey[]> {
    const rows = await this.db
      .selectFrom('user_keys')
      .selectAll()
      .where('user_id', '=', userId)
      .orderBy('id')
      .execute();
    return rows.map(toKey);
  }

  async counts(): Promise<{ userId: UserId; keys: number }[]> {
    return this.db
      .selectFrom('user_keys')
      .select((eb) => ['user_id as userId', eb.fn.countAll<number>().as('keys')])
      .groupBy('user_id')
      .execute();
  }

  async byFingerprint(userId: UserId, fingerprint: string): Promise<UserKey | undefined> {
    const row = await this.db
      .selectFrom('user_keys')
      .selectAll()
      .where('user_id', '=', userId)
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    return row && toKey(row);
  }

  async add(key: UserKey, audit: Audit): Promise<UserKey> {
    const user = await this.db.selectFrom('users').select('id').where('id', '=', key.userId).executeTakeFirst();
    if (!user) throw missing();
    if (await this.byFingerprint(key.userId, key.fingerprint))
      throw new AppError(
        'conflict',
        `This user has the key ${key.fingerprint} already; remove it first to change its options.`,
      );
    await this.db
      .insertInto('user_keys')
      .values({
        id: key.id,
        user_id: key.userId,
        type: key.type,
        fingerprint: key.fingerprint,
        blob: key.blob,
        comment: key.comment,
        options: key.options,
        totp_exempt: flag(key.totpExempt),
        created_at: key.createdAt,
        last_used_at: key.lastUsedAt,
      })
      .execute();
    await this.writeAudit(audit);
    return key;
  }

  async remove(userId: UserId, fingerprint: string, audit: Audit): Promise<void> {
    const mine = await this.db
      .deleteFrom('user_keys')
      .where('user_id', '=', userId)
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    if (mine.numDeletedRows === 0n) throw notFound('key', fingerprint, 'bastion user key list USER');
    // what was remembered with the key goes with it, should the key come back one day
    await this.db
      .deleteFrom('mfa_memory')
      .where('user_id', '=', userId)
      .where('fingerprint', '=', fingerprint)
      .execute();
    await this.writeAudit(audit);
  }
}

function toKey(row: Selectable<UserKeysTable>): UserKey {
  return {
    id: row.id,
    userId: row.user_id,
    type: row.type,
    fingerprint: row.fingerprint,
    blob: row.blob,
    comment: row.comment,
    options: row.options,
    totpExempt: row.totp_exempt === 1,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  };
}
