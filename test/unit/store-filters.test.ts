import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import type { NewFilter } from '../../src/store/store.ts';
import { actions, draft, newAsset, newUser, testStore } from './store-kit.ts';

function newFilter(name: string, more: Partial<NewFilter> = {}): NewFilter {
  return {
    id: newId(),
    name,
    comment: '',
    active: true,
    priority: 50,
    action: 'deny',
    words: ['rm', 'git push --force'],
    regex: null,
    matchCase: false,
    reviewers: [],
    users: [],
    groups: [],
    assets: [],
    accounts: [],
    ...more,
  };
}

async function house() {
  const store = await testStore();
  const alice = await store.users.create(newUser('alice'), draft('x'));
  const bob = await store.users.create(newUser('bob'), draft('x'));
  const ops = await store.groups.create({ id: newId(), name: 'ops', comment: '' }, draft('x'));
  const web = await store.assets.create(newAsset('web1'), draft('x'));
  return { store, alice, bob, ops, web };
}

describe('filters', () => {
  test('keep everything, and are listed by priority, then name', async () => {
    const { store } = await house();
    const full = newFilter('Careful', {
      comment: 'no surprises',
      active: false,
      priority: 1,
      action: 'review',
      words: [],
      regex: '^rm\\b',
      matchCase: true,
      users: ['ALICE'],
      groups: ['Ops'],
      assets: ['web1'],
      accounts: ['root', 'deploy'],
      reviewers: ['Bob'],
    });
    const made = await store.filters.create(full, draft('filter.create'));
    expect(made).toEqual({
      ...full,
      users: ['alice'],
      groups: ['ops'],
      reviewers: ['bob'],
      forAllUsers: false,
      forAllAssets: false,
      createdAt: made.createdAt,
      version: 1,
    });
    expect(await store.filters.byName('careful')).toEqual(made);
    await store.filters.create(newFilter('zebra', { priority: 1 }), draft('filter.create'));
    await store.filters.create(newFilter('apple', { priority: 2 }), draft('filter.create'));
    expect((await store.filters.list()).map(({ name }) => name)).toEqual(['Careful', 'zebra', 'apple']);
    expect(await store.filters.byName('nothing')).toBeUndefined();
  });

  test('without names are for everybody everywhere; a list is replaced as a whole and may become everybody again', async () => {
    const { store } = await house();
    const { id, ...all } = await store.filters.create(newFilter('f'), draft('filter.create'));
    expect(all).toMatchObject({ forAllUsers: true, forAllAssets: true, users: [], groups: [], assets: [] });
    const set = (patch: Parameters<typeof store.filters.update>[1]) => store.filters.update(id, patch, draft('u'));
    expect(await set({ users: ['alice', 'bob'], assets: ['web1'] })).toMatchObject({
      users: ['alice', 'bob'],
      forAllUsers: false,
      forAllAssets: false,
    });
    expect(await set({ groups: ['ops'], users: ['bob'] })).toMatchObject({ users: ['bob'], groups: ['ops'] });
    expect(await set({ users: [] })).toMatchObject({ users: [], groups: ['ops'], forAllUsers: false });
    expect(await set({ groups: [], assets: [] })).toMatchObject({ forAllUsers: true, forAllAssets: true });
    expect(await set({ regex: 'x', words: [], priority: 3, comment: 'c', active: false, name: 'g' })).toMatchObject({
      name: 'g',
      regex: 'x',
      words: [],
      priority: 3,
      comment: 'c',
      active: false,
      action: 'deny',
    });
    expect(await set({ regex: null })).toMatchObject({ regex: null });
  });

  test('whose last user, group or asset is removed are for nobody, not for everybody', async () => {
    const { store, alice, ops, web } = await house();
    await store.filters.create(newFilter('one', { users: ['alice'], groups: ['ops'] }), draft('x'));
    await store.filters.create(newFilter('two', { assets: ['web1'] }), draft('x'));
    await store.users.remove(alice.id, draft('x'));
    expect(await store.filters.byName('one')).toMatchObject({ users: [], groups: ['ops'], forAllUsers: false });
    await store.groups.remove(ops.id, draft('x'));
    await store.assets.remove(web.id, draft('x'));
    const one = (await store.filters.byName('one'))!;
    expect(one).toMatchObject({ users: [], groups: [], forAllUsers: false, forAllAssets: true });
    expect(await store.filters.byName('two')).toMatchObject({ assets: [], forAllAssets: false, forAllUsers: true });
    // what has nothing to do with people leaves that so
    expect(await store.filters.update(one.id, { comment: 'x', assets: [] }, draft('x'))).toMatchObject({
      forAllUsers: false,
    });
  });

  test('follow a rename, of reviewers too; a removed reviewer gives nobody their place', async () => {
    const { store, alice, bob, web } = await house();
    const scope = { users: ['alice'], assets: ['web1'], reviewers: ['bob'] };
    await store.filters.create(newFilter('f', { ...scope, action: 'review' }), draft('x'));
    await store.users.update(alice.id, { name: 'alicia' }, draft('x'));
    await store.users.update(bob.id, { name: 'robert' }, draft('x'));
    await store.assets.update(web.id, { name: 'www' }, draft('x'));
    expect(await store.filters.byName('f')).toMatchObject({
      users: ['alicia'],
      assets: ['www'],
      reviewers: ['robert'],
    });
    await store.users.remove(bob.id, draft('x'));
    await store.users.create(newUser('robert'), draft('x'));
    expect(await store.filters.byName('f')).toMatchObject({ reviewers: [] });
  });

  test('name what exists and have a name of their own', async () => {
    const { store } = await house();
    const create = (name: string, more: Partial<NewFilter> = {}) =>
      store.filters.create(newFilter(name, more), draft('filter.create'));
    const f = await create('f');
    await create('g');
    await expect(create('F')).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.filters.update(f.id, { name: 'G' }, draft('u'))).rejects.toMatchObject({ code: 'conflict' });
    for (const [list, word] of [
      ['users', 'user'],
      ['groups', 'group'],
      ['assets', 'asset'],
      ['reviewers', 'user'],
    ] as const) {
      const missing = { code: 'not_found', message: expect.stringContaining(`no ${word} "ghost"`) };
      await expect(create('h', { [list]: ['ghost'] })).rejects.toMatchObject(missing);
      await expect(store.filters.update(f.id, { [list]: ['ghost'] }, draft('u'))).rejects.toMatchObject(missing);
    }
    await expect(create('p', { priority: 101 })).rejects.toThrow();
    expect((await store.filters.list()).map(({ name }) => name)).toEqual(['f', 'g']);
  });

  test('each change is audited with it, and tells that rights changed; a failed one does neither', async () => {
    const { store } = await house();
    const before = (await actions(store)).length;
    let told = 0;
    store.onAccessChanged(() => told++);
    const { id } = await store.filters.create(newFilter('f'), draft('filter.create'));
    await store.filters.update(id, { priority: 2 }, [draft('filter.update'), draft('filter.note')]);
    await expect(store.filters.create(newFilter('f'), draft('no'))).rejects.toThrow();
    await expect(store.filters.update(id, { users: ['ghost'] }, draft('no'))).rejects.toThrow();
    await store.filters.remove(id, draft('filter.remove'));
    await expect(store.filters.remove(id, draft('no'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(store.filters.update(id, {}, draft('no'))).rejects.toMatchObject({ code: 'not_found' });
    const written = (await actions(store)).slice(0, -before);
    expect(written).toEqual(['filter.remove', 'filter.note', 'filter.update', 'filter.create']);
    expect(told).toBe(3);
  });
});
