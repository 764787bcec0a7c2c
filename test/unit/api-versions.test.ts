import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { Visitor } from './web-visitor.ts';

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
  const { users, groups, assets, accounts, permissions, filters } = house.owner;
  await users.add({ name: 'alice', password: 'correct horse battery' });
  await groups.add({ name: 'ops' });
  await assets.add({ name: 'web1', address: '192.0.2.1', folder: '/prod' });
  await accounts.add({ asset: 'web1', login: 'root', password: 'x' });
  await permissions.add({ name: 'deploy', users: ['alice'], folders: ['/prod'], accounts: ['root'] });
  await filters.add({ name: 'careful', words: ['rm'], action: 'deny' });
});
afterAll(() => house[Symbol.asyncDispose]());

/** Each thing that is edited: how one sees it, and an edit of one field. */
const THINGS = {
  users: {
    seen: () => house.owner.users.show({ name: 'alice' }),
    edit: (comment: string, version?: number) => house.owner.users.set({ name: 'alice', comment, version }),
  },
  groups: {
    seen: () => house.owner.groups.show({ name: 'ops' }),
    edit: (comment: string, version?: number) => house.owner.groups.set({ name: 'ops', comment, version }),
  },
  assets: {
    seen: () => house.owner.assets.show({ name: 'web1' }),
    edit: (comment: string, version?: number) => house.owner.assets.set({ name: 'web1', comment, version }),
  },
  accounts: {
    seen: async () => (await house.owner.accounts.list({ asset: 'web1' })).items[0]!,
    edit: (comment: string, version?: number) =>
      house.owner.accounts.set({ asset: 'web1', login: 'root', comment, version }),
  },
  permissions: {
    seen: () => house.owner.permissions.show({ name: 'deploy' }),
    edit: (comment: string, version?: number) => house.owner.permissions.set({ name: 'deploy', comment, version }),
  },
  filters: {
    seen: () => house.owner.filters.show({ name: 'careful' }),
    edit: (comment: string, version?: number) => house.owner.filters.set({ name: 'careful', comment, version }),
  },
};

describe('two administrators who edit the same at once', () => {
  it.each(Object.entries(THINGS))(
    '%s: the second one is told, and nothing is overwritten',
    async (_, { seen, edit }) => {
      const { version } = await seen();
      const first = await edit('the first', version);
      expect(first).toMatchObject({ comment: 'the first', version: version + 1 });
      await expect(edit('the second', version)).rejects.toMatchObject({
        code: 'conflict',
        status: 409,
        message: expect.stringContaining('changed by somebody else meanwhile'),
        details: { version: version + 1 },
      });
      expect(await seen()).toMatchObject({ comment: 'the first', version: version + 1 });
      expect(await edit('after a second look', version + 1)).toMatchObject({ comment: 'after a second look' });
    },
  );

  it.each(Object.entries(THINGS))('%s: of edits in the same moment one goes through', async (_, { seen, edit }) => {
    const { version } = await seen();
    const results = await Promise.allSettled(['a', 'b', 'c'].map((comment) => edit(comment, version)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await seen()).version).toBe(version + 1);
  });

  it.each(Object.entries(THINGS))('%s: who does not say a version is not asked for one', async (_, { seen, edit }) => {
    const { version } = await seen();
    await edit('whatever there is');
    expect(await seen()).toMatchObject({ comment: 'whatever there is', version: version + 1 });
  });

  it('a refused edit leaves no trace, and a password with it stays as it was', async () => {
    const { users, audit } = house.owner;
    const last = async () => (await audit.list({ limit: 1 })).items[0]!.seq;
    const { version } = await users.show({ name: 'alice' });
    const before = await last();
    const late = users.set({ name: 'alice', password: 'another horse battery', version: version - 1 });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    expect(await last()).toBe(before);
  });

  it('a password goes through with its edit or not at all, also when another edit comes while it is hashed', async () => {
    const { users } = house.owner;
    const { version } = await users.show({ name: 'alice' });
    const late = users.set({ name: 'alice', password: 'another horse battery', comment: 'late', version });
    const [slow, quick] = await Promise.allSettled([late, users.set({ name: 'alice', comment: 'quick', version })]);
    expect([slow.status, quick.status]).toEqual(['rejected', 'fulfilled']);
    const signIn = async (password: string) => (await new Visitor(house.url).signIn('alice', password)).status;
    expect([await signIn('another horse battery'), await signIn('correct horse battery')]).toEqual([401, 200]);
    const now = await users.show({ name: 'alice' });
    await users.set({ name: 'alice', password: 'another horse battery', version: now.version });
    expect(await signIn('another horse battery')).toBe(200);
    // who edits the rest meanwhile is not told of it: nothing they see was changed
    expect((await users.show({ name: 'alice' })).version).toBe(now.version);
  });

  it('of the last administrator the password stays, if there is no key', async () => {
    const { users } = house.owner;
    await users.add({ name: 'root', role: 'admin', password: 'correct horse battery' });
    await expect(users.set({ name: 'root', password: null })).rejects.toMatchObject({ code: 'conflict' });
    await users.set({ name: 'alice', password: null });
  });

  it('who joins or leaves a group changes it', async () => {
    const { groups } = house.owner;
    const { version } = await groups.show({ name: 'ops' });
    expect((await groups.join({ name: 'ops', users: ['alice'] })).version).toBe(version + 1);
    expect((await groups.leave({ name: 'ops', users: ['alice'] })).version).toBe(version + 2);
  });

  it('a folder that moves changes what stands in it and what names it', async () => {
    const { assets, permissions, folders } = house.owner;
    const [asset, permission] = [await assets.show({ name: 'web1' }), await permissions.show({ name: 'deploy' })];
    await folders.move({ path: '/prod', to: '/live' });
    const late = assets.set({ name: 'web1', folder: '/prod', version: asset.version });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
    const lateToo = permissions.set({ name: 'deploy', folders: ['/prod'], version: permission.version });
    await expect(lateToo).rejects.toMatchObject({ code: 'conflict' });
  });
});
