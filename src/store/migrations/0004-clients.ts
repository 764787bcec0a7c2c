/**
 * What every SSH client needs: forwarded connections as sessions with a destination, transfers that are not the whole
 * file, and accounts that keep no secret. SQLite changes a check only by a new table.
 */
export const clients = `
alter table sessions add column destination text;
alter table sessions add column label text;
alter table transfers add column partial integer not null default 0 check (partial in (0, 1));

create table accounts_new (
  id text primary key,
  asset_id text not null references assets (id) on delete cascade,
  login text not null,
  secret_kind text not null check (secret_kind in ('password', 'key', 'none', 'agent', 'certificate')),
  secret blob,
  passphrase blob,
  public_key text,
  comment text not null,
  active integer not null check (active in (0, 1)),
  created_at integer not null,
  updated_at integer not null,
  unique (asset_id, login)
) strict, without rowid;
insert into accounts_new
  select id, asset_id, login, secret_kind, secret, passphrase, public_key, comment, active, created_at, updated_at
  from accounts;
drop table accounts;
alter table accounts_new rename to accounts;
`;
