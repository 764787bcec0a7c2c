import type { Identity } from '../auth/identity.ts';
import type { AssetId } from '../kernel/id.ts';
import {
  ACTIONS,
  type Account,
  type Action,
  type Asset,
  type Millis,
  type Protocol,
  type Use,
  type User,
} from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { ReachableAsset, ReachableDetail, ReachableEntry, ReachableLogins } from './access.ts';
import { assetsMeant, type Person, type PersonFacts, personFacts } from './facts.ts';
import {
  allowsProtocol,
  coverage,
  inForce,
  neededAction,
  prepare,
  type Rule,
  serves,
  type Usable,
  usableAccounts,
} from './rules.ts';
import { personProblem } from './sentences.ts';

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });
const inOrder = <T extends { readonly asset: Asset }>(found: T[]) =>
  found.sort((a, b) => byName.compare(a.asset.name, b.asset.name));

/** An asset with the protocols over which at least one account is open. */
interface Open {
  readonly asset: Asset;
  readonly protocols: readonly { readonly name: Protocol; readonly accounts: readonly Usable[] }[];
}

/** Every active asset with the protocols over which at least one account may be connected to, sorted by name (web2 before web10). */
export async function reachable(store: Store, who: Identity, now: Millis): Promise<ReachableAsset[]> {
  return inOrder(named(await openTo(store, who, 'shell', now)));
}

/** Every active asset with its open protocols, the accounts of each, and what each account may be used for. */
export async function reachableInDetail(store: Store, who: Identity, now: Millis): Promise<ReachableDetail[]> {
  const found = (await openTo(store, who, 'shell', now)).map(({ asset, protocols }) => ({
    asset,
    protocols: protocols.map(({ name, accounts }) => ({
      name,
      accounts: accounts.map(({ choice, rules }) => ({ name: choice.name, actions: actionsOf(rules) })),
    })),
  }));
  return inOrder(found);
}

/** In the order of the list of all actions. */
function actionsOf(rules: readonly Rule[]): Action[] {
  return ACTIONS.filter((action) => rules.some((rule) => rule.actions.has(action)));
}

/** Of the assets a text may mean (name, address, id), those this person may reach now. */
export async function reachableAs(store: Store, who: Identity, text: string, now: Millis): Promise<ReachableAsset[]> {
  const assets = await assetsMeant(store, text);
  if (assets.length === 0) return [];
  const [person, ...accounts] = await Promise.all([
    personFacts(store, who),
    ...assets.map((asset) => store.accounts.list(asset.id)),
  ]);
  return named(openAmong(assets, accounts.flat(), person, 'shell', now));
}

/** Every active asset on which this use may begin, with the accounts that need nothing typed, sorted by name. */
export async function logins(store: Store, who: Identity, use: Use, now: Millis): Promise<ReachableLogins[]> {
  const found: ReachableLogins[] = [];
  for (const { asset, protocols } of await openTo(store, who, use, now)) {
    const accounts = new Map<string, Protocol>();
    for (const { name, accounts: usable } of protocols) {
      if (!serves(name, use)) continue;
      for (const { entry } of usable)
        if (entry.kind === 'stored' && !accounts.has(entry.account.login)) accounts.set(entry.account.login, name);
    }
    if (accounts.size === 0) continue;
    found.push({ asset, accounts: [...accounts].map(([login, protocol]) => ({ login, protocol })) });
  }
  return inOrder(found);
}

/** Every active asset a user may connect to with this protocol, with the accounts, sorted by name. */
export async function entries(store: Store, user: User, protocol: Protocol, now: Millis): Promise<ReachableEntry[]> {
  const found: ReachableEntry[] = [];
  for (const { asset, protocols } of await openTo(store, { user, restrictions: null }, 'shell', now)) {
    const accounts = protocols.find(({ name }) => name === protocol)?.accounts ?? [];
    if (accounts.length > 0) found.push({ asset, accounts: accounts.map(({ choice }) => choice) });
  }
  return inOrder(found);
}

const named = (open: readonly Open[]): ReachableAsset[] =>
  open.map(({ asset, protocols }) => ({ asset, protocols: protocols.map(({ name }) => name) }));

async function openTo(store: Store, who: Person, use: Use, now: Millis): Promise<Open[]> {
  const [person, assets, accounts] = await Promise.all([
    personFacts(store, who),
    store.assets.list(),
    store.accounts.list(),
  ]);
  return openAmong(assets, accounts, person, use, now);
}

/** The same for a person whose facts are known, among these assets with their accounts; in the order of the assets. */
export function openAmong(
  assets: readonly Asset[],
  accounts: readonly Account[],
  person: PersonFacts,
  use: Use,
  now: Millis,
): Open[] {
  const { user } = person;
  if (!user || personProblem({ ...person, now }, { userName: user.name })) return [];
  const accountsOf = new Map<AssetId, Account[]>();
  for (const account of accounts) {
    const known = accountsOf.get(account.assetId);
    if (known) known.push(account);
    else accountsOf.set(account.assetId, [account]);
  }
  const action = neededAction(use);
  const rules = person.permissions
    .filter((permission) => inForce(permission, now))
    .map((permission) => prepare(permission, user, person.groups))
    .filter((rule) => rule.namesUser !== null);

  const found: Open[] = [];
  for (const asset of assets) {
    if (!asset.active) continue;
    const covering = rules.filter((rule) => coverage(rule, asset) !== null);
    if (covering.length === 0) continue;
    const own = accountsOf.get(asset.id) ?? [];
    const protocols = asset.protocols
      .map(({ name }) => {
        const permitting = covering.filter((rule) => allowsProtocol(rule.permission, name));
        // what the others add counts for an account that one of them opens
        const accounts = usableAccounts(permitting, user, own, name);
        return {
          name,
          accounts: accounts.filter(({ rules: giving }) => giving.some((rule) => rule.actions.has(action))),
        };
      })
      .filter((protocol) => protocol.accounts.length > 0);
    if (protocols.length > 0) found.push({ asset, protocols });
  }
  return found;
}
