import type { Generated } from 'kysely';
import type {
  AccountId,
  AssetId,
  AuditId,
  CaId,
  CommandId,
  FilterId,
  GrantId,
  GroupId,
  HostKeyId,
  KeyId,
  LinkId,
  PermissionId,
  ReviewId,
  SessionId,
  TokenId,
  TransferId,
  UserId,
  WebSessionId,
} from '../kernel/id.ts';
import type * as m from './model.ts';

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

type Flag = number;

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

export interface SessionsTable {
  id: SessionId;
  grant_id: GrantId;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  protocol: m.Protocol;
  use: m.Use;
  command: string | null;
  destination: string | null;
  label: string | null;
  client_ip: string;
  via: 'ssh' | 'web';
  permission: string;
  started_at: m.Millis;
  ended_at: m.Millis | null;
  state: m.SessionState;
  end_cause: m.EndCause | null;
  end_detail: string | null;
  exit_code: number | null;
  exit_signal: string | null;
  bytes_in: number;
  bytes_out: number;
  recording: m.RecordingState;
  recording_bytes: number | null;
  recording_sha256: string | null;
}

export interface AuditTable {
  /** The order of writing, never reused. */
  seq: number;
  id: AuditId;
  at: m.Millis;
  actor_kind: m.Actor['kind'];
  actor_user_id: UserId | null;
  actor_name: string;
  actor_ip: string | null;
  actor_via: m.Actor['via'];
  action: string;
  outcome: m.AuditDraft['outcome'];
  target_kind: string | null;
  target_id: string | null;
  target_name: string | null;
  reason: string | null;
  details_json: string | null;
  /** Over the row before and this one; null only before the chain began. */
  hash: Buffer | null;
  /** The seal of the hash; null when it was written without a key. */
  mac: Buffer | null;
}

export interface FiltersTable {
  id: FilterId;
  name: string;
  name_key: string;
  comment: string;
  active: Flag;
  priority: number;
  action: m.FilterAction;
  words_json: string;
  regex: string | null;
  match_case: Flag;
  accounts_json: string;
  /** A list that once had names is for nobody when they are gone, not for everybody. */
  for_all_users: Flag;
  for_all_assets: Flag;
  created_at: m.Millis;
  version: Generated<number>;
}

export interface CommandsTable {
  /** The order of writing; `command_text` has the line under it. */
  seq: Generated<number>;
  id: CommandId;
  session_id: SessionId;
  at: m.Millis;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  line: string;
  /** The first word, lower case: what statistics count. */
  word: string;
  confidence: m.Confidence;
  context: m.CommandContext;
  verdict: m.CommandVerdict;
  filter: string | null;
  reviewer: string | null;
  exit_code: number | null;
  reported: string | null;
  cwd: string | null;
  offset_ms: number;
}

export interface ReviewsTable {
  id: ReviewId;
  session_id: SessionId;
  user_id: UserId;
  user_name: string;
  asset_name: string;
  account: string;
  line: string;
  filter: string;
  reviewers_json: string;
  state: m.ReviewState;
  asked_at: m.Millis;
  settled_at: m.Millis | null;
  settled_by: string | null;
}

export interface TransfersTable {
  id: TransferId;
  session_id: SessionId;
  user_id: UserId;
  user_name: string;
  asset_id: AssetId;
  asset_name: string;
  account: string;
  method: m.TransferRow['method'];
  direction: m.TransferDirection;
  path: string;
  started_at: m.Millis;
  ended_at: m.Millis;
  bytes: number;
  sha256: string | null;
  partial: Flag;
  result: m.TransferRow['result'];
  detail: string | null;
}
