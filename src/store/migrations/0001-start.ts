/**
 * The first shape of the database. Two choices to know when reading it:
 *
 * - What refers to another row (users, groups, assets, folders of a permission; members of a group) stands in a join
 *   table by id, so a rename changes nothing and a removal takes the reference along. Plain value lists (labels,
 *   protocols, accounts, actions) are JSON columns: they are only ever read and written whole, together with their row.
 * - Sessions and audit rows hold names beside ids and refer to nothing, because they outlive what they tell of.
 */
export const start = `
create table meta (
  key text primary key,
  value blob not null
) strict, without rowid;

create table users (
  id text primary key,
  name text not null,
  name_key text not null unique,
  display_name text not null,
  email text not null,
  comment text not null,
  role text not null check (role in ('user', 'auditor', 'admin')),
  disabled integer not null default 0 check (disabled in (0, 1)),
  valid_until integer,
  password_hash text,
  totp_secret blob,
  totp_pending blob,
  totp_last_step integer,
  created_at integer not null,
  last_login_at integer
) strict, without rowid;

create table recovery_codes (
  user_id text not null references users (id) on delete cascade,
  hash text not null,
  used_at integer,
  primary key (user_id, hash)
) strict, without rowid;

create table user_keys (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  type text not null,
  fingerprint text not null,
  blob blob not null,
  comment text not null,
  options text not null,
  totp_exempt integer not null check (totp_exempt in (0, 1)),
  created_at integer not null,
  last_used_at integer,
  unique (user_id, fingerprint)
) strict, without rowid;

create table mfa_memory (
  user_id text not null references users (id) on delete cascade,
  fingerprint text not null,
  until integer not null,
  primary key (user_id, fingerprint)
) strict, without rowid;

create table lockouts (
  user_key text not null,
  user_name text not null,
  ip text not null,
  failures integer not null,
  last_at integer not null,
  until integer,
  primary key (user_key, ip)
) strict, without rowid;
create index lockouts_last on lockouts (last_at);

create table links (
  id text primary key,
  kind text not null check (kind in ('setup', 'invite')),
  user_id text references users (id) on delete cascade,
  token_hash text not null unique,
  expires_at integer not null,
  used_at integer
) strict, without rowid;
create index links_user on links (user_id);

create table tokens (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  name text not null,
  token_hash text not null unique,
  created_at integer not null,
  expires_at integer,
  last_used_at integer
) strict, without rowid;
create index tokens_user on tokens (user_id);

create table authorities (
  id text primary key,
  name text not null,
  name_key text not null unique,
  type text not null,
  fingerprint text not null unique,
  blob blob not null,
  created_at integer not null
) strict, without rowid;

create table groups (
  id text primary key,
  name text not null,
  name_key text not null unique,
  comment text not null
) strict, without rowid;

create table group_members (
  group_id text not null references groups (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  primary key (group_id, user_id)
) strict, without rowid;
create index group_members_user on group_members (user_id);

create table platforms (
  name text primary key,
  kind text not null check (kind in ('host', 'device', 'database', 'desktop')),
  legacy_algorithms integer not null check (legacy_algorithms in (0, 1)),
  charset text,
  built_in integer not null check (built_in in (0, 1)),
  comment text not null
) strict, without rowid;
insert into platforms (name, kind, legacy_algorithms, charset, built_in, comment) values
  ('linux', 'host', 0, null, 1, 'Linux'),
  ('linux-legacy', 'host', 1, null, 1, 'Linux whose OpenSSH is too old for current algorithms'),
  ('unix', 'host', 0, null, 1, 'BSD, macOS, Solaris, AIX and other Unix systems'),
  ('windows', 'host', 0, null, 1, 'Windows'),
  ('network', 'device', 0, null, 1, 'Switch, router, firewall or other device'),
  ('network-legacy', 'device', 1, null, 1, 'Device that speaks only old SSH algorithms'),
  ('mysql', 'database', 0, null, 1, 'MySQL'),
  ('mariadb', 'database', 0, null, 1, 'MariaDB'),
  ('postgresql', 'database', 0, null, 1, 'PostgreSQL'),
  ('redis', 'database', 0, null, 1, 'Redis'),
  ('local', 'host', 0, null, 1, 'A shell on the bastion itself, for the demo');

create table folders (
  path text primary key,
  comment text not null
) strict, without rowid;
insert into folders (path, comment) values ('/', '');

create table assets (
  id text primary key,
  name text not null,
  name_key text not null unique,
  address text not null collate nocase,
  protocols_json text not null,
  platform text not null references platforms (name) on update cascade,
  folder text not null references folders (path) on update cascade,
  labels_json text not null,
  comment text not null,
  active integer not null check (active in (0, 1)),
  charset text,
  via_id text references assets (id),
  created_at integer not null
) strict, without rowid;
create index assets_address on assets (address);
create index assets_folder on assets (folder);
create index assets_via on assets (via_id);
create index assets_platform on assets (platform);

create table accounts (
  id text primary key,
  asset_id text not null references assets (id) on delete cascade,
  login text not null,
  secret_kind text not null check (secret_kind in ('password', 'key', 'none')),
  secret blob,
  passphrase blob,
  public_key text,
  comment text not null,
  active integer not null check (active in (0, 1)),
  created_at integer not null,
  updated_at integer not null,
  unique (asset_id, login)
) strict, without rowid;

create table permissions (
  id text primary key,
  name text not null,
  name_key text not null unique,
  comment text not null,
  active integer not null check (active in (0, 1)),
  labels_json text not null,
  accounts_json text not null,
  protocols_json text not null,
  actions_json text not null,
  forward_to_json text not null,
  valid_from integer,
  valid_until integer,
  record text not null check (record in ('required', 'best-effort')),
  created_at integer not null
) strict, without rowid;

create table permission_users (
  permission_id text not null references permissions (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  primary key (permission_id, user_id)
) strict, without rowid;
create index permission_users_user on permission_users (user_id);

create table permission_groups (
  permission_id text not null references permissions (id) on delete cascade,
  group_id text not null references groups (id) on delete cascade,
  primary key (permission_id, group_id)
) strict, without rowid;
create index permission_groups_group on permission_groups (group_id);

create table permission_assets (
  permission_id text not null references permissions (id) on delete cascade,
  asset_id text not null references assets (id) on delete cascade,
  primary key (permission_id, asset_id)
) strict, without rowid;
create index permission_assets_asset on permission_assets (asset_id);

create table permission_folders (
  permission_id text not null references permissions (id) on delete cascade,
  folder text not null references folders (path) on delete cascade on update cascade,
  primary key (permission_id, folder)
) strict, without rowid;
create index permission_folders_folder on permission_folders (folder);

create table host_keys (
  id text primary key,
  asset_id text not null references assets (id) on delete cascade,
  endpoint text not null,
  type text not null,
  fingerprint text not null,
  blob blob not null,
  state text not null check (state in ('pinned', 'changed')),
  first_seen_at integer not null,
  last_seen_at integer not null,
  unique (asset_id, endpoint, fingerprint)
) strict, without rowid;

create table sessions (
  id text primary key,
  grant_id text not null,
  user_id text not null,
  user_name text not null collate nocase,
  asset_id text not null,
  asset_name text not null collate nocase,
  account text not null,
  protocol text not null,
  use text not null,
  command text,
  client_ip text not null,
  via text not null,
  permission text not null,
  started_at integer not null,
  ended_at integer,
  state text not null check (state in ('live', 'ended', 'interrupted')),
  end_cause text,
  end_detail text,
  exit_code integer,
  exit_signal text,
  bytes_in integer not null,
  bytes_out integer not null,
  recording text not null check (recording in ('none', 'spool', 'ready', 'failed')),
  recording_bytes integer,
  recording_sha256 text
) strict, without rowid;
create index sessions_user_name on sessions (user_name, id);
create index sessions_user_id on sessions (user_id, id);
create index sessions_asset_name on sessions (asset_name, id);
create index sessions_asset_id on sessions (asset_id, id);
create index sessions_live on sessions (id) where state = 'live';
create index sessions_spool on sessions (id) where recording = 'spool';

create table audit (
  seq integer primary key autoincrement,
  id text not null unique,
  at integer not null,
  actor_kind text not null,
  actor_user_id text,
  actor_name text not null collate nocase,
  actor_ip text,
  actor_via text not null,
  action text not null,
  outcome text not null check (outcome in ('ok', 'denied', 'failed')),
  target_kind text,
  target_id text,
  target_name text collate nocase,
  reason text,
  details_json text
) strict;
create index audit_action on audit (action, seq);
create index audit_actor on audit (actor_name, seq);
create index audit_target_name on audit (target_name, seq);
create index audit_target_id on audit (target_id, seq);
`;
