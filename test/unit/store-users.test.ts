import { describe, expect, test } from 'vitest';
import { type KeyId, newId, type UserId } from '../../src/kernel/id.ts';
import type { UserKey } from '../../src/store/model.ts';
import { StandingClock } from '../kit/clock.ts';
import { actions, draft, newPermission, newUser, T0, testStore } from './store-kit.ts';

const MINUTE = 60_000;

function newKey(userId: UserId, fingerprint = 'SHA256:abc'): UserKey {
  return {
    id: newId<KeyId>(),
    userId,
    type: 'ssh-ed25519',
    fingerprint,
    blob: Buffer.from([0, 1, 2, 255]),
    comment: 'laptop',
    options: 'from="10.0.0.0/8"',
    totpExempt: true,
    createdAt: T0,
    lastUsedAt: null,
  };
}

describe('users', () => {
  test('come back as they were made, found without regard to case', async () => {
    const store = await testStore({ clock: new StandingClock(T0) });
    await store.groups.create({ id: newId(), name: 'Ops', comment: '' }, draft('group.create'));
    const made = await store.users.create(
      newUser('Alice', {
        displayName: 'Alice Ä.',
        email: 'a@example.test',
        passwordHash: '$scrypt$x',
        groups: ['ops'],
      }),
      draft('user.create'),
    );
    expect(made).toEqual({
      id: made.id,
      name: 'Alice',
      displayName: 'Alice Ä.',
      email: 'a@example.test',
      comment: '',
      role: 'user',
      disabled: false,
      validUntil: null,
      hasPassword: true,
      totpEnabled: false,
      createdAt: T0,
      lastLoginAt: null,
      version: 1,
    });
    expect(await store.users.byName('aLICE')).toEqual(made);
    expect(await store.users.byId(made.id)).toEqual(made);
    expect(await store.users.list()).toEqual([made]);
    expect(await store.users.groupsOf(made.id)).toEqual(['Ops']);
    expect(await store.users.byName('bob')).toBeUndefined();
  });

  test('a name taken in another case, or in another Unicode form, is a conflict that leaves nothing behind', async () => {
    const store = await testStore();
    await store.users.create(newUser('Jürgen'), draft('user.create'));
    await expect(store.users.create(newUser('jÜRGEN'), draft('user.create'))).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(store.users.create(newUser('ju\u0308rgen'), draft('user.create'))).rejects.toMatchObject({
      code: 'conflict',
    });
    const bob = await store.users.create(newUser('bob'), draft('user.create'));
    await expect(store.users.update(bob.id, { name: 'JÜRGEN' }, draft('user.update'))).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await store.users.update(bob.id, { name: 'Bob' }, draft('user.update'))).toMatchObject({ name: 'Bob' });
    expect(await actions(store)).toEqual(['user.update', 'user.create', 'user.create']);
  });

  test('a message about a hostile name holds no control characters', async () => {
    const store = await testStore();
    const name = 'eve\u001b[31m\u202e\n';
    await store.users.create(newUser(name), draft('user.create'));
    const error = await store.users.create(newUser(name), draft('user.create')).catch((e: Error) => e);
    expect((error as Error).message).toBe('There is already a user "eve[31m"; choose another name.');
  });

  test('an unknown group hinders the creation, user and audit row included', async () => {
    const store = await testStore();
    const attempt = store.users.create(newUser('alice', { groups: ['nobody'] }), draft('user.create'));
    await expect(attempt).rejects.toMatchObject({
      code: 'not_found',
      message: 'There is no group "nobody". See: bastion group list',
    });
    expect(await store.users.list()).toEqual([]);
    expect(await actions(store)).toEqual([]);
  });

  test('an audit row that cannot be written undoes the change', async () => {
    const store = await testStore();
    const broken = { ...draft('user.create'), outcome: 'perhaps' as 'ok' };
    await expect(store.users.create(newUser('alice'), broken)).rejects.toMatchObject({ code: 'internal' });
    expect(await store.users.list()).toEqual([]);
  });

  test('removal takes keys, tokens, links, memory and memberships along and leaves permissions without the name', async () => {
    const store = await testStore();
    await store.groups.create({ id: newId(), name: 'ops', comment: '' }, draft('group.create'));
    const alice = await store.users.create(newUser('alice', { groups: ['ops'] }), draft('user.create'));
    await store.keys.add(newKey(alice.id), draft('key.add'));
    await store.tokens.create(
      { id: newId(), userId: alice.id, name: 'ci', tokenHash: 't', expiresAt: null },
      draft('token.create'),
    );
    await store.links.create(
      { id: newId(), kind: 'invite', userId: alice.id, tokenHash: 'l', expiresAt: T0 },
      draft('link.create'),
    );
    await store.mfa.remember(alice.id, 'SHA256:abc', Number.MAX_SAFE_INTEGER);
    await store.permissions.create(newPermission('p', { users: ['alice'] }), draft('permission.create'));

    await store.users.remove(alice.id, draft('user.remove'));
    expect(await store.keys.listOf(alice.id)).toEqual([]);
    expect(await store.tokens.byTokenHash('t')).toBeUndefined();
    expect(await store.links.byTokenHash('l')).toBeUndefined();
    expect(await store.mfa.remembered(alice.id, 'SHA256:abc', T0)).toBe(false);
    expect((await store.groups.byName('ops'))?.members).toEqual([]);
    expect((await store.permissions.byName('p'))?.users).toEqual([]);
    await expect(store.users.remove(alice.id, draft('user.remove'))).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the last administrator', () => {
  test('cannot be demoted, disabled, expired or removed', async () => {
    const clock = new StandingClock(T0);
    const store = await testStore({ clock });
    const root = await store.users.create(newUser('root', { role: 'admin', passwordHash: 'x' }), draft('user.create'));
    const conflict = { code: 'conflict' };
    await expect(store.users.update(root.id, { role: 'user' }, draft('u'))).rejects.toMatchObject(conflict);
    await expect(store.users.update(root.id, { disabled: true }, draft('u'))).rejects.toMatchObject(conflict);
    await expect(store.users.update(root.id, { validUntil: T0 - 1 }, draft('u'))).rejects.toMatchObject(conflict);
    await expect(store.users.remove(root.id, draft('u'))).rejects.toMatchObject(conflict);
    expect(await store.users.byName('root')).toEqual(root);
    expect(await store.users.countAdmins(T0)).toBe(1);
    expect(await actions(store)).toEqual(['user.create']);
  });

  test('is not replaced by one who never set a credential, but by one with a key', async () => {
    const store = await testStore();
    const root = await store.users.create(newUser('root', { role: 'admin', passwordHash: 'x' }), draft('u'));
    const invited = await store.users.create(newUser('invited', { role: 'admin' }), draft('u'));
    await expect(store.users.remove(root.id, draft('u'))).rejects.toMatchObject({ code: 'conflict' });
    await store.keys.add(newKey(invited.id), draft('key.add'));
    await store.users.remove(root.id, draft('u'));
    expect((await store.users.list()).map((user) => user.name)).toEqual(['invited']);
  });
});

describe('credentials', () => {
  test('password, TOTP enrolment, steps and recovery codes', async () => {
    const store = await testStore();
    const { id } = await store.users.create(newUser('alice'), draft('u'));
    await store.users.setPassword(id, '$scrypt$y', draft('user.password'));
    expect(await store.users.confirmTotp(id, 1, ['h1'], Buffer.from('s'), draft('totp.enable'))).toBe(false);
    expect(await actions(store)).not.toContain('totp.enable');

    await store.users.setTotpPending(id, Buffer.from([1, 2, 3]), draft('totp.begin'));
    const pending = await store.users.credentials(id);
    expect(Buffer.isBuffer(pending?.totpPending)).toBe(true);
    expect(pending?.totpPending).toEqual(Buffer.from([1, 2, 3]));
    await store.mfa.remember(id, 'SHA256:abc', Number.MAX_SAFE_INTEGER);
    expect(await store.users.confirmTotp(id, 10, ['h1', 'h2'], Buffer.from('sealed'), draft('totp.enable'))).toBe(true);
    expect(await store.users.credentials(id)).toEqual({
      userId: id,
      passwordHash: '$scrypt$y',
      totpSecret: Buffer.from('sealed'),
      totpPending: null,
      totpLastStep: 10,
    });
    expect(await store.mfa.remembered(id, 'SHA256:abc', T0)).toBe(false);

    expect(await store.users.useTotpStep(id, 10)).toBe(false);
    const twice = await Promise.all([store.users.useTotpStep(id, 11), store.users.useTotpStep(id, 11)]);
    expect(twice.filter(Boolean)).toHaveLength(1);

    const used = await Promise.all([1, 2, 3].map(() => store.users.useRecoveryCode(id, 'h1', draft('recovery.use'))));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect((await actions(store)).filter((action) => action === 'recovery.use')).toHaveLength(1);
    expect(await store.users.recoveryCodesLeft(id)).toBe(1);

    await store.users.resetTotp(id, draft('totp.reset'));
    expect(await store.users.recoveryCodesLeft(id)).toBe(0);
    expect((await store.users.byId(id))?.totpEnabled).toBe(false);
  });

  test('keys keep their bytes, belong to one user and take their memory along', async () => {
    const store = await testStore();
    const alice = await store.users.create(newUser('alice'), draft('u'));
    const bob = await store.users.create(newUser('bob'), draft('u'));
    const key = newKey(alice.id);
    await store.keys.add(key, draft('key.add'));
    const [kept] = await store.keys.listOf(alice.id);
    expect(kept).toEqual(key);
    expect(Buffer.isBuffer(kept?.blob)).toBe(true);
    await expect(store.keys.add(newKey(alice.id), draft('key.add'))).rejects.toMatchObject({ code: 'conflict' });
    await store.keys.add(newKey(bob.id), draft('key.add'));

    await store.mfa.remember(alice.id, key.fingerprint, T0 + MINUTE);
    expect(await store.mfa.remembered(alice.id, key.fingerprint, T0)).toBe(true);
    expect(await store.mfa.remembered(alice.id, key.fingerprint, T0 + MINUTE)).toBe(false);
    expect(await store.mfa.remembered(bob.id, key.fingerprint, T0)).toBe(false);
    await store.keys.remove(alice.id, key.fingerprint, draft('key.remove'));
    expect(await store.mfa.remembered(alice.id, key.fingerprint, T0)).toBe(false);
    expect(await store.keys.byFingerprint(bob.id, key.fingerprint)).toBeDefined();
    await expect(store.keys.remove(alice.id, key.fingerprint, draft('key.remove'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test('a login marks user and key and clears the counter of this address only', async () => {
    const store = await testStore();
    const { id } = await store.users.create(newUser('alice'), draft('u'));
    const key = await store.keys.add(newKey(id), draft('key.add'));
    await store.lockouts.fail('ALICE', '10.0.0.1', T0, 3, MINUTE, draft('login'));
    await store.lockouts.fail('alice', '10.0.0.2', T0, 3, MINUTE, draft('login'));
    await store.users.recordLogin(id, { at: T0 + 5, ip: '10.0.0.1', keyId: key.id }, draft('login'));
    expect((await store.users.byId(id))?.lastLoginAt).toBe(T0 + 5);
    expect((await store.keys.listOf(id))[0]?.lastUsedAt).toBe(T0 + 5);
    expect(await store.lockouts.get('alice', '10.0.0.1')).toBeUndefined();
    expect(await store.lockouts.get('alice', '10.0.0.2')).toMatchObject({ failures: 1 });
  });
});

describe('lockouts', () => {
  test('count per user and address, lock at the limit, are not prolonged, and run out', async () => {
    const store = await testStore();
    const fail = (at: number, ip = '10.0.0.1') => store.lockouts.fail('Alice', ip, at, 3, 30 * MINUTE, draft('login'));
    expect(await fail(T0)).toMatchObject({ failures: 1, until: null });
    expect(await fail(T0 + MINUTE)).toMatchObject({ failures: 2, until: null });
    expect(await fail(T0 + MINUTE, '10.0.0.9')).toMatchObject({ failures: 1, until: null });
    const until = T0 + 32 * MINUTE;
    expect(await fail(T0 + 2 * MINUTE)).toMatchObject({ failures: 3, until });
    expect(await fail(T0 + 10 * MINUTE)).toMatchObject({ failures: 4, until });
    expect((await store.lockouts.list(T0 + 10 * MINUTE)).map((row) => row.ip).sort()).toEqual(['10.0.0.1', '10.0.0.9']);
    expect(await fail(until)).toMatchObject({ failures: 1, until: null });
    // the other address failed half an hour ago: forgotten
    expect(await store.lockouts.get('alice', '10.0.0.9')).toBeUndefined();
  });

  test('old failures do not count', async () => {
    const store = await testStore();
    await store.lockouts.fail('alice', '::1', T0, 2, MINUTE, draft('login'));
    expect(await store.lockouts.fail('alice', '::1', T0 + MINUTE, 2, MINUTE, draft('login'))).toMatchObject({
      failures: 1,
      until: null,
    });
  });

  test('concurrent failures are all counted', async () => {
    const store = await testStore();
    const rows = await Promise.all(
      Array.from({ length: 20 }, () => store.lockouts.fail('alice', '::1', T0, 20, MINUTE, draft('login'))),
    );
    expect(Math.max(...rows.map((row) => row.failures))).toBe(20);
    expect(rows.filter((row) => row.until !== null)).toHaveLength(1);
    expect(await store.lockouts.clear('ALICE', draft('lockout.clear'))).toBe(1);
    expect(await store.lockouts.clear('alice', draft('lockout.clear'))).toBe(0);
    expect((await actions(store)).filter((action) => action === 'lockout.clear')).toHaveLength(1);
  });
});

describe('links and tokens', () => {
  test('a link works once, however many try at the same time, and not after its end', async () => {
    const store = await testStore();
    await store.links.create(
      { id: newId(), kind: 'setup', userId: null, tokenHash: 'once', expiresAt: T0 + MINUTE },
      draft('link.create'),
    );
    const uses = await Promise.all(Array.from({ length: 50 }, () => store.links.use('once', T0)));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await store.links.byTokenHash('once')).toMatchObject({ kind: 'setup', userId: null, usedAt: T0 });
    await store.links.create(
      { id: newId(), kind: 'setup', userId: null, tokenHash: 'late', expiresAt: T0 + MINUTE },
      draft('link.create'),
    );
    expect(await store.links.use('late', T0 + MINUTE)).toBe(false);
    expect(await store.links.use('unknown', T0)).toBe(false);
  });

  test('revoking drops unused links of that kind and user only', async () => {
    const store = await testStore();
    const { id } = await store.users.create(newUser('alice'), draft('u'));
    const link = (kind: 'setup' | 'invite', userId: UserId | null, tokenHash: string) =>
      store.links.create({ id: newId(), kind, userId, tokenHash, expiresAt: T0 + MINUTE }, draft('link.create'));
    await link('setup', null, 'setup');
    await link('invite', id, 'invite');
    await link('invite', id, 'used');
    await store.links.use('used', T0);
    await store.links.revoke('invite', id);
    expect(await store.links.byTokenHash('invite')).toBeUndefined();
    expect(await store.links.byTokenHash('used')).toBeDefined();
    await store.links.revoke('setup', null);
    expect(await store.links.byTokenHash('setup')).toBeUndefined();
  });

  test('tokens carry the name of their user', async () => {
    const store = await testStore({ clock: new StandingClock(T0) });
    const alice = await store.users.create(newUser('alice'), draft('u'));
    const token = await store.tokens.create(
      { id: newId(), userId: alice.id, name: 'ci', tokenHash: 'h', expiresAt: T0 + 1 },
      draft('t'),
    );
    expect(token).toMatchObject({ userName: 'alice', name: 'ci', createdAt: T0, expiresAt: T0 + 1, lastUsedAt: null });
    await store.tokens.touch(token.id, T0 + 7);
    expect(await store.tokens.byTokenHash('h')).toEqual({ ...token, lastUsedAt: T0 + 7 });
    await store.tokens.remove(token.id, draft('t'));
    expect(await store.tokens.list()).toEqual([]);
    await expect(store.tokens.remove(token.id, draft('t'))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('certificate authorities are unique by name and by key', async () => {
    const store = await testStore();
    const ca = {
      id: newId<never>(),
      name: 'Corp',
      type: 'ssh-ed25519',
      fingerprint: 'SHA256:ca',
      blob: Buffer.from('ca'),
      createdAt: T0,
    };
    await store.authorities.add(ca, draft('ca.add'));
    expect(await store.authorities.list()).toEqual([ca]);
    await expect(
      store.authorities.add({ ...ca, id: newId(), name: 'corp', fingerprint: 'SHA256:x' }, draft('ca.add')),
    ).rejects.toMatchObject({ code: 'conflict' });
    await expect(store.authorities.add({ ...ca, id: newId(), name: 'other' }, draft('ca.add'))).rejects.toMatchObject({
      code: 'conflict',
    });
    await store.authorities.remove(ca.id, draft('ca.remove'));
    expect(await store.authorities.list()).toEqual([]);
  });
});
