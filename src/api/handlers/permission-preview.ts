import { coverage } from '../../access/rules.ts';
import type { Account, Asset, Group, Millis, Permission, Protocol, User } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { Store } from '../../store/store.ts';
import { quoted } from './find.ts';

/** The lists of a permission as somebody is writing it. */
type Lists = Pick<Permission, 'users' | 'groups' | 'assets' | 'folders' | 'labels' | 'accounts' | 'protocols'>;
type Inventory = Pick<Store, 'users' | 'groups' | 'assets' | 'accounts'>;

/** As many of each are told. */
const MOST = 200;
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const byName = <T extends { readonly name: string }>(rows: readonly T[]) =>
  rows.toSorted((a, b) => collator.compare(a.name, b.name));

/**
 * Whom and what a permission with these lists would cover, with what its author should know. A name that is nobody's is
 * a warning here: the lists are not finished yet.
 */
export async function previewPermission(store: Inventory, lists: Lists, now: Millis) {
  const [users, groups, assets, accounts] = await Promise.all([
    store.users.list(),
    store.groups.list(),
    store.assets.list(),
    store.accounts.list(),
  ]);
  const people = byName(usersNamed(lists, users, groups));
  const covered = byName(assets.filter((asset) => covers(lists, asset)));
  const open = covered.filter((asset) => asset.active && protocolsOf(lists, asset).length > 0);
  const accountsOf = Map.groupBy(accounts, ({ assetId }) => assetId);
  const entered = open.map((asset) => ({
    name: asset.name,
    folder: asset.folder,
    accounts: accountsGiven(lists, accountsOf.get(asset.id) ?? []),
  }));
  return {
    users: people.slice(0, MOST).map(({ name, displayName, disabled }) => ({ name, displayName, disabled })),
    userCount: people.length,
    assets: entered.slice(0, MOST),
    assetCount: open.length,
    warnings: [
      ...unknownNames('user', lists.users, users),
      ...unknownNames('group', lists.groups, groups),
      ...unknownNames('asset', lists.assets, assets),
      ...aboutPeople(lists, people, now),
      ...aboutAssets(lists, assets, covered, open),
      ...aboutAccounts(lists, entered, accountsOf, open),
    ],
  };
}

function usersNamed(lists: Lists, users: readonly User[], groups: readonly Group[]): User[] {
  const wanted = new Set(lists.users.map(nameKey));
  const groupNames = new Set(lists.groups.map(nameKey));
  for (const group of groups)
    if (groupNames.has(nameKey(group.name))) for (const member of group.members) wanted.add(nameKey(member));
  return users.filter(({ name }) => wanted.has(nameKey(name)));
}

function covers({ assets, folders, labels }: Lists, asset: Asset): boolean {
  return coverage({ permission: { folders, labels }, assets: new Set(assets.map(nameKey)) }, asset) !== null;
}

function protocolsOf({ protocols }: Lists, asset: Asset): Protocol[] {
  const names = asset.protocols.map(({ name }) => name);
  return protocols.length === 0 ? names : names.filter((name) => protocols.includes(name));
}

/** The stored accounts that are meant, then `@user` and `@input` as they stand: what they come to depends on the person. */
function accountsGiven({ accounts }: Lists, stored: readonly Account[]): string[] {
  const active = stored.filter((account) => account.active).map(({ login }) => login);
  const named = accounts.includes('@all') ? active : active.filter((login) => accounts.includes(login));
  return [...named.sort(), ...accounts.filter((name) => name === '@user' || name === '@input')];
}

function unknownNames(kind: string, names: readonly string[], rows: readonly { readonly name: string }[]): string[] {
  const known = new Set(rows.map(({ name }) => nameKey(name)));
  return names.filter((name) => !known.has(nameKey(name))).map((name) => `There is no ${kind} ${quoted(name)}.`);
}

function aboutPeople(lists: Lists, people: readonly User[], now: Millis): string[] {
  if (people.length === 0 && lists.groups.length > 0 && lists.users.length === 0)
    return ['Nobody is in these groups yet.'];
  const out = people.filter(({ disabled, validUntil }) => disabled || (validUntil !== null && validUntil <= now));
  return out.length > 0 && out.length === people.length
    ? ['Nobody of these can log in: all are disabled or expired.']
    : [];
}

function aboutAssets(
  lists: Lists,
  assets: readonly Asset[],
  covered: readonly Asset[],
  open: readonly Asset[],
): string[] {
  const warnings: string[] = [];
  for (const label of lists.labels)
    if (!assets.some((asset) => covers({ ...lists, assets: [], folders: [], labels: [label] }, asset)))
      warnings.push(`No asset has the label ${quoted(label)}.`);
  for (const folder of lists.folders)
    if (!assets.some((asset) => covers({ ...lists, assets: [], folders: [folder], labels: [] }, asset)))
      warnings.push(`No asset is in the folder ${quoted(folder)}.`);
  const inactive = covered.filter(({ active }) => !active).length;
  if (inactive > 0) warnings.push(`${assetsText(inactive)} switched off.`);
  const without = covered.length - inactive - open.length;
  if (without > 0)
    warnings.push(`${without === 1 ? 'One asset has' : `${without} assets have`} none of the protocols.`);
  return warnings;
}

function aboutAccounts(
  { accounts }: Lists,
  entered: readonly { readonly name: string; readonly accounts: readonly string[] }[],
  accountsOf: ReadonlyMap<string, readonly Account[]>,
  open: readonly Asset[],
): string[] {
  if (accounts.length === 0 || open.length === 0) return [];
  const stored = new Set(open.flatMap(({ id }) => (accountsOf.get(id) ?? []).map(({ login }) => login)));
  const warnings = accounts
    .filter((name) => !name.startsWith('@') && !stored.has(name))
    .map((name) => `None of the assets has an account ${quoted(name)}.`);
  const closed = entered.filter((asset) => asset.accounts.length === 0);
  if (closed.length > 0 && closed.length < entered.length)
    warnings.push(
      `${closed.length === 1 ? quoted(closed[0]!.name) : `${closed.length} assets`} would have no usable account.`,
    );
  else if (closed.length > 0) warnings.push('No asset would have a usable account.');
  return warnings;
}

function assetsText(count: number): string {
  return count === 1 ? 'One asset is' : `${count} assets are`;
}
