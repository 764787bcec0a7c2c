import type { Account, Asset, Millis, Permission, Protocol, User } from '../store/model.ts';
import { nameKey } from '../store/name-key.ts';
import type { Store } from '../store/store.ts';
import { openAmong } from './reachable.ts';
import { coverage, inForce } from './rules.ts';

/** A person who may connect to an asset now, whatever key they come with. */
export interface Reach {
  readonly user: User;
  readonly asset: Asset;
  readonly protocols: readonly Protocol[];
  /** Logins, or `@input`. */
  readonly accounts: readonly string[];
  /** The names of the permissions that give it. */
  readonly permissions: readonly string[];
}

/** Who may connect to what: everything a user reaches, everybody who reaches an asset, or whether the one does the other. */
export async function reach(
  store: Store,
  about: { readonly user?: User | undefined; readonly asset?: Asset | undefined },
  now: Millis,
): Promise<Reach[]> {
  const [users, groups, permissions, assets, accounts] = await Promise.all([
    about.user ? [about.user] : store.users.list(),
    store.groups.list(),
    store.permissions.list(),
    about.asset ? [about.asset] : store.assets.list(),
    store.accounts.list(about.asset?.id),
  ]);
  const relevant = permissions.filter((permission) => inForce(permission, now) && coversAny(permission, assets));
  const named = (permission: Permission, user: User, own: readonly string[]) =>
    permission.users.some((name) => nameKey(name) === nameKey(user.name)) ||
    permission.groups.some((name) => own.includes(name));
  return users.flatMap((user) => {
    const own = groups.filter(({ members }) => members.includes(user.name)).map(({ name }) => name);
    const theirs = relevant.filter((permission) => named(permission, user, own));
    return theirs.length === 0
      ? []
      : reachOf({ user, groups: own, permissions: theirs, key: null }, assets, accounts, now);
  });
}

function reachOf(
  person: Parameters<typeof openAmong>[2] & { readonly user: User },
  assets: readonly Asset[],
  accounts: readonly Account[],
  now: Millis,
): Reach[] {
  return openAmong(assets, accounts, person, 'shell', now).map(({ asset, protocols }) => {
    const usable = protocols.flatMap((protocol) => protocol.accounts);
    return {
      user: person.user,
      asset,
      protocols: protocols.map(({ name }) => name),
      accounts: [...new Set(usable.map(({ choice }) => choice.name))],
      permissions: [...new Set(usable.flatMap(({ rules }) => rules.map(({ permission }) => permission.name)))],
    };
  });
}

/** Whether it covers one of these; of the whole inventory it is not worth finding out. */
function coversAny(permission: Permission, assets: readonly Asset[]): boolean {
  const [only] = assets;
  if (assets.length !== 1 || !only) return true;
  return coverage({ permission, assets: new Set(permission.assets.map(nameKey)) }, only) !== null;
}
