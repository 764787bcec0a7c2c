import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { newId, type ReviewId } from '../../src/kernel/id.ts';
import { migrate } from '../../src/store/migrate.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import type { CommandRow } from '../../src/store/model.ts';
import { firstWord } from '../../src/store/repositories/commands.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import type { CommandQuery, Store } from '../../src/store/store.ts';
import { commandRow, reviewRow, sessionRow, transferRow } from '../kit/rows.ts';
import { actions, draft, newAsset, newUser, T0, tempDir, testStore } from './store-kit.ts';

/** Commands a second apart, oldest first. */
async function fill(store: Store, lines: readonly (string | Partial<CommandRow>)[]): Promise<CommandRow[]> {
  const rows = lines.map((line, i) =>
    commandRow({ at: T0 + i * 1000, ...(typeof line === 'string' ? { line } : line) }),
  );
  await store.commands.add(rows);
  return rows;
}

async function found(store: Store, query: CommandQuery): Promise<string[]> {
  return (await store.commands.list(query)).map(({ line }) => line);
}

describe('the command log', () => {
  test('keeps everything; a row that is there stays as it is; reports come later', async () => {
    const store = await testStore();
    const full = commandRow({
      line: 'docker run \\\n  "ünï" 日志',
      confidence: 'typed',
      context: 'stdin',
      verdict: 'approved',
      filter: 'careful',
      reviewer: 'bob',
      offset: 83_000,
    });
    await store.commands.add([full]);
    await store.commands.report(full.id, { exitCode: 0, cwd: '/srv', reported: 'docker run' });
    const known = { ...full, exitCode: 0, cwd: '/srv', reported: 'docker run' };
    expect(await store.commands.list({})).toEqual([known]);
    const other = commandRow({ line: '12' });
    await store.commands.add([{ ...full, line: 'forged' }, other]);
    await store.commands.add([]);
    expect(await store.commands.list({})).toEqual(expect.arrayContaining([known, other]));
    await store.commands.report(full.id, {});
    await store.commands.report(newId(), { exitCode: 1 });
    expect(await store.commands.list({ session: full.sessionId })).toEqual([known]);
    expect(await found(store, { text: 'forged' })).toEqual([]);
  });

  test('is listed newest first, by pages, and by every condition at once', async () => {
    const store = await testStore();
    const rows = await fill(
      store,
      Array.from({ length: 40 }, (_, i) => ({
        line: `cmd ${i}`,
        userName: i % 2 ? 'Alice' : 'bob',
        assetName: i % 4 < 2 ? 'web1' : 'web2',
        account: i % 8 < 4 ? 'root' : 'deploy',
        verdict: i % 10 === 0 ? ('deny' as const) : ('pass' as const),
        // those of one moment keep their order
        at: T0 + Math.floor(i / 3) * 1000,
      })),
    );
    const numbers = async (query: CommandQuery) => (await found(store, query)).map((line) => Number(line.slice(4)));
    const all = Array.from({ length: 40 }, (_, i) => 39 - i);
    for (const text of [undefined, 'cmd', 'md', 'm']) {
      expect(await numbers({ text })).toEqual(all);
      expect(await numbers({ text, limit: 5, after: rows[20]!.id })).toEqual([19, 18, 17, 16, 15]);
      expect(await numbers({ text, after: 'nothing' })).toEqual([]);
      expect(await numbers({ text, user: 'ALICE', asset: 'web2', account: 'root' })).toEqual([35, 27, 19, 11, 3]);
      expect(await numbers({ text, verdict: 'deny' })).toEqual([30, 20, 10, 0]);
      expect(await numbers({ text, verdict: 'pass', user: 'bob', limit: 2 })).toEqual([38, 36]);
      expect(await numbers({ text, session: rows[7]!.sessionId })).toEqual([7]);
      expect(await numbers({ text, since: T0 + 12_000 })).toEqual([39, 38, 37, 36]);
      expect(await numbers({ text, since: T0 + 1000, until: T0 + 2000, user: 'bob' })).toEqual([8, 6, 4]);
      expect(await numbers({ text, since: T0 + 99_000 })).toEqual([]);
    }
  });

  test('rows that had to wait take their place by time', async () => {
    const store = await testStore();
    await fill(store, [{ line: 'late', at: T0 + 5 }]);
    await fill(store, [{ line: 'early', at: T0 }]);
    expect(await found(store, {})).toEqual(['late', 'early']);
    expect(await found(store, { since: T0, until: T0 })).toEqual(['early']);
    expect(await found(store, { since: T0 + 1, text: 'late' })).toEqual(['late']);
  });

  test('is found by the name somebody or something had then or has now', async () => {
    const store = await testStore();
    const alice = await store.users.create(newUser('alice'), draft('x'));
    const web = await store.assets.create(newAsset('web1'), draft('x'));
    const session = sessionRow({ userId: alice.id, userName: 'alice', assetId: web.id, assetName: 'web1' });
    await store.sessions.create(session, draft('s'));
    const { id: sessionId, userId, assetId } = session;
    await fill(store, [{ line: 'before', sessionId, userId, userName: 'alice', assetId, assetName: 'web1' }]);
    await store.users.update(alice.id, { name: 'alicia' }, draft('x'));
    await store.assets.update(web.id, { name: 'www' }, draft('x'));
    // somebody else has the old name now
    const other = await store.users.create(newUser('alice'), draft('x'));
    await fill(store, [
      { line: 'another before', userId: other.id, userName: 'alice', assetId, assetName: 'www' },
      { line: 'and before', userId, userName: 'alicia', assetId, assetName: 'www' },
    ]);
    for (const text of [undefined, 'before', 'b']) {
      expect(await found(store, { text, user: 'alicia' })).toEqual(['and before', 'before']);
      expect(await found(store, { text, user: 'Alice' })).toEqual(['another before', 'before']);
      expect(await found(store, { text, asset: 'WWW' })).toEqual(['and before', 'another before', 'before']);
      expect(await found(store, { text, asset: 'web1' })).toEqual(['before']);
      expect(await found(store, { text, asset: 'www', user: 'alice' })).toEqual(['another before', 'before']);
    }
  });
});

