import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHouse, openApiHouse } from './api-house.ts';

// What an administrator is told before anything is saved, and who reaches what once it is.

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
  const { users, groups, assets, accounts, permissions } = house.owner;
  for (const name of ['alice', 'bob', 'carol']) await users.add({ name });
  await users.disable({ name: 'carol' });
  await groups.add({ name: 'ops' });
  await groups.join({ name: 'ops', users: ['bob', 'carol'] });
  await assets.add({ name: 'web1', address: '192.0.2.1', folder: '/prod/web', labels: { env: 'prod' } });
  await assets.add({ name: 'web2', address: '192.0.2.2', folder: '/prod/web' });
  await assets.add({ name: 'web10', address: '192.0.2.10', folder: '/prod/web', protocols: [{ name: 'telnet' }] });
  await assets.add({ name: 'off', address: '192.0.2.4', folder: '/prod', active: false });
  for (const asset of ['web1', 'web2']) await accounts.add({ asset, login: 'root', password: 'x' });
  await accounts.add({ asset: 'web1', login: 'deploy', password: 'x' });
  await permissions.add({ name: 'web', groups: ['ops'], folders: ['/prod/web'], accounts: ['root'] });
  await permissions.add({ name: 'own', users: ['alice'], assets: ['web1'], accounts: ['@all', '@input'] });
  await permissions.add({
    name: 'over',
    users: ['alice'],
    assets: ['web2'],
    accounts: ['root'],
    until: '2001-01-01T00:00:00Z',
  });
});
afterAll(() => house[Symbol.asyncDispose]());

const rows = async () => (await house.owner.audit.list({ limit: 1 })).items[0]!.seq;

describe('a permission that is not saved yet', () => {
  it('says whom and what it would cover, by person and machine, with the accounts of each', async () => {
    const before = await rows();
    const found = await house.owner.permissions.preview({
      users: ['alice'],
      groups: ['ops'],
      folders: ['/prod'],
      accounts: ['root', '@user'],
      protocols: ['ssh'],
    });
    expect(found).toEqual({
      users: [
        { name: 'alice', displayName: '', disabled: false },
        { name: 'bob', displayName: '', disabled: false },
        { name: 'carol', displayName: '', disabled: true },
      ],
      userCount: 3,
      assets: [
        { name: 'web1', folder: '/prod/web', accounts: ['root', '@user'] },
        { name: 'web2', folder: '/prod/web', accounts: ['root', '@user'] },
      ],
      assetCount: 2,
      warnings: ['One asset is switched off.', 'One asset has none of the protocols.'],
    });
    expect(await rows()).toBe(before);
    expect((await house.owner.permissions.list()).total).toBe(3);
  });

  it('warns of what leads nowhere', async () => {
    const warnings = async (lists: Parameters<typeof house.owner.permissions.preview>[0]) =>
      (await house.owner.permissions.preview(lists)).warnings;
    expect(await warnings({ users: ['zoe'], groups: ['nil'], assets: ['gone'] })).toEqual([
      'There is no user "zoe".',
      'There is no group "nil".',
      'There is no asset "gone".',
    ]);
    expect(await warnings({ users: ['carol'] })).toEqual(['Nobody of these can log in: all are disabled or expired.']);
    expect(await warnings({ labels: ['env=test'], folders: ['/empty'] })).toEqual([
      'No asset has the label "env=test".',
      'No asset is in the folder "/empty".',
    ]);
    expect(await warnings({ assets: ['web1', 'web2'], accounts: ['deploy', 'nobody'] })).toEqual([
      'None of the assets has an account "nobody".',
      '"web2" would have no usable account.',
    ]);
    expect(await warnings({})).toEqual([]);
  });

  it('tells the first 200 of many and counts them all', async () => {
    const made = Array.from({ length: 205 }, (_, i) => ({
      line: i + 1,
      asset: { name: `n${i}`, address: 'h', folder: '/many' },
    }));
    await house.owner.assets.import({ rows: made });
    const { assets, assetCount } = await house.owner.permissions.preview({ folders: ['/many'] });
    expect([assets.length, assetCount, assets[2]?.name, assets[10]?.name]).toEqual([200, 205, 'n2', 'n10']);
  });
});

