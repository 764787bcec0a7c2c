import { beforeEach, describe, expect, test } from 'vitest';
import type { Access } from '../../src/access/access.ts';
import { createAccess } from '../../src/access/authorize.ts';
import { commandRules } from '../../src/access/commands.ts';
import type { Grant } from '../../src/access/grant.ts';
import { Identity } from '../../src/auth/identity.ts';
import { configSchema } from '../../src/config/schema.ts';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { Group, User } from '../../src/store/model.ts';
import type { NewFilter, Store } from '../../src/store/store.ts';
import { StandingClock } from '../kit/clock.ts';
import { assetRow, filterRow, userRow } from '../kit/rows.ts';
import { draft, newAccount, newAsset, newPermission, newUser, T0, testStore } from './store-kit.ts';

describe('the rules for a use', () => {
  const scope = { user: userRow({ name: 'alice' }), groups: ['Ops'], asset: assetRow({ name: 'web1' }), login: 'root' };
  const holds = (more: Parameters<typeof filterRow>[0]) => commandRules([filterRow(more)], scope).length === 1;

  test('are those for this person, this asset and this account, all three', () => {
    expect(holds({})).toBe(true);
    const people = (users: string[], groups: string[] = []) => ({ forAllUsers: false, users, groups });
    expect(holds(people(['ALICE']))).toBe(true);
    expect(holds(people(['bob']))).toBe(false);
    expect(holds(people(['bob'], ['ops']))).toBe(true);
    expect(holds(people([], ['dba']))).toBe(false);
    expect(holds(people([]))).toBe(false);
    const assets = (names: string[]) => ({ forAllAssets: false, assets: names });
    expect(holds(assets(['web2', 'WEB1']))).toBe(true);
    expect(holds(assets(['web2']))).toBe(false);
    expect(holds(assets([]))).toBe(false);
    expect(holds({ accounts: ['deploy', 'root'] })).toBe(true);
    // logins are the target's own names: their case counts
    expect(holds({ accounts: ['Root'] })).toBe(false);
    expect(holds({ ...people(['alice']), ...assets(['web1']), accounts: ['deploy'] })).toBe(false);
    expect(holds({ active: false })).toBe(false);
  });

  test('are asked by priority, at the same one the severest first, then by name', () => {
    const rules = commandRules(
      [
        filterRow({ name: 'e', priority: 20, action: 'allow' }),
        filterRow({ name: 'd', priority: 20, action: 'warn' }),
        filterRow({ name: 'c', priority: 20, action: 'deny' }),
        filterRow({ name: 'b', priority: 20, action: 'deny' }),
        filterRow({ name: 'f', priority: 20, action: 'review' }),
        filterRow({ name: 'z', priority: 3, action: 'allow' }),
        filterRow({ name: 'a', priority: 100, action: 'deny' }),
      ],
      scope,
    );
    expect(rules.map(({ name }) => name)).toEqual(['z', 'b', 'c', 'f', 'd', 'e', 'a']);
  });
});

