import { describe, expect, test } from 'vitest';
import { newId, type SessionId, type UserId } from '../../src/kernel/id.ts';
import type { SessionRow } from '../../src/store/model.ts';
import { StandingClock } from '../kit/clock.ts';
import { sessionRow } from '../kit/rows.ts';
import { actions, actor, draft, newAsset, newUser, T0, testStore } from './store-kit.ts';

function session(more: Partial<SessionRow> = {}): SessionRow {
  const startedAt = more.startedAt ?? T0;
  return sessionRow({ id: newId<SessionId>(startedAt), startedAt, use: 'exec', command: 'uptime', ...more });
}

const ending = {
  endedAt: T0 + 5,
  state: 'ended',
  cause: 'terminated',
  detail: 'root',
  exitCode: null,
  exitSignal: 'HUP',
  label: null,
  bytesIn: 7,
  bytesOut: 2 ** 40,
} as const;

describe('sessions', () => {
  test('live, ended once, rendered', async () => {
    const store = await testStore();
    const row = session();
    await store.sessions.create(row, draft('session.start'));
    expect(await store.sessions.byId(row.id)).toEqual(row);
    expect(await store.sessions.open()).toEqual([row]);
    await store.sessions.end(row.id, ending, draft('session.end'));
    expect(await store.sessions.open()).toEqual([]);
    await expect(store.sessions.end(row.id, ending, draft('session.end'))).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.sessions.end(newId(), ending, draft('session.end'))).rejects.toMatchObject({
      code: 'not_found',
    });
    expect(await store.sessions.unrendered()).toHaveLength(1);
    await store.sessions.setRecording(row.id, { state: 'ready', bytes: 9, sha256: 'ff' }, draft('recording.stored'));
    expect(await store.sessions.unrendered()).toEqual([]);
    expect(await store.sessions.byId(row.id)).toEqual({
      ...row,
      endedAt: T0 + 5,
      state: 'ended',
      endCause: 'terminated',
      endDetail: 'root',
      exitSignal: 'HUP',
      bytesIn: 7,
      bytesOut: 2 ** 40,
      recording: 'ready',
      recordingBytes: 9,
      recordingSha256: 'ff',
    });
    expect(await actions(store)).toEqual(['recording.stored', 'session.end', 'session.start']);
  });

  test('found by use, door, text and time of beginning, newest first', async () => {
    const store = await testStore();
    const rows = [
      session({ startedAt: T0, use: 'shell', command: null, account: 'deploy' }),
      session({ startedAt: T0 + 1000, via: 'web', clientIp: '2001:db8::77' }),
      session({ startedAt: T0 + 2000, use: 'forward', command: null, destination: 'db_1:5432' }),
      session({ startedAt: T0 + 3000, command: 'systemctl restart 数据库%' }),
    ];
    for (const row of rows) await store.sessions.create(row, draft('session.start'));
    const found = async (query: Parameters<typeof store.sessions.list>[0]) =>
      (await store.sessions.list(query)).map(({ id }) => rows.findIndex((row) => row.id === id));
    expect(await found({ use: 'exec' })).toEqual([3, 1]);
    expect(await found({ via: 'web' })).toEqual([1]);
    expect(await found({ text: 'DEPLOY' })).toEqual([0]);
    expect(await found({ text: 'db8::77' })).toEqual([1]);
    expect(await found({ text: 'db_1' })).toEqual([2]);
    expect(await found({ text: 'b_1' })).toEqual([2]);
    expect(await found({ text: '数据库%' })).toEqual([3]);
    expect(await found({ text: '数%' })).toEqual([]);
    expect(await found({ since: T0 + 1000, until: T0 + 3000 })).toEqual([2, 1]);
    expect(await found({ since: T0 + 3001 })).toEqual([]);
    expect(await found({ until: T0 })).toEqual([]);
    expect(await found({ since: T0 + 1000, via: 'ssh', text: 'web1', limit: 1 })).toEqual([3]);
  });

  test('listed newest first, by pages, filtered by state and names', async () => {
    const store = await testStore();
    const rows = Array.from({ length: 10 }, (_, i) =>
      session({ startedAt: T0 + i, userName: i % 2 ? 'Alice' : 'bob', assetName: i < 5 ? 'web1' : 'web2' }),
    );
    await Promise.all(rows.map((row) => store.sessions.create(row, draft('s'))));
    await store.sessions.end(rows[9]!.id, ending, draft('s'));
    const ids = (list: readonly SessionRow[]) => list.map((row) => rows.findIndex((other) => other.id === row.id));
    expect(ids(await store.sessions.list({}))).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const first = await store.sessions.list({ limit: 4 });
    expect(ids(first)).toEqual([9, 8, 7, 6]);
    expect(ids(await store.sessions.list({ limit: 4, after: first[3]!.id }))).toEqual([5, 4, 3, 2]);
    expect(ids(await store.sessions.list({ user: 'alice', live: true }))).toEqual([7, 5, 3, 1]);
    expect(ids(await store.sessions.list({ live: false }))).toEqual([9]);
    expect(ids(await store.sessions.list({ asset: 'WEB2', user: 'BOB' }))).toEqual([8, 6]);
  });

  test('are found by the name somebody has now, and outlive user and asset', async () => {
    const store = await testStore();
    const alice = await store.users.create(newUser('alice'), draft('x'));
    const web = await store.assets.create(newAsset('web1'), draft('x'));
    const row = session({ userId: alice.id, assetId: web.id });
    await store.sessions.create(row, draft('s'));
    await store.users.update(alice.id, { name: 'alicia' }, draft('x'));
    await store.assets.update(web.id, { name: 'www' }, draft('x'));
    expect(await store.sessions.list({ user: 'alicia', asset: 'www' })).toEqual([row]);
    expect(await store.sessions.list({ user: 'alice', asset: 'web1' })).toEqual([row]);
    await store.users.remove(alice.id, draft('x'));
    await store.assets.remove(web.id, draft('x'));
    expect(await store.sessions.list({ user: 'alice' })).toEqual([row]);
  });
});