describe('who may reach what', () => {
  const reach = async (query: Parameters<typeof house.owner.access.reach>[0]) =>
    (await house.owner.access.reach(query)).items;

  it('is told by user, by asset, or for the two', async () => {
    expect(await reach({ user: 'alice' })).toEqual([
      {
        user: 'alice',
        asset: 'web1',
        folder: '/prod/web',
        protocols: ['ssh'],
        accounts: ['deploy', 'root', '@input'],
        permissions: ['own'],
      },
    ]);
    expect(await reach({ user: 'BOB' })).toMatchObject([{ asset: 'web1' }, { asset: 'web2', permissions: ['web'] }]);
    expect(await reach({ user: 'carol' })).toEqual([]);
    expect(await reach({ asset: 'web1' })).toMatchObject([
      { user: 'alice', accounts: ['deploy', 'root', '@input'] },
      { user: 'bob', accounts: ['root'], permissions: ['web'] },
    ]);
    expect(await reach({ asset: 'web2', user: 'alice' })).toEqual([]);
    expect(await reach({ asset: 'off' })).toEqual([]);
  });

  it('agrees with what access itself decides', async () => {
    for (const user of ['alice', 'bob', 'carol'])
      for (const asset of ['web1', 'web2', 'web10', 'off']) {
        const { allowed, accounts } = await house.owner.access.explain({ user, asset });
        const [found] = await reach({ user, asset });
        expect([user, asset, found !== undefined]).toEqual([user, asset, allowed || accounts.length > 0]);
      }
  });

  it('comes in pages, and asks for whom', async () => {
    const first = await house.owner.access.reach({ asset: 'web1', limit: 1 });
    expect(first).toMatchObject({ total: 2, items: [{ user: 'alice' }] });
    const second = await house.owner.access.reach({ asset: 'web1', limit: 1, after: first.next! });
    expect(second).toMatchObject({ next: null, items: [{ user: 'bob' }] });
    await expect(house.owner.access.reach({})).rejects.toMatchObject({ code: 'invalid' });
    await expect(house.owner.access.reach({ user: 'zoe' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('permissions in a list', () => {
  it('are found by whom or what they name, directly or not', async () => {
    const names = async (query: Parameters<typeof house.owner.permissions.list>[0]) =>
      (await house.owner.permissions.list(query)).items.map(({ name }) => name);
    expect(await names({ user: 'bob' })).toEqual(['web']);
    expect(await names({ user: 'alice' })).toEqual(['over', 'own']);
    expect(await names({ asset: 'web10' })).toEqual(['web']);
    expect(await names({ asset: 'web1', user: 'alice' })).toEqual(['own']);
    expect(await names({ sort: '-until', text: 'o' })).toEqual(['web', 'own', 'over']);
  });
});

it('a filter that is not saved says what it would do with a line, and what is wrong with it', async () => {
  const { filters } = house.owner;
  const before = await rows();
  const verdict = await filters.try({ action: 'deny', words: ['rm -rf'], line: 'ls; sudo rm -rf /' });
  expect(verdict).toMatchObject({ action: 'deny', filter: 'this filter', command: 'rm -rf /' });
  expect((await filters.try({ action: 'warn', regex: '^ls', line: 'pwd' })).action).toBe('allow');
  await expect(filters.try({ action: 'deny', line: 'x' })).rejects.toMatchObject({ code: 'invalid' });
  await expect(filters.try({ action: 'deny', regex: '(', line: 'x' })).rejects.toMatchObject({ code: 'invalid' });
  expect(await rows()).toBe(before);
});

it('an import says what it would add and what is wrong with it, and adds nothing', async () => {
  const before = await rows();
  const good = { line: 2, asset: { name: 'new1', address: '192.0.2.5' } };
  expect(await house.owner.assets.import({ rows: [good], dryRun: true })).toEqual({ added: 1 });
  const twice = house.owner.assets.import({ rows: [good, { ...good, line: 3 }], dryRun: true });
  await expect(twice).rejects.toMatchObject({
    code: 'invalid',
    details: { rows: [{ line: 3, message: 'name: stands in line 2 already' }] },
  });
  expect(await rows()).toBe(before);
  expect((await house.owner.assets.list({ text: 'new1' })).total).toBe(0);
});