describe('a text in the command log', () => {
  const LINES = [
    'ls',
    'w',
    'rm -rf "/opt/it\'s here" (a|b) 50%_*',
    'tail -f /var/log/日志文件.txt',
    'echo ÄRGER Straße ΟΔΟΣ',
    'abcXbcd',
    'kubectl get pods',
    'line one\nline two',
    '💥 boom',
  ];

  test('is found as it is written, whatever its case and length, and means nothing but itself', async () => {
    const store = await testStore();
    await fill(store, LINES);
    const cases: [string, string[]][] = [
      ['ls', ['ls']],
      ['LS', ['ls']],
      ['w', ['w', 'line one\nline two']],
      ['日', ['tail -f /var/log/日志文件.txt']],
      ['志文', ['tail -f /var/log/日志文件.txt']],
      ['志文件.', ['tail -f /var/log/日志文件.txt']],
      ['日文', []],
      ['ärger str', ['echo ÄRGER Straße ΟΔΟΣ']],
      ['οδοσ', ['echo ÄRGER Straße ΟΔΟΣ']],
      ['οΣ', ['echo ÄRGER Straße ΟΔΟΣ']],
      ['ος', ['echo ÄRGER Straße ΟΔΟΣ']],
      ['abcd', []],
      ['cxb', ['abcXbcd']],
      ['"/opt', ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ['"', ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ["t's", ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ['0%_*', ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ['%', ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ['a|b)', ['rm -rf "/opt/it\'s here" (a|b) 50%_*']],
      ['.*', []],
      ['get AND pods', []],
      ['kubectl OR', []],
      ['one\nline', ['line one\nline two']],
      ['💥', ['💥 boom']],
      ['💥 b', ['💥 boom']],
      ['\ud83d', []],
      ['po\0ds', []],
      ['\n', ['line one\nline two']],
      ['ls\n', []],
      ['', [...LINES].toReversed()],
    ];
    for (const [text, lines] of cases)
      expect([text, (await found(store, { text })).toSorted()]).toEqual([text, lines.toSorted()]);
  });

  test('is looked for behind many rows that only have its trigrams', async () => {
    const store = await testStore();
    await fill(store, ['abcdef', ...Array.from({ length: 2500 }, (_, i) => `abcd bcde cdef ${i}`), 'xabcdefx']);
    expect(await found(store, { text: 'abcdef' })).toEqual(['xabcdefx', 'abcdef']);
    expect(await found(store, { text: 'abcdef', limit: 1 })).toEqual(['xabcdefx']);
  });

  test('of one character so common that it begins thousands of trigrams', async () => {
    const store = await testStore();
    const letter = (i: number) => String.fromCodePoint(0x4e00 + i);
    const lines = Array.from({ length: 4000 }, (_, i) => `的${letter(i % 80)}${letter(Math.floor(i / 80))}`);
    await fill(store, [...lines, 'nothing of it']);
    expect(await found(store, { text: '的', limit: 2 })).toEqual([lines[3999], lines[3998]]);
    expect(await found(store, { text: '的', limit: 10_000 })).toHaveLength(4000);
  });

  test('leaves the index whole when old rows are removed, some at a time', async () => {
    const dataDir = tempDir();
    const store = await testStore({ dataDir });
    await fill(
      store,
      Array.from({ length: 500 }, (_, i) => `kill ${i}`),
    );
    expect(await store.commands.removeBefore(T0 + 300_000, 200)).toBe(200);
    expect(await store.commands.removeBefore(T0 + 300_000, 200)).toBe(100);
    expect(await store.commands.removeBefore(T0 + 300_000, 200)).toBe(0);
    expect(await found(store, { text: 'kill', limit: 1000 })).toHaveLength(200);
    expect(await found(store, { text: 'kill 299' })).toEqual([]);
    expect(await found(store, { text: 'kill 300' })).toEqual(['kill 300']);
    const raw = new BetterSqlite(join(dataDir, 'bastion.db'));
    raw.prepare("insert into command_text (command_text, rank) values ('integrity-check', 1)").run();
    expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
    raw.close();
  });
});

test.each([
  ['ls -la', 'ls'],
  ['  /usr/bin/Python3 x.py', 'python3'],
  ['sudo rm -rf /', 'rm'],
  ['A=1 B="2" make all', 'make'],
  ['sudo LANG=C apt update', 'apt'],
  ['./run.sh', 'run.sh'],
  ['sudo', 'sudo'],
  ['A=1', 'a=1'],
  ['SELECT * FROM t', 'select'],
  ['/usr/bin/', '/usr/bin/'],
  ['', ''],
])('the word that is counted of %j is %j', (line, word) => {
  expect(firstWord(line)).toBe(word);
});

describe('statistics', () => {
  const DAY = 86_400_000;

  test('count people, assets, days with nothing too, the words of commands and what was denied', async () => {
    const store = await testStore();
    await store.sessions.create(sessionRow({ startedAt: T0, userName: 'alice', assetName: 'web1' }), draft('s'));
    await store.sessions.create(
      sessionRow({ startedAt: T0 + 2 * DAY, userName: 'carol', assetName: 'db1' }),
      draft('s'),
    );
    await store.sessions.create(sessionRow({ startedAt: T0 - 1 }), draft('s'));
    await fill(store, [
      { at: T0 - 1, line: 'too old' },
      { at: T0, line: 'ls -l' },
      { at: T0 + DAY - 1, line: 'sudo ls', userName: 'ALICE' },
      { at: T0 + 2 * DAY, line: 'rm -rf /', verdict: 'deny', filter: 'careful', userName: 'bob', assetName: 'db1' },
      { at: T0 + 2 * DAY, line: 'rm -rf /', verdict: 'refused', filter: 'careful', userName: 'bob' },
      { at: T0 + 2 * DAY, line: 'rm x', verdict: 'cancelled', filter: 'careful', userName: 'bob' },
      { at: T0 + 3 * DAY, line: 'too new' },
    ]);
    expect(await store.statistics.between(T0, T0 + 3 * DAY, 10)).toEqual({
      users: [
        { name: 'bob', sessions: 0, commands: 3, denied: 2 },
        { name: expect.stringMatching(/^alice$/i), sessions: 1, commands: 2, denied: 0 },
        { name: 'carol', sessions: 1, commands: 0, denied: 0 },
      ],
      assets: [
        { name: 'web1', sessions: 1, commands: 4, denied: 1 },
        { name: 'db1', sessions: 1, commands: 1, denied: 1 },
      ],
      days: [
        { name: '2026-01-01', sessions: 1, commands: 2, denied: 0 },
        { name: '2026-01-02', sessions: 0, commands: 0, denied: 0 },
        { name: '2026-01-03', sessions: 1, commands: 3, denied: 2 },
      ],
      logins: ['2026-01-01', '2026-01-02', '2026-01-03'].map((name) => ({ name, ok: 0, failed: 0 })),
      topCommands: [
        { name: 'rm', count: 3 },
        { name: 'ls', count: 2 },
      ],
      deniedCommands: [{ line: 'rm -rf /', filter: 'careful', count: 2 }],
    });
    const { users, topCommands } = await store.statistics.between(T0, T0 + 3 * DAY, 1);
    expect([users.length, topCommands.length]).toEqual([1, 1]);
  });

  test('a line that is not known counts, but names no command', async () => {
    const store = await testStore();
    await fill(store, [{ line: 'input without echo, not kept', confidence: 'unparsed' }, 'input x']);
    const { users, topCommands } = await store.statistics.between(T0, T0 + DAY, 5);
    expect(users[0]).toMatchObject({ commands: 2 });
    expect(topCommands).toEqual([{ name: 'input', count: 1 }]);
  });

  test('days are whole days in UTC, the first and the last as far as they are asked for', async () => {
    const store = await testStore();
    await fill(store, [{ at: T0 + 1000 }, { at: T0 + DAY + 1000 }]);
    const { days } = await store.statistics.between(T0 + 2000, T0 + DAY + 1, 5);
    expect(days.map(({ name, commands }) => [name, commands])).toEqual([
      ['2026-01-01', 0],
      ['2026-01-02', 0],
    ]);
    expect((await store.statistics.between(T0, T0, 5)).days).toEqual([]);
  });
});

describe('reviews', () => {
  test('are settled once; who gives up takes an approval back, never a refusal', async () => {
    const store = await testStore();
    const review = reviewRow({ askedAt: T0 });
    await store.reviews.create(review, draft('review.ask'));
    expect(await store.reviews.byId(review.id)).toEqual(review);
    const settle = (state: 'approved' | 'refused' | 'cancelled', by: string | null, id: ReviewId = review.id) =>
      store.reviews.settle(id, { state, at: T0 + 5, by }, draft(`review.${state}`));
    expect(await settle('approved', 'bob')).toEqual({
      ...review,
      state: 'approved',
      settledAt: T0 + 5,
      settledBy: 'bob',
    });
    await expect(settle('refused', 'carol')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('approved by bob'),
    });
    expect(await settle('cancelled', null)).toMatchObject({ state: 'cancelled', settledBy: null });
    const refused = reviewRow();
    await store.reviews.create(refused, draft('review.ask'));
    await settle('refused', 'carol', refused.id);
    await expect(settle('cancelled', null, refused.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(settle('refused', 'carol', newId())).rejects.toMatchObject({ code: 'not_found' });
    expect(await actions(store)).toEqual([
      'review.refused',
      'review.ask',
      'review.cancelled',
      'review.approved',
      'review.ask',
    ]);
  });

  test('are listed newest first by state and reviewer; those nobody waits for are given up', async () => {
    const store = await testStore();
    const rows = Array.from({ length: 5 }, (_, i) =>
      reviewRow({ askedAt: T0 + i, reviewers: i % 2 ? ['bob'] : ['Carol', 'bob'] }),
    );
    for (const row of rows) await store.reviews.create(row, []);
    await store.reviews.settle(rows[2]!.id, { state: 'approved', at: T0, by: 'bob' }, []);
    const listed = async (query: Parameters<typeof store.reviews.list>[0]) =>
      (await store.reviews.list(query)).map((row) => rows.findIndex(({ id }) => id === row.id));
    expect(await listed({})).toEqual([4, 3, 2, 1, 0]);
    expect(await listed({ state: 'pending', limit: 2 })).toEqual([4, 3]);
    expect(await listed({ after: rows[3]!.id, reviewer: 'carol' })).toEqual([2, 0]);
    expect(await store.reviews.cancelPending(T0 + 9)).toBe(4);
    expect(await store.reviews.cancelPending(T0 + 9)).toBe(0);
    expect(await store.reviews.byId(rows[0]!.id)).toMatchObject({ state: 'cancelled', settledAt: T0 + 9 });
    expect(await store.reviews.byId(rows[2]!.id)).toMatchObject({ state: 'approved' });
  });
});

test('transfers keep everything, are audited, and found by session, names, time and text of the path', async () => {
  const store = await testStore();
  const rows = Array.from({ length: 6 }, (_, i) =>
    transferRow({
      startedAt: T0 + i,
      userName: i % 2 ? 'Alice' : 'bob',
      assetName: i < 3 ? 'web1' : 'web2',
      path: i === 4 ? '/srv/Geschäfts%bericht.pdf' : `/srv/file${i}`,
      bytes: 2 ** 40 + i,
      sha256: i ? 'ab' : null,
      result: i ? 'ok' : 'failed',
      detail: i ? null : 'connection lost',
    }),
  );
  for (const row of rows) await store.transfers.add([row], draft('transfer.add'));
  expect(await store.transfers.list({})).toEqual(rows.toReversed());
  const listed = async (query: Parameters<typeof store.transfers.list>[0]) =>
    (await store.transfers.list(query)).map((row) => rows.findIndex(({ id }) => id === row.id));
  expect(await listed({ user: 'alice', asset: 'WEB2' })).toEqual([5, 3]);
  expect(await listed({ session: rows[1]!.sessionId })).toEqual([1]);
  expect(await listed({ since: T0 + 4 })).toEqual([5, 4]);
  expect(await listed({ text: 'GESCHÄFTS%' })).toEqual([4]);
  expect(await listed({ text: 'FILE', limit: 2, after: rows[5]!.id })).toEqual([3, 2]);
  expect(await actions(store)).toHaveLength(6);
  const web = await store.assets.create(newAsset('www'), draft('x'));
  await store.transfers.add([transferRow({ assetId: web.id, assetName: 'old', path: '/now' })], []);
  expect((await store.transfers.list({ asset: 'www' })).map(({ path }) => path)).toEqual(['/now']);
});

test('a database of the version before, with data in it, takes commands after its upgrade', async () => {
  const dataDir = tempDir();
  const file = join(dataDir, 'bastion.db');
  const old = openSqlite(file, 'write');
  migrate(old, file, { now: T0, migrations: MIGRATIONS.slice(0, 1) });
  const userId = newId();
  old
    .prepare(
      `insert into users (id, name, name_key, display_name, email, comment, role, created_at)
       values (?, 'alice', 'alice', '', '', '', 'user', 0)`,
    )
    .run(userId);
  old
    .prepare(
      `insert into sessions (id, grant_id, user_id, user_name, asset_id, asset_name, account, protocol, use, client_ip,
         via, permission, started_at, state, bytes_in, bytes_out, recording)
       values ('s', 'g', ?, 'alice', 'a', 'web1', 'root', 'ssh', 'shell', '::1', 'ssh', 'ops', ?, 'ended', 0, 0, 'none')`,
    )
    .run(userId, T0);
  old.close();

  const store = await testStore({ dataDir });
  expect(await store.users.byName('alice')).toMatchObject({ id: userId });
  expect(await store.filters.list()).toEqual([]);
  await fill(store, [{ line: 'uptime', userName: 'alice' }]);
  expect(await found(store, { text: 'tim', user: 'alice' })).toEqual(['uptime']);
  expect((await store.statistics.between(T0, T0 + 1, 1)).users).toEqual([
    { name: 'alice', sessions: 1, commands: 1, denied: 0 },
  ]);
});
