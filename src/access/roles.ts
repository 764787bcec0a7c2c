import type { Role } from '../store/model.ts';

/**
 * What a role opens in the API. A role never opens an asset: that takes a permission, for administrators too.
 * `self`: one's own keys, password, tokens, sessions and what one may reach. `manage`: users, assets, accounts,
 * permissions, everything that is configured. `sessions.control`: ending and locking others' sessions. `sessions.join`:
 * typing along in them.
 */
export type Capability =
  | 'self'
  | 'sessions.read'
  | 'sessions.watch'
  | 'recordings.read'
  | 'audit.read'
  | 'sessions.control'
  | 'sessions.join'
  | 'manage';

const TABLE: Readonly<Record<Role, readonly Capability[]>> = {
  user: ['self'],
  auditor: ['self', 'sessions.read', 'sessions.watch', 'recordings.read', 'audit.read'],
  admin: [
    'self',
    'sessions.read',
    'sessions.watch',
    'recordings.read',
    'audit.read',
    'sessions.control',
    'sessions.join',
    'manage',
  ],
};

export function capabilitiesOf(role: Role): readonly Capability[] {
  return TABLE[role];
}

export function may(role: Role, capability: Capability): boolean {
  return TABLE[role].includes(capability);
}
