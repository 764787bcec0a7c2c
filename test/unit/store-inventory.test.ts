import { describe, expect, test } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import type { HostKey } from '../../src/store/model.ts';
import { StandingClock } from '../kit/clock.ts';
import { actions, draft, newAccount, newAsset, newPermission, newUser, T0, testStore } from './store-kit.ts';

describe('assets', () => {
  test('come back as they were made; folders appear when named', async () => {
    const store = await testStore({ clock: new StandingClock(T0) });
    const wanted = newAsset('web1', {
      address: 'Web1.Example.Test',
      protocols: [
        { name: 'ssh', port: 2222 },
        { name: 'vnc', port: 5900 },
      ],
      folder: '/prod/web',
      labels: { env: 'prod', 'tier 1': 'ü' },
      charset: 'gbk',
    });
    const made = await store.assets.create(wanted, draft('asset.create'));
    expect(made).toEqual({ ...wanted, createdAt: T0, version: 1 });
    expect(await store.assets.byName('WEB1')).toEqual(made);
    expect(await store.assets.byAddress('web1.example.test')).toEqual([made]);
    expect((await store.folders.list()).map((folder) => folder.path)).toEqual(['/', '/prod', '/prod/web']);
    const changed = await store.assets.update(
      made.id,
      { name: 'Web-1', active: false, charset: null, labels: {} },
      draft('asset.update'),
    );
    expect(changed).toEqual({ ...made, name: 'Web-1', active: false, charset: null, labels: {}, version: 2 });
  });

  test('are made all or none, in any order of their ways', async () => {
    const store = await testStore();
    const gate = newAsset('gate');
    const behind = newAsset('behind', { viaId: gate.id });
    await store.assets.createMany([behind, gate], draft('asset.import'));
    expect((await store.assets.byName('behind'))?.viaId).toBe(gate.id);
    const attempt = store.assets.createMany(
      [newAsset('new1'), newAsset('GATE'), newAsset('new2')],
      draft('asset.import'),
    );
    await expect(attempt).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('"GATE"') });
    expect((await store.assets.list()).map((asset) => asset.name)).toEqual(['behind', 'gate']);
    expect(await actions(store)).toEqual(['asset.import']);
  });

  test('the way to an asset cannot lead through itself, and cannot be removed while used', async () => {
    const store = await testStore();
    const a = await store.assets.create(newAsset('a'), draft('asset.create'));
    const b = await store.assets.create(newAsset('b', { viaId: a.id }), draft('asset.create'));
    await expect(store.assets.update(a.id, { viaId: b.id }, draft('asset.update'))).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(store.assets.update(a.id, { viaId: a.id }, draft('asset.update'))).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(store.assets.remove(a.id, draft('asset.remove'))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('"b"'),
    });
    await store.assets.update(b.id, { viaId: null }, draft('asset.update'));
    await store.assets.remove(a.id, draft('asset.remove'));
    expect(await store.assets.byId(a.id)).toBeUndefined();
  });

  test('an unknown platform or a crooked folder is refused', async () => {
    const store = await testStore();
    await expect(store.assets.create(newAsset('a', { platform: 'cpm' }), draft('x'))).rejects.toMatchObject({
      code: 'not_found',
    });
    for (const folder of ['prod', '/prod/', '/a//b', '/a/../b', ''])
      await expect(store.assets.create(newAsset('a', { folder }), draft('x'))).rejects.toMatchObject({
        code: 'invalid',
      });
    expect(await store.folders.list()).toEqual([{ path: '/', comment: '' }]);
  });

  test('removal takes accounts, host keys and mentions in permissions along', async () => {
    const store = await testStore();
    const asset = await store.assets.create(newAsset('web1'), draft('x'));
    const account = await store.accounts.create(newAccount(asset.id, 'root'), draft('x'));
    await store.hostKeys.pin(hostKey(asset.id, 'SHA256:a'), draft('x'));
    await store.permissions.create(newPermission('p', { assets: ['web1'] }), draft('x'));
    await store.assets.remove(asset.id, draft('x'));
    expect(await store.accounts.secret(account.id)).toBeUndefined();
    expect(await store.hostKeys.list()).toEqual([]);
    expect((await store.permissions.byName('p'))?.assets).toEqual([]);
  });

  test('the built-in platforms are there', async () => {
    const store = await testStore();
    const names = (await store.platforms.list()).map((platform) => platform.name);
    expect(names).toEqual([
      'linux',
      'linux-legacy',
      'local',
      'mariadb',
      'mysql',
      'network',
      'network-legacy',
      'postgresql',
      'redis',
      'unix',
      'windows',
    ]);
    expect(await store.platforms.byName('network-legacy')).toMatchObject({
      kind: 'device',
      legacyAlgorithms: true,
      builtIn: true,
    });
  });
});