describe('audit', () => {
  test('rows keep everything and come newest first in the order of writing, even when the clock goes back', async () => {
    const clock = new StandingClock(T0);
    const store = await testStore({ clock });
    const full = {
      actor: { kind: 'user', userId: newId<UserId>(), name: 'alice', ip: '::1', via: 'ssh' },
      action: 'login',
      outcome: 'failed',
      target: { kind: 'user', id: 'id1', name: 'Alice' },
      reason: 'bad password',
      details: { tries: 3, nested: { ä: ['x'] } },
    } as const;
    await store.audit.append(full);
    clock.at = T0 - 1000;
    await store.audit.append([draft('user.create'), { ...draft('user.key.add'), target: null }]);
    const rows = await store.audit.list({});
    expect(rows.map((row) => row.action)).toEqual(['user.key.add', 'user.create', 'login']);
    expect(rows[2]).toEqual({ id: rows[2]!.id, seq: 1, at: T0, ...full });
    expect(rows[0]).toMatchObject({ at: T0 - 1000, target: null, actor });
    expect((await store.audit.list({ after: rows[0]!.id, limit: 1 })).map((row) => row.action)).toEqual([
      'user.create',
    ]);
  });

  test('is filtered by action (or its whole thing), actor and target', async () => {
    const store = await testStore();
    await store.audit.append([
      draft('user.create', 'Alice'),
      draft('user.key.add', 'bob'),
      draft('userx.create'),
      draft('login', 'alice'),
    ]);
    const found = async (query: Parameters<typeof store.audit.list>[0]) =>
      (await store.audit.list(query)).map((row) => row.action);
    expect(await found({ action: 'user' })).toEqual(['user.key.add', 'user.create']);
    expect(await found({ action: 'user.create' })).toEqual(['user.create']);
    expect(await found({ target: 'ALICE' })).toEqual(['login', 'user.create']);
    expect(await found({ actor: 'Root', action: 'login' })).toEqual(['login']);
    expect(await found({ actor: 'nobody' })).toEqual([]);
  });

  test('is filtered by outcome and by a span of time, also where the clock was set back', async () => {
    const clock = new StandingClock(T0);
    const store = await testStore({ clock });
    for (const [at, outcome] of [
      [20, 'ok'],
      [0, 'denied'],
      [10, 'ok'],
      [30, 'failed'],
    ] as const) {
      clock.at = T0 + at;
      await store.audit.append({ ...draft(`at.${at}`), outcome });
    }
    const found = async (query: Parameters<typeof store.audit.list>[0]) =>
      (await store.audit.list(query)).map((row) => row.action);
    expect(await found({ since: T0 + 20 })).toEqual(['at.30', 'at.20']);
    expect(await found({ until: T0 + 10 })).toEqual(['at.10', 'at.0']);
    expect(await found({ since: T0 + 10, until: T0 + 20 })).toEqual(['at.10', 'at.20']);
    expect(await found({ since: T0 + 31 })).toEqual([]);
    expect(await found({ until: T0 - 1 })).toEqual([]);
    expect(await found({ outcome: 'ok', until: T0 + 15 })).toEqual(['at.10']);
  });
});
