import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type UserId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type PendingReview, type ReviewOutcome, Reviews } from '../../src/session/reviews.ts';
import type { Actor, CommandRule } from '../../src/store/model.ts';
import type { ReviewsRepository, Store } from '../../src/store/store.ts';
import { filterRow, sessionRow } from '../kit/rows.ts';
import { draft, newUser, testStore } from './store-kit.ts';

async function house(over: (store: Store) => Partial<ReviewsRepository> = () => ({})) {
  const store = await testStore();
  const alice = await store.users.create(newUser('Alice'), draft('x'));
  const bob = await store.users.create(newUser('Bob', { role: 'admin' }), draft('x'));
  const carol = await store.users.create(newUser('Çárol'), draft('x'));
  const own = { ...store.reviews, ...over(store) };
  const deps = {
    store: { users: store.users, filters: store.filters, reviews: own },
    clock: systemClock,
    log: silentLog(),
  };
  const reviews = new Reviews(deps);
  const session = sessionRow({ userId: alice.id, userName: alice.name });
  const actor = ({ id, name }: { id: UserId; name: string }): Actor => ({
    kind: 'user',
    userId: id,
    name,
    ip: null,
    via: 'api',
  });
  const as = {
    alice: { actor: actor(alice), isAdmin: false },
    bob: { actor: actor(bob), isAdmin: true },
    carol: { actor: actor(carol), isAdmin: false },
    machine: {
      actor: { kind: 'machine', userId: null, name: 'root', ip: null, via: 'socket' } satisfies Actor,
      isAdmin: true,
    },
  };
  const ask = (rule: Partial<CommandRule> = {}, line = 'reboot') =>
    reviews.ask(session, line, filterRow({ action: 'review', ...rule }));
  const state = async ({ id }: Pick<PendingReview, 'id'>) => (await store.reviews.byId(id))?.state;
  const trail = async () => (await store.audit.list({ action: 'review' })).map((row) => row.action).toReversed();
  return { store, reviews, session, as, ask, state, trail };
}

/** What it has come to, if it has. */
async function outcome(review: PendingReview): Promise<ReviewOutcome | 'open'> {
  return Promise.race([review.settled, turn('open' as const)]);
}

describe('who may decide', () => {
  test('every administrator where the rule names nobody; others and the user may not', async () => {
    const { store, reviews, as, ask, trail } = await house();
    const disabled = await store.users.create(newUser('dave', { role: 'admin' }), draft('x'));
    await store.users.update(disabled.id, { disabled: true }, draft('x'));
    await store.users.create(newUser('erin', { role: 'admin', validUntil: 5 }), draft('x'));
    const review = await ask();
    expect(review.reviewers).toEqual(['Bob']);
    await expect(reviews.settle(review.id, 'approved', as.carol)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('Bob'),
    });
    await expect(reviews.settle(review.id, 'approved', as.alice)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await outcome(review)).toBe('open');
    expect(await reviews.settle(review.id, 'approved', as.bob)).toMatchObject({ state: 'approved', settledBy: 'Bob' });
    expect(await outcome(review)).toEqual({ kind: 'approved', by: 'Bob' });
    expect(await trail()).toEqual(['review.ask', 'review.approve']);
  });

  test('those whom the rule names, an administrator only among them; names as the store compares them', async () => {
    const { reviews, as, ask } = await house();
    const review = await ask({ reviewers: ['alice', 'çáROL'.normalize('NFC')] });
    expect(review.reviewers).toEqual(['çáROL'.normalize('NFC')]);
    await expect(reviews.settle(review.id, 'refused', as.bob)).rejects.toMatchObject({ code: 'forbidden' });
    await reviews.settle(review.id, 'refused', as.carol);
    expect(await outcome(review)).toMatchObject({ kind: 'refused' });
  });

  test('four eyes: an administrator does not approve their own command, however the name is written', async () => {
    const { reviews, session, as } = await house();
    const own = { ...session, userId: as.bob.actor.userId!, userName: 'BOB' };
    const review = await reviews.ask(own, 'reboot', filterRow({ action: 'review', reviewers: ['bob'] }));
    expect(review.reviewers).toEqual([]);
    await expect(reviews.settle(review.id, 'approved', as.bob)).rejects.toMatchObject({ code: 'forbidden' });
    await reviews.settle(review.id, 'approved', as.machine);
    expect(await outcome(review)).toEqual({ kind: 'approved', by: 'root' });
  });

  test('as the filter stands now: who was taken off it decides no longer, and what it forbids is not approved', async () => {
    const { store, reviews, as, ask } = await house();
    const { createdAt: _, forAllUsers: __, forAllAssets: ___, ...fields } = filterRow({ action: 'review' });
    const rule = await store.filters.create({ ...fields, reviewers: ['çárol'] }, draft('x'));
    const [review, another] = [await ask(rule), await ask(rule)];
    await store.filters.update(rule.id, { reviewers: ['bob'] }, draft('x'));
    await expect(reviews.settle(review.id, 'approved', as.carol)).rejects.toMatchObject({ code: 'forbidden' });
    await store.users.update(as.carol.actor.userId!, { name: 'dora' }, draft('x'));
    await store.users.update(as.bob.actor.userId!, { name: 'çárol' }, draft('x'));
    await reviews.settle(review.id, 'approved', { ...as.bob, actor: { ...as.bob.actor, name: 'çárol' } });
    await store.filters.update(rule.id, { action: 'deny' }, draft('x'));
    await expect(reviews.settle(another.id, 'approved', as.machine)).rejects.toMatchObject({ code: 'conflict' });
    expect(await outcome(another)).toBe('open');
    await reviews.settle(another.id, 'refused', as.machine);
    expect(await outcome(another)).toMatchObject({ kind: 'refused' });
  });

  test('a line too long to be read by somebody is not put before them', async () => {
    const { store, ask } = await house();
    await expect(ask({}, `true ${'#'.repeat(10_000)} ; reboot`)).rejects.toMatchObject({ code: 'too_large' });
    expect(await store.reviews.list({})).toEqual([]);
  });
});

