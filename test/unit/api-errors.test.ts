import { expect, it, vi } from 'vitest';
import { createApi } from '../../src/api/api.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';

/** What `GET /me/preferences` comes to when its handler does this. */
async function answered(preferences: () => Promise<unknown>) {
  const log = silentLog();
  const logged = vi.spyOn(log, 'error');
  const store = { audit: { append: async () => {} } } as never;
  const api = createApi({ handlers: { me: { preferences } } as never, store, log, clock: systemClock });
  const caller = { kind: 'machine', name: 'tester' } as const;
  const answer = await api.handle({
    method: 'GET',
    path: '/api/v1/me/preferences',
    query: new URLSearchParams(),
    body: undefined,
    caller,
  });
  return { answer, text: JSON.stringify(answer), logged: logged.mock.calls };
}

it('a mistake of ours tells nothing of itself but in the log', async () => {
  const mistake = Object.assign(new Error('no such table: secrets in /var/lib/bastion'), {
    details: { key: 's3cret' },
  });
  for (const thrown of [
    mistake,
    new AppError('internal', 'Something went wrong inside the bastion.', { cause: mistake }),
  ]) {
    const { answer, text, logged } = await answered(() => Promise.reject(thrown));
    expect(answer).toMatchObject({ status: 500, json: { error: { code: 'internal', details: null } } });
    expect(text).not.toMatch(/secrets|var|s3cret/);
    expect(logged).toMatchObject([[{ err: mistake }, expect.any(String)]]);
  }
});

it('an answer that is not what the contract says is a mistake, and none of it leaves', async () => {
  const { answer, text, logged } = await answered(async () => ({ values: 'hunter2' }));
  expect(answer).toMatchObject({ status: 500 });
  expect(text).not.toContain('hunter2');
  expect(logged).toHaveLength(1);
});

it('what the contract does not name does not leave', async () => {
  const { answer, text } = await answered(async () => ({ values: { theme: 'dark' }, passwordHash: 'scrypt$…' }));
  expect(answer).toMatchObject({ status: 200, json: { values: { theme: 'dark' } } });
  expect(text).not.toContain('scrypt');
});

it('an error that was foreseen keeps its code, sentence and details', async () => {
  const known = new AppError('conflict', 'Somebody was faster.', { details: { version: 4 }, cause: new Error('x') });
  const { answer, logged } = await answered(() => Promise.reject(known));
  expect(answer).toEqual({
    kind: 'json',
    status: 409,
    json: { error: { code: 'conflict', message: 'Somebody was faster.', details: { version: 4 } } },
  });
  expect(logged).toEqual([]);
});
