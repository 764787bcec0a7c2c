import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../src/kernel/log.ts';
import { migrate, type Upgrade } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { makeOldData, OLD_COMMAND, rowsOf } from '../kit/old-data.ts';
import { makeKey } from '../kit/sshd.ts';
import { openChained, verified } from './audit-kit.ts';
import { draft, newUser, T0, tempDir, testStore } from './store-kit.ts';

const SOURCES = new URL('../../src/', import.meta.url).href;
const next = [...MIGRATIONS, { name: '0099-next', sql: 'alter table users add column shoe_size integer;' }];

async function filled(program?: string): Promise<{ dir: string; file: string }> {
  const dir = tempDir();
  const store = await openStore({ dataDir: dir, log: silentLog(), program });
  await store.users.create(newUser('alice'), draft('x'));
  await store.close();
  return { dir, file: join(dir, 'bastion.db') };
}

function upgrade(file: string, migrations: typeof MIGRATIONS, now = T0, program?: string): Upgrade | undefined {
  const sqlite = openSqlite(file, 'write');
  try {
    return migrate(sqlite, file, { now, migrations, program });
  } finally {
    sqlite.close();
  }
}

/** Looks at a database without changing it. */
function seen<T>(file: string, look: (sqlite: BetterSqlite.Database) => T): T {
  const sqlite = new BetterSqlite(file, { readonly: true });
  try {
    return look(sqlite);
  } finally {
    sqlite.close();
  }
}

