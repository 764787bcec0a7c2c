import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { SessionView } from '../../src/api/contract/sessions.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { api } from '../kit/http.ts';
import { IN, passwordLogin } from '../kit/logins.ts';
import { makeOldData, OLD_COMMAND, OLD_OUTPUT, OLD_PASSWORD, type OldData } from '../kit/old-data.ts';
import { eventually, type RunResult, run } from '../kit/process.ts';
import { laterRelease } from '../kit/release.ts';
import { fill, mountSmall } from '../kit/small-disk.ts';
import { type KeyPair, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/main.cjs');
const NEWEST = MIGRATIONS.length;
const LATER = { name: '9999-later', sql: 'alter table users add column shoe_size integer;' };

let keys: string;
let key: KeyPair;
let targetKey: KeyPair;
let sshd: Sshd;

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'bastion-upgrade-'));
  [key, targetKey] = await Promise.all([makeKey(keys, 'alice'), makeKey(keys, 'target')]);
  sshd = await startSshd({ password: true, authorizedKeys: [targetKey.publicKey] });
});
afterAll(async () => {
  await sshd?.stop();
  rmSync(keys, { recursive: true, force: true });
});

/** A directory of the running test whose `data` was left by a release with this version of the database. */
async function oldDir(version: number, dir = mkdtempSync(join(keys, 'old-'))): Promise<{ dir: string; old: OldData }> {
  const target = { port: sshd.port, login: TEST_USER.name, key: targetKey };
  const old = await makeOldData(join(dir, 'data'), version, { key, target });
  return { dir, old };
}

const copies = (dir: string) => readdirSync(join(dir, 'data')).filter((name) => /\.(before-|upgrading)/.test(name));

function versionOf(dir: string, name = 'bastion.db'): unknown {
  const sqlite = new BetterSqlite(join(dir, 'data', name), { readonly: true });
  try {
    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    return sqlite.pragma('user_version', { simple: true });
  } finally {
    sqlite.close();
  }
}

/** A start that is to fail. */
async function refusedStart(dir: string, main = BUNDLE): Promise<RunResult> {
  const listen = { listen: '127.0.0.1:0' };
  writeFileSync(join(dir, 'config.yml'), JSON.stringify({ data: join(dir, 'data'), ssh: listen, http: listen }));
  const child = await run(process.execPath, [main, 'serve', '--config', join(dir, 'config.yml')]);
  expect(child.stdout).not.toContain('Ready');
  return child;
}

const offline = (dir: string, args: readonly string[]) =>
  run(process.execPath, [BUNDLE, '--data', join(dir, 'data'), ...args]);

const login = (bastion: Bastion) => bastion.ssh(`alice@${TEST_USER.name}@web1`, key.file, ['echo over the bastion']);

/** Everything a person had before is there and works. */
async function worksAsBefore(bastion: Bastion, old: OldData, version: number): Promise<void> {
  expect(await login(bastion)).toMatchObject({ code: 0, stdout: 'over the bastion\n' });
  expect((await passwordLogin(bastion, 'alice', OLD_PASSWORD)).code).toBe(IN);
  expect(await api(bastion, 'GET', '/api/v1/me', { token: old.token })).toMatchObject({ json: { name: 'Alice' } });
  expect((await bastion.cli(['session', 'replay', old.ended, '--speed', 'max'])).stdout).toContain(OLD_OUTPUT);
  const killed = await eventually('the recording of the killed session', async () => {
    const row = await bastion.json<SessionView>(['session', 'show', old.live]);
    return row.recording === 'ready' ? row : undefined;
  });
  expect(killed.state).toBe('interrupted');
  expect((await bastion.cli(['session', 'replay', old.live, '--speed', 'max'])).stdout).toContain(OLD_OUTPUT);
  if (version >= 2) expect(await bastion.ok(['command', 'list', '--text', 'restart ng'])).toContain(OLD_COMMAND);
  const verify = await bastion.cli(['audit', 'verify']);
  expect([verify.code, verify.stdout + verify.stderr]).toEqual([0, expect.stringMatching(/whole|verified|ok/i)]);
}

describe.each(MIGRATIONS.map(({ name }, i) => ({ name, version: i + 1 })))('data of $name', ({ version }) => {
  test('is upgraded by the first start, and everything goes on', async () => {
    const { dir, old } = await oldDir(version);
    {
      await using bastion = await startBastion({ dir });
      await worksAsBefore(bastion, old, version);
      expect(bastion.log().includes('the database was upgraded')).toBe(version < NEWEST);
      await bastion.stop();
    }
    expect(versionOf(dir)).toBe(NEWEST);
    const kept = copies(dir);
    expect(kept).toHaveLength(version < NEWEST ? 1 : 0);
    for (const name of kept) expect(versionOf(dir, name)).toBe(version);
    await using again = await startBastion({ dir });
    expect(again.log()).not.toContain('the database was upgraded');
    expect(copies(dir)).toEqual(kept);
  });
});

