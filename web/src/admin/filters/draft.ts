import type { FilterView } from '../../../../src/api/contract/filters.ts';

export const FILTER_ACTIONS = ['deny', 'review', 'warn', 'allow'] as const;
export type FilterAction = (typeof FILTER_ACTIONS)[number];
export const ACTION_COLORS = { deny: 'red', review: 'violet', warn: 'orange', allow: 'teal' } as const;

/** A filter while it is edited. Both ways to say which commands are kept, so that changing between them loses nothing. */
export interface Draft {
  readonly name: string;
  readonly comment: string;
  readonly active: boolean;
  readonly priority: number;
  readonly action: FilterAction;
  readonly kind: 'words' | 'regex';
  readonly words: string[];
  readonly regex: string;
  readonly matchCase: boolean;
  readonly everybody: boolean;
  readonly users: string[];
  readonly groups: string[];
  readonly everywhere: boolean;
  readonly assets: string[];
  readonly accounts: string[];
  readonly reviewers: string[];
}

export const NEW: Draft = {
  name: '',
  comment: '',
  active: true,
  priority: 50,
  action: 'deny',
  kind: 'words',
  words: [],
  regex: '',
  matchCase: false,
  everybody: true,
  users: [],
  groups: [],
  everywhere: true,
  assets: [],
  accounts: [],
  reviewers: [],
};

export function draftOf(filter: FilterView): Draft {
  const { id: _id, version: _version, createdAt: _createdAt, forAllUsers, forAllAssets, regex, ...rest } = filter;
  return {
    ...rest,
    kind: regex === null ? 'words' : 'regex',
    regex: regex ?? '',
    everybody: forAllUsers,
    everywhere: forAllAssets,
  };
}

/** Which commands, as the API takes it. */
export function matchOf({ kind, words, regex, matchCase }: Draft) {
  return kind === 'words' ? { words, regex: null, matchCase } : { words: [], regex, matchCase };
}

/** Everything but the name, as the API takes it. */
export function fieldsOf(draft: Draft) {
  const { comment, active, priority, action, everybody, users, groups, everywhere, assets, accounts, reviewers } =
    draft;
  return {
    comment,
    active,
    priority,
    action,
    ...matchOf(draft),
    users: everybody ? [] : users,
    groups: everybody ? [] : groups,
    assets: everywhere ? [] : assets,
    accounts,
    reviewers: action === 'review' ? reviewers : [],
  };
}

export const hasMatch = ({ kind, words, regex }: Draft) => (kind === 'words' ? words.length > 0 : regex !== '');

export function problemsOf(draft: Draft) {
  const { name, everybody, users, groups, everywhere, assets } = draft;
  return {
    ...(name.trim() === '' && { name: 'needName' as const }),
    ...(!hasMatch(draft) && { match: 'needMatch' as const }),
    ...(!everybody && users.length + groups.length === 0 && { who: 'needWho' as const }),
    ...(!everywhere && assets.length === 0 && { what: 'needWhat' as const }),
  };
}
