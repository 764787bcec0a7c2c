import type { UserId } from '../../kernel/id.ts';
import type { Millis } from '../model.ts';
import type { MfaRepository } from '../store.ts';
import { Repository } from '../work.ts';

export class Mfa extends Repository implements MfaRepository {
  async remembered(userId: UserId, fingerprint: string, now: Millis): Promise<boolean> {
    const row = await this.db
      .selectFrom('mfa_memory')
      .select('until')
      .where('user_id', '=', userId)
      .where('fingerprint', '=', fingerprint)
      .executeTakeFirst();
    return row !== undefined && row.until > now;
  }

  async remember(userId: UserId, fingerprint: string, until: Millis): Promise<void> {
    await this.db.deleteFrom('mfa_memory').where('user_id', '=', userId).where('until', '<=', this.now).execute();
    await this.db
      .insertInto('mfa_memory')
      .values({ user_id: userId, fingerprint, until })
      .onConflict((conflict) => conflict.columns(['user_id', 'fingerprint']).doUpdateSet({ until }))
      .execute();
  }
}
