import type { PermissionView } from '../../../../src/api/contract/permissions.ts';
import type { ActionName, ProtocolName } from '../parts/part-words.ts';

/** A permission while it is edited. */
export interface Draft {
  readonly name: string;
  readonly comment: string;
  readonly active: boolean;
  readonly users: string[];
  readonly groups: string[];
  readonly assets: string[];
  readonly folders: string[];
  readonly labels: string[];
  readonly accounts: string[];
  readonly protocols: ProtocolName[];
  readonly actions: ActionName[];
  readonly from: string | null;
  readonly until: string | null;
  readonly forwardTo: string[];
  readonly record: 'required' | 'best-effort';
}

export const NEW: Draft = {
  name: '',
  comment: '',
  active: true,
  users: [],
  groups: [],
  assets: [],
  folders: [],
  labels: [],
  accounts: ['@all'],
  protocols: [],
  actions: ['connect', 'upload', 'download', 'delete', 'copy', 'paste'],
  from: null,
  until: null,
  forwardTo: [],
  record: 'required',
};

export function draftOf(permission: PermissionView): Draft {
  const { id: _id, version: _version, createdAt: _createdAt, ...draft } = permission;
  return draft;
}

type Problem = 'needName' | 'needWho' | 'needWhat' | 'needAccount' | 'needAction' | 'labelsBad' | 'dates';

/** What keeps it from being saved, by the field it belongs to. */
export function problemsOf(
  draft: Draft,
): Partial<Record<'name' | 'who' | 'what' | 'accounts' | 'actions' | 'labels' | 'dates', Problem>> {
  const { name, users, groups, assets, folders, labels, accounts, actions, from, until } = draft;
  return {
    ...(name.trim() === '' && { name: 'needName' as const }),
    ...(users.length + groups.length === 0 && { who: 'needWho' as const }),
    ...(assets.length + folders.length + labels.length === 0 && { what: 'needWhat' as const }),
    ...(accounts.length === 0 && { accounts: 'needAccount' as const }),
    ...(actions.length === 0 && { actions: 'needAction' as const }),
    ...(labels.some((label) => !/^[^=,\s]+=/u.test(label)) && { labels: 'labelsBad' as const }),
    ...(from !== null && until !== null && from >= until && { dates: 'dates' as const }),
  };
}

const DAY = 86_400_000;
/** So long before its end a permission is marked. */
const SOON = 14 * DAY;

export type PermissionState = 'inactive' | 'notYet' | 'ended' | 'soon' | 'inForce';

export function stateOf(permission: Pick<PermissionView, 'active' | 'from' | 'until'>): PermissionState {
  const now = Date.now();
  const { active, from, until } = permission;
  if (!active) return 'inactive';
  if (until !== null && Date.parse(until) <= now) return 'ended';
  if (from !== null && Date.parse(from) > now) return 'notYet';
  return until !== null && Date.parse(until) - now < SOON ? 'soon' : 'inForce';
}
