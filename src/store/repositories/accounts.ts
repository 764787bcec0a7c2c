import { AppError } from '../../kernel/errors.ts';
import type { AccountId, AssetId } from '../../kernel/id.ts';
import type { Account, AccountSecret } from '../model.ts';
import type { AccountPatch, AccountsRepository, Audit, NewAccount } from '../store.ts';
import { flag, given, mustBeVersion, nextVersion, quoted, Repository } from '../work.ts';
import { missingAsset } from './assets.ts';
import { mustFitKey } from './vault-rows.ts';

export class Accounts extends Repository implements AccountsRepository {
  async list(assetId?: AssetId): Promise<Account[]> {
    const query = this.#select().orderBy('assets.name_key').orderBy('accounts.login');
    return (await (assetId === undefined ? query : query.where('accounts.asset_id', '=', assetId)).execute()).map(
      toAccount,
    );
  }

  async counts(): Promise<{ assetId: AssetId; accounts: number }[]> {
    return await this.db
      .selectFrom('accounts')
      .select(({ fn }) => ['asset_id as assetId', fn.countAll<number>().as('accounts')])
      .groupBy('asset_id')
      .execute();
  }

  async byLogin(assetId: AssetId, login: string): Promise<Account | undefined> {
    const row = await this.#select()
      .where('accounts.asset_id', '=', assetId)
      .where('accounts.login', '=', login)
      .executeTakeFirst();
    return row && toAccount(row);
  }

  async create(account: NewAccount, audit: Audit): Promise<Account> {
    const asset = await this.db.selectFrom('assets').select('id').where('id', '=', account.assetId).executeTakeFirst();
    if (!asset) throw missingAsset();
    await this.#mustBeFree(account.assetId, account.login);
    await mustFitKey(this.work, account.secret, account.passphrase);
    await this.db
      .insertInto('accounts')
      .values({
        id: account.id,
        asset_id: account.assetId,
        login: account.login,
        secret_kind: account.secretKind,
        secret: account.secret,
        passphrase: account.passphrase,
        public_key: account.publicKey,
        comment: account.comment,
        active: flag(account.active),
        created_at: this.now,
        updated_at: this.now,
      })
      .execute();
    await this.writeAudit(audit);
    return this.#existing(account.id);
  }

  async update(id: AccountId, patch: AccountPatch, audit: Audit): Promise<Account> {
    const before = await this.#existing(id);
    mustBeVersion(`${before.login}@${before.assetName}`, patch.version, before.version);
    if (patch.login !== undefined && patch.login !== before.login) await this.#mustBeFree(before.assetId, patch.login);
    await mustFitKey(this.work, patch.secret, patch.passphrase);
    const values = given({
      login: patch.login,
      secret_kind: patch.secretKind,
      secret: patch.secret,
      passphrase: patch.passphrase,
      public_key: patch.publicKey,
      comment: patch.comment,
      active: patch.active === undefined ? undefined : flag(patch.active),
      updated_at: this.now,
      version: nextVersion,
    });
    await this.db.updateTable('accounts').set(values).where('id', '=', id).execute();
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: AccountId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('accounts').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw missingAccount();
    await this.writeAudit(audit);
  }

  async secret(id: AccountId): Promise<AccountSecret | undefined> {
    const row = await this.db
      .selectFrom('accounts')
      .select(['secret_kind', 'secret', 'passphrase'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row && { accountId: id, kind: row.secret_kind, secret: row.secret, passphrase: row.passphrase };
  }

  async #mustBeFree(assetId: AssetId, login: string): Promise<void> {
    const other = await this.byLogin(assetId, login);
    if (other)
      throw new AppError(
        'conflict',
        `${quoted(other.assetName)} has an account ${quoted(login)} already; change it with bastion account set.`,
      );
  }

  async #existing(id: AccountId): Promise<Account> {
    const row = await this.#select().where('accounts.id', '=', id).executeTakeFirst();
    if (!row) throw missingAccount();
    return toAccount(row);
  }

  #select() {
    return this.db
      .selectFrom('accounts')
      .innerJoin('assets', 'assets.id', 'accounts.asset_id')
      .select([
        'accounts.id',
        'accounts.asset_id',
        'assets.name as asset_name',
        'accounts.login',
        'accounts.secret_kind',
        'accounts.public_key',
        'accounts.comment',
        'accounts.active',
        'accounts.created_at',
        'accounts.updated_at',
        'accounts.version',
      ]);
  }
}

function missingAccount(): AppError {
  return new AppError('not_found', 'This account does not exist any more.');
}

function toAccount(row: {
  id: AccountId;
  asset_id: AssetId;
  asset_name: string;
  login: string;
  secret_kind: Account['secretKind'];
  public_key: string | null;
  comment: string;
  active: number;
  created_at: number;
  updated_at: number;
  version: number;
}): Account {
  return {
    id: row.id,
    assetId: row.asset_id,
    assetName: row.asset_name,
    login: row.login,
    secretKind: row.secret_kind,
    publicKey: row.public_key,
    comment: row.comment,
    active: row.active === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    version: row.version,
  };
}