describe('folders', () => {
  test('move with everything below; assets and permissions follow, neighbours stay', async () => {
    const store = await testStore();
    await store.folders.add('/prod', 'live', draft('folder.add'));
    await store.assets.create(newAsset('a', { folder: '/prod' }), draft('x'));
    await store.assets.create(newAsset('b', { folder: '/prod/web/eu' }), draft('x'));
    await store.assets.create(newAsset('c', { folder: '/prod-old' }), draft('x'));
    await store.permissions.create(newPermission('p', { folders: ['/prod/web', '/prod-old'] }), draft('x'));
    expect(await store.folders.move('/prod', '/sites/live', draft('folder.move'))).toEqual({
      path: '/sites/live',
      comment: 'live',
    });
    const folderOf = async (name: string) => (await store.assets.byName(name))?.folder;
    expect([await folderOf('a'), await folderOf('b'), await folderOf('c')]).toEqual([
      '/sites/live',
      '/sites/live/web/eu',
      '/prod-old',
    ]);
    expect((await store.permissions.byName('p'))?.folders).toEqual(['/prod-old', '/sites/live/web']);
    expect((await store.folders.list()).map((folder) => folder.path)).toEqual([
      '/',
      '/prod-old',
      '/sites',
      '/sites/live',
      '/sites/live/web',
      '/sites/live/web/eu',
    ]);
  });

  test('refuse what makes no sense', async () => {
    const store = await testStore();
    await store.folders.add('/a/b', '', draft('x'));
    await store.assets.create(newAsset('web1', { folder: '/a/b' }), draft('x'));
    const rejects = (promise: Promise<unknown>, code: string) => expect(promise).rejects.toMatchObject({ code });
    await rejects(store.folders.move('/a', '/a/b/c', draft('x')), 'invalid');
    await rejects(store.folders.move('/', '/x', draft('x')), 'invalid');
    await rejects(store.folders.move('/a', '/a/b', draft('x')), 'invalid');
    await rejects(store.folders.move('/nope', '/x', draft('x')), 'not_found');
    await rejects(store.folders.remove('/a', draft('x')), 'conflict');
    await rejects(store.folders.remove('/a/b', draft('x')), 'conflict');
    await rejects(store.folders.remove('/', draft('x')), 'invalid');
    await store.assets.update((await store.assets.byName('web1'))!.id, { folder: '/' }, draft('x'));
    await store.folders.remove('/a/b', draft('x'));
    await store.folders.remove('/a', draft('x'));
    expect(await store.folders.list()).toEqual([{ path: '/', comment: '' }]);
  });
});

