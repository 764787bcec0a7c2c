import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/kernel/log.ts';
import { acquireLock } from '../../src/store/lock.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { draft, newUser, T0, tempDir, testStore } from './store-kit.ts';

const SOURCES = new URL('../../src/', import.meta.url).href;

/** A process of its own that runs a few lines against our modules and prints lines. */
function child(dir: string, code: string): { process: ChildProcess; line(): Promise<string> } {
  const file = join(dir, 'child.mjs');
  writeFileSync(file, code.replaceAll('SRC/', SOURCES));
  const process = spawn(globalThis.process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void process.kill('SIGKILL'));
  const lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  return { process, line: async () => (await lines.next()).value ?? '' };
}

describe('the lock of the data directory', () => {
  test('has one holder; another is told who; giving it back frees it', () => {
    const dir = tempDir();
    const release = acquireLock(dir, 'bastion serve');
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(
      expect.objectContaining({
        code: 'busy',
        exitCode: 2,
        message: expect.stringMatching(
          new RegExp(`in use by bastion serve \\(pid ${process.pid}, since 20\\d\\d-.* UTC\\)\\. End that`),
        ),
      }),
    );
    for (const file of readdirSync(dir)) expect([file, statSync(join(dir, file)).mode & 0o777]).toEqual([file, 0o600]);
    release();
    release();
    acquireLock(dir, 'bastion user')();
  });

  test('holds between processes and falls with kill -9', async () => {
    const dir = tempDir();
    const holder = child(
      dir,
      `import { acquireLock } from 'SRC/store/lock.ts';
       acquireLock(${JSON.stringify(dir)}, 'bastion serve');
       console.log('held');
       setInterval(() => {}, 1000);`,
    );
    expect(await holder.line()).toBe('held');
    const busy = expect.objectContaining({
      code: 'busy',
      message: expect.stringContaining(`pid ${holder.process.pid}`),
    });
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(busy);
    // a refused attempt must not have loosened it
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(busy);
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
    acquireLock(dir, 'bastion user')();
  });

  test('a directory that is not there is said clearly', () => {
    expect(() => acquireLock(join(tempDir(), 'nope'), 'x')).toThrowError(expect.objectContaining({ code: 'config' }));
  });
});

test('after kill -9 every change that was answered is there and the database is sound', async () => {
  const dir = tempDir();
  const writer = child(
    dir,
    `import { openStore } from 'SRC/store/open.ts';
     import { silentLog } from 'SRC/kernel/log.ts';
     import { newId } from 'SRC/kernel/id.ts';
     const store = await openStore({ dataDir: ${JSON.stringify(dir)}, log: silentLog() });
     const audit = ${JSON.stringify(draft('user.create'))};
     const rest = { displayName: '', email: '', comment: '', role: 'user', validUntil: null, passwordHash: null, groups: [] };
     for (let i = 0; ; i++) {
       const names = [0, 1, 2, 3].map((n) => 'user-' + i + '-' + n);
       await Promise.all(names.map((name) => store.users.create({ id: newId(), name, ...rest }, audit)));
       console.log(names.join(' '));
     }`,
  );
  const answered: string[] = [];
  while (answered.length < 200) answered.push(...(await writer.line()).split(' '));
  writer.process.kill('SIGKILL');
  await once(writer.process, 'exit');

  const store = await testStore({ dataDir: dir });
  const names = new Set((await store.users.list()).map((user) => user.name));
  expect(answered.filter((name) => !names.has(name))).toEqual([]);
  expect(await store.audit.list({ limit: 1_000_000 })).toHaveLength(names.size);
  const raw = new BetterSqlite(join(dir, 'bastion.db'), { readonly: true });
  expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
  raw.close();
});

describe('migrations', () => {
  const next = [...MIGRATIONS, { name: 'next', sql: 'alter table users add column shoe_size integer;' }];

  async function filled(): Promise<{ dir: string; file: string }> {
    const dir = tempDir();
    const store = await openStore({ dataDir: dir, log: silentLog() });
    await store.users.create(newUser('alice'), draft('x'));
    await store.close();
    return { dir, file: join(dir, 'bastion.db') };
  }

  function upgrade(file: string, migrations: typeof MIGRATIONS, now = T0): string | undefined {
    const sqlite = openSqlite(file, 'write');
    try {
      return migrate(sqlite, file, now, migrations);
    } finally {
      sqlite.close();
    }
  }

  test('an existing database is copied before it changes; a new or current one is not', async () => {
    const { file } = await filled();
    expect(upgrade(file, MIGRATIONS)).toBeUndefined();
    const snapshot = upgrade(file, next)!;
    expect(snapshot).toBe(`${file}.before-${next.length}-20260101T000000Z`);
    expect(statSync(snapshot).mode & 0o777).toBe(0o600);
    const old = new BetterSqlite(snapshot, { readonly: true });
    expect(old.prepare('select * from users').get()).not.toHaveProperty('shoe_size');
    expect(old.prepare('select name from users').pluck().all()).toEqual(['alice']);
    expect(old.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    old.close();
    const now = new BetterSqlite(file, { readonly: true });
    expect(now.prepare('select * from users').get()).toHaveProperty('shoe_size');
    now.close();
  });

  test('a step that fails changes nothing', async () => {
    const { file } = await filled();
    const broken = [...next, { name: 'broken', sql: 'create table t (x); insert into nowhere values (1);' }];
    expect(() => upgrade(file, broken)).toThrowError(/nowhere/);
    const dangling = [...next, { name: 'dangling', sql: "insert into group_members values ('nobody', 'nobody');" }];
    expect(() => upgrade(file, dangling)).toThrowError(/group_members/);
    const raw = new BetterSqlite(file, { readonly: true });
    expect(raw.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(raw.prepare("select count(*) from sqlite_schema where name = 't'").pluck().get()).toBe(0);
    raw.close();
  });

  test('the newest three copies are kept', async () => {
    const { dir, file } = await filled();
    let steps = [...MIGRATIONS];
    for (let i = 1; i <= 12; i++) {
      steps = [...steps, { name: `s${i}`, sql: `create table s${i} (x);` }];
      upgrade(file, steps, T0 + i * 1000);
    }
    expect(
      readdirSync(dir)
        .filter((name) => name.includes('.before-'))
        .sort(),
    ).toEqual([
      `bastion.db.before-${MIGRATIONS.length + 10}-20260101T000010Z`,
      `bastion.db.before-${MIGRATIONS.length + 11}-20260101T000011Z`,
      `bastion.db.before-${MIGRATIONS.length + 12}-20260101T000012Z`,
    ]);
  });

  test('a database of a newer release, or of another program, is refused and left alone', async () => {
    const { dir, file } = await filled();
    upgrade(file, next);
    await expect(openStore({ dataDir: dir, log: silentLog() })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('newer bastion'),
    });

    const other = tempDir();
    const foreign = new BetterSqlite(join(other, 'bastion.db'));
    foreign.exec('create table songs (title text)');
    foreign.close();
    await expect(openStore({ dataDir: other, log: silentLog() })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('another program'),
    });

    const broken = tempDir();
    writeFileSync(join(broken, 'bastion.db'), 'this is not a database, whatever its name says'.repeat(100));
    await expect(openStore({ dataDir: broken, log: silentLog() })).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('damaged'),
    });
  });

  test('a database file with wider rights is narrowed', async () => {
    const dir = tempDir();
    closeSync(openSync(join(dir, 'bastion.db'), 'w', 0o644));
    await testStore({ dataDir: dir });
    expect(statSync(join(dir, 'bastion.db')).mode & 0o777).toBe(0o600);
  });
});
