import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import type { AppError } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Engine } from '../../src/store/engine.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { openStore } from '../../src/store/open.ts';
import { SEARCH_IDLE_MS } from '../../src/store/searches.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { Call } from '../../src/store/wire.ts';
import { draft, newUser, T0, tempDir, testStore } from './store-kit.ts';

let calls = 0;
function call(repository: string, method: string, ...args: unknown[]): Call {
  return { id: ++calls, repository, method, args, now: T0 };
}

function testEngine() {
  const file = join(tempDir(), 'bastion.db');
  const sqlite = openSqlite(file, 'write');
  onTestFinished(() => void sqlite.close());
  migrate(sqlite, file, { now: T0 });
  return { engine: new Engine(sqlite), sqlite };
}

describe('group commit', () => {
  test('a failing call among many takes nothing along', async () => {
    const { engine, sqlite } = testEngine();
    const { replies } = await engine.run([
      call('users', 'create', newUser('a'), draft('user.create')),
      call('users', 'create', newUser('A'), draft('user.create')),
      call('users', 'byName', 'a'),
      call('users', 'create', newUser('b', { groups: ['ghost'] }), draft('user.create')),
      call('users', 'create', newUser('c'), draft('user.create')),
    ]);
    expect(replies.map((reply) => reply.error?.code)).toEqual([
      undefined,
      'conflict',
      undefined,
      'not_found',
      undefined,
    ]);
    expect(replies[2]!.value).toMatchObject({ name: 'a' });
    expect(sqlite.prepare('select name from users order by name').pluck().all()).toEqual(['a', 'c']);
    expect(sqlite.prepare('select count(*) from audit').pluck().get()).toBe(2);
  });

  test('what is waiting shares one commit', async () => {
    const { engine, sqlite } = testEngine();
    sqlite.pragma('wal_checkpoint(truncate)');
    await engine.run(Array.from({ length: 100 }, () => call('audit', 'append', draft('x'))));
    const together = walFrames(sqlite);
    for (let i = 0; i < 100; i++) await engine.run([call('audit', 'append', draft('x'))]);
    expect(walFrames(sqlite) - together).toBeGreaterThan(5 * together);
  });

  test('a database that another program holds is said to be busy, and works again afterwards', async () => {
    const { engine, sqlite } = testEngine();
    sqlite.pragma('busy_timeout = 1');
    const other = openSqlite(sqlite.name, 'write');
    other.exec('begin immediate');
    const held = await engine.run([call('audit', 'append', draft('x')), call('users', 'list')]);
    expect(held.replies.map((reply) => reply.error?.code)).toEqual(['busy', undefined]);
    other.close();
    expect((await engine.run([call('audit', 'append', draft('x'))])).replies[0]!.error).toBeUndefined();
  });

  test('on a full disk what does not fit fails with a clear message, what fits is saved, reads answer', async () => {
    const { engine, sqlite } = testEngine();
    const pages = Number(sqlite.pragma('page_count', { simple: true }));
    sqlite.pragma(`max_page_count = ${pages + 8}`);
    const big = { ...draft('big'), reason: 'x'.repeat(2 ** 20) };
    const { replies } = await engine.run([
      call('audit', 'append', draft('small')),
      call('audit', 'append', big),
      call('audit', 'append', draft('small')),
      call('audit', 'list', {}),
    ]);
    expect(replies.map((reply) => reply.error?.code)).toEqual([undefined, 'internal', undefined, undefined]);
    expect(replies[1]!.error?.message).toMatch(/disk.* full; nothing was saved/);
    expect(replies[3]!.value).toMatchObject([{ action: 'small' }, { action: 'small' }]);
    sqlite.pragma(`max_page_count = ${pages + 1000}`);
    expect((await engine.run([call('audit', 'append', big)])).replies[0]!.error).toBeUndefined();
  });

  test('only methods of the catalogue can be called', async () => {
    const { engine } = testEngine();
    for (const [repository, method] of [
      ['users', 'constructor'],
      ['users', 'writeAudit'],
      ['__proto__', 'toString'],
      ['nope', 'list'],
    ] as const)
      expect((await engine.run([call(repository, method)])).replies[0]!.error?.code).toBe('internal');
  });
});

function walFrames(sqlite: ReturnType<typeof openSqlite>): number {
  return (sqlite.pragma('wal_checkpoint(passive)') as { log: number }[])[0]!.log;
}

test('no step of the migrations loses an index on its way', () => {
  const sqlite = new BetterSqlite(':memory:');
  onTestFinished(() => void sqlite.close());
  const indexes = () => sqlite.prepare("select name from sqlite_schema where type = 'index'").pluck().all() as string[];
  for (const { name, sql } of MIGRATIONS) {
    const before = indexes().filter((index) => !index.startsWith('sqlite_') && !sql.includes(`drop index ${index};`));
    sqlite.exec(sql);
    expect(indexes(), name).toEqual(expect.arrayContaining(before));
  }
});

