import { beforeEach, describe, expect, test } from 'vitest';
import type { Access, AccessRequest, Decision } from '../../src/access/access.ts';
import { createAccess } from '../../src/access/authorize.ts';
import { Grant } from '../../src/access/grant.ts';
import { parseAuthorizedOptions } from '../../src/auth/authorized-options.ts';
import { type Factors, Identity } from '../../src/auth/identity.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { Asset, User } from '../../src/store/model.ts';
import type { Store } from '../../src/store/store.ts';
import { StandingClock } from '../kit/clock.ts';
import { draft, newAccount, newAsset, newPermission, newUser, T0, testStore } from './store-kit.ts';

const HOUR = 3_600_000;
const BY_PASSWORD: Factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false };

let store: Store;
let clock: StandingClock;
let access: Access;
let alice: User;
let web1: Asset;

beforeEach(async () => {
  clock = new StandingClock(T0);
  store = await testStore({ clock });
  access = accessWith(configSchema.parse({}));
  alice = await store.users.create(newUser('alice', { passwordHash: 'x', groups: [] }), draft('user.create'));
  web1 = await store.assets.create(
    newAsset('web1', { address: '10.0.0.5', folder: '/prod/web' }),
    draft('asset.create'),
  );
  await store.accounts.create(
    newAccount(web1.id, 'root', { secretKind: 'password', secret: Buffer.from('sealed') }),
    draft('account.create'),
  );
});

const accessWith = (config: Config) => createAccess({ store, config, clock, log: silentLog() });
const who = (factors: Partial<Factors> = {}, user = alice) =>
  Identity.bind(user, { ...BY_PASSWORD, ...factors }, { ip: '192.0.2.7', via: 'ssh' }, null, T0);
const permit = (more = {}) =>
  store.permissions.create(
    newPermission('ops', { users: ['alice'], assets: ['web1'], ...more }),
    draft('permission.create'),
  );
const ask = (more: Partial<Exclude<AccessRequest, { use: 'forward' }>> = {}) =>
  access.authorize({ who: who(), asset: 'web1', use: 'shell', ...more });
const granted = (decision: Decision): Grant => {
  if (decision.kind !== 'allow') throw new Error(JSON.stringify(decision, null, 1));
  return decision.grant;
};
const lastAudit = async () => (await store.audit.list({ limit: 1 }))[0]!;

