import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { tokenHash } from '../../src/auth/one-time.ts';
import { Passwords } from '../../src/auth/password.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { FRAME, FRAME_HEAD } from '../../src/storage/frames.ts';
import { createLocalRecordings } from '../../src/storage/local.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { openEvidence } from '../../src/store/audit/evidence.ts';
import { Engine } from '../../src/store/engine.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import type { KeyPair } from './sshd.ts';

/** What the people and machines in old data need to be used afterwards. */
export interface OldWorld {
  /** Logs alice in. */
  readonly key: KeyPair;
  readonly target: { readonly port: number; readonly login: string; readonly key: KeyPair };
}

export interface OldData {
  readonly password: string;
  /** An API token of alice. */
  readonly token: string;
  /** Its recording was finished. */
  readonly ended: SessionId;
  /** The bastion was killed in it. */
  readonly live: SessionId;
  /** Rows of each table. */
  readonly rows: Readonly<Record<string, number>>;
}

type Row = Readonly<Record<string, string | number | Buffer | null>>;

const AT = Date.UTC(2026, 0, 5, 12);
const DAY = 86_400_000;
export const OLD_PASSWORD = 'from an earlier release';
export const OLD_COMMAND = 'systemctl restart nginx';
export const OLD_OUTPUT = 'seen before the upgrade';

/**
 * A data directory as a release whose database had this version left it when it was killed: made by the steps up to that
 * version, with rows in every table there was, real secrets in the vault, and the audit chain where there was one.
 */
export async function makeOldData(dataDir: string, version: number, world: OldWorld): Promise<OldData> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const keyFile = join(dataDir, 'master.key');
  createMasterKey(keyFile);
  const file = join(dataDir, 'bastion.db');
  const sqlite = openSqlite(file, 'write');
  try {
    migrate(sqlite, file, { now: AT, migrations: MIGRATIONS.slice(0, version) });
    const store = partOfStore(sqlite);
    const vault = await openVault({ keyFile, store });
    const seal = (text: string, table: string, column: string, id: string) =>
      vault.seal(Secret.of(text), { table, column, id });
    const insert = (table: string, row: Row) => {
      const names = Object.keys(row);
      const values = names.map((name) => `@${name}`).join(', ');
      sqlite.prepare(`insert into ${table} (${names.join(', ')}) values (${values})`).run(row);
    };
    if (version >= 3) await openEvidence({ store, vault });
    const audit = (action: string, target: SessionId | null = null, details: object | null = null) => {
      const actor = { kind: 'system', userId: null, name: 'bastion', ip: null, via: 'system' } as const;
      const about = target === null ? null : { kind: 'session', id: target, name: null };
      if (version >= 3)
        return store.audit.append({
          ...{ actor, action, outcome: 'ok', reason: null },
          ...{ target: about as never, details: details as never },
        });
      return insert('audit', {
        ...{ id: newId(AT), at: AT, actor_kind: 'system', actor_name: 'bastion', actor_via: 'system', action },
        ...{ outcome: 'ok', target_kind: target && 'session', target_id: target },
        details_json: details && JSON.stringify(details),
      });
    };

    const people = await addPeople(insert, seal, world.key);
    const places = addPlaces(insert, seal, world.target, people);
    await audit('user.create');
    const sessions = await addSessions(dataDir, insert, audit, { ...people, ...places, login: world.target.login });
    if (version >= 2) addCommands(insert, { ...people, ...places, ...sessions, login: world.target.login });
    if (version >= 4) sqlite.exec("update sessions set label = 'vscode'; update transfers set partial = 1");
    if (version >= 4) addAgentAccount(insert, places.asset);
    if (version >= 5) addBrowser(insert, people.alice, places.asset);
    return { password: OLD_PASSWORD, token: people.token, ...sessions, rows: rowsOf(sqlite) };
  } finally {
    sqlite.close();
  }
}

/** Rows of each table that is not SQLite's own or an index. */
export function rowsOf(sqlite: Database): Record<string, number> {
  const names = sqlite
    .prepare(
      "select name from sqlite_schema where type = 'table' and name not like 'sqlite%' and name not like 'command_t%'",
    )
    .pluck()
    .all() as string[];
  return Object.fromEntries(
    names.map((name) => [name, Number(sqlite.prepare(`select count(*) from ${name}`).pluck().get())]),
  );
}

/** Audit and vault over a database of any version: what they work on has changed with the chain only. */
function partOfStore(sqlite: Database): Pick<Store, 'audit' | 'vaultRows'> {
  const engine = new Engine(sqlite);
  let calls = 0;
  const proxy = (repository: string) =>
    new Proxy(
      {},
      {
        get:
          (_, method: string) =>
          async (...args: readonly unknown[]) => {
            const { replies } = await engine.run([{ id: ++calls, repository, method, args, now: AT + calls }]);
            const { error, value } = replies[0]!;
            if (error) throw new Error(error.message);
            return value;
          },
      },
    );
  return { audit: proxy('audit'), vaultRows: proxy('vaultRows') } as Pick<Store, 'audit' | 'vaultRows'>;
}

