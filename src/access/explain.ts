import { AppError } from '../kernel/errors.ts';
import { printable } from '../kernel/printable.ts';
import type { Action, Asset, CommandFilter, Millis, Protocol } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Explanation } from './access.ts';
import { filterSentences } from './commands.ts';
import { decide } from './decide.ts';
import { assetsMeant, type PersonFacts } from './facts.ts';
import { isCovered, prepare, serves } from './rules.ts';

interface Query {
  readonly user: string;
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: Protocol | undefined;
}

/**
 * What `authorize` would say for a shell (or a desktop, on assets that have no shell), for the eyes of administrators:
 * an unknown user or asset is `not_found`, and switched-off permissions are judged too. The command filters that hold
 * for the use close the trace.
 */
export async function explain(
  store: Store,
  filters: readonly CommandFilter[],
  query: Query,
  now: Millis,
): Promise<Explanation> {
  const user = await store.users.byName(query.user);
  if (!user)
    throw new AppError(
      'not_found',
      `There is no user "${printable(query.user, 80)}"; \`bastion user list\` shows them.`,
    );
  const [groups, all] = await Promise.all([store.users.groupsOf(user.id), store.permissions.list()]);
  const permissions = all.filter((permission) => prepare(permission, user, groups).namesUser !== null);
  const person: PersonFacts = { user, groups, permissions, key: null };
  const asset = await oneAsset(store, query.asset, person, now);
  const accounts = await store.accounts.list(asset.id);

  const wanted = query.protocol === undefined ? asset.protocols.map(({ name }) => name) : [query.protocol];
  const use = wanted.length > 0 && wanted.every((name) => serves(name, 'desktop')) ? 'desktop' : 'shell';
  const verdict = decide({ ...person, asset, accounts, now }, { ...query, userName: user.name, use });

  const about = { user: user.name, asset: asset.name, trace: verdict.trace };
  if (verdict.kind === 'deny') {
    return {
      ...about,
      allowed: false,
      account: query.account ?? null,
      protocol: query.protocol ?? null,
      accounts: [],
      actions: [],
      permissions: [],
    };
  }
  const { protocol } = verdict;
  const filtered = (login: string | undefined) => {
    if (use === 'desktop') return about;
    return { ...about, trace: [...verdict.trace, ...filterSentences(filters, { user, groups, asset, login })] };
  };
  if (verdict.kind === 'allow') {
    const account = verdict.entry.kind === 'stored' ? verdict.entry.account.login : verdict.entry.login;
    const { permissions } = verdict;
    return {
      ...filtered(account),
      allowed: true,
      account,
      protocol,
      accounts: [account],
      actions: [...verdict.terms.actions],
      permissions,
    };
  }
  const given = [...new Set(verdict.rules.map((rule) => rule.permission))];
  return {
    ...filtered(verdict.kind === 'input' ? (verdict.login ?? undefined) : undefined),
    allowed: true,
    account: verdict.kind === 'input' ? verdict.login : null,
    protocol,
    accounts: verdict.kind === 'choose' ? verdict.accounts.map(({ name }) => name) : [verdict.login ?? '@input'],
    actions: [...new Set<Action>(given.flatMap((permission) => permission.actions))],
    permissions: given.map((permission) => permission.name),
  };
}

async function oneAsset(store: Store, text: string, person: PersonFacts, now: Millis): Promise<Asset> {
  const meant = await assetsMeant(store, text);
  const open = meant.length < 2 ? meant : meant.filter((asset) => isCovered(asset, person, now));
  const asset = open[0] ?? meant[0];
  if (!asset)
    throw new AppError('not_found', `There is no asset "${printable(text, 80)}"; \`bastion asset list\` shows them.`);
  if (open.length > 1) {
    const names = open.map(({ name }) => printable(name)).join(', ');
    throw new AppError(
      'conflict',
      `Several assets have the address ${printable(text, 80)}: ${names}; use the name of one.`,
    );
  }
  return asset;
}
