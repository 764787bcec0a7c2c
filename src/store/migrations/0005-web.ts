/**
 * The browser: who is signed in with one, one-time tickets for a use of an asset, what pages remember for a person, and
 * a count of changes by which an edit made from an old state is noticed.
 */
export const web = `
create table web_sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  token_hash text not null unique,
  created_at integer not null,
  last_seen_at integer not null,
  -- without a sign of life until then it is over
  idle_until integer not null,
  -- however much it is used
  expires_at integer not null,
  ip text not null,
  user_agent text not null,
  factors_json text not null
) strict, without rowid;
create index web_sessions_user on web_sessions (user_id);
create index web_sessions_expires on web_sessions (expires_at);

-- whoever signs out, or whose token is removed, takes their tickets along
create table tickets (
  token_hash text primary key,
  user_id text not null references users (id) on delete cascade,
  web_session_id text references web_sessions (id) on delete cascade,
  token_id text references tokens (id) on delete cascade,
  asset_id text not null references assets (id) on delete cascade,
  account text not null,
  protocol text not null,
  use text not null,
  created_at integer not null,
  expires_at integer not null,
  used_at integer
) strict, without rowid;
create index tickets_user on tickets (user_id);
create index tickets_web_session on tickets (web_session_id);
create index tickets_token on tickets (token_id);
create index tickets_asset on tickets (asset_id);
create index tickets_expires on tickets (expires_at);

create table preferences (
  user_id text primary key references users (id) on delete cascade,
  json text not null
) strict, without rowid;

alter table users add column version integer not null default 1;
alter table groups add column version integer not null default 1;
alter table assets add column version integer not null default 1;
alter table accounts add column version integer not null default 1;
alter table permissions add column version integer not null default 1;
alter table filters add column version integer not null default 1;

-- logins are counted by day; nothing else of the audit is
create index audit_logins on audit (at, outcome) where action = 'login';
`;
