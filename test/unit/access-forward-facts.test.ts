import { expect, test } from 'vitest';
import { keepingFacts } from '../../src/access/kept-facts.ts';
import type { Store } from '../../src/store/store.ts';

/** A store that counts what it is asked, and answers how often that was. */
function counting() {
  let changed = () => {};
  let asked = 0;
  let fails = false;
  const answer = async () => {
    asked += 1;
    if (fails) throw new Error('the store is busy');
    return asked;
  };
  const store = {
    users: { byId: answer, groupsOf: answer },
    permissions: { forUser: answer },
    assets: { byId: answer, byName: answer, byAddress: answer },
    accounts: { list: answer },
    keys: { byFingerprint: answer },
    authorities: { list: answer },
    tokens: { list: answer },
    onAccessChanged: (listener: () => void) => {
      changed = listener;
      return () => {};
    },
  } as unknown as Store;
  return {
    facts: keepingFacts(store),
    change: () => changed(),
    fail: (on: boolean) => {
      fails = on;
    },
  };
}

test('an answer is kept until rights change, each question for itself', async () => {
  const { facts, change } = counting();
  const first = await facts.users.byId('u1' as never);
  expect(await facts.users.byId('u1' as never)).toBe(first);
  expect(await facts.users.byId('u2' as never)).not.toBe(first);
  expect(await facts.users.groupsOf('u1' as never)).not.toBe(first);
  expect(await facts.accounts.list()).not.toBe(await facts.accounts.list('a1' as never));
  change();
  expect(await facts.users.byId('u1' as never)).not.toBe(first);
});

test('who asks after a change does not get an answer that was under way before it', async () => {
  const { facts, change } = counting();
  const before = facts.permissions.forUser('u1' as never);
  change();
  const after = facts.permissions.forUser('u1' as never);
  expect(await after).not.toBe(await before);
});

test('a failure is not kept', async () => {
  const { facts, fail } = counting();
  fail(true);
  await expect(facts.assets.byName('web1')).rejects.toThrow('busy');
  fail(false);
  await expect(facts.assets.byName('web1')).resolves.toBeDefined();
});
