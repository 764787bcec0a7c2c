/**
 * The audit chain: each row's hash over the row before it and its seal by a key. Rows that are there already get theirs
 * when the chain begins. A recording may have been removed by its age; SQLite changes a check only by a new table, which
 * needs all its indexes anew. Statistics count sessions by when they began.
 */
export const auditChain = `
alter table audit add column hash blob;
alter table audit add column mac blob;
create index audit_at on audit (at);
-- taken away when the chain begins: a log that has neither this nor a chain has lost its chain
insert into meta (key, value) values ('audit_chain_due', x'01');

create table sessions_new (
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
  recording text not null check (recording in ('none', 'spool', 'ready', 'failed', 'removed')),
  recording_bytes integer,
  recording_sha256 text
) strict, without rowid;
insert into sessions_new select
  id, grant_id, user_id, user_name, asset_id, asset_name, account, protocol, use, command, client_ip, via, permission,
  started_at, ended_at, state, end_cause, end_detail, exit_code, exit_signal, bytes_in, bytes_out,
  recording, recording_bytes, recording_sha256
from sessions;
drop table sessions;
alter table sessions_new rename to sessions;
create index sessions_user_name on sessions (user_name, id);
create index sessions_user_id on sessions (user_id, id);
create index sessions_asset_name on sessions (asset_name, id);
create index sessions_asset_id on sessions (asset_id, id);
create index sessions_started on sessions (started_at);
create index sessions_live on sessions (id) where state = 'live';
create index sessions_spool on sessions (id) where recording = 'spool';
create index sessions_ready on sessions (id) where recording = 'ready';
`;