describe('authorize', () => {
  test('who is refused in a loop waits, and costs no rows meanwhile; what is allowed does not wait', async () => {
    const asked = Array.from({ length: 110 }, () => ask({ asset: 'elsewhere' }));
    let told = 0;
    for (const one of asked) void one.then(() => told++);
    await Promise.all(asked.slice(0, 100));
    await permit();
    expect(await ask()).toMatchObject({ kind: 'allow' });
    expect(told).toBe(100);
    const rows = await store.audit.list({ limit: 500, action: 'access.deny' });
    expect(rows).toHaveLength(100);
  });

  test('denies without a permission, and the audit says why', async () => {
    expect(await ask()).toMatchObject({ kind: 'deny', code: 'no_permission' });
    expect(await lastAudit()).toMatchObject({
      action: 'access.deny',
      outcome: 'denied',
      actor: { kind: 'user', name: 'alice', ip: '192.0.2.7', via: 'ssh' },
      target: { kind: 'asset', id: web1.id, name: 'web1' },
      reason: 'Denied: no permission in force lets alice reach web1.',
      details: {
        asked: 'web1',
        use: 'shell',
        code: 'no_permission',
        trace: expect.arrayContaining(['No permission names alice.']),
      },
    });
  });

  test('an asset that does not exist and one that is forbidden sound the same', async () => {
    const forbidden = await ask({ asset: 'web1' });
    const unknown = await ask({ asset: 'web9' });
    const words = (decision: Decision) =>
      decision.kind === 'deny' ? [decision.code, decision.message.replace(/web\d/, 'X')] : [];
    expect(words(unknown)).toEqual(words(forbidden));
    expect((await lastAudit()).target).toEqual({ kind: 'asset', id: null, name: 'web9' });
  });

  test('mints an audited grant with the limits of permission and configuration', async () => {
    await permit({ until: T0 + HOUR, actions: ['connect', 'paste'] });
    const grant = granted(await ask());
    expect(Grant.isGrant(grant)).toBe(true);
    expect(grant).toMatchObject({ login: 'root', protocol: 'ssh', use: 'shell', permissions: ['ops'] });
    expect(grant.limits).toMatchObject({ until: T0 + HOUR, idleMs: 30 * 60_000, maxMs: 24 * HOUR, record: 'required' });
    expect([...grant.limits.actions]).toEqual(['connect', 'paste']);
    expect(await lastAudit()).toMatchObject({
      action: 'access.allow',
      outcome: 'ok',
      details: {
        grant: grant.id,
        account: 'root',
        entry: 'stored',
        protocol: 'ssh',
        use: 'shell',
        permissions: ['ops'],
        record: 'required',
      },
    });
  });

  test('no grant without its audit row', async () => {
    await permit();
    const deaf: Store = { ...store, audit: { ...store.audit, append: () => Promise.reject(new Error('disk full')) } };
    const broken = createAccess({ store: deaf, config: configSchema.parse({}), clock, log: silentLog() });
    await expect(broken.authorize({ who: who(), asset: 'web1', use: 'shell' })).rejects.toThrow('disk full');
  });

  test('the configuration can make recording best-effort for all', async () => {
    await permit();
    access = accessWith(configSchema.parse({ session: { recording: 'best-effort' } }));
    expect(granted(await ask()).limits.record).toBe('best-effort');
  });

  test('finds the asset by name, address or id', async () => {
    await permit();
    for (const asset of ['web1', 'WEB1', '10.0.0.5', web1.id])
      expect(granted(await ask({ asset })).asset.id).toBe(web1.id);
  });

  test('an address counts among the assets that are open; several of those must be named', async () => {
    await store.assets.create(newAsset('twin', { address: '10.0.0.5' }), draft('asset.create'));
    await permit();
    expect(granted(await ask({ asset: '10.0.0.5' })).asset.name).toBe('web1');
    await store.permissions.create(
      newPermission('more', { users: ['alice'], assets: ['twin'] }),
      draft('permission.create'),
    );
    const decision = await ask({ asset: '10.0.0.5' });
    expect(decision).toMatchObject({ kind: 'deny', code: 'conflict' });
    expect(decision.kind === 'deny' && decision.message).toMatch(/: (web1, twin|twin, web1); use the name/);
  });

  test('@input: asked first, then granted with the typed secret', async () => {
    await permit({ accounts: ['@input'] });
    expect(await ask()).toMatchObject({ kind: 'input', login: null });
    const secret = Secret.of('hunter2');
    const grant = granted(await ask({ input: { login: 'eve', secret } }));
    expect(grant.entry).toEqual({ kind: 'input', login: 'eve', secret });
    expect(JSON.stringify(await lastAudit())).not.toContain('hunter2');
  });
});

