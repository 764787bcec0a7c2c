import { printable } from '../kernel/printable.ts';
import { type Asset, type CommandFilter, type CommandRule, SEVERITY, type User } from '../store/model.ts';
import { nameKey } from '../store/name-key.ts';
import type { Store } from '../store/store.ts';
import { list } from './sentences.ts';

/** What a filter is asked about. */
export interface FilterScope {
  readonly user: User;
  readonly groups: readonly string[];
  readonly asset: Asset;
  /** The login on the target. */
  readonly login: string;
}

/** The rules that hold for a use, in the order they are asked: by priority, then the severest first. */
export function commandRules(filters: readonly CommandFilter[], scope: FilterScope): readonly CommandRule[] {
  return filters.filter((filter) => filter.active && applies(filter, scope)).toSorted(byPriority);
}

/** Users and groups are one list of people; people, assets and accounts must all fit. */
export function applies(filter: CommandFilter, { user, groups, asset, login }: FilterScope): boolean {
  const has = (names: readonly string[], name: string) => names.some((one) => nameKey(one) === nameKey(name));
  const forUser = filter.forAllUsers || has(filter.users, user.name) || filter.groups.some((name) => has(groups, name));
  const forAsset = filter.forAllAssets || has(filter.assets, asset.name);
  return forUser && forAsset && (filter.accounts.length === 0 || filter.accounts.includes(login));
}

function byPriority(a: CommandRule, b: CommandRule): number {
  return a.priority - b.priority || SEVERITY[b.action] - SEVERITY[a.action] || (a.name < b.name ? -1 : 1);
}

/** The filters as they stand. They are asked for with every grant and change seldom: kept until rights change. */
export function filtersOf(store: Pick<Store, 'filters' | 'onAccessChanged'>): () => Promise<readonly CommandFilter[]> {
  let kept: Promise<readonly CommandFilter[]> | undefined;
  store.onAccessChanged(() => {
    kept = undefined;
  });
  return () => {
    if (kept) return kept;
    const loading = store.filters.list();
    kept = loading;
    // who asks next tries again
    loading.catch(() => {
      if (kept === loading) kept = undefined;
    });
    return loading;
  };
}

/** One sentence for each filter that holds for a use, in the order they are asked. Without a login, for any account. */
export function filterSentences(
  filters: readonly CommandFilter[],
  scope: Omit<FilterScope, 'login'> & { readonly login: string | undefined },
): string[] {
  const { login } = scope;
  const holding = filters.filter((filter) =>
    login === undefined
      ? applies({ ...filter, accounts: [] }, { ...scope, login: '' })
      : applies(filter, { ...scope, login }),
  );
  return holding
    .filter((filter) => filter.active)
    .toSorted(byPriority)
    .map((filter) => {
      const accounts = login === undefined && filter.accounts.length > 0 ? ` for ${list(filter.accounts)}` : '';
      return printable(`Command filter "${filter.name}" (priority ${filter.priority}) ${doesWhat(filter)}${accounts}.`);
    });
}

function doesWhat({ action, words, regex, reviewers }: CommandFilter): string {
  const what = regex === null ? list(words) : `what matches /${regex}/`;
  if (action === 'review')
    return `holds ${what} until ${reviewers.length === 0 ? 'an administrator' : reviewers.join(' or ')} approves`;
  return `${{ allow: 'allows', warn: 'warns of', deny: 'forbids' }[action]} ${what}`;
}
