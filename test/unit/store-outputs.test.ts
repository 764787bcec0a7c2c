import { closeSync, openSync, readdirSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionId } from '../../src/kernel/id.ts';
import type { SessionRow } from '../../src/store/model.ts';
import type { Store } from '../../src/store/store.ts';
import type { OutputHit, OutputQuery } from '../../src/store/text/outputs-model.ts';
import { endedSession, record, type Told } from './outputs-kit.ts';
import { T0, tempDir, testStore } from './store-kit.ts';

async function house() {
  const data = tempDir();
  const store = await testStore({ dataDir: data });
  let sessions = 0;
  const taken = async (told: readonly Told[] | string, over: Partial<SessionRow> = {}, terminal = true) => {
    const row = endedSession(over.startedAt ?? T0 + 60_000 * sessions++, over);
    const chunks = typeof told === 'string' ? [{ ms: 1000, text: told }] : told;
    await store.outputs.index(row, await record(data, row, chunks, terminal));
    return row;
  };
  return { data, store, taken };
}

async function all(store: Store, query: Partial<OutputQuery> & { text: string }): Promise<OutputHit[]> {
  const hits: OutputHit[] = [];
  let after: string | undefined;
  do {
    const page = await store.outputs.search({ limit: 3, ...query, after });
    hits.push(...page.hits);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return hits;
}

const shown = ({ before, match, after }: OutputHit) => `${before}[${match}]${after}`;

test('a text is found with its line, its session and its moment', async () => {
  const { store, taken } = await house();
  const row = await taken([
    { ms: 500, text: '$ ' },
    { ms: 82_300, text: 'df -h' },
    { ms: 83_400, text: '\r\nFilesystem      Size  Used\r\n/dev/vda1       252G   24G\r\n' },
  ]);
  const [hit, ...rest] = await all(store, { text: '/DEV/vda1 252' });
  expect(rest).toEqual([]);
  expect(shown(hit!)).toBe('[/dev/vda1 252]G 24G');
  expect(hit!.offset).toBe(83_400);
  expect(hit!.session).toEqual({
    id: row.id,
    userId: row.userId,
    userName: 'alice',
    assetId: row.assetId,
    assetName: 'web1',
    account: 'root',
    startedAt: row.startedAt,
  });
  expect((await all(store, { text: 'df -h' }))[0]!.offset).toBe(82_300);
  expect(await all(store, { text: '/dev/vda2' })).toEqual([]);
});

test('output without a terminal is searched, both streams of it', async () => {
  const { store, taken } = await house();
  await taken(
    [
      { ms: 10, text: 'to standard output\n' },
      { ms: 20, text: 'make: *** [all] Error 2\n', stderr: true },
    ],
    { command: 'make' },
    false,
  );
  expect((await all(store, { text: 'standard output' })).map(shown)).toEqual(['to [standard output]']);
  expect((await all(store, { text: '*** [all] err' })).map(shown)).toEqual(['make: [*** [all] Err]or 2']);
});

test('texts of one, two and three characters are found, Chinese too, wherever they stand', async () => {
  const { store, taken } = await house();
  await taken('磁盘已满\r\n请清理磁盘\r\nx=é\r\n');
  expect((await all(store, { text: '磁盘' })).map(shown)).toEqual(['请清理[磁盘]', '[磁盘]已满']);
  expect((await all(store, { text: '满' })).map(shown)).toEqual(['磁盘已[满]']);
  expect((await all(store, { text: '理磁盘' })).map(shown)).toEqual(['请清[理磁盘]']);
  expect((await all(store, { text: 'É' })).map(shown)).toEqual(['x=[é]']);
  expect(await all(store, { text: '盘满' })).toEqual([]);
  expect(await all(store, { text: '"' })).toEqual([]);
  expect(await all(store, { text: '%_' })).toEqual([]);
});

test('every line is found once, newest first, across pages, blocks and sessions', async () => {
  const { store, taken } = await house();
  const expected: string[] = [];
  for (let session = 0; session < 3; session++) {
    const told: Told[] = [];
    for (let i = 0; i < 900; i++) {
      const hit = i % 90 === 0;
      told.push({
        ms: i * 100,
        text: `${i} ${'some other text '.repeat(5)}${hit ? `needle ${session}/${i}` : ''}\r\n`,
      });
      if (hit) expected.unshift(`needle ${session}/${i}`);
    }
    await taken(told);
  }
  const hits = await all(store, { text: 'needle ' });
  expect(hits.map(({ match, after }) => match + after)).toEqual(expected);
  expect(hits.map(({ offset }) => offset)).toEqual(expected.map((text) => Number(text.split('/')[1]) * 100));
  expect(await all(store, { text: 'NEEDLE ', limit: 1000 })).toEqual(hits);
});

test('a search asks about a user, an asset, a span of time', async () => {
  const { store, taken } = await house();
  const bob = await taken([{ ms: 0, text: 'hello one\r\n' }], { userName: 'bob', startedAt: T0 });
  const web2 = await taken(
    [
      { ms: 0, text: 'hello two\r\n' },
      { ms: 600_000, text: 'hello three\r\n' },
    ],
    { assetName: 'web2', startedAt: T0 + 1000 },
  );
  const ask = async (query: Partial<OutputQuery>) =>
    (await all(store, { text: 'hello', ...query })).map((hit) => hit.after.trim());
  expect(await ask({ user: { name: 'bob', id: undefined } })).toEqual(['one']);
  // by the name it has now
  expect(await ask({ user: { name: 'robert', id: bob.userId } })).toEqual(['one']);
  expect(await ask({ user: { name: 'nobody', id: undefined } })).toEqual([]);
  expect(await ask({ asset: { name: 'web2', id: web2.assetId } })).toEqual(['three', 'two']);
  expect(await ask({ session: bob.id })).toEqual(['one']);
  expect(await ask({ session: web2.id })).toEqual(['three', 'two']);
  expect(await ask({ session: 'none' as never })).toEqual([]);
  expect(await ask({ since: T0 + 1000 })).toEqual(['three', 'two']);
  expect(await ask({ since: T0 + 2000 })).toEqual(['three']);
  expect(await ask({ until: T0 + 2000 })).toEqual(['two', 'one']);
  expect(await ask({ since: T0 + 500, until: T0 + 2000, user: { name: 'alice', id: undefined } })).toEqual(['two']);
});

test('a session is there once, and gone when it is removed', async () => {
  const { data, store, taken } = await house();
  const row = await taken(`first ${'words and '.repeat(4000)}\r\n`);
  await store.outputs.index(row, await record(data, row, [{ ms: 0, text: 'second\r\n' }]));
  expect(await all(store, { text: 'first' })).toEqual([]);
  expect((await all(store, { text: 'second' })).length).toBe(1);
  const other = await taken('second\r\n');
  expect(await store.outputs.indexed('', undefined)).toEqual([row.id, other.id]);
  expect(await store.outputs.indexed(row.id, undefined)).toEqual([other.id]);
  expect(await store.outputs.indexed('', row.id)).toEqual([row.id]);
  await store.outputs.remove([row.id, 'nothing' as SessionId]);
  expect((await all(store, { text: 'second' })).map((hit) => hit.session.id)).toEqual([other.id]);
  expect(await store.outputs.indexed('', undefined)).toEqual([other.id]);
});

test('searches are answered while a long session is taken in, and none of it is seen before it is whole', async () => {
  const { data, store, taken } = await house();
  await taken('short one\r\n');
  const long = endedSession(T0 + 1e6);
  const told = Array.from({ length: 60 }, (_, i) => ({
    ms: i,
    text: `${Array.from({ length: 900 }, (_, k) => `short line ${i} ${k} ${(i * 7919 + k) % 1000}`).join('\r\n')}\r\n`,
  }));
  const file = await record(data, long, told);
  const order: string[] = [];
  const taking = store.outputs.index(long, file).then(() => order.push('taken in'));
  const during = await store.outputs.search({ text: 'short', limit: 10 });
  order.push('searched');
  expect(during.hits.map(shown)).toEqual(['[short] one']);
  await taking;
  expect(order).toEqual(['searched', 'taken in']);
  expect((await store.outputs.search({ text: 'short line 59 899', limit: 10 })).hits.length).toBe(1);
});

test('closing does not wait for a session that is being taken in; it is not one of those that were', async () => {
  const { data, store, taken } = await house();
  await taken('one\r\n');
  const long = endedSession(T0 + 1e6);
  const text = Array.from({ length: 60_000 }, (_, i) => `line ${i} ${(i * 7919) % 10_007}`).join('\r\n');
  const file = await record(data, long, [{ ms: 0, text }]);
  const taking = store.outputs.index(long, file);
  const failed = expect(taking).rejects.toMatchObject({ code: 'shutting_down' });
  await store.outputs.indexed('', undefined);
  await store.close();
  await failed;
  const again = await testStore({ dataDir: data });
  expect((await again.outputs.indexed('', undefined)).length).toBe(1);
  await again.outputs.index(long, file);
  expect((await again.outputs.search({ text: 'line 59999 ', limit: 5 })).hits.length).toBe(1);
});

test('a recording that cannot be read is noted and not asked for again', async () => {
  const { data, store } = await house();
  const row = endedSession(T0);
  const file = await record(data, row, [{ ms: 0, text: 'words\r\n' }]);
  truncateSync(file, 10);
  await expect(store.outputs.index(row, file)).rejects.toMatchObject({ code: 'not_found' });
  expect(await store.outputs.indexed('', undefined)).toEqual([row.id]);
  expect(await all(store, { text: 'words' })).toEqual([]);
});

test('the index is private, and a damaged or foreign one is made anew', async () => {
  const { data, store, taken } = await house();
  const file = join(data, 'search.db');
  expect(readdirSync(data)).not.toContain('search.db');
  await taken('words\r\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  await store.close();

  writeFileSync(file, 'no database at all, but long enough to be looked at as one'.repeat(100));
  const second = await testStore({ dataDir: data });
  expect(await second.outputs.indexed('', undefined)).toEqual([]);
  const row = endedSession(T0);
  await second.outputs.index(row, await record(data, row, [{ ms: 0, text: `words ${'and more '.repeat(9000)}\r\n` }]));
  await second.close();

  const fd = openSync(file, 'r+');
  const { size } = statSync(file);
  for (let at = 4096; at < size; at += 4096) writeSync(fd, Buffer.alloc(2048, 0xa5), 0, 2048, at);
  closeSync(fd);
  const third = await testStore({ dataDir: data });
  const fresh = await record(data, row, [{ ms: 0, text: 'fresh\r\n' }]);
  const take = () => third.outputs.index(row, fresh);
  // the damage is found by whoever meets it; the next call finds an empty index
  await take().catch(take);
  expect((await all(third, { text: 'fresh' })).map(shown)).toEqual(['[fresh]']);
});

test('what a search goes on from is checked', async () => {
  const { store } = await house();
  for (const after of ['', 'x', '1', '1.', "1.2'", '-1.2'])
    await expect(store.outputs.search({ text: 'abc', limit: 5, after })).rejects.toMatchObject({ code: 'invalid' });
});
