/**
 * Command filters, the command log, reviews and transfers.
 *
 * `command_text` finds a text anywhere in a line. It sees each line with two line breaks behind it, so that every
 * character begins a trigram and a text of one or two characters can be looked up by the trigrams that begin with it
 * (`command_terms` lists those there are).
 */
export const commands = `
create table filters (
  id text primary key,
  name text not null,
  name_key text not null unique,
  comment text not null,
  active integer not null check (active in (0, 1)),
  priority integer not null check (priority between 1 and 100),
  action text not null check (action in ('allow', 'warn', 'review', 'deny')),
  words_json text not null,
  regex text,
  match_case integer not null check (match_case in (0, 1)),
  accounts_json text not null,
  for_all_users integer not null check (for_all_users in (0, 1)),
  for_all_assets integer not null check (for_all_assets in (0, 1)),
  created_at integer not null
) strict, without rowid;

create table filter_users (
  filter_id text not null references filters (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  primary key (filter_id, user_id)
) strict, without rowid;
create index filter_users_user on filter_users (user_id);

create table filter_groups (
  filter_id text not null references filters (id) on delete cascade,
  group_id text not null references groups (id) on delete cascade,
  primary key (filter_id, group_id)
) strict, without rowid;
create index filter_groups_group on filter_groups (group_id);

create table filter_assets (
  filter_id text not null references filters (id) on delete cascade,
  asset_id text not null references assets (id) on delete cascade,
  primary key (filter_id, asset_id)
) strict, without rowid;
create index filter_assets_asset on filter_assets (asset_id);

create table filter_reviewers (
  filter_id text not null references filters (id) on delete cascade,
  user_id text not null references users (id) on delete cascade,
  primary key (filter_id, user_id)
) strict, without rowid;
create index filter_reviewers_user on filter_reviewers (user_id);

create table commands (
  seq integer primary key,
  id text not null unique,
  session_id text not null,
  at integer not null,
  user_id text not null,
  user_name text not null collate nocase,
  asset_id text not null,
  asset_name text not null collate nocase,
  account text not null,
  line text not null,
  word text not null,
  confidence text not null check (confidence in ('exact', 'screen', 'typed', 'unparsed')),
  context text not null check (context in ('exec', 'shell', 'stdin', 'multiplexer', 'program')),
  verdict text not null check (verdict in ('pass', 'warn', 'deny', 'approved', 'refused', 'cancelled')),
  filter text,
  reviewer text,
  exit_code integer,
  reported text,
  cwd text,
  offset_ms integer not null
) strict;
create index commands_at on commands (at);
create index commands_session on commands (session_id, at);
create index commands_user on commands (user_name, at);
create index commands_asset on commands (asset_name, at);
create index commands_account on commands (account, at);
create index commands_word on commands (word, at);
create index commands_minded on commands (verdict, at) where verdict <> 'pass';

create view command_lines as select seq, line || char(10, 10) as line from commands;
create virtual table command_text using fts5(
  line, content = 'command_lines', content_rowid = 'seq', detail = none, columnsize = 0, tokenize = 'trigram'
);
create virtual table command_terms using fts5vocab(command_text, row);
create trigger commands_added after insert on commands begin
  insert into command_text (rowid, line) values (new.seq, new.line || char(10, 10));
end;
create trigger commands_removed after delete on commands begin
  insert into command_text (command_text, rowid, line) values ('delete', old.seq, old.line || char(10, 10));
end;

create table reviews (
  id text primary key,
  session_id text not null,
  user_id text not null,
  user_name text not null collate nocase,
  asset_name text not null collate nocase,
  account text not null,
  line text not null,
  filter text not null,
  reviewers_json text not null,
  state text not null check (state in ('pending', 'approved', 'refused', 'cancelled')),
  asked_at integer not null,
  settled_at integer,
  settled_by text
) strict, without rowid;
create index reviews_pending on reviews (id) where state = 'pending';

create table transfers (
  id text primary key,
  session_id text not null,
  user_id text not null,
  user_name text not null collate nocase,
  asset_id text not null,
  asset_name text not null collate nocase,
  account text not null,
  method text not null,
  direction text not null check (direction in ('upload', 'download')),
  path text not null,
  started_at integer not null,
  ended_at integer not null,
  bytes integer not null,
  sha256 text,
  result text not null check (result in ('ok', 'failed', 'denied', 'cancelled')),
  detail text
) strict, without rowid;
create index transfers_session on transfers (session_id, id);
`;
