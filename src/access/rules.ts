import type { Account, Action, Asset, Millis, Permission, Protocol, Use, User } from '../store/model.ts';
import { nameKey } from '../store/name-key.ts';
import type { AccountChoice } from './access.ts';
import type { Ask, PersonFacts } from './facts.ts';

/** Protocols that can serve a use at all. */
const SERVES: Readonly<Record<Use, readonly Protocol[]>> = {
  shell: ['ssh', 'telnet', 'local', 'mysql', 'mariadb', 'postgresql', 'redis'],
  exec: ['ssh', 'local'],
  files: ['ssh'],
  forward: ['ssh'],
  desktop: ['rdp', 'vnc'],
};

export function serves(protocol: Protocol, use: Use): boolean {
  return SERVES[use].includes(protocol);
}

/** The action without which a use may not begin; what is done within it (upload, paste, …) is asked for later. */
export function neededAction(use: Use): Action {
  return use === 'forward' ? 'forward' : 'connect';
}

/** A permission with its lists made ready for many comparisons. */
export interface Rule {
  readonly permission: Permission;
  /** How it names the user, for the trace; null when it does not. */
  readonly namesUser: string | null;
  readonly assets: ReadonlySet<string>;
  readonly accounts: ReadonlySet<string>;
  readonly actions: ReadonlySet<Action>;
}

export function prepare(permission: Permission, user: User, groups: readonly string[]): Rule {
  const own = nameKey(user.name);
  const member = new Set(groups.map(nameKey));
  const group = permission.groups.find((name) => member.has(nameKey(name)));
  const named = permission.users.some((name) => nameKey(name) === own);
  return {
    permission,
    namesUser: named ? user.name : group === undefined ? null : `${user.name} through group ${group}`,
    assets: new Set(permission.assets.map(nameKey)),
    accounts: new Set(permission.accounts),
    actions: new Set(permission.actions),
  };
}

/** Whether the permission holds now: switched on, begun, not over. Its end is exclusive. */
export function inForce(permission: Permission, now: Millis): boolean {
  return (
    permission.active &&
    (permission.from === null || permission.from <= now) &&
    (permission.until === null || now < permission.until)
  );
}

/** What of a rule says which assets are meant. */
interface Covering {
  readonly permission: Pick<Permission, 'folders' | 'labels'>;
  readonly assets: ReadonlySet<string>;
}

/**
 * How a permission covers an asset: by its name, by a folder (with its whole subtree) or by a label. Any one of
 * them is enough; a permission that names none of the three covers nothing.
 */
export function coverage(rule: Covering, asset: Asset): string | null {
  if (rule.assets.has(nameKey(asset.name))) return 'by name';
  const folder = rule.permission.folders.find((path) => isWithin(asset.folder, path));
  if (folder !== undefined) return `by folder ${folder}`;
  const label = rule.permission.labels.find((text) => hasLabel(asset, text));
  return label === undefined ? null : `by label ${label}`;
}

function isWithin(folder: string, root: string): boolean {
  return root === '/' || folder === root || folder.startsWith(`${root}/`);
}

function hasLabel(asset: Asset, label: string): boolean {
  const cut = label.indexOf('=');
  if (cut < 1) return false;
  const key = label.slice(0, cut);
  return Object.hasOwn(asset.labels, key) && asset.labels[key] === label.slice(cut + 1);
}

/** Whether any permission that holds now covers the asset for this person: then they may know that it exists. */
export function isCovered(asset: Asset, { user, groups, permissions }: PersonFacts, now: Millis): boolean {
  if (!user) return false;
  return permissions.some((permission) => {
    const rule = prepare(permission, user, groups);
    return rule.namesUser !== null && inForce(permission, now) && coverage(rule, asset) !== null;
  });
}

export function allowsProtocol(permission: Permission, protocol: Protocol): boolean {
  return permission.protocols.length === 0 || permission.protocols.includes(protocol);
}

/** An account a user may use, how it is entered, and the rules that give it. */
export interface Usable {
  readonly choice: AccountChoice;
  /** `ask`: the user types the secret, and the login too when it is null. */
  readonly entry:
    | { readonly kind: 'stored'; readonly account: Account }
    | { readonly kind: 'ask'; readonly login: string | null };
  readonly rules: Rule[];
}

/**
 * The accounts these rules give on an asset: stored ones by login, then one the user types the secret for, then
 * `@input`. `@user` is the stored account named like the user; while none is stored the user types its secret. An
 * inactive account is never given by name. A stored SSH account without a secret asks for one.
 */
export function usableAccounts(
  rules: readonly Rule[],
  user: User,
  accounts: readonly Account[],
  protocol: Protocol,
): Usable[] {
  const found = new Map<string, Usable>();
  const give = (rule: Rule, name: string, entry: () => Usable['entry']) => {
    const known = found.get(name);
    if (known) known.rules.push(rule);
    else found.set(name, { choice: { login: name === '@input' ? null : name, name }, entry: entry(), rules: [rule] });
  };
  const stored = (account: Account): Usable['entry'] =>
    account.secretKind === 'none' && protocol === 'ssh'
      ? { kind: 'ask', login: account.login }
      : { kind: 'stored', account };
  const hasOwn = accounts.some((account) => account.login === user.name);

  for (const account of accounts.toSorted((a, b) => (a.login < b.login ? -1 : 1))) {
    if (!account.active) continue;
    for (const rule of rules) {
      const byUser = rule.accounts.has('@user') && account.login === user.name;
      if (rule.accounts.has('@all') || rule.accounts.has(account.login) || byUser)
        give(rule, account.login, () => stored(account));
    }
  }
  for (const rule of rules) {
    if (rule.accounts.has('@user') && !hasOwn) give(rule, user.name, () => ({ kind: 'ask', login: user.name }));
  }
  for (const rule of rules) {
    if (rule.accounts.has('@input')) give(rule, '@input', () => ({ kind: 'ask', login: null }));
  }
  return [...found.values()];
}

/** The accounts that fit what was asked: none, the one, or the choices. */
export function pick(open: readonly Usable[], ask: Ask, user: User): readonly Usable[] {
  const named = (name: string) => open.filter((usable) => usable.choice.name === name);
  if (ask.account === undefined) {
    const typed = open.length > 1 && ask.typedLogin !== undefined ? named('@input') : [];
    return typed.length > 0 ? typed : open;
  }
  const own = named(ask.account === '@user' ? user.name : ask.account);
  return own.length > 0 || !isLogin(ask.account) ? own : named('@input');
}

export function isLogin(account: string | undefined): account is string {
  return account !== undefined && account !== '' && account !== '@input' && account !== '@user';
}