describe('recheck', () => {
  test('stands while nothing changes, and brings the new limits', async () => {
    const permission = await permit();
    const grant = granted(await ask());
    expect(await access.recheck(grant)).toMatchObject({ ok: true, limits: { until: null } });
    await store.permissions.update(permission.id, { until: T0 + HOUR }, draft('permission.update'));
    expect(await access.recheck(grant)).toMatchObject({ ok: true, limits: { until: T0 + HOUR } });
  });

  const change: [string, () => Promise<unknown>][] = [
    [
      'the permission is removed',
      async () => store.permissions.remove((await store.permissions.byName('ops'))!.id, draft('x')),
    ],
    [
      'the permission is switched off',
      async () => store.permissions.update((await store.permissions.byName('ops'))!.id, { active: false }, draft('x')),
    ],
    [
      'its end is moved to the past',
      async () => store.permissions.update((await store.permissions.byName('ops'))!.id, { until: T0 - 1 }, draft('x')),
    ],
    ['the user is disabled', () => store.users.update(alice.id, { disabled: true }, draft('x'))],
    ['the user is removed', () => store.users.remove(alice.id, draft('x'))],
    ['the asset is switched off', () => store.assets.update(web1.id, { active: false }, draft('x'))],
    ['the asset is removed', () => store.assets.remove(web1.id, draft('x'))],
    [
      'the account is switched off',
      async () =>
        store.accounts.update((await store.accounts.byLogin(web1.id, 'root'))!.id, { active: false }, draft('x')),
    ],
    [
      'the account is removed',
      async () => store.accounts.remove((await store.accounts.byLogin(web1.id, 'root'))!.id, draft('x')),
    ],
    [
      'the account gets another login',
      async () =>
        store.accounts.update((await store.accounts.byLogin(web1.id, 'root'))!.id, { login: 'toor' }, draft('x')),
    ],
    ['the password of the login is taken away', () => store.users.setPassword(alice.id, null, draft('x'))],
  ];
  test.each(change)('revoked when %s', async (_what, apply) => {
    await permit();
    const grant = granted(await ask());
    expect(await access.recheck(grant)).toMatchObject({ ok: true });
    await apply();
    expect(await access.recheck(grant)).toEqual({ ok: false, cause: 'revoked' });
  });

  test('revoked when the group that gave it is left', async () => {
    const group = await store.groups.create({ id: newId(), name: 'ops', comment: '' }, draft('x'));
    await store.groups.join(group.id, [alice.id], draft('x'));
    await permit({ users: [], groups: ['ops'] });
    const grant = granted(await ask());
    await store.groups.leave(group.id, [alice.id], draft('x'));
    expect(await access.recheck(grant)).toEqual({ ok: false, cause: 'revoked' });
  });

  test('expired when the known end has come', async () => {
    await permit({ until: T0 + HOUR });
    const grant = granted(await ask());
    clock.at = T0 + HOUR;
    expect(await access.recheck(grant)).toEqual({ ok: false, cause: 'expired' });
  });

  test('an @input grant ends with its permission', async () => {
    const permission = await permit({ accounts: ['@input'] });
    const grant = granted(await ask({ input: { login: 'root', secret: Secret.of('x') } }));
    expect(await access.recheck(grant)).toMatchObject({ ok: true });
    await store.permissions.update(permission.id, { accounts: ['deploy'] }, draft('x'));
    expect(await access.recheck(grant)).toEqual({ ok: false, cause: 'revoked' });
  });
});

test('what a role opens goes by the role of today, while the login stands', async () => {
  const identity = who({ password: true });
  await store.users.update(alice.id, { role: 'auditor' }, draft('x'));
  expect(await access.may(identity, 'sessions.watch')).toBe(true);
  expect(await access.may(identity, 'sessions.join')).toBe(false);
  await store.users.update(alice.id, { role: 'user' }, draft('x'));
  expect(await access.may(identity, 'sessions.watch')).toBe(false);
  await store.users.update(alice.id, { role: 'admin' }, draft('x'));
  expect(await access.may(identity, 'sessions.join')).toBe(true);
  await store.users.create(newUser('other', { passwordHash: 'x', role: 'admin' }), draft('x'));
  await store.users.update(alice.id, { disabled: true }, draft('x'));
  expect(await access.may(identity, 'sessions.join')).toBe(false);
});

