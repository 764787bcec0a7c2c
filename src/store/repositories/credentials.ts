import { AppError } from '../../kernel/errors.ts';
import type { KeyId, UserId, WebSessionId } from '../../kernel/id.ts';
import { ANY_ADDRESS, type Millis, type Sealed, type UserCredentials } from '../model.ts';
import type { Audit } from '../store.ts';
import { nameKey, Repository } from '../work.ts';
import { mustFitKey } from './vault-rows.ts';

/** The half of `UsersRepository` that deals with how a user logs in. */
export abstract class Credentials extends Repository {
  async credentials(id: UserId): Promise<UserCredentials | undefined> {
    const row = await this.db
      .selectFrom('users')
      .select(['id', 'password_hash', 'totp_secret', 'totp_pending', 'totp_last_step'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      userId: row.id,
      passwordHash: row.password_hash,
      totpSecret: row.totp_secret,
      totpPending: row.totp_pending,
      totpLastStep: row.totp_last_step,
    };
  }

  async setPassword(id: UserId, passwordHash: string | null, audit: Audit, keep?: WebSessionId): Promise<void> {
    await this.#change(id, { password_hash: passwordHash });
    await this.passwordSet(id, passwordHash, keep);
    await this.writeAudit(audit);
  }

  async signOut(id: UserId, audit: Audit): Promise<void> {
    await this.endSignIns(id);
    await this.writeAudit(audit);
  }

  async setTotpPending(id: UserId, sealed: Sealed | null, audit: Audit): Promise<void> {
    await mustFitKey(this.work, sealed);
    await this.#change(id, { totp_pending: sealed });
    await this.writeAudit(audit);
  }

  async confirmTotp(
    id: UserId,
    step: number,
    recoveryHashes: readonly string[],
    sealed: Sealed,
    audit: Audit,
  ): Promise<boolean> {
    await mustFitKey(this.work, sealed);
    const changed = await this.db
      .updateTable('users')
      .set({ totp_secret: sealed, totp_pending: null, totp_last_step: step })
      .where('id', '=', id)
      .where('totp_pending', 'is not', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    await this.#forgetSecondFactor(id);
    for (const hash of new Set(recoveryHashes))
      await this.db.insertInto('recovery_codes').values({ user_id: id, hash, used_at: null }).execute();
    await this.writeAudit(audit);
    return true;
  }

  async resetTotp(id: UserId, audit: Audit): Promise<void> {
    await this.#change(id, { totp_secret: null, totp_pending: null, totp_last_step: null });
    await this.#forgetSecondFactor(id);
    await this.writeAudit(audit);
  }

  async useTotpStep(id: UserId, step: number): Promise<boolean> {
    const changed = await this.db
      .updateTable('users')
      .set({ totp_last_step: step })
      .where('id', '=', id)
      .where((eb) => eb.or([eb('totp_last_step', 'is', null), eb('totp_last_step', '<', step)]))
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  }

  async useRecoveryCode(id: UserId, hash: string, audit: Audit): Promise<boolean> {
    const changed = await this.db
      .updateTable('recovery_codes')
      .set({ used_at: this.now })
      .where('user_id', '=', id)
      .where('hash', '=', hash)
      .where('used_at', 'is', null)
      .executeTakeFirst();
    if (changed.numUpdatedRows === 0n) return false;
    await this.writeAudit(audit);
    return true;
  }

  async recoveryCodesLeft(id: UserId): Promise<number> {
    const row = await this.db
      .selectFrom('recovery_codes')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('user_id', '=', id)
      .where('used_at', 'is', null)
      .executeTakeFirstOrThrow();
    return row.n;
  }

  async recordLogin(
    id: UserId,
    login: { at: Millis; ip: string; keyId: KeyId | null; byCode?: boolean },
    audit: Audit,
  ): Promise<void> {
    const user = await this.db.selectFrom('users').select('name').where('id', '=', id).executeTakeFirst();
    if (!user) throw missing();
    await this.#change(id, { last_login_at: login.at });
    if (login.keyId !== null)
      await this.db
        .updateTable('user_keys')
        .set({ last_used_at: login.at })
        .where('id', '=', login.keyId)
        .where('user_id', '=', id)
        .execute();
    await this.db
      .deleteFrom('lockouts')
      .where('user_key', '=', nameKey(user.name))
      .where('ip', 'in', login.byCode ? [login.ip, ANY_ADDRESS] : [login.ip])
      .execute();
    await this.writeAudit(audit);
  }

  /** What was good for the password before is over; with a new one so is a link by which anybody could set another. */
  protected async passwordSet(id: UserId, passwordHash: string | null, keep?: WebSessionId): Promise<void> {
    await this.endSignIns(id, keep);
    if (passwordHash === null) return;
    await this.db.deleteFrom('links').where('user_id', '=', id).where('used_at', 'is', null).execute();
  }

  /** Ends the sign-ins of this user's browsers, but for one, and what keys are remembered for. */
  protected async endSignIns(id: UserId, keep?: WebSessionId): Promise<void> {
    const gone = this.db.deleteFrom('web_sessions').where('user_id', '=', id);
    await (keep === undefined ? gone : gone.where('id', '!=', keep)).execute();
    await this.#forgetCodes(id);
  }

  async #change(
    id: UserId,
    values: {
      password_hash?: string | null;
      totp_secret?: null;
      totp_pending?: Sealed | null;
      totp_last_step?: null;
      last_login_at?: Millis;
    },
  ): Promise<void> {
    const changed = await this.db.updateTable('users').set(values).where('id', '=', id).executeTakeFirst();
    if (changed.numUpdatedRows === 0n) throw missing();
  }

  /** Recovery codes and what was remembered stand for the second factor they came with. */
  async #forgetSecondFactor(id: UserId): Promise<void> {
    await this.db.deleteFrom('recovery_codes').where('user_id', '=', id).execute();
    await this.#forgetCodes(id);
  }

  async #forgetCodes(id: UserId): Promise<void> {
    await this.db.deleteFrom('mfa_memory').where('user_id', '=', id).execute();
  }
}

export function missing(): AppError {
  return new AppError('not_found', 'This user does not exist any more.');
}
