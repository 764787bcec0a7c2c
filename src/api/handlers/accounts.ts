import type { Clock } from '../../kernel/clock.ts';
import { type AccountId, newId } from '../../kernel/id.ts';
import type { Account } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import type { Vault } from '../../store/vault.ts';
import type { AccountView } from '../contract/assets.ts';
import { sealSecret } from './account-secret.ts';
import { difference, done } from './audit-draft.ts';
import { findAccount, findAsset } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { type TargetTester, testWith } from './target-test.ts';
import { iso } from './time.ts';

const LISTING: Listing<Account, 'asset' | 'login' | 'updatedAt'> = {
  id: (account) => account.id,
  texts: (account) => [account.login, account.assetName, account.comment, account.secretKind],
  order: {
    asset: (account) => [account.assetName, account.login],
    login: (account) => [account.login, account.assetName],
    updatedAt: (account) => [account.updatedAt],
  },
};

export interface AccountDeps {
  readonly store: Pick<Store, 'assets' | 'accounts' | 'audit'>;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly testTarget: TargetTester | undefined;
}

export function accountHandlers({ store, vault, clock, testTarget }: AccountDeps): Handlers<'accounts'> {
  const find = async (asset: string, login: string) => findAccount(store, await findAsset(store, asset), login);

  return {
    async list({ query }) {
      const asset = query.asset === undefined ? undefined : await findAsset(store, query.asset);
      const { items, ...page } = countedPage(await store.accounts.list(asset?.id), query, LISTING);
      return { ...page, items: items.map(accountView) };
    },

    async add({ params, body, actor }) {
      const asset = await findAsset(store, params.asset);
      const id = newId<AccountId>(clock.now());
      const { login, comment, active } = body;
      const none = { secretKind: 'none', secret: null, passphrase: null, publicKey: null } as const;
      const secret = (await sealSecret(body, id, `${login}@${asset.name}`, vault)) ?? none;
      const after = { login, comment, active, secretKind: secret.secretKind, publicKey: secret.publicKey };
      const audit = done(actor, 'account.create', { kind: 'account', id, name: `${login}@${asset.name}` }, { after });
      const account = { id, assetId: asset.id, login, comment, active, ...secret };
      return accountView(await store.accounts.create(account, audit));
    },

    async set({ params, body, actor }) {
      const account = await find(params.asset, params.login);
      const secret = await sealSecret(body, account.id, nameOf(account), vault);
      const plain = { login: body.rename, comment: body.comment, active: body.active };
      const visible = secret ? { ...plain, secretKind: secret.secretKind, publicKey: secret.publicKey } : plain;
      const details = { ...difference(account, visible), secretReplaced: secret !== undefined };
      const audit = done(actor, 'account.update', target(account), details);
      return accountView(
        await store.accounts.update(account.id, { ...plain, ...secret, version: body.version }, audit),
      );
    },

    async remove({ params, actor }) {
      const account = await find(params.asset, params.login);
      const { id: _id, ...before } = accountView(account);
      await store.accounts.remove(account.id, done(actor, 'account.remove', target(account), { before }));
      return {};
    },

    async test({ params, actor }) {
      const account = await find(params.asset, params.login);
      const test = { asset: account.assetName, login: account.login, by: actor };
      return testWith(testTarget, test, store, done(actor, 'account.test', target(account)));
    },
  };
}

/** An account as the API shows it: everything but its secret. */
export function accountView(account: Account): AccountView {
  return {
    id: account.id,
    asset: account.assetName,
    login: account.login,
    secretKind: account.secretKind,
    publicKey: account.publicKey,
    comment: account.comment,
    active: account.active,
    createdAt: iso(account.createdAt),
    updatedAt: iso(account.updatedAt),
    version: account.version,
  };
}

function nameOf(account: Account): string {
  return `${account.login}@${account.assetName}`;
}

function target(account: Account) {
  return { kind: 'account', id: account.id, name: nameOf(account) };
}