describe('recheckIdentity', () => {
  test('ends with the key', async () => {
    const key = {
      id: newId<never>(),
      userId: alice.id,
      type: 'ssh-ed25519',
      fingerprint: 'SHA256:abc',
      blob: Buffer.from('k'),
      comment: '',
      options: '',
      totpExempt: false,
      createdAt: T0,
      lastUsedAt: null,
    };
    await store.keys.add(key, draft('x'));
    const identity = who({ password: false, publicKey: 'SHA256:abc' });
    expect(await access.recheckIdentity(identity)).toBe(true);
    await store.keys.remove(alice.id, 'SHA256:abc', draft('x'));
    expect(await access.recheckIdentity(identity)).toBe(false);
  });

  test('ends when the key comes back with other options before anybody looked', async () => {
    const key = (options: string) => ({
      id: newId<never>(),
      userId: alice.id,
      type: 'ssh-ed25519',
      fingerprint: 'SHA256:abc',
      blob: Buffer.from('k'),
      comment: '',
      options,
      totpExempt: false,
      createdAt: T0,
      lastUsedAt: null,
    });
    await store.keys.add(key(''), draft('x'));
    const factors = { ...BY_PASSWORD, password: false, publicKey: 'SHA256:abc' };
    const { restrictions } = parseAuthorizedOptions('');
    const identity = Identity.bind(alice, factors, { ip: '192.0.2.7', via: 'ssh' }, restrictions, T0);
    expect(await access.recheckIdentity(identity)).toBe(true);
    await store.keys.remove(alice.id, 'SHA256:abc', draft('x'));
    await store.keys.add(key('from="10.0.0.0/8"'), draft('x'));
    expect(await access.recheckIdentity(identity)).toBe(false);
  });

  test('ends with the authority of its certificate', async () => {
    const ca = (name: string) => ({
      id: newId<never>(),
      name,
      type: 'ssh-ed25519',
      fingerprint: `SHA256:${name}`,
      blob: Buffer.from(name),
      createdAt: T0,
    });
    const first = await store.authorities.add(ca('first'), draft('x'));
    await store.authorities.add(ca('second'), draft('x'));
    const identity = who({
      password: false,
      publicKey: 'SHA256:k',
      certificate: 'alice@laptop',
      authority: 'SHA256:first',
    });
    expect(await access.recheckIdentity(identity)).toBe(true);
    await store.authorities.remove(first.id, draft('x'));
    expect(await access.recheckIdentity(identity)).toBe(false);
  });

  test('ends with the token that speaks, and with its date', async () => {
    const make = (name: string, expiresAt: number | null) =>
      store.tokens.create({ id: newId(), userId: alice.id, name, tokenHash: name, expiresAt }, draft('x'));
    const [mine, other] = [await make('mine', T0 + HOUR), await make('other', null)];
    const speaking = (tokenId: typeof mine.id) => who({ password: false, token: true, tokenId });
    expect(await access.recheckIdentity(speaking(mine.id))).toBe(true);
    clock.at = T0 + HOUR;
    expect(await access.recheckIdentity(speaking(mine.id))).toBe(false);
    expect(await access.recheckIdentity(speaking(other.id))).toBe(true);
    await store.tokens.remove(other.id, draft('x'));
    await make('another', null);
    expect(await access.recheckIdentity(speaking(other.id))).toBe(false);
  });

  test('ends with the browser: signed out, idle, or after its time, and is nobody else’s', async () => {
    const bob = await store.users.create(newUser('bob', { passwordHash: 'x' }), draft('x'));
    const make = (tokenHash: string) =>
      store.webSessions.create(
        {
          id: newId(),
          userId: alice.id,
          tokenHash,
          createdAt: T0,
          idleUntil: T0 + HOUR,
          expiresAt: T0 + 2 * HOUR,
          ip: '192.0.2.7',
          userAgent: '',
          factors: '{}',
        },
        10,
        draft('x'),
      );
    const [one, two] = [await make('one'), await make('two')];
    const stands = (webSession: typeof one.id, user = alice) => access.recheckIdentity(who({ webSession }, user));
    expect(await stands(one.id)).toBe(true);
    expect(await stands(one.id, bob)).toBe(false);
    await store.webSessions.remove(alice.id, two.id, draft('x'));
    expect(await stands(two.id)).toBe(false);
    clock.at = T0 + HOUR;
    expect(await stands(one.id)).toBe(false);
    clock.at = T0 + HOUR - 1;
    await store.webSessions.touch(one.id, clock.at, T0 + 5 * HOUR);
    clock.at = T0 + 2 * HOUR - 1;
    expect(await stands(one.id)).toBe(true);
    clock.at = T0 + 2 * HOUR;
    expect(await stands(one.id)).toBe(false);
  });

  test('ends with the token, the user, the user’s date and the key’s date', async () => {
    const token = await store.tokens.create(
      { id: newId(), userId: alice.id, name: 't', tokenHash: 'h', expiresAt: null },
      draft('x'),
    );
    const identity = who({ password: false, token: true });
    expect(await access.recheckIdentity(identity)).toBe(true);
    await store.tokens.remove(token.id, draft('x'));
    expect(await access.recheckIdentity(identity)).toBe(false);

    const restrictions = {
      from: [],
      expiresAt: T0 + 1,
      pty: true,
      portForwarding: true,
      agentForwarding: true,
      permitOpen: [],
      forceCommand: null,
    };
    const dated = Identity.bind(alice, BY_PASSWORD, { ip: '::1', via: 'ssh' }, restrictions, T0);
    expect(await access.recheckIdentity(dated)).toBe(true);
    clock.at = T0 + 1;
    expect(await access.recheckIdentity(dated)).toBe(false);

    await store.users.update(alice.id, { validUntil: T0 + HOUR }, draft('x'));
    expect(await access.recheckIdentity(who())).toBe(true);
    clock.at = T0 + HOUR;
    expect(await access.recheckIdentity(who())).toBe(false);
    await store.users.update(alice.id, { validUntil: null, disabled: true }, draft('x'));
    expect(await access.recheckIdentity(who())).toBe(false);
    await store.users.remove(alice.id, draft('x'));
    expect(await access.recheckIdentity(who())).toBe(false);
  });
});