type Insert = (table: string, row: Row) => void;
type Seal = (text: string, table: string, column: string, id: string) => Buffer;

async function addPeople(insert: Insert, seal: Seal, key: KeyPair) {
  const passwords = new Passwords();
  const hash = await passwords.hash(Secret.of(OLD_PASSWORD), 'test');
  await passwords.close();
  const [alice, boss] = [newId(AT), newId(AT)];
  const user = { display_name: '', email: '', comment: '', created_at: AT };
  insert('users', { ...user, id: alice, name: 'Alice', name_key: 'alice', role: 'user', password_hash: hash });
  insert('users', {
    ...{ ...user, id: boss, name: 'boss', name_key: 'boss', role: 'admin', valid_until: AT + 9999 * DAY },
    totp_secret: seal('12345678901234567890', 'users', 'totp_secret', boss),
  });
  insert('recovery_codes', { user_id: boss, hash: 'c0de' });
  const [type, base64] = key.publicKey.split(' ');
  const blob = Buffer.from(base64!, 'base64');
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  insert('user_keys', {
    ...{ id: newId(AT), user_id: alice, type: type!, fingerprint, blob, comment: 'alice', options: '' },
    ...{ totp_exempt: 0, created_at: AT },
  });
  insert('mfa_memory', { user_id: alice, fingerprint, until: AT + DAY });
  insert('lockouts', { user_key: 'eve', user_name: 'Eve', ip: '192.0.2.9', failures: 3, last_at: AT });
  insert('links', { id: newId(AT), kind: 'invite', user_id: alice, token_hash: 'x', expires_at: AT + DAY });
  const token = Secret.of(`bst_${randomBytes(32).toString('base64url')}`);
  insert('tokens', {
    ...{ id: newId(AT), user_id: alice, name: 'ci', token_hash: tokenHash('bst', token)!, created_at: AT },
  });
  const group = newId(AT);
  insert('groups', { id: group, name: 'ops', name_key: 'ops', comment: '' });
  insert('group_members', { group_id: group, user_id: alice });
  insert('authorities', {
    ...{ id: newId(AT), name: 'house', name_key: 'house', type: type!, fingerprint, blob, created_at: AT },
  });
  return { alice, group, token: token.exposeText() };
}

function addPlaces(
  insert: Insert,
  seal: Seal,
  target: OldWorld['target'],
  { alice, group }: { alice: string; group: string },
) {
  insert('folders', { path: '/prod', comment: 'production' });
  const [asset, account, permission] = [newId(AT), newId(AT), newId(AT)];
  const common = { platform: 'linux', folder: '/prod', comment: '', active: 1, created_at: AT };
  insert('assets', {
    ...{ ...common, id: asset, name: 'web1', name_key: 'web1', address: '127.0.0.1', labels_json: '{"tier":"web"}' },
    protocols_json: JSON.stringify([{ name: 'ssh', port: target.port }]),
  });
  insert('assets', {
    ...{ ...common, id: newId(AT), name: 'behind', name_key: 'behind', address: '192.0.2.1', labels_json: '{}' },
    ...{ protocols_json: '[{"name":"ssh","port":22}]', via_id: asset },
  });
  insert('accounts', {
    ...{ id: account, asset_id: asset, login: target.login, secret_kind: 'key', comment: '', active: 1 },
    secret: seal(target.key.privateKey.toString(), 'accounts', 'secret', account),
    ...{ public_key: target.key.publicKey, created_at: AT, updated_at: AT },
  });
  insert('permissions', {
    ...{ id: permission, name: 'production', name_key: 'production', comment: '', active: 1, labels_json: '[]' },
    ...{ accounts_json: '["@all"]', protocols_json: '[]', forward_to_json: '[]', record: 'required', created_at: AT },
    actions_json: '["connect","upload","download","delete","copy","paste"]',
  });
  insert('permission_users', { permission_id: permission, user_id: alice });
  insert('permission_groups', { permission_id: permission, group_id: group });
  insert('permission_assets', { permission_id: permission, asset_id: asset });
  insert('permission_folders', { permission_id: permission, folder: '/prod' });
  const blob = Buffer.from('another machine');
  insert('host_keys', {
    ...{ id: newId(AT), asset_id: asset, endpoint: '192.0.2.7:22', type: 'ssh-ed25519', fingerprint: 'SHA256:x', blob },
    ...{ state: 'pinned', first_seen_at: AT, last_seen_at: AT },
  });
  return { asset };
}

interface About {
  readonly alice: string;
  readonly asset: string;
  readonly login: string;
}

