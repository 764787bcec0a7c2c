import { expect, test } from 'vitest';
import type { GrantCheck } from '../../src/access/access.ts';
import type { Grant, Limits } from '../../src/access/grant.ts';
import { newId, type UserId } from '../../src/kernel/id.ts';
import { spoken } from '../../src/session/notices.ts';
import type { LiveSession } from '../../src/session/types.ts';
import type { Store } from '../../src/store/store.ts';
import { FakeClock } from '../kit/clock.ts';
import { ADMIN, execOptions, grant, house } from './session-kit.ts';

const MINUTE = 60_000;

/** Any change of who may what. */
async function change(store: Store): Promise<void> {
  const id = newId<UserId>();
  const user = {
    id,
    name: `u${id}`,
    displayName: '',
    email: '',
    comment: '',
    role: 'user',
    validUntil: null,
    passwordHash: null,
    groups: [],
  } as const;
  const audit = {
    actor: ADMIN,
    action: 'user.create',
    outcome: 'ok',
    target: null,
    reason: null,
    details: null,
  } as const;
  await store.users.create(user, audit);
}

test('a terminal without input ends after the idle time; output does not count, input does', async () => {
  const clock = new FakeClock();
  const { open, row } = await house({ clock });
  const { client, target, session } = await open();
  clock.advance(29 * MINUTE);
  client.type('x');
  clock.advance(20 * MINUTE);
  target.say('still talking');
  expect(client.calls).toEqual([]);
  clock.advance(10 * MINUTE);
  expect(await session.ended).toEqual({ cause: 'idle' });
  expect(client.shown).toContain('\r\nDisconnected: idle for 30 minutes.\r\n');
  expect(client.calls).toEqual(['exit 254', 'eof', 'close']);
  expect(await row(session.id)).toMatchObject({ endCause: 'idle' });
});

test('locked input is no input', async () => {
  const clock = new FakeClock();
  const { open } = await house({ clock });
  const { client, session } = await open();
  clock.advance(20 * MINUTE);
  session.lock('eve');
  client.type('x');
  clock.advance(10 * MINUTE);
  expect(await session.ended).toEqual({ cause: 'idle' });
});

test('a command without a terminal is never idle but has a maximum time', async () => {
  const clock = new FakeClock();
  const { open } = await house({ clock });
  const { client, session } = await open(execOptions());
  clock.advance(23 * 60 * MINUTE);
  expect(client.calls).toEqual([]);
  clock.advance(60 * MINUTE);
  expect(await session.ended).toEqual({ cause: 'max-time' });
  expect(client.errors).toBe('bastion: Disconnected: the time limit of 1 day is reached. Connect again to go on.\n');
});

test('a permission that ends by date ends its sessions, and 0 means no limit', async () => {
  const clock = new FakeClock();
  const { open } = await house({ clock });
  const { client, session } = await open({ grant: grant({ idleMs: 0, maxMs: 0, until: clock.now() + 90 * MINUTE }) });
  clock.advance(89 * MINUTE);
  expect(client.calls).toEqual([]);
  clock.advance(MINUTE);
  expect(await session.ended).toEqual({ cause: 'expired' });
  expect(client.shown).toContain('your permission expired for web1');
});

test('limits that an edit changed hold from then on', async () => {
  const clock = new FakeClock();
  let limits: Limits | undefined;
  let judged: () => void = () => {};
  const recheck = async (held: Grant): Promise<GrantCheck> => {
    if (limits) setImmediate(judged);
    return { ok: true, limits: limits ?? held.limits };
  };
  const { open, store } = await house({ clock, recheck });
  const { session } = await open();
  limits = { ...session.grant.limits, idleMs: 5 * MINUTE };
  await change(store);
  const done = new Promise<void>((resolve) => {
    judged = resolve;
  });
  clock.advance(1000);
  await done;
  clock.advance(5 * MINUTE);
  expect(await session.ended).toEqual({ cause: 'idle' });
});

