import type { Identity } from '../auth/identity.ts';
import type { AssetId } from '../kernel/id.ts';
import type { Account, Asset, Millis } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { ReachableAsset } from './access.ts';
import { assetsMeant, type PersonFacts, personFacts } from './facts.ts';
import { allowsProtocol, coverage, inForce, prepare, usableAccounts } from './rules.ts';
import { personProblem } from './sentences.ts';

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Every active asset with the protocols over which at least one account may be connected to, sorted by name (web2 before web10). */
export async function reachable(store: Store, who: Identity, now: Millis): Promise<ReachableAsset[]> {
  const [person, assets, accounts] = await Promise.all([
    personFacts(store, who),
    store.assets.list(),
    store.accounts.list(),
  ]);
  return among(assets, accounts, person, now).sort((a, b) => byName.compare(a.asset.name, b.asset.name));
}

/** Of the assets a text may mean (name, address, id), those this person may reach now. */
export async function reachableAs(store: Store, who: Identity, text: string, now: Millis): Promise<ReachableAsset[]> {
  const assets = await assetsMeant(store, text);
  if (assets.length === 0) return [];
  const [person, ...accounts] = await Promise.all([
    personFacts(store, who),
    ...assets.map((asset) => store.accounts.list(asset.id)),
  ]);
  return among(assets, accounts.flat(), person, now);
}

function among(
  assets: readonly Asset[],
  accounts: readonly Account[],
  person: PersonFacts,
  now: Millis,
): ReachableAsset[] {
  const { user } = person;
  if (!user || personProblem({ ...person, now }, { userName: user.name })) return [];
  const accountsOf = new Map<AssetId, Account[]>();
  for (const account of accounts) {
    const known = accountsOf.get(account.assetId);
    if (known) known.push(account);
    else accountsOf.set(account.assetId, [account]);
  }
  const rules = person.permissions
    .filter((permission) => inForce(permission, now))
    .map((permission) => prepare(permission, user, person.groups))
    .filter((rule) => rule.namesUser !== null && rule.actions.has('connect'));

  const found: ReachableAsset[] = [];
  for (const asset of assets) {
    if (!asset.active) continue;
    const covering = rules.filter((rule) => coverage(rule, asset) !== null);
    if (covering.length === 0) continue;
    const own = accountsOf.get(asset.id) ?? [];
    const protocols = asset.protocols
      .map(({ name }) => name)
      .filter(
        (name) =>
          usableAccounts(
            covering.filter((rule) => allowsProtocol(rule.permission, name)),
            user,
            own,
            name,
          ).length > 0,
      );
    if (protocols.length > 0) found.push({ asset, protocols });
  }
  return found;
}