describe('reachable', () => {
  test('is what authorize would not deny, in natural order', async () => {
    const kinds = [['ssh'], ['telnet', 'ssh'], ['rdp'], []] as const;
    const assets = Array.from({ length: 40 }, (_, i) =>
      newAsset(`box${i}`, {
        folder: i % 3 === 0 ? '/prod/a' : '/test',
        labels: i % 5 === 0 ? { env: 'prod' } : {},
        active: i % 7 !== 0,
        protocols: kinds[i % 4]!.map((name) => ({ name, port: 1 })),
      }),
    );
    await store.assets.createMany(assets, draft('x'));
    for (const [i, asset] of assets.entries()) {
      if (i % 2 === 0)
        await store.accounts.create(
          newAccount(asset.id, i % 4 === 0 ? 'root' : 'deploy', { secretKind: 'password', secret: Buffer.from('s') }),
          draft('x'),
        );
    }
    const permissions = [
      { folders: ['/prod'], accounts: ['root'] },
      { labels: ['env=prod'], accounts: ['@user'], protocols: ['ssh' as const] },
      { folders: ['/test'], accounts: ['@all'], until: T0 - 1 },
      { assets: ['box2', 'box6', 'box10'], accounts: ['@all'] },
      { folders: ['/'], accounts: ['@all'], actions: ['upload' as const] },
    ];
    for (const [i, more] of permissions.entries())
      await store.permissions.create(newPermission(`p${i}`, { users: ['alice'], ...more }), draft('x'));

    const listed = await access.reachable(who());
    const expected: string[] = [];
    for (const asset of [...assets, web1]) {
      for (const { name } of asset.protocols) {
        const decision = await ask({ asset: asset.name, protocol: name, use: name === 'rdp' ? 'desktop' : 'shell' });
        if (decision.kind !== 'deny') expected.push(`${asset.name} ${name}`);
      }
    }
    expect(listed.flatMap(({ asset, protocols }) => protocols.map((protocol) => `${asset.name} ${protocol}`))).toEqual(
      expected,
    );
    expect(expected.length).toBeGreaterThan(5);
    expect(expected.length).toBeLessThan(40);
  });

  test('places are the accounts that are allowed a use at once', async () => {
    const secret = { secretKind: 'password' as const, secret: Buffer.from('s') };
    const two = newAsset('two', {
      protocols: [
        { name: 'telnet', port: 23 },
        { name: 'ssh', port: 22 },
      ],
    });
    const desk = newAsset('desk', { protocols: [{ name: 'rdp', port: 3389 }] });
    const off = newAsset('off', { active: false });
    await store.assets.createMany([two, desk, off], draft('x'));
    for (const asset of [two, desk, off])
      for (const login of ['root', 'app', 'alice', 'bare', 'off'])
        await store.accounts.create(
          newAccount(asset.id, login, login === 'bare' ? {} : { ...secret, active: login !== 'off' }),
          draft('x'),
        );
    const permissions = [
      { assets: ['two', 'desk', 'off'], accounts: ['root', 'bare', 'off', '@user', '@input'] },
      { folders: ['/'], accounts: ['@all'], actions: ['upload' as const] },
      { assets: ['two'], accounts: ['app'], protocols: ['telnet' as const] },
    ];
    for (const [i, more] of permissions.entries())
      await store.permissions.create(newPermission(`p${i}`, { users: ['alice'], ...more }), draft('x'));

    for (const use of ['files', 'desktop', 'shell'] as const) {
      const expected: string[] = [];
      for (const asset of [two, desk, off, web1])
        for (const account of await store.accounts.list(asset.id)) {
          const decision = await ask({ asset: asset.name, account: account.login, use });
          if (decision.kind === 'allow') expected.push(`${account.login}@${asset.name}`);
        }
      const listed = await access.logins(who(), use);
      const names = listed.flatMap(({ asset, accounts }) => accounts.map(({ login }) => `${login}@${asset.name}`));
      expect(names.sort()).toEqual(expected.sort());
    }
    const files = await access.logins(who(), 'files');
    expect(files.map(({ asset, accounts }) => [asset.name, accounts])).toEqual([
      [
        'two',
        [
          { login: 'alice', protocol: 'ssh' },
          { login: 'root', protocol: 'ssh' },
        ],
      ],
    ]);
  });

  test('is empty for who may not log in', async () => {
    await permit();
    expect(await access.reachable(who())).toHaveLength(1);
    await store.users.update(alice.id, { disabled: true }, draft('x'));
    expect(await access.reachable(who())).toEqual([]);
    expect(await access.logins(who(), 'files')).toEqual([]);
  });
});

describe('explain', () => {
  test('tells why, with permissions that are switched off, and writes nothing', async () => {
    await permit({ active: false });
    await store.permissions.create(
      newPermission('night', { users: ['alice'], folders: ['/prod'], actions: ['connect', 'upload'] }),
      draft('x'),
    );
    const before = await lastAudit();
    const explanation = await access.explain({ user: 'alice', asset: 'web1' });
    expect(explanation).toMatchObject({
      allowed: true,
      account: 'root',
      protocol: 'ssh',
      accounts: ['root'],
      actions: ['connect', 'upload'],
      permissions: ['night'],
    });
    expect(explanation.trace.join('\n')).toContain('Permission "ops" does not apply: it is switched off.');
    expect(await access.explain({ user: 'alice', asset: 'web1', account: 'deploy' })).toMatchObject({
      allowed: false,
      account: 'deploy',
      permissions: [],
    });
    expect((await lastAudit()).id).toBe(before.id);
  });

  test('names what is missing', async () => {
    await expect(access.explain({ user: 'bob', asset: 'web1' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(access.explain({ user: 'alice', asset: 'web7' })).rejects.toMatchObject({ code: 'not_found' });
  });
});
