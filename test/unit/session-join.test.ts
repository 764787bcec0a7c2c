import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { atShell, brief, rule } from './commands-kit.ts';
import { ADMIN, FakeWatcher, grant, house } from './session-kit.ts';

const keys = (text: string) => Buffer.from(text);

class Typist extends FakeWatcher {
  typing(on: boolean): void {
    this.events.push(`typing ${on}`);
  }
}

test('who joined types to the target, announced and audited; who did not, does not', async () => {
  const { open, registry, audit, recording } = await house();
  const { session, target, client } = await open();
  const watcher = new Typist();
  const visit = await registry.watch(session.id, watcher, ADMIN);
  visit.input(keys('not yet'));
  expect(target.received).toEqual([]);
  expect(client.shown).toBe('');
  expect(session.participants.announced).toEqual([]);
  expect(session.participants.all).toEqual([{ name: 'eve [2J', typing: false }]);

  await visit.join();
  expect(client.shown).toContain('eve [2J types along now.');
  expect(session.participants.announced).toEqual([{ name: 'eve [2J', typing: true }]);
  visit.input(keys('id\r'));
  expect(Buffer.concat(target.received).toString()).toBe('id\r');
  expect(session.row().bytesIn).toBe(3);

  visit.part();
  visit.input(keys('no more'));
  expect(Buffer.concat(target.received).toString()).toBe('id\r');
  expect(client.shown).toContain('eve [2J no longer types.');
  expect(watcher.events).toEqual(expect.arrayContaining(['typing true', 'typing false']));
  visit.leave();
  expect(session.participants.all).toEqual([]);
  target.leave();
  await session.ended;
  for (const action of ['session.join', 'session.leave'])
    expect(await audit(action)).toMatchObject([{ actor: { name: ADMIN.name }, target: { id: session.id } }]);
  expect((await recording(session)).markers).toEqual(
    expect.arrayContaining(['eve [2J types along now.', 'eve [2J no longer types.']),
  );
});

test('nobody types along in a locked session, nor at the user who is held; what waits is bounded', async () => {
  const { open, registry } = await house();
  const { session, target, client } = await open();
  const watcher = new Typist();
  const visit = await registry.watch(session.id, watcher, ADMIN);
  await visit.join();
  const told: unknown[] = [];
  session.onEvent((event) => told.push(event));
  await registry.setLocked(session.id, true, ADMIN);
  visit.input(keys('locked'));
  await registry.setLocked(session.id, false, ADMIN);
  expect(target.received).toEqual([]);
  expect(told).toEqual([
    { kind: 'people', people: [{ name: 'eve [2J', typing: true }] },
    { kind: 'locked', by: 'eve [2J' },
    { kind: 'locked', by: null },
  ]);

  target.slow = true;
  client.type('a');
  visit.input(keys('b'));
  visit.input(keys('c'));
  expect(Buffer.concat(target.received).toString()).toBe('a');
  target.slow = false;
  target.sink.drain();
  expect(Buffer.concat(target.received).toString()).toBe('abc');

  target.slow = true;
  client.type('d');
  visit.input(Buffer.alloc(60 * 1024));
  expect(visit.typing).toBe(true);
  visit.input(Buffer.alloc(60 * 1024));
  expect(visit.typing).toBe(false);
});

test('what waits of somebody is never typed once they type no more; that of others is', async () => {
  const { open, registry } = await house();
  const { session, target, client } = await open();
  const [eve, mallory] = await Promise.all(
    [ADMIN, { ...ADMIN, name: 'mallory' }].map((who) => registry.watch(session.id, new Typist(), who)),
  );
  await Promise.all([eve!.join(), mallory!.join()]);
  target.slow = true;
  client.type('a');
  mallory!.input(keys('rm -rf /\r'));
  eve!.input(keys('b'));
  mallory!.leave();
  target.slow = false;
  target.sink.drain();
  expect(Buffer.concat(target.received).toString()).toBe('ab');
});

test('a visitor by a link is announced when they come and when they go', async () => {
  const { open, registry, audit } = await house();
  const { session, client } = await open({ grant: grant({ actions: new Set(['connect', 'share']) }) });
  const { share } = registry.shares.add({
    session: session.id,
    write: true,
    users: [],
    createdBy: 'alice',
    expiresAt: Date.now() + 60_000,
  })!;
  const visit = await registry.watch(session.id, new Typist(), { ...ADMIN, name: 'carol' }, share);
  expect(client.shown).toContain('carol watches this session by a link.');
  expect(session.participants.announced).toEqual([{ name: 'carol', typing: false }]);
  visit.leave();
  expect(client.shown).toContain('carol no longer watches.');
  expect(await audit('share.use')).toMatchObject([{ details: { share: share.id, write: true, sharedBy: 'alice' } }]);
  expect(await audit('session.watch')).toMatchObject([{ details: { share: share.id } }]);

  const gone = new Promise((resolve) => registry.shares.onGone(resolve));
  await session.end({ cause: 'idle' });
  expect(await gone).toBe(share);
});

test('links go when the right to share goes', async () => {
  const limits = grant({ actions: new Set(['connect', 'share']) });
  let allowed = true;
  const { open, registry, store } = await house({
    recheck: async () => ({
      ok: true,
      limits: { ...limits.limits, actions: new Set(allowed ? ['connect', 'share'] : ['connect']) },
    }),
  });
  const { session } = await open({ grant: limits });
  registry.shares.add({ session: session.id, write: false, users: [], createdBy: 'a', expiresAt: Date.now() + 60_000 });
  expect(registry.shares.of(session.id)).toHaveLength(1);
  allowed = false;
  const gone = new Promise((resolve) => registry.shares.onGone(resolve));
  await store.groups.create(
    { id: 'g' as never, name: 'any change', comment: '' },
    { actor: ADMIN, action: 'group.create', outcome: 'ok', target: null, reason: null, details: null },
  );
  await gone;
  expect(registry.shares.of(session.id)).toEqual([]);
});

test('what a joined person types passes the command filter as the user’s own keys do', async () => {
  const at = await atShell('bash', [rule('deny', ['touch'])]);
  await at.person.at('$ ');
  const visit = await at.registry.watch(at.session.id, new Typist(), ADMIN);
  await visit.join();
  visit.input(keys('touch denied\r'));
  await at.person.expect('is forbidden by the filter');
  await at.person.at('$ ');
  visit.input(keys('echo next\r'));
  await at.person.expect('/^next$/');
  expect(existsSync(join(at.home, 'denied'))).toBe(false);
  expect(brief(await at.ended())).toEqual(['deny screen touch denied', 'pass screen echo next']);
});