describe('accounts', () => {
  test('keep their secret apart and are unique per asset', async () => {
    const store = await testStore();
    const asset = await store.assets.create(newAsset('web1'), draft('x'));
    const account = await store.accounts.create(
      newAccount(asset.id, 'root', { secretKind: 'key', secret: Buffer.from('sealed'), publicKey: 'ssh-ed25519 AAAA' }),
      draft('x'),
    );
    expect(account).toMatchObject({
      assetName: 'web1',
      login: 'root',
      secretKind: 'key',
      publicKey: 'ssh-ed25519 AAAA',
    });
    expect(account).not.toHaveProperty('secret');
    const kept = await store.accounts.secret(account.id);
    expect(kept).toEqual({ accountId: account.id, kind: 'key', secret: Buffer.from('sealed'), passphrase: null });
    expect(Buffer.isBuffer(kept?.secret)).toBe(true);
    await expect(store.accounts.create(newAccount(asset.id, 'root'), draft('x'))).rejects.toMatchObject({
      code: 'conflict',
    });
    await store.accounts.create(newAccount(asset.id, 'Root'), draft('x'));
    await store.accounts.update(account.id, { secretKind: 'none', secret: null }, draft('x'));
    expect(await store.accounts.secret(account.id)).toMatchObject({ kind: 'none', secret: null });
    expect((await store.accounts.list(asset.id)).map((row) => row.login)).toEqual(['Root', 'root']);
    expect(await store.accounts.list(newId())).toEqual([]);
    await expect(store.accounts.create(newAccount(newId(), 'root'), draft('x'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('groups and permissions', () => {
  test('membership by join and leave', async () => {
    const store = await testStore();
    const alice = await store.users.create(newUser('alice'), draft('x'));
    const bob = await store.users.create(newUser('Bob'), draft('x'));
    const ops = await store.groups.create({ id: newId(), name: 'ops', comment: 'c' }, draft('x'));
    expect((await store.groups.join(ops.id, [bob.id, alice.id, bob.id], draft('x'))).members).toEqual(['alice', 'Bob']);
    expect((await store.groups.leave(ops.id, [alice.id], draft('x'))).members).toEqual(['Bob']);
    await expect(store.groups.join(ops.id, [newId()], draft('x'))).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.groups.list()).toEqual([
      { id: ops.id, name: 'ops', comment: 'c', members: ['Bob'], version: 3 },
    ]);
    await expect(store.groups.create({ id: newId(), name: 'OPS', comment: '' }, draft('x'))).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  test('a permission comes back as it was made and survives renames', async () => {
    const store = await testStore({ clock: new StandingClock(T0) });
    const alice = await store.users.create(newUser('alice'), draft('x'));
    const ops = await store.groups.create({ id: newId(), name: 'ops', comment: '' }, draft('x'));
    const web = await store.assets.create(newAsset('web1'), draft('x'));
    const wanted = newPermission('Web', {
      users: ['alice'],
      groups: ['ops'],
      assets: ['web1'],
      folders: ['/prod'],
      labels: ['env=prod'],
      accounts: ['root', '@user'],
      protocols: ['ssh'],
      actions: ['connect', 'forward'],
      from: T0,
      until: T0 + 1,
      forwardTo: ['db:5432'],
      record: 'best-effort',
    });
    expect(await store.permissions.create(wanted, draft('x'))).toEqual({ ...wanted, createdAt: T0, version: 1 });
    await store.users.update(alice.id, { name: 'alicia' }, draft('x'));
    await store.groups.update(ops.id, { name: 'operators' }, draft('x'));
    await store.assets.update(web.id, { name: 'www' }, draft('x'));
    const [renamed] = await store.permissions.list();
    expect(renamed).toEqual({
      ...wanted,
      createdAt: T0,
      version: 1,
      users: ['alicia'],
      groups: ['operators'],
      assets: ['www'],
    });
    const changed = await store.permissions.update(
      wanted.id,
      { users: [], accounts: ['@all'], until: null },
      draft('x'),
    );
    expect(changed).toEqual({ ...renamed, users: [], accounts: ['@all'], until: null, version: 2 });
  });

  test('what a permission names must exist, and a failing change changes nothing', async () => {
    const store = await testStore();
    await store.users.create(newUser('alice'), draft('x'));
    await expect(
      store.permissions.create(newPermission('p', { users: ['ghost'] }), draft('p.create')),
    ).rejects.toMatchObject({ code: 'not_found' });
    const p = await store.permissions.create(newPermission('p', { users: ['ALICE'] }), draft('p.create'));
    await expect(
      store.permissions.update(p.id, { users: [], assets: ['ghost'] }, draft('p.update')),
    ).rejects.toMatchObject({ code: 'not_found' });
    expect(await store.permissions.byName('P')).toEqual(p);
    expect(await actions(store)).toEqual(['p.create', 'x']);
    await expect(store.permissions.create(newPermission('P'), draft('x'))).rejects.toMatchObject({ code: 'conflict' });
  });

  test('forUser finds active permissions by name and by group, once each', async () => {
    const store = await testStore();
    const alice = await store.users.create(newUser('alice'), draft('x'));
    const bob = await store.users.create(newUser('bob'), draft('x'));
    const ops = await store.groups.create({ id: newId(), name: 'ops', comment: '' }, draft('x'));
    await store.groups.join(ops.id, [alice.id], draft('x'));
    await store.permissions.create(newPermission('both', { users: ['alice', 'bob'], groups: ['ops'] }), draft('x'));
    await store.permissions.create(newPermission('by-group', { groups: ['ops'] }), draft('x'));
    await store.permissions.create(newPermission('off', { users: ['alice'], active: false }), draft('x'));
    const names = async (id: typeof alice.id) => (await store.permissions.forUser(id)).map((p) => p.name);
    expect(await names(alice.id)).toEqual(['both', 'by-group']);
    expect(await names(bob.id)).toEqual(['both']);
    expect((await store.permissions.forUser(bob.id))[0]?.users).toEqual(['alice', 'bob']);
    await store.groups.remove(ops.id, draft('x'));
    expect(await names(alice.id)).toEqual(['both']);
  });
});

function hostKey(
  assetId: HostKey['assetId'],
  fingerprint: string,
  more: Partial<HostKey> = {},
): Omit<HostKey, 'assetName'> {
  return {
    id: newId(),
    assetId,
    endpoint: 'web1:22',
    type: 'ssh-ed25519',
    fingerprint,
    blob: Buffer.from(fingerprint),
    state: 'pinned',
    firstSeenAt: T0,
    lastSeenAt: T0,
    ...more,
  };
}

describe('host keys', () => {
  test('a changed key waits until it is accepted, then replaces the pinned ones of its endpoint', async () => {
    const store = await testStore();
    const { id } = await store.assets.create(newAsset('web1'), draft('x'));
    await store.hostKeys.pin(hostKey(id, 'SHA256:old'), draft('x'));
    await store.hostKeys.pin(hostKey(id, 'SHA256:hop', { endpoint: 'web1:2222' }), draft('x'));
    expect(await store.hostKeys.acceptChanged(id, draft('host-key.accept'))).toBe(0);
    await store.hostKeys.noteChanged(hostKey(id, 'SHA256:new', { state: 'changed' }), draft('x'));
    await store.hostKeys.noteChanged(hostKey(id, 'SHA256:new', { state: 'changed', lastSeenAt: T0 + 9 }), draft('x'));
    expect((await store.hostKeys.list(id)).map((key) => [key.fingerprint, key.state, key.lastSeenAt])).toEqual([
      ['SHA256:old', 'pinned', T0],
      ['SHA256:new', 'changed', T0 + 9],
      ['SHA256:hop', 'pinned', T0],
    ]);
    expect(await store.hostKeys.acceptChanged(id, draft('host-key.accept'))).toBe(1);
    expect((await store.hostKeys.list()).map((key) => [key.fingerprint, key.state, key.assetName])).toEqual([
      ['SHA256:new', 'pinned', 'web1'],
      ['SHA256:hop', 'pinned', 'web1'],
    ]);
    expect(await store.hostKeys.forget(id, draft('host-key.forget'))).toBe(2);
  });

  test('noting a pinned key as changed does not unpin it', async () => {
    const store = await testStore();
    const { id } = await store.assets.create(newAsset('web1'), draft('x'));
    await store.hostKeys.pin(hostKey(id, 'SHA256:a'), draft('x'));
    await store.hostKeys.noteChanged(hostKey(id, 'SHA256:a', { state: 'changed' }), draft('x'));
    expect((await store.hostKeys.list())[0]?.state).toBe('pinned');
  });

  test('two different changed keys are not accepted blindly', async () => {
    const store = await testStore();
    const { id } = await store.assets.create(newAsset('web1'), draft('x'));
    await store.hostKeys.pin(hostKey(id, 'SHA256:old'), draft('x'));
    await store.hostKeys.noteChanged(hostKey(id, 'SHA256:new1', { state: 'changed' }), draft('x'));
    await store.hostKeys.noteChanged(hostKey(id, 'SHA256:new2', { state: 'changed' }), draft('x'));
    await expect(store.hostKeys.acceptChanged(id, draft('host-key.accept'))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect((await store.hostKeys.list()).filter((key) => key.state === 'pinned').map((key) => key.fingerprint)).toEqual(
      ['SHA256:old'],
    );
  });
});
