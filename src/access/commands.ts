import type { Asset, CommandFilter, CommandRule, User } from '../store/model.ts';
import { foldName } from './rules.ts';

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
  const has = (names: readonly string[], name: string) => names.some((one) => foldName(one) === foldName(name));
  const forUser = filter.forAllUsers || has(filter.users, user.name) || filter.groups.some((name) => has(groups, name));
  const forAsset = filter.forAllAssets || has(filter.assets, asset.name);
  return forUser && forAsset && (filter.accounts.length === 0 || filter.accounts.includes(login));
}

const SEVERITY = { deny: 0, review: 1, warn: 2, allow: 3 } as const;

function byPriority(a: CommandRule, b: CommandRule): number {
  return a.priority - b.priority || SEVERITY[a.action] - SEVERITY[b.action] || (a.name < b.name ? -1 : 1);
}