test('a change takes the losers out and leaves the others', async () => {
  let withdrawn = false;
  const recheck = async (held: Grant): Promise<GrantCheck> =>
    withdrawn && held.who.user.name === 'alice' ? { ok: false, cause: 'revoked' } : { ok: true, limits: held.limits };
  const { open, store, audit, registry } = await house({ recheck });
  const alice = await open();
  const bob = await open({ grant: grant({}, 'shell', 'bob') });
  withdrawn = true;
  await change(store);
  expect(await alice.session.ended).toEqual({ cause: 'revoked' });
  expect(alice.client.shown).toContain('Your access to web1 was withdrawn.');
  expect(await audit('session.end')).toMatchObject([{ actor: { kind: 'system' }, reason: 'revoked' }]);
  expect(registry.live().map((session) => session.id)).toEqual([bob.session.id]);
});

test('a grant that was withdrawn before its session stood ends at once', async () => {
  const { open } = await house({
    recheck: async () => ({ ok: false, cause: 'expired' }),
    dial: (target, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(target))),
  });
  await expect(open()).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('expired') });
});

test('what cannot be judged is tried again and then ends', async () => {
  let failing = 0;
  const recheck = async (held: Grant): Promise<GrantCheck> => {
    if (failing > 0) {
      failing--;
      throw new Error('the store is gone');
    }
    return { ok: true, limits: held.limits };
  };
  const { open, store, registry } = await house({ recheck });
  const { session } = await open();
  failing = 2;
  await change(store);
  await expect.poll(() => failing).toBe(0);
  expect(registry.get(session.id)).toBe(session);
  failing = 3;
  await change(store);
  expect(await session.ended).toEqual({ cause: 'revoked', detail: 'the permission could not be checked' });
});

test('times are spoken in whole units', () => {
  expect([1000, 90_000, 60_000, 1_800_000, 3_600_000, 86_400_000, 400].map(spoken)).toEqual([
    '1 second',
    '90 seconds',
    '1 minute',
    '30 minutes',
    '1 hour',
    '1 day',
    '1 second',
  ]);
});

/** What the session tells besides its bytes, as `warning idle 60`. */
function listen(session: LiveSession): string[] {
  const told: string[] = [];
  session.onEvent((event) => {
    if (event.kind === 'warning') told.push(`warning ${event.cause} ${event.seconds}`);
    else if (event.kind === 'locked') told.push(`locked ${event.by}`);
    else told.push(event.kind);
  });
  return told;
}

test('an idle terminal is warned a minute before, and whoever types takes that back', async () => {
  const clock = new FakeClock();
  const { open } = await house({ clock });
  const { client, session } = await open();
  const told = listen(session);
  clock.advance(29 * MINUTE - 1);
  expect(told).toEqual([]);
  clock.advance(1);
  expect(told).toEqual(['warning idle 60']);
  expect(listen(session)).toEqual(['warning idle 60']);
  client.type('x');
  expect(told.splice(0)).toEqual(['warning idle 60', 'warning idle 0']);
  expect(listen(session)).toEqual([]);
  clock.advance(29 * MINUTE);
  expect(told).toEqual(['warning idle 60']);
  clock.advance(MINUTE);
  expect(await session.ended).toEqual({ cause: 'idle' });
});

test('an end by time is announced five minutes and one minute before; one that moved is taken back', async () => {
  const clock = new FakeClock();
  const until = clock.now() + 60 * MINUTE;
  const { open } = await house({ clock });
  const limits = { idleMs: 0, maxMs: 0, until };
  const { session } = await open({ grant: grant(limits) });
  const told = listen(session);
  clock.advance(55 * MINUTE);
  clock.advance(4 * MINUTE);
  expect(told.splice(0)).toEqual(['warning expired 300', 'warning expired 60']);
  const live = session as unknown as { replaceLimits(limits: Limits): void };
  live.replaceLimits({ ...session.limits, actions: new Set(['connect', 'share']) });
  expect(told.splice(0)).toEqual(['limits']);
  live.replaceLimits({ ...session.limits, until: until + 60 * MINUTE });
  expect(told.splice(0)).toEqual(['warning expired 0', 'limits']);
  clock.advance(61 * MINUTE);
  expect(await session.ended).toEqual({ cause: 'expired' });
  expect(told).toEqual(['warning expired 300', 'warning expired 60']);
});

test('who listens late hears of the lock that holds', async () => {
  const { open } = await house();
  const { session } = await open();
  const told = listen(session);
  session.lock('eve');
  expect(listen(session)).toEqual(['locked eve']);
  session.unlock('eve');
  expect(told).toEqual(['locked eve', 'locked null']);
  expect(listen(session)).toEqual([]);
});