describe('the store', () => {
  test('tells of changed rights after the commit and before the caller, and of nothing else', async () => {
    const store = await testStore();
    const seen: string[] = [];
    const off = store.onAccessChanged(() => seen.push('changed'));
    const creating = store.users.create(newUser('alice'), draft('x')).then(() => seen.push('created'));
    await creating;
    expect(seen).toEqual(['changed', 'created']);
    await expect(store.users.create(newUser('alice'), draft('x'))).rejects.toMatchObject({ code: 'conflict' });
    await store.audit.append(draft('login'));
    await store.lockouts.fail('alice', '::1', T0, 3, 1000, draft('login'));
    expect(seen).toHaveLength(2);
    await store.folders.add('/a', '', draft('x'));
    await store.folders.move('/a', '/b', draft('x'));
    expect(seen).toHaveLength(3);
    off();
    await store.users.create(newUser('bob'), draft('x'));
    expect(seen).toHaveLength(3);
  });

  test('errors keep their code, text and cause across the thread', async () => {
    const store = await testStore();
    const error: AppError = await store.users.setPassword(newId(), 'x', draft('x')).then(
      () => expect.fail('it was accepted'),
      (e: AppError) => e,
    );
    expect(error).toMatchObject({ name: 'AppError', code: 'not_found', exitCode: 3 });
    const twice = newId<never>();
    const link = { id: twice, kind: 'setup' as const, userId: null, tokenHash: 'h', expiresAt: T0 };
    await store.links.create(link, draft('x'));
    const clash = await store.links.create(link, draft('x')).catch((e: AppError) => e);
    expect(clash).toMatchObject({ code: 'conflict' });
    expect(String((clash as AppError).cause)).toContain('UNIQUE constraint failed');
  });

  test('a search sees what was written before it, from the writer and from the reader', async () => {
    const store = await testStore();
    for (let i = 0; i < 200; i++) {
      await store.users.create(newUser(`u${i}`), draft('x'));
      expect(await store.users.list()).toHaveLength(i + 1);
    }
  });

  test('the thread for searches ends when nobody searches any more, and comes back', async () => {
    const due: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (ms, callback) => {
        if (ms !== SEARCH_IDLE_MS) return systemClock.after(ms, callback);
        due.push(callback);
        return () => due.splice(due.indexOf(callback), 1);
      },
    };
    const store = await testStore({ clock });
    for (let round = 0; round < 2; round++) {
      const started = once(process, 'worker') as Promise<[Worker]>;
      expect(await store.users.list()).toEqual([]);
      const [reader] = await started;
      await once(reader, 'message');
      await new Promise(setImmediate);
      expect(await store.users.list()).toEqual([]);
      const ended = once(reader, 'exit');
      // one timer, however many searches
      expect(due).toHaveLength(1);
      due.shift()!();
      expect(await ended).toEqual([0]);
    }
    expect(await store.users.list()).toEqual([]);
  });

  test('its files are for their owner only, and closing leaves one', async () => {
    const dataDir = tempDir();
    const store = await openStore({ dataDir, log: silentLog() });
    await store.users.create(newUser('alice'), draft('x'));
    await store.users.list();
    const files = readdirSync(dataDir);
    expect(files).toContain('bastion.db-wal');
    for (const file of files) expect([file, statSync(join(dataDir, file)).mode & 0o777]).toEqual([file, 0o600]);
    const last = store.audit.append(draft('last'));
    await store.close();
    await last;
    expect(readdirSync(dataDir)).toEqual(['bastion.db']);
    await expect(store.users.list()).rejects.toMatchObject({ code: 'shutting_down' });
    await store.close();
  });

  test('a missing directory is said clearly', async () => {
    await expect(openStore({ dataDir: join(tempDir(), 'nope'), log: silentLog() })).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('nope'),
    });
  });

  test('when its thread dies, waiting calls are rejected and the process is told', async () => {
    const started = once(process, 'worker') as Promise<[Worker]>;
    const failures: AppError[] = [];
    const store = await openStore({ dataDir: tempDir(), log: silentLog(), onFailure: (error) => failures.push(error) });
    const [worker] = await started;
    const waiting = Promise.allSettled(
      Array.from({ length: 500 }, (_, i) => store.users.create(newUser(`u${i}`), draft('x'))),
    );
    await worker.terminate();
    const lost = (await waiting).filter((result) => result.status === 'rejected');
    expect(lost.length).toBeGreaterThan(0);
    for (const result of lost) expect(result.reason).toMatchObject({ code: 'internal' });
    await expect(store.users.list()).rejects.toMatchObject({ code: 'internal' });
    expect(failures).toHaveLength(1);
    await store.close();
  });

  test('many callers at once each get their own answer, and no write is lost', async () => {
    const store = await testStore();
    const callers = Array.from({ length: 64 }, async (_, i) => {
      const { id } = await store.users.create(newUser(`u${i}`), draft('user.create'));
      expect(await store.users.byName(`u${i}`)).toMatchObject({ id });
    });
    await Promise.all(callers);
    expect(await store.audit.list({ limit: 100 })).toHaveLength(64);
  });
});
