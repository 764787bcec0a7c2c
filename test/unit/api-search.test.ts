import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SessionRow } from '../../src/store/model.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { endedSession, record } from './outputs-kit.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
let house: ApiHouse;
let auditor: Awaited<ReturnType<ApiHouse['person']>>;
let rows: SessionRow[];

beforeAll(async () => {
  house = await openApiHouse();
  auditor = await house.person('carol', 'auditor');
  rows = [];
  for (const [i, word] of ['alpha', 'beta', 'gamma'].entries()) {
    const row = endedSession(T0 + i * 1000, { userName: i === 1 ? 'bob' : 'alice' });
    const told = [
      { ms: 83_999, text: `disk  full: ${word}\r\n` },
      { ms: 90_000, text: 'disk full again\r\n' },
    ];
    await house.store.outputs.index(row, await record(house.data, row, told));
    rows.push(row);
  }
});
afterAll(() => house[Symbol.asyncDispose]());

it('answers with the line, its moment and the second to replay from', async () => {
  const { items, next } = await auditor.client.search.output({ text: 'full: beta' });
  expect(items).toEqual([
    {
      session: rows[1]!.id,
      user: 'bob',
      asset: 'web1',
      account: 'root',
      startedAt: '2026-01-01T12:00:01.000Z',
      at: '2026-01-01T12:01:24.999Z',
      seconds: 83,
      before: 'disk ',
      match: 'full: beta',
      after: '',
    },
  ]);
  expect(next).toBeNull();
});

it('goes on page by page, newest first', async () => {
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const page = await auditor.client.search.output({ text: 'disk full', limit: 2, after });
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map(({ user, seconds }) => `${user} ${seconds}`));
    after = page.next ?? undefined;
  } while (after !== undefined);
  expect(seen).toEqual(['alice 90', 'alice 83', 'bob 90', 'bob 83', 'alice 90', 'alice 83']);
});

it('filters by user, asset and time', async () => {
  const count = async (filter: { user?: string; asset?: string; since?: string; until?: string }) =>
    (await auditor.client.search.output({ text: 'disk full', ...filter })).items.length;
  expect(await count({ user: 'bob' })).toBe(2);
  expect(await count({ user: 'nobody' })).toBe(0);
  expect(await count({ asset: 'web1' })).toBe(6);
  expect(await count({ asset: 'web2' })).toBe(0);
  expect(await count({ since: '2026-01-01T12:01:30+00:00' })).toBe(3);
  expect(await count({ until: '2026-01-01T12:01:24Z' })).toBe(1);
});

it('writes who searched for what', async () => {
  await auditor.client.search.output({ text: 'gamma', user: 'alice' });
  const [row] = (await house.owner.audit.list({ action: 'recording.search', limit: 1 })).items;
  expect(row).toMatchObject({
    actor: { name: 'carol' },
    outcome: 'ok',
    details: { text: 'gamma', user: 'alice', hits: 1 },
  });
});

it('refuses what is no search', async () => {
  const invalid = { code: 'invalid', status: 400 };
  await expect(auditor.client.search.output({ text: '' })).rejects.toMatchObject(invalid);
  await expect(auditor.client.search.output({ text: ' \u3000 ' })).rejects.toMatchObject(invalid);
  await expect(auditor.client.search.output({ text: 'a\nb' })).rejects.toMatchObject(invalid);
  await expect(auditor.client.search.output({ text: 'x'.repeat(201) })).rejects.toMatchObject(invalid);
  await expect(auditor.client.search.output({ text: 'abc', after: 'nowhere' })).rejects.toMatchObject(invalid);
  await expect(auditor.client.search.output({ text: 'abc', limit: 0 })).rejects.toMatchObject(invalid);
});

it('needs the right to see recordings', async () => {
  const user = await house.person('dave', 'user');
  await expect(user.client.search.output({ text: 'disk' })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(house.client(undefined).search.output({ text: 'disk' })).rejects.toMatchObject({
    code: 'unauthenticated',
  });
});
