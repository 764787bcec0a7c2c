import type { Generated } from 'kysely';
import type {
  AccountId,
  AssetId,
  CaId,
  FilterId,
  GroupId,
  HostKeyId,
  KeyId,
  LinkId,
  PermissionId,
  TokenId,
  UserId,
  WebSessionId,
} from '../kernel/id.ts';
import type * as m from './model.ts';
import type {
  AuditTable,
  CommandsTable,
  FiltersTable,
  ReviewsTable,
  SessionsTable,
  TransfersTable,
} from './schema-activity.ts';

export type * from './schema-activity.ts';

/**
 * The tables as kysely sees them; `migrations/` makes them. Flags are 0 or 1, times milliseconds, `…_json` columns hold
 * JSON text. A `name_key` is the name without regard to case (see `nameKey`) and carries the unique index.
 */
export interface Database {
  meta: MetaTable;
  users: UsersTable;
  recovery_codes: RecoveryCodesTable;
  user_keys: UserKeysTable;
  mfa_memory: MfaMemoryTable;
  lockouts: LockoutsTable;
  links: LinksTable;
  tokens: TokensTable;
  web_sessions: WebSessionsTable;
  tickets: TicketsTable;
  preferences: { user_id: UserId; json: string };
  authorities: AuthoritiesTable;
  groups: GroupsTable;
  group_members: GroupMembersTable;
  platforms: PlatformsTable;
  folders: FoldersTable;
  assets: AssetsTable;
  accounts: AccountsTable;
  permissions: PermissionsTable;
  permission_users: { permission_id: PermissionId; user_id: UserId };
  permission_groups: { permission_id: PermissionId; group_id: GroupId };
  permission_assets: { permission_id: PermissionId; asset_id: AssetId };
  permission_folders: { permission_id: PermissionId; folder: string };
  host_keys: HostKeysTable;
  sessions: SessionsTable;
  filters: FiltersTable;
  filter_users: { filter_id: FilterId; user_id: UserId };
  filter_groups: { filter_id: FilterId; group_id: GroupId };
  filter_assets: { filter_id: FilterId; asset_id: AssetId };
  filter_reviewers: { filter_id: FilterId; user_id: UserId };
  commands: CommandsTable;
  reviews: ReviewsTable;
  transfers: TransfersTable;
  audit: AuditTable;
}

export type Flag = number;

export interface MetaTable {
  key: string;
  value: Buffer;
}

export interface UsersTable {
  id: UserId;
  name: string;
  name_key: string;
  display_name: string;
  email: string;
  comment: string;
  role: m.Role;
  disabled: Flag;
  valid_until: m.Millis | null;
  password_hash: string | null;
  totp_secret: m.Sealed | null;
  totp_pending: m.Sealed | null;
  totp_last_step: number | null;
  created_at: m.Millis;
  last_login_at: m.Millis | null;
  version: Generated<number>;
}

export interface RecoveryCodesTable {
  user_id: UserId;
  hash: string;
  used_at: m.Millis | null;
}

export interface UserKeysTable {
  id: KeyId;
  user_id: UserId;
  type: string;
  fingerprint: string;
  blob: Buffer;
  comment: string;
  options: string;
  totp_exempt: Flag;
  created_at: m.Millis;
  last_used_at: m.Millis | null;
}

export interface MfaMemoryTable {
  user_id: UserId;
  fingerprint: string;
  until: m.Millis;
}

export interface LockoutsTable {
  user_key: string;
  user_name: string;
  ip: string;
  failures: number;
  last_at: m.Millis;
  until: m.Millis | null;
}

export interface LinksTable {
  id: LinkId;
  kind: m.LinkKind;
  user_id: UserId | null;
  token_hash: string;
  expires_at: m.Millis;
  used_at: m.Millis | null;
}

export interface TokensTable {
  id: TokenId;
  user_id: UserId;
  name: string;
  token_hash: string;
  created_at: m.Millis;
  expires_at: m.Millis | null;
  last_used_at: m.Millis | null;
}

export interface WebSessionsTable {
  id: WebSessionId;
  user_id: UserId;
  token_hash: string;
  created_at: m.Millis;
  last_seen_at: m.Millis;
  idle_until: m.Millis;
  expires_at: m.Millis;
  ip: string;
  user_agent: string;
  factors_json: string;
}

export interface TicketsTable {
  token_hash: string;
  user_id: UserId;
  web_session_id: WebSessionId | null;
  token_id: TokenId | null;
  asset_id: AssetId;
  account: string;
  protocol: m.Protocol;
  use: m.Use;
  created_at: m.Millis;
  expires_at: m.Millis;
  used_at: m.Millis | null;
}

export interface AuthoritiesTable {
  id: CaId;
  name: string;
  name_key: string;
  type: string;
  fingerprint: string;
  blob: Buffer;
  created_at: m.Millis;
}

export interface GroupsTable {
  id: GroupId;
  name: string;
  name_key: string;
  comment: string;
  version: Generated<number>;
}

export interface GroupMembersTable {
  group_id: GroupId;
  user_id: UserId;
}

export interface PlatformsTable {
  name: string;
  kind: m.Platform['kind'];
  legacy_algorithms: Flag;
  charset: string | null;
  built_in: Flag;
  comment: string;
}

export interface FoldersTable {
  path: string;
  comment: string;
}

export interface AssetsTable {
  id: AssetId;
  name: string;
  name_key: string;
  address: string;
  protocols_json: string;
  platform: string;
  folder: string;
  labels_json: string;
  comment: string;
  active: Flag;
  charset: string | null;
  via_id: AssetId | null;
  created_at: m.Millis;
  version: Generated<number>;
}

export interface AccountsTable {
  id: AccountId;
  asset_id: AssetId;
  login: string;
  secret_kind: m.SecretKind;
  secret: m.Sealed | null;
  passphrase: m.Sealed | null;
  public_key: string | null;
  comment: string;
  active: Flag;
  created_at: m.Millis;
  updated_at: m.Millis;
  version: Generated<number>;
}

export interface PermissionsTable {
  id: PermissionId;
  name: string;
  name_key: string;
  comment: string;
  active: Flag;
  labels_json: string;
  accounts_json: string;
  protocols_json: string;
  actions_json: string;
  forward_to_json: string;
  valid_from: m.Millis | null;
  valid_until: m.Millis | null;
  record: m.RecordPolicy;
  created_at: m.Millis;
  version: Generated<number>;
}

export interface HostKeysTable {
  id: HostKeyId;
  asset_id: AssetId;
  endpoint: string;
  type: string;
  fingerprint: string;
  blob: Buffer;
  state: m.HostKey['state'];
  first_seen_at: m.Millis;
  last_seen_at: m.Millis;
}
