import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import type { SessionId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { ApiError, Client } from '../../src/sdk/client.ts';
import { type PendingReview, Reviews } from '../../src/session/reviews.ts';
import type { Registry } from '../../src/session/types.ts';
import { commandRow, filterRow, sessionRow, transferRow } from '../kit/rows.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { actor, draft } from './store-kit.ts';

const T0 = Date.UTC(2026, 5, 1);
const MINUTE = 60_000;

let house: ApiHouse;
let reviews: Reviews;
/** What only a running daemon has, as far as these routes use it. */
const registry = {
  get reviews() {
    return reviews;
  },
  get: () => undefined,
} as unknown as Registry;

beforeAll(async () => {
  house = await openApiHouse({ registry });
  reviews = new Reviews({ store: house.store, clock: systemClock, log: silentLog() });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

const lastAudit = async (action: string) => (await house.owner.audit.list({ action, limit: 1 })).items[0];
async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('the command log', () => {
  const session = sessionRow().id;
  const other = sessionRow().id;
  beforeAll(async () => {
    const rows = Array.from({ length: 1203 }, (_, i) =>
      commandRow({ at: T0 + i * MINUTE, sessionId: session, line: `echo ${i}`, offset: i * 1500 }),
    );
    rows.push(
      commandRow({
        at: T0 + 2000 * MINUTE,
        sessionId: other,
        userName: 'bob',
        assetName: 'db1',
        account: 'postgres',
        line: 'sudo REBOOT now',
        confidence: 'exact',
        context: 'exec',
        verdict: 'deny',
        filter: 'careful',
        exitCode: 1,
        reported: 'sudo reboot',
        cwd: '/srv',
        offset: 83_400,
      }),
    );
    await house.store.commands.add(rows);
  });

  it('lists newest first, each with the second of its recording, in pages', async () => {
    const first = await house.owner.commands.list({ limit: 2 });
    expect(first.items).toMatchObject([
      {
        session: other,
        user: 'bob',
        asset: 'db1',
        account: 'postgres',
        at: new Date(T0 + 2000 * MINUTE).toISOString(),
        seconds: 83.4,
        line: 'sudo REBOOT now',
        confidence: 'exact',
        context: 'exec',
        verdict: 'deny',
        filter: 'careful',
        reviewer: null,
        exitCode: 1,
        reported: 'sudo reboot',
        cwd: '/srv',
      },
      { line: 'echo 1202' },
    ]);
    const second = await house.owner.commands.list({ limit: 2, after: first.next! });
    expect(second.items.map(({ line }) => line)).toEqual(['echo 1201', 'echo 1200']);
  });

  it.each([
    [{ session: other }, 1],
    [{ user: 'BOB' }, 1],
    [{ asset: 'db1' }, 1],
    [{ account: 'postgres' }, 1],
    [{ verdict: 'deny' as const }, 1],
    [{ text: 'reboot' }, 1],
    [{ text: 'echo 120', user: 'alice' }, 4],
    [{ since: new Date(T0 + 1202 * MINUTE).toISOString() }, 2],
    [{ until: new Date(T0 + 2 * MINUTE).toISOString(), session }, 3],
    [{ session: 'none' }, 0],
  ])('is filtered by %o', async (query, many) => {
    const { items } = await house.owner.commands.list(query);
    expect(items).toHaveLength(many);
    expect(await all(house.owner.commands.export(query))).toEqual(items);
  });

  it('is exported whole, however long, as one JSON object a line; the export is audited', async () => {
    const rows = await all(house.owner.commands.export({ session }));
    expect(rows.map(({ line }) => line)).toEqual(Array.from({ length: 1203 }, (_, i) => `echo ${1202 - i}`));
    expect(await lastAudit('command.export')).toMatchObject({ outcome: 'ok', details: { session } });
    expect(await all(house.direct.commands.export({ session }))).toEqual(rows);
    // a reader that leaves ends it
    for await (const row of house.owner.commands.export({})) {
      expect(row.line).toBe('sudo REBOOT now');
      break;
    }
  });
});

describe('sessions and transfers', () => {
  it('are listed and exported as JSON Lines', async () => {
    await house.owner.users.add({ name: 'alice-s' });
    const user = (await house.store.users.byName('alice-s'))!;
    const asset = await house.owner.assets.add({ name: 'files', address: '192.0.2.9' });
    const row = sessionRow({ userId: user.id, userName: user.name, assetName: asset.name });
    await house.store.sessions.create(row, { ...draft('session.start'), actor });
    expect(await all(house.owner.sessions.export({ user: 'alice-s' }))).toMatchObject([
      { id: row.id, user: 'alice-s' },
    ]);
    expect(await lastAudit('session.export')).toMatchObject({ details: { user: 'alice-s' } });
    const byWeb = sessionRow({ userName: 'bob', use: 'files', via: 'web', startedAt: row.startedAt + MINUTE });
    await house.store.sessions.create(
      { ...byWeb, state: 'ended', endedAt: byWeb.startedAt, command: 'sftp', recording: 'none' },
      { ...draft('session.start'), actor },
    );
    const at = (time: number) => new Date(time).toISOString();
    // the list and its export tell the same, whatever is asked for
    for (const [query, found] of [
      [{ live: true }, row],
      [{ live: false }, byWeb],
      [{ use: 'files' }, byWeb],
      [{ via: 'ssh' }, row],
      [{ text: 'FTP' }, byWeb],
      [{ since: at(byWeb.startedAt) }, byWeb],
      [{ until: at(byWeb.startedAt) }, row],
    ] as const) {
      expect((await house.owner.sessions.list(query)).items).toMatchObject([{ id: found.id }]);
      expect(await all(house.owner.sessions.export(query))).toMatchObject([{ id: found.id }]);
    }

    const old = transferRow({ startedAt: T0, path: '/var/log/Syslog', sha256: 'ab', bytes: 5 });
    const fresh = transferRow({ startedAt: T0 + MINUTE, userName: 'bob', direction: 'download', method: 'zmodem' });
    await house.store.transfers.add([old], draft('transfer.end'));
    await house.store.transfers.add([fresh], draft('transfer.end'));
    const page = await house.owner.transfers.list({ limit: 1 });
    expect(page.items).toMatchObject([{ id: fresh.id, user: 'bob', direction: 'download', method: 'zmodem' }]);
    expect((await house.owner.transfers.list({ after: page.next! })).items).toMatchObject([
      { id: old.id, path: '/var/log/Syslog', sha256: 'ab', bytes: 5, startedAt: new Date(T0).toISOString() },
    ]);
    expect((await house.owner.transfers.list({ text: 'syslog' })).items).toHaveLength(1);
    expect((await house.owner.transfers.list({ since: new Date(T0 + 1).toISOString() })).items).toHaveLength(1);
    const before = { until: at(T0 + MINUTE) };
    expect((await house.owner.transfers.list(before)).items).toMatchObject([{ id: old.id }]);
    expect(await all(house.owner.transfers.export(before))).toMatchObject([{ id: old.id }]);
    expect(await all(house.owner.transfers.export({}))).toMatchObject([{ id: fresh.id }, { id: old.id }]);
    expect(await lastAudit('transfer.export')).toMatchObject({ outcome: 'ok' });
  });
});

describe('statistics', () => {
  it('count logins by day, every day of the span', async () => {
    const { store } = house;
    const login = (outcome: 'ok' | 'denied' | 'failed') => ({ ...draft('login'), outcome });
    const now = Date.now();
    for (const outcome of ['ok', 'ok', 'denied', 'failed'] as const) await store.audit.append(login(outcome));
    await store.audit.append(draft('login.other'));
    const { logins, days } = await house.owner.statistics.show({
      since: new Date(now - 2 * 86_400_000).toISOString(),
      until: new Date(now + 60_000).toISOString(),
    });
    expect(logins.map(({ name }) => name)).toEqual(days.map(({ name }) => name));
    expect(logins.length).toBeGreaterThanOrEqual(3);
    const sum = (of: 'ok' | 'failed') => logins.reduce((all, day) => all + day[of], 0);
    expect([sum('ok'), sum('failed')]).toEqual([2, 2]);
    expect(logins[0]).toMatchObject({ ok: 0, failed: 0 });
  });

  it('count a span, 30 days unless told, and refuse an empty or endless one', async () => {
    const since = new Date(T0).toISOString();
    const until = new Date(T0 + 2 * 86_400_000).toISOString();
    const found = await house.owner.statistics.show({ since, until, top: 1 });
    expect(found).toMatchObject({
      since,
      until,
      users: [{ name: 'alice', commands: 1203 }],
      days: [
        { name: '2026-06-01', commands: 1203, denied: 0 },
        { name: '2026-06-02', commands: 1, denied: 1 },
      ],
      topCommands: [{ name: 'echo', count: 1203 }],
      deniedCommands: [{ line: 'sudo REBOOT now', filter: 'careful', count: 1 }],
    });
    const usual = await house.owner.statistics.show();
    expect(Date.parse(usual.until) - Date.parse(usual.since)).toBe(30 * 86_400_000);
    for (const query of [{ since: until, until: since }, { since: '2000-01-01T00:00:00Z' }, { top: 0 }])
      await expect(house.owner.statistics.show(query)).rejects.toMatchObject({ code: 'invalid' });
  });
});

describe('reviews', () => {
  let people: Record<'asker' | 'bob' | 'carol' | 'boss' | 'second', Client>;
  beforeAll(async () => {
    people = {
      asker: (await house.person('asker', 'admin')).client,
      bob: (await house.person('bob', 'user')).client,
      carol: (await house.person('carol', 'auditor')).client,
      boss: (await house.person('boss', 'admin')).client,
      second: (await house.person('second', 'user')).client,
    };
  });

  async function ask(reviewers: string[], line = 'reboot'): Promise<PendingReview> {
    const user = (await house.store.users.byName('asker'))!;
    const session = sessionRow({ userId: user.id, userName: user.name });
    return reviews.ask(session, line, filterRow({ name: 'reboots', action: 'review', reviewers }));
  }
  const refused = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: unknown) => (error as ApiError).code,
    );

  it('are seen by auditors and administrators, and by those who are to decide', async () => {
    const { id, cancel } = await ask(['bob', 'boss']);
    for (const client of [people.carol, people.boss, people.bob, house.owner]) {
      expect((await client.reviews.list()).items).toMatchObject([
        {
          id,
          user: 'asker',
          asset: 'web1',
          account: 'root',
          line: 'reboot',
          state: 'pending',
          reviewers: ['bob', 'boss'],
        },
      ]);
      expect(await client.reviews.show({ id })).toMatchObject({ id, filter: 'reboots', settledBy: null });
    }
    // for others there is no such thing, under whatever path
    expect((await people.second.reviews.list({ state: 'all' })).items).toEqual([]);
    for (const call of ['show', 'approve', 'deny'] as const)
      expect(await refused(people.second.reviews[call]({ id }))).toBe('not_found');
    cancel();
  });

  it('are decided once, by those who may, and never by who asked', async () => {
    const named = await ask(['bob']);
    expect(await refused(people.asker.reviews.approve({ id: named.id }))).toBe('forbidden');
    expect(await refused(people.carol.reviews.approve({ id: named.id }))).toBe('forbidden');
    expect(await refused(people.boss.reviews.approve({ id: named.id }))).toBe('forbidden');
    expect(await people.bob.reviews.approve({ id: named.id })).toMatchObject({ state: 'approved', settledBy: 'bob' });
    expect(await named.settled).toEqual({ kind: 'approved', by: 'bob' });
    expect(await refused(people.bob.reviews.deny({ id: named.id }))).toBe('conflict');
    expect(await lastAudit('review.approve')).toMatchObject({ actor: { name: 'bob' }, details: { review: named.id } });

    const anyAdmin = await ask([]);
    expect(await refused(people.bob.reviews.approve({ id: anyAdmin.id }))).toBe('not_found');
    expect(await people.boss.reviews.deny({ id: anyAdmin.id })).toMatchObject({ state: 'refused', settledBy: 'boss' });
    expect(await anyAdmin.settled).toEqual({ kind: 'refused', by: 'boss' });

    const byOwner = await ask(['bob']);
    expect(await house.owner.reviews.approve({ id: byOwner.id })).toMatchObject({ state: 'approved' });
    expect((await byOwner.settled).kind).toBe('approved');
    expect((await house.owner.reviews.list()).items).toEqual([]);
    expect((await people.bob.reviews.list({ state: 'approved', limit: 1 })).items).toMatchObject([{ id: byOwner.id }]);
  });

  it('page by what one may see', async () => {
    const asked: PendingReview[] = [];
    for (const [i, who] of ['second', 'bob', 'second', 'bob', 'second'].entries())
      asked.push(await ask([who], `cmd ${i}`));
    const first = await people.second.reviews.list({ limit: 2 });
    expect(first.items.map(({ line }) => line)).toEqual(['cmd 4', 'cmd 2']);
    const rest = await people.second.reviews.list({ limit: 2, after: first.next! });
    expect(rest).toMatchObject({ items: [{ line: 'cmd 0' }], next: null });
    for (const { cancel } of asked) cancel();
  });
});

it('without a daemon nothing can be approved, and that is said', async () => {
  await using stopped = await openApiHouse();
  const waiting = new Reviews({ store: stopped.store, clock: systemClock, log: silentLog() });
  const { id } = await waiting.ask(sessionRow({ id: 'x' as SessionId }), 'ls', filterRow({ action: 'review' }));
  expect((await stopped.owner.reviews.list()).items).toMatchObject([{ id }]);
  await expect(stopped.owner.reviews.approve({ id })).rejects.toMatchObject({ code: 'needs_daemon' });
});