describe('filters and grants', () => {
  let store: Store;
  let access: Access;
  let users: Record<'alice' | 'root', User>;
  let ops: Group;

  beforeEach(async () => {
    const clock = new StandingClock(T0);
    store = await testStore({ clock });
    access = createAccess({ store, config: configSchema.parse({}), clock, log: silentLog() });
    users = {
      alice: await store.users.create(newUser('alice', { passwordHash: 'x' }), []),
      root: await store.users.create(newUser('root', { passwordHash: 'x', role: 'admin' }), []),
    };
    ops = await store.groups.create({ id: newId(), name: 'ops', comment: '' }, []);
    for (const name of ['web1', 'web2']) {
      const asset = await store.assets.create(newAsset(name), []);
      for (const login of ['root', 'deploy'])
        await store.accounts.create(
          newAccount(asset.id, login, { secretKind: 'password', secret: Buffer.from('x') }),
          [],
        );
    }
    const all = { users: ['alice', 'root'], assets: ['web1', 'web2'], accounts: ['@all', '@input'] };
    await store.permissions.create(newPermission('all', all), []);
  });

  const add = (name: string, more: Partial<NewFilter> = {}) => {
    const { forAllUsers: _, forAllAssets: __, createdAt: ___, ...rest } = filterRow({ name });
    return store.filters.create({ ...rest, ...more }, draft('filter.create'));
  };
  const open = async (user: 'alice' | 'root' = 'alice', asset = 'web1', account = 'root'): Promise<Grant> => {
    const factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false } as const;
    const who = Identity.bind(users[user], factors, { ip: '192.0.2.7', via: 'ssh' }, null, T0);
    const input = account === '@input' ? { login: 'deploy', secret: Secret.of('x') } : undefined;
    const decision = await access.authorize({ who, asset, account, use: 'shell', input });
    if (decision.kind !== 'allow') throw new Error(JSON.stringify(decision));
    return decision.grant;
  };
  const rulesOf = (limits: Grant['limits']) => limits.commands.map(({ name }) => name);
  const rules = async (...use: Parameters<typeof open>) => rulesOf((await open(...use)).limits);
  const rulesNow = async (grant: Grant) => {
    const check = await access.recheck(grant);
    if (!check.ok) throw new Error(check.cause);
    return rulesOf(check.limits);
  };

  test('a grant carries the rules of its user, groups, asset and account; administrators are not spared', async () => {
    expect(await rules()).toEqual([]);
    await add('everybody', { priority: 90 });
    await add('alice', { users: ['alice'] });
    await add('ops', { groups: ['ops'] });
    await add('web2', { assets: ['web2'], priority: 1 });
    await add('deploy', { accounts: ['deploy'], priority: 2 });
    await add('off', { active: false });
    expect(await rules()).toEqual(['alice', 'everybody']);
    expect(await rules('alice', 'web2', 'deploy')).toEqual(['web2', 'deploy', 'alice', 'everybody']);
    expect(await rules('alice', 'web1', '@input')).toEqual(['deploy', 'alice', 'everybody']);
    expect(await rules('root')).toEqual(['everybody']);
    await store.groups.join(ops.id, [users.alice.id], []);
    expect(await rules()).toEqual(['alice', 'ops', 'everybody']);
  });

  test('every change of filters, memberships and names reaches live grants', async () => {
    const grant = await open();
    expect(await rulesNow(grant)).toEqual([]);
    const { id } = await add('f', { users: ['alice'] });
    expect(await rulesNow(grant)).toEqual(['f']);
    await store.filters.update(id, { active: false }, []);
    expect(await rulesNow(grant)).toEqual([]);
    await store.filters.update(id, { active: true, users: [], groups: ['ops'] }, []);
    expect(await rulesNow(grant)).toEqual([]);
    await store.groups.join(ops.id, [users.alice.id], []);
    expect(await rulesNow(grant)).toEqual(['f']);
    await store.groups.remove(ops.id, []);
    expect(await rulesNow(grant)).toEqual([]);
    await store.filters.update(id, { users: ['alice'] }, []);
    // the name in the identity is that of the login
    await store.users.update(users.alice.id, { name: 'alicia' }, []);
    expect(await rulesNow(grant)).toEqual(['f']);
    expect(await rules()).toEqual(['f']);
    await store.filters.remove(id, []);
    expect(await rulesNow(grant)).toEqual([]);
  });

  test('a filter reaches a grant with what it does, not only by name', async () => {
    const { id } = await add('f', { action: 'review', reviewers: ['root'], words: ['reboot'] });
    const grant = await open();
    expect(grant.limits.commands).toMatchObject([{ action: 'review', reviewers: ['root'], words: ['reboot'] }]);
    await store.filters.update(id, { action: 'deny', words: [], regex: '^halt' }, []);
    expect(await access.recheck(grant)).toMatchObject({
      ok: true,
      limits: { commands: [{ action: 'deny', words: [], regex: '^halt' }] },
    });
  });

  test('filters that cannot be read are asked for again, and nothing is granted meanwhile', async () => {
    let broken = true;
    const list = () => (broken ? Promise.reject(new Error('disk')) : store.filters.list());
    const flaky: Store = { ...store, filters: { ...store.filters, list } };
    access = createAccess({
      store: flaky,
      config: configSchema.parse({}),
      clock: new StandingClock(T0),
      log: silentLog(),
    });
    await add('f');
    await expect(open()).rejects.toThrow('disk');
    broken = false;
    expect(await rules()).toEqual(['f']);
  });

  test('explain tells which filters hold for the use, in the order they are asked', async () => {
    await add('no rm', { words: ['rm', 'shred'], priority: 10 });
    await add('ask', { action: 'review', regex: '^re', words: [], reviewers: ['root'], accounts: ['deploy'] });
    await add('any admin', { action: 'review', words: ['dd'], priority: 60 });
    await add('note', { action: 'warn', words: ['vi'], priority: 70 });
    await add('but', { action: 'allow', words: ['ls'], priority: 80 });
    await add('other', { assets: ['web2'] });
    await add('off', { active: false });
    const filters = async (account?: string) =>
      (await access.explain({ user: 'alice', asset: 'web1', account })).trace.filter((sentence) =>
        sentence.startsWith('Command filter'),
      );
    const rest = [
      'Command filter "any admin" (priority 60) holds dd until an administrator approves.',
      'Command filter "note" (priority 70) warns of vi.',
      'Command filter "but" (priority 80) allows ls.',
    ];
    const first = 'Command filter "no rm" (priority 10) forbids rm, shred.';
    const asks = 'Command filter "ask" (priority 50) holds what matches /^re/ until root approves';
    expect(await filters('root')).toEqual([first, ...rest]);
    expect(await filters('deploy')).toEqual([first, `${asks}.`, ...rest]);
    expect(await filters()).toEqual([first, `${asks} for deploy.`, ...rest]);
  });
});