const isUnharmed = (file: string) =>
  seen(file, (sqlite) => {
    expect(sqlite.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(sqlite.prepare("select count(*) from sqlite_schema where name = 't'").pluck().get()).toBe(0);
    expect(sqlite.prepare('select * from users').get()).not.toHaveProperty('shoe_size');
    expect(sqlite.prepare('select name from users').pluck().all()).toEqual(['alice']);
  });

const copies = (dir: string) => readdirSync(dir).filter((name) => /\.(before-|upgrading)/.test(name));

describe('the copy', () => {
  test('is made of an existing database before it changes, for its owner only; a new or current one has none', async () => {
    const { file } = await filled();
    expect(upgrade(file, MIGRATIONS)).toBeUndefined();
    const done = upgrade(file, next)!;
    expect(done).toEqual({
      from: MIGRATIONS.length,
      to: next.length,
      copy: `${file}.before-${next.length}-20260101T000000Z`,
    });
    expect(statSync(done.copy).mode & 0o777).toBe(0o600);
    isUnharmed(done.copy);
    seen(file, (sqlite) => expect(sqlite.prepare('select * from users').get()).toHaveProperty('shoe_size'));
  });

  test('is kept of the newest three upgrades', async () => {
    const { dir, file } = await filled();
    let steps = [...MIGRATIONS];
    for (let i = 1; i <= 12; i++) {
      steps = [...steps, { name: `s${i}`, sql: `create table s${i} (x);` }];
      upgrade(file, steps, T0 + i * 1000);
    }
    expect(copies(dir).sort()).toEqual([
      `bastion.db.before-${MIGRATIONS.length + 10}-20260101T000010Z`,
      `bastion.db.before-${MIGRATIONS.length + 11}-20260101T000011Z`,
      `bastion.db.before-${MIGRATIONS.length + 12}-20260101T000012Z`,
    ]);
  });
});

describe('a step that fails', () => {
  test('changes nothing, says which one and why, and leaves no copy', async () => {
    const { dir, file } = await filled();
    const broken = [...next, { name: '0100-broken', sql: 'create table t (x); insert into nowhere values (1);' }];
    expect(() => upgrade(file, broken)).toThrowError(
      expect.objectContaining({
        code: 'internal',
        message: expect.stringMatching(
          /from version \d+ to \d+ \(0100-broken: .*nowhere\)\. Every step was taken back/,
        ),
      }),
    );
    const dangling = [...next, { name: 'dangling', sql: "insert into group_members values ('nobody', 'nobody');" }];
    expect(() => upgrade(file, dangling)).toThrowError(/broken references in group_members/);
    isUnharmed(file);
    expect(copies(dir)).toEqual([]);
    upgrade(file, next);
  });

  test('after which SQLite cannot take back what was done, has the copy put in the place of the database', async () => {
    const { dir, file } = await filled();
    const torn = [...next, { name: '0100-torn', sql: 'create table t (x); commit; insert into nowhere values (1);' }];
    expect(() => upgrade(file, torn)).toThrowError(/0100-torn.*The copy made before was put back/);
    isUnharmed(file);
    expect(copies(dir)).toEqual([]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    upgrade(file, next);
  });
});

/** An upgrade in a process of its own, which ends itself by SIGKILL when a step calls `die()`, or comes to its end. */
async function killedUpgrade(dir: string, steps: typeof MIGRATIONS): Promise<ChildProcess> {
  const code = `
    import { migrate } from 'SRC/store/migrate.ts';
    import { openSqlite } from 'SRC/store/sqlite.ts';
    const file = ${JSON.stringify(join(dir, 'bastion.db'))};
    const sqlite = openSqlite(file, 'write');
    sqlite.function('die', () => process.kill(process.pid, 'SIGKILL'));
    migrate(sqlite, file, { now: ${T0}, migrations: ${JSON.stringify(steps)} });`;
  const script = join(tempDir(), 'child.mjs');
  writeFileSync(script, code.replaceAll('SRC/', SOURCES));
  const child = spawn(process.execPath, [script], { stdio: 'inherit' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'exit');
  return child;
}

describe('kill -9', () => {
  test('in the middle of a step leaves the database as it was; what is left of the copy goes at the next start', async () => {
    const { dir, file } = await filled();
    // more than the page cache holds, so that pages of the open transaction stand in the log already
    const fill = `create table t (x); insert into t
      with recursive n (i) as (select 1 union all select i + 1 from n where i < 60000)
      select printf('%01000d', i) from n;`;
    const child = await killedUpgrade(dir, [...next, { name: 'dies', sql: `${fill} select die();` }]);
    expect(child.signalCode).toBe('SIGKILL');
    expect(statSync(`${file}-wal`).size).toBeGreaterThan(2 ** 20);
    expect(copies(dir)).toEqual(['bastion.db.upgrading']);
    const store = await testStore({ dataDir: dir });
    expect(await store.users.list()).toMatchObject([{ name: 'alice' }]);
    await store.close();
    isUnharmed(file);
    expect(copies(dir)).toEqual([]);
  });

  test('while the copy is written leaves half a copy, which is made again', async () => {
    const { dir, file } = await filled();
    for (const half of [readFileSync(file).subarray(0, 8192), Buffer.alloc(0), Buffer.from('SQLite format 3\0')]) {
      writeFileSync(`${file}.upgrading`, half);
      await (await openStore({ dataDir: dir, log: silentLog() })).close();
      expect(copies(dir)).toEqual([]);
    }
    writeFileSync(`${file}.upgrading`, readFileSync(file).subarray(0, 8192));
    isUnharmed(upgrade(file, next)!.copy);
    expect(copies(dir)).toHaveLength(1);
  });

  test('behind the last step leaves a copy that is kept', async () => {
    const { dir, file } = await filled();
    const { copy } = upgrade(file, next)!;
    // as it is between the end of the transaction and the naming of the copy
    writeFileSync(`${file}.upgrading`, readFileSync(copy), { mode: 0o600 });
    expect(upgrade(file, next)).toBeUndefined();
    expect(copies(dir)).toHaveLength(2);
    for (const name of copies(dir)) isUnharmed(join(dir, name));
  });
});

describe('a database that is refused', () => {
  test('was written by a newer release: who that was, what to run, and the way back are said', async () => {
    const { dir, file } = await filled();
    const { copy } = upgrade(file, next, T0, '9.8.7')!;
    const before = readFileSync(file);
    const refusal = await openStore({ dataDir: dir, log: silentLog(), program: '0.0.1' }).then(
      () => expect.fail('it was opened'),
      (error) => error,
    );
    const version = `database version ${next.length}; bastion 0.0.1 knows ${MIGRATIONS.length}`;
    expect(refusal).toMatchObject({ code: 'config', exitCode: 2 });
    expect(refusal.message).toContain(
      `written by a newer bastion, 9.8.7 (${version}). Run that release or a later one.`,
    );
    const back = /rm -f .*; mv .*$/.exec(refusal.message)![0];
    expect(back).toBe(`rm -f ${file}-wal ${file}-shm; mv ${copy} ${file}`);
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(dir).filter((name) => /-(wal|shm)$/.test(name))).toEqual([]);
    // the way back is one
    const moved = spawn('sh', ['-c', back], { stdio: 'inherit' });
    await once(moved, 'exit');
    const store = await testStore({ dataDir: dir });
    expect(await store.users.list()).toMatchObject([{ name: 'alice' }]);
  });

  test('is of another program, or damaged, and is left alone', async () => {
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
});

test('a database file with wider rights is narrowed', async () => {
  const dir = tempDir();
  closeSync(openSync(join(dir, 'bastion.db'), 'w', 0o644));
  await testStore({ dataDir: dir });
  expect(statSync(join(dir, 'bastion.db')).mode & 0o777).toBe(0o600);
});

describe.each(MIGRATIONS.map(({ name }, i) => ({ name, version: i + 1 })))('data of $name', ({ version }) => {
  test('is upgraded with every row, its secrets open, and its audit log verifies', async () => {
    const dir = tempDir();
    const key = await makeKey(dir, 'alice');
    const dataDir = join(dir, 'data');
    const old = await makeOldData(dataDir, version, { key, target: { port: 22, login: 'root', key } });
    const tables = Object.keys(old.rows).length;
    expect(Object.entries(old.rows).filter(([, rows]) => rows === 0)).toEqual([]);

    const chained = await openChained(dataDir);
    const { store, vault } = chained;
    const { found, summary } = await verified(chained);
    expect(found).toEqual([]);
    expect(summary.rows).toBeGreaterThanOrEqual(old.rows.audit!);
    const sealed = await store.vaultRows.all();
    const opened = sealed.map((row) => vault.open(row.sealed, row).exposeText());
    expect(opened).toEqual(expect.arrayContaining(['12345678901234567890', key.privateKey.toString()]));
    const alice = await store.users.byName('alice');
    expect(alice).toMatchObject({ name: 'Alice', version: 1 });
    expect(await store.groups.list()).toMatchObject([{ name: 'ops', members: ['Alice'] }]);
    expect(await store.permissions.list()).toMatchObject([
      { name: 'production', users: ['Alice'], folders: ['/prod'] },
    ]);
    if (version >= 2) expect(await store.commands.list({ text: 'restart ng' })).toMatchObject([{ line: OLD_COMMAND }]);
    await chained.close();

    seen(join(dataDir, 'bastion.db'), (sqlite) => {
      const now = rowsOf(sqlite);
      // the chain begins with a row of its own
      const { audit, meta, ...others } = old.rows;
      expect(now).toMatchObject(others);
      expect(now.audit).toBeGreaterThanOrEqual(audit!);
      expect(now.meta).toBeGreaterThanOrEqual(meta!);
      expect(sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(sqlite.pragma('foreign_key_check')).toEqual([]);
    });
    const copy = copies(dataDir);
    expect(copy).toHaveLength(version < MIGRATIONS.length ? 1 : 0);
    for (const name of copy) seen(join(dataDir, name), (sqlite) => expect(rowsOf(sqlite)).toEqual(old.rows));
    expect(tables).toBeGreaterThan(20);
  });
});