describe('at the same moment', () => {
  test('two reviewers: one decides, the other is told', async () => {
    const { reviews, as, ask, state, trail } = await house();
    const review = await ask();
    const [first, second] = await Promise.allSettled([
      reviews.settle(review.id, 'refused', as.bob),
      reviews.settle(review.id, 'approved', as.machine),
    ]);
    expect(first).toMatchObject({ status: 'fulfilled', value: { state: 'refused', settledBy: 'Bob' } });
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'conflict' } });
    expect(await outcome(review)).toEqual({ kind: 'refused', by: 'Bob' });
    expect(await state(review)).toBe('refused');
    expect(await trail()).toEqual(['review.ask', 'review.refuse']);
    await expect(reviews.settle(review.id, 'approved', as.machine)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an approval on its way and a user who gives up: it does not run, and everything says so', async () => {
    let giveUp = () => {};
    const { reviews, as, ask, state, trail } = await house((store) => ({
      settle: (id, settled, audit) => {
        const sent = store.reviews.settle(id, settled, audit);
        if (settled.state === 'approved') giveUp();
        return sent;
      },
    }));
    const review = await ask();
    giveUp = () => review.cancel();
    const approval = reviews.settle(review.id, 'approved', as.bob);
    await expect(approval).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('gave up') });
    expect(await outcome(review)).toEqual({ kind: 'cancelled' });
    expect(await state(review)).toBe('cancelled');
    expect(await trail()).toEqual(['review.ask', 'review.approve', 'review.cancel']);
  });

  test('a user who gives up while it is looked up who may approve', async () => {
    const { reviews, as, ask, state, trail } = await house();
    const review = await ask();
    const approval = reviews.settle(review.id, 'approved', as.bob);
    review.cancel();
    await expect(approval).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('gave up') });
    expect(await state(review)).toBe('cancelled');
    expect(await trail()).toEqual(['review.ask', 'review.cancel']);
  });

  test('a user who gave up before the approval', async () => {
    const { reviews, as, ask, state, trail } = await house();
    const review = await ask();
    review.cancel();
    review.cancel();
    await expect(reviews.settle(review.id, 'approved', as.bob)).rejects.toMatchObject({ code: 'not_found' });
    expect(await state(review)).toBe('cancelled');
    expect(await trail()).toEqual(['review.ask', 'review.cancel']);
  });

  test('giving up after the approval changes nothing any more', async () => {
    const { reviews, as, ask, state, trail } = await house();
    const review = await ask();
    await reviews.settle(review.id, 'approved', as.bob);
    review.cancel();
    expect(await outcome(review)).toEqual({ kind: 'approved', by: 'Bob' });
    expect(await state(review)).toBe('approved');
    expect(await trail()).toEqual(['review.ask', 'review.approve']);
  });
});

describe('nothing waits for ever', () => {
  test('the end of a session gives up what waits of it, and of no other', async () => {
    const { reviews, session, ask, state } = await house();
    const [first, second] = [await ask(), await ask()];
    const other = await reviews.ask(sessionRow(), 'halt', filterRow({ action: 'review' }));
    reviews.sessionEnded(session.id);
    expect(await outcome(first)).toEqual({ kind: 'cancelled' });
    expect(await outcome(second)).toEqual({ kind: 'cancelled' });
    expect(await outcome(other)).toBe('open');
    expect(await state(second)).toBe('cancelled');
  });

  test('a session that ends while its question is being written does not wait for the answer', async () => {
    const { reviews, session, ask, state } = await house();
    const asking = ask();
    reviews.sessionEnded(session.id);
    const review = await asking;
    expect(await outcome(review)).toEqual({ kind: 'cancelled' });
    expect(await state(review)).toBe('cancelled');
  });

  test('a question that cannot be stored is not put', async () => {
    const { reviews, as, ask } = await house(() => ({ create: () => Promise.reject(new Error('disk full')) }));
    await expect(ask()).rejects.toThrow('disk full');
    await expect(reviews.settle(newId(), 'approved', as.bob)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('an approval that cannot be stored is none; the user can still be answered or give up', async () => {
    let full = true;
    const { reviews, as, ask, state } = await house((store) => ({
      settle: (...args) => (full ? Promise.reject(new Error('disk full')) : store.reviews.settle(...args)),
    }));
    const review = await ask();
    const second = await ask();
    await expect(reviews.settle(review.id, 'approved', as.bob)).rejects.toThrow('disk full');
    expect(await outcome(review)).toBe('open');
    second.cancel();
    expect(await outcome(second)).toEqual({ kind: 'cancelled' });
    full = false;
    await reviews.settle(review.id, 'approved', as.bob);
    expect(await outcome(review)).toEqual({ kind: 'approved', by: 'Bob' });
    expect(await state(review)).toBe('approved');
  });
});
