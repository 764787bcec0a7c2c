import { AppError } from '../../kernel/errors.ts';
import { type AssetId, isId, type UserId } from '../../kernel/id.ts';
import { printable } from '../../kernel/printable.ts';
import type {
  Account,
  ApiToken,
  Asset,
  CertificateAuthority,
  CommandFilter,
  Group,
  Permission,
  User,
} from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { Store } from '../../store/store.ts';

/** A name as an error message may repeat it. */
export function quoted(name: string): string {
  return `"${printable(name, 80)}"`;
}

function missing(what: string, name: string, see: string): AppError {
  return new AppError('not_found', `There is no ${what} ${quoted(name)}. See: bastion ${see}`);
}

// Each finds by name first and by id second: what a person typed is most likely a name.

export async function findUser(store: Pick<Store, 'users'>, name: string): Promise<User> {
  const found = (await store.users.byName(name)) ?? (isId(name) ? await store.users.byId(name as UserId) : undefined);
  if (!found) throw missing('user', name, 'user list');
  return found;
}

export async function findGroup(store: Pick<Store, 'groups'>, name: string): Promise<Group> {
  const found = (await store.groups.byName(name)) ?? byId(await store.groups.list(), name);
  if (!found) throw missing('group', name, 'group list');
  return found;
}

export async function findAsset(store: Pick<Store, 'assets'>, name: string): Promise<Asset> {
  const found =
    (await store.assets.byName(name)) ?? (isId(name) ? await store.assets.byId(name as AssetId) : undefined);
  if (!found) throw missing('asset', name, 'asset list');
  return found;
}

export async function findAccount(store: Pick<Store, 'accounts'>, asset: Asset, login: string): Promise<Account> {
  const found =
    (await store.accounts.byLogin(asset.id, login)) ??
    (isId(login) ? byId(await store.accounts.list(asset.id), login) : undefined);
  if (!found) throw missing('account', `${login}@${asset.name}`, `account list ${printable(asset.name, 80)}`);
  return found;
}

export async function findPermission(store: Pick<Store, 'permissions'>, name: string): Promise<Permission> {
  const found = (await store.permissions.byName(name)) ?? byId(await store.permissions.list(), name);
  if (!found) throw missing('permission', name, 'permission list');
  return found;
}

export async function findFilter(store: Pick<Store, 'filters'>, name: string): Promise<CommandFilter> {
  const found = (await store.filters.byName(name)) ?? byId(await store.filters.list(), name);
  if (!found) throw missing('command filter', name, 'filter list');
  return found;
}

export async function findAuthority(store: Pick<Store, 'authorities'>, name: string): Promise<CertificateAuthority> {
  const list = await store.authorities.list();
  const found =
    list.find((ca) => sameName(ca.name, name)) ?? list.find((ca) => ca.fingerprint === name) ?? byId(list, name);
  if (!found) throw missing('certificate authority', name, 'ca list');
  return found;
}

export async function findToken(store: Pick<Store, 'tokens'>, name: string): Promise<ApiToken> {
  const list = await store.tokens.list();
  const direct = byId(list, name);
  if (direct) return direct;
  const named = list.filter((token) => sameName(token.name, name));
  if (named.length > 1)
    throw new AppError('conflict', `Several tokens are named ${quoted(name)}: give the id instead.`);
  if (!named[0]) throw missing('token', name, 'token list');
  return named[0];
}

function byId<T extends { readonly id: string }>(list: readonly T[], id: string): T | undefined {
  return list.find((item) => item.id === id);
}

function sameName(a: string, b: string): boolean {
  return nameKey(a) === nameKey(b);
}