async function addSessions(
  dataDir: string,
  insert: Insert,
  audit: (action: string, target: SessionId, details: object | null) => unknown,
  { alice, asset, login }: About,
) {
  const recordings = createLocalRecordings({ data: dataDir, reserve: 0, clock: systemClock });
  await recordings.prepare();
  const [ended, live] = [newId<SessionId>(AT), newId<SessionId>(AT + 1000)];
  const begin = async (id: SessionId) => {
    const header = {
      ...{ version: 1 as const, id, startedAt: AT, size: { cols: 80, rows: 24 }, term: 'xterm', user: 'Alice' },
      ...{ asset: 'web1', account: login, command: null },
    };
    const writer = await recordings.begin(header, { onError: () => undefined, onDrain: () => undefined });
    writer.append(FRAME.output, Buffer.from(`${OLD_OUTPUT}\r\n`));
    return writer;
  };
  const end = { cause: 'client-closed', detail: null, exitCode: 0, exitSignal: null, bytesIn: 1, bytesOut: 2 } as const;
  await (await begin(ended)).finish(end);
  const killed = await begin(live);
  await killed.finish(end);
  // a killed session has no end frame
  truncateSync(killed.path, statSync(killed.path).size - FRAME_HEAD - Buffer.byteLength(JSON.stringify(end)));
  const { bytes, sha256 } = await recordings.store(ended);
  await recordings.dropSpool(ended);
  await recordings.close();
  const session = {
    ...{ user_id: alice, user_name: 'Alice', asset_id: asset, asset_name: 'web1', account: login, protocol: 'ssh' },
    ...{ use: 'shell', client_ip: '192.0.2.5', via: 'ssh', permission: 'production', started_at: AT },
  };
  insert('sessions', {
    ...{
      ...session,
      id: ended,
      grant_id: newId(AT),
      ended_at: AT + 60_000,
      state: 'ended',
      end_cause: 'client-closed',
    },
    ...{ exit_code: 0, bytes_in: 1, bytes_out: 2, recording: 'ready', recording_bytes: bytes },
    recording_sha256: sha256,
  });
  await audit('recording.stored', ended, { bytes, sha256, seconds: 1, lostBytes: 0 });
  insert('sessions', {
    ...{ ...session, id: live, grant_id: newId(AT), state: 'live', bytes_in: 0, bytes_out: 0, recording: 'spool' },
  });
  return { ended, live };
}

function addCommands(insert: Insert, about: About & { group: string; ended: SessionId }): void {
  const { alice, asset, login, group, ended } = about;
  const whose = { session_id: ended, user_id: alice, user_name: 'Alice', asset_name: 'web1', account: login };
  const filter = newId(AT);
  insert('filters', {
    ...{ id: filter, name: 'no reboot', name_key: 'no reboot', comment: '', active: 1, priority: 50, action: 'deny' },
    ...{ words_json: '["reboot"]', match_case: 1, accounts_json: '[]', for_all_users: 0, for_all_assets: 0 },
    created_at: AT,
  });
  insert('filter_groups', { filter_id: filter, group_id: group });
  insert('filter_users', { filter_id: filter, user_id: alice });
  insert('filter_assets', { filter_id: filter, asset_id: asset });
  insert('filter_reviewers', { filter_id: filter, user_id: alice });
  insert('commands', {
    ...{ ...whose, id: newId(AT), at: AT, asset_id: asset, line: OLD_COMMAND, word: 'systemctl', confidence: 'screen' },
    ...{ context: 'shell', verdict: 'pass', offset_ms: 10 },
  });
  insert('reviews', {
    ...{ ...whose, id: newId(AT), line: 'reboot', filter: 'no reboot', reviewers_json: '["boss"]', state: 'pending' },
    asked_at: AT,
  });
  insert('transfers', {
    ...{
      ...whose,
      id: newId(AT),
      asset_id: asset,
      method: 'sftp',
      direction: 'upload',
      path: '/tmp/a',
      started_at: AT,
    },
    ...{ ended_at: AT, bytes: 3, result: 'ok' },
  });
}

function addAgentAccount(insert: Insert, asset: string): void {
  insert('accounts', {
    ...{ id: newId(AT), asset_id: asset, login: 'agent', secret_kind: 'agent', comment: '', active: 1 },
    ...{ created_at: AT, updated_at: AT },
  });
}

function addBrowser(insert: Insert, user: string, asset: string): void {
  const session = newId(AT);
  insert('web_sessions', {
    ...{ id: session, user_id: user, token_hash: 'w', created_at: AT, last_seen_at: AT, idle_until: AT + DAY },
    ...{ expires_at: AT + DAY, ip: '192.0.2.5', user_agent: 'Firefox', factors_json: '{}' },
  });
  insert('tickets', {
    ...{ token_hash: 't', user_id: user, web_session_id: session, asset_id: asset, account: 'root', protocol: 'ssh' },
    ...{ use: 'shell', created_at: AT, expires_at: AT + DAY },
  });
  insert('preferences', { user_id: user, json: '{"theme":"dark"}' });
}