test('a command on a stopped daemon says that it upgraded the data, and where they are as they were', async () => {
  const { dir } = await oldDir(1);
  const first = await offline(dir, ['user', 'list', '--json']);
  const [copy] = copies(dir);
  expect(first.stderr).toBe(
    `The database was upgraded from version 1 to ${NEWEST}. As it was before, it is kept in ${join(dir, 'data', copy!)}\n`,
  );
  expect(JSON.parse(first.stdout)).toMatchObject([{ name: 'Alice' }, { name: 'boss' }]);
  expect((await offline(dir, ['user', 'list'])).stderr).toBe('');
  expect(copies(dir)).toEqual([copy]);
});

test('an older release refuses newer data, as a daemon and as a command, and goes on with the copy', async () => {
  const { dir, old } = await oldDir(NEWEST);
  const later = laterRelease('9.8.7', LATER);
  {
    await using bastion = await startBastion({ dir, main: later });
    expect(await bastion.ssh(`alice@${TEST_USER.name}@web1`, key.file, ['echo later'])).toMatchObject({
      stdout: 'later\n',
    });
    await bastion.stop();
  }
  expect(versionOf(dir)).toBe(NEWEST + 1);
  for (const refused of [await refusedStart(dir), await offline(dir, ['user', 'list'])]) {
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /written by a newer bastion, 9\.8\.7 \(database version \d+; bastion \S+ knows \d+\)/,
    );
  }
  expect(versionOf(dir)).toBe(NEWEST + 1);
  const { stderr } = await offline(dir, ['user', 'list']);
  const moved = spawn('sh', ['-c', /rm -f .*; mv .*/.exec(stderr)![0]], { stdio: 'inherit' });
  await once(moved, 'exit');
  await using bastion = await startBastion({ dir });
  // what the later release did is gone, what there was before is there
  const rows = await bastion.json<SessionView[]>(['session', 'list']);
  expect(rows.map(({ id }) => id).sort()).toEqual([old.ended, old.live].sort());
  expect(await login(bastion)).toMatchObject({ stdout: 'over the bastion\n' });
});

test('a step that fails keeps the daemon down and the data as they were', async () => {
  const { dir, old } = await oldDir(2);
  const broken = laterRelease('9.8.7', { name: '9999-broken', sql: `${LATER.sql} insert into nowhere values (1);` });
  for (const _ of [1, 2]) {
    const failed = await refusedStart(dir, broken);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /could not be upgraded from version 2 to \d+ \(9999-broken: .*no such table: nowhere\)\. Every step was taken back/,
    );
    expect(versionOf(dir)).toBe(2);
    expect(copies(dir)).toEqual([]);
  }
  await using bastion = await startBastion({ dir });
  await worksAsBefore(bastion, old, 2);
});

test('kill -9 while a large database is copied harms nothing', async () => {
  const { dir, old } = await oldDir(2);
  const sqlite = new BetterSqlite(join(dir, 'data', 'bastion.db'));
  sqlite.exec(`create table ballast (x); insert into ballast
    with recursive n (i) as (select 1 union all select i + 1 from n where i < 80000) select randomblob(2000) from n`);
  sqlite.close();
  const begun = Promise.withResolvers<void>();
  const watcher = watch(join(dir, 'data'), (_, name) => name === 'bastion.db.upgrading' && begun.resolve());
  onTestFinished(() => watcher.close());
  const child = spawn(process.execPath, [BUNDLE, '--data', join(dir, 'data'), 'user', 'list'], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  await Promise.race([begun.promise, exited]);
  child.kill('SIGKILL');
  expect((await exited)[1]).toBe('SIGKILL');
  expect(copies(dir)).toContain('bastion.db.upgrading');
  // SQLite leaves its journal, too, when it is killed late enough
  writeFileSync(join(dir, 'data', 'bastion.db.upgrading-journal'), 'of the copy that was not finished');
  expect(versionOf(dir)).toBe(2);
  await using bastion = await startBastion({ dir });
  await worksAsBefore(bastion, old, 2);
  expect(copies(dir)).toHaveLength(1);
  expect(versionOf(dir, copies(dir)[0])).toBe(2);
});

test('a disk without room for the copy is said before anything is done', async () => {
  const dir = mkdtempSync(join(keys, 'small-'));
  await using _disk = await mountSmall(join(dir, 'data'), 16);
  const { old } = await oldDir(3, dir);
  const filler = join(dir, 'data', 'filler');
  await fill(join(dir, 'data'));
  const full = await refusedStart(dir);
  expect([full.code, full.stderr]).toEqual([2, expect.stringMatching(/cannot be written \(ENOSPC\)\. Make room/)]);
  truncateSync(filler, statSync(filler).size - 2 * 2 ** 20);
  const refused = await refusedStart(dir);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/is copied before: that needs \d+ MiB in .*, and 1 MiB are free\. Make room/);
  rmSync(filler);
  expect(versionOf(dir)).toBe(3);
  expect(copies(dir)).toEqual([]);
  await using bastion = await startBastion({ dir });
  await worksAsBefore(bastion, old, 3);
});
