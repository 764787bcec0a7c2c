import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { actorOf, claimant, systemActor } from '../../src/auth/actor.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { Actor } from '../../src/store/model.ts';
import { draft, Keys, openRoom, PASSWORD, type Room } from './auth-support.ts';

const keys = new Keys();
let room: Room;
const VISITOR: Actor = { kind: 'user', userId: null, name: '', ip: '192.0.2.1', via: 'api' };
const OWNER: Actor = { kind: 'machine', userId: null, name: 'machine', ip: null, via: 'socket' };
const HOUR = 3_600_000;

beforeAll(async () => {
  await keys.make('key', 'ed25519');
});
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());
afterAll(() => keys.remove());

describe('API tokens', () => {
  it('speak for an enabled user until they expire or are removed; only the hash is kept', async () => {
    const alice = await room.user('alice', { role: 'admin' });
    const { token, row } = await room.auth.createApiToken(alice, 'ci', room.clock.at + HOUR, OWNER);
    expect(token.exposeText()).toMatch(/^bst_[A-Za-z0-9_-]{43}$/);
    const hash = createHash('sha256').update(token.exposeText()).digest('hex');
    expect(await room.store.tokens.byTokenHash(hash)).toMatchObject({ id: row.id, name: 'ci' });
    const who = await room.auth.bearer(token, { ip: '192.0.2.1' });
    expect(who).toMatchObject({
      user: { name: 'alice' },
      factors: { token: true },
      from: { ip: '192.0.2.1', via: 'api' },
    });
    expect(actorOf(who!)).toEqual({ kind: 'user', userId: alice.id, name: 'alice', ip: '192.0.2.1', via: 'api' });
    expect((await room.store.tokens.list())[0]!.lastUsedAt).toBe(room.clock.at);
    expect(JSON.stringify(await room.audit('token.create'))).not.toContain(token.exposeText());
    room.clock.at += HOUR;
    expect(await room.auth.bearer(token, { ip: '192.0.2.1' })).toBeUndefined();
  });

  it('say nothing for other texts, a disabled user, or a user whose time is over', async () => {
    const alice = await room.user('alice', { validUntil: room.clock.at + HOUR });
    const { token } = await room.auth.createApiToken(alice, 'ci', null, OWNER);
    const bearer = (text: string) => room.auth.bearer(Secret.of(text), { ip: '192.0.2.1' });
    expect(await bearer(token.exposeText())).toBeDefined();
    for (const text of [
      '',
      'bst_',
      `${token.exposeText()}x`,
      token.exposeText().replace('bst_', 'bsl_'),
      `bst_${'A'.repeat(43)}`,
    ]) {
      expect(await bearer(text)).toBeUndefined();
    }
    room.clock.at += HOUR;
    expect(await bearer(token.exposeText())).toBeUndefined();
    room.clock.at -= HOUR;
    await room.store.users.update(alice.id, { disabled: true }, [
      { ...(await room.audit('token.create'))[0]!, action: 'user.disable' },
    ]);
    expect(await bearer(token.exposeText())).toBeUndefined();
  });

  it('cannot be made with an end in the past', async () => {
    const alice = await room.user('alice');
    await expect(room.auth.createApiToken(alice, 'ci', room.clock.at, OWNER)).rejects.toMatchObject({
      code: 'invalid',
    });
  });
});

describe('the set-up link', () => {
  const setUp = (token: Secret, name = 'root', password = PASSWORD) =>
    room.auth.redeemLink(token, 'setup', { userName: name, password: Secret.of(password) }, VISITOR);

  it('makes the first administrator, once', async () => {
    const { token, expiresAt } = await room.auth.createLink('setup', null, systemActor());
    expect(expiresAt).toBe(room.clock.at + HOUR);
    expect(await setUp(token)).toMatchObject({ name: 'root', role: 'admin', hasPassword: true });
    expect(await room.audit('user.create')).toMatchObject([{ actor: { name: 'root', ip: '192.0.2.1' } }]);
    await expect(setUp(token, 'second')).rejects.toMatchObject({ code: 'expired' });
    const step = await room.auth.beginLogin({ ip: '192.0.2.1', via: 'ssh' }).password('root', Secret.of(PASSWORD));
    expect(step.kind).toBe('done');
  });

  it('two at the same moment make one administrator', async () => {
    const { token } = await room.auth.createLink('setup', null, systemActor());
    const results = await Promise.allSettled([setUp(token, 'one'), setUp(token, 'two')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await room.store.users.countAdmins(room.clock.at)).toBe(1);
  });

  it('is refused after an hour, while there is an administrator, and when a newer one was made', async () => {
    const first = await room.auth.createLink('setup', null, systemActor());
    const second = await room.auth.createLink('setup', null, systemActor());
    await expect(setUp(first.token)).rejects.toMatchObject({ code: 'expired' });
    room.clock.at += HOUR;
    await expect(setUp(second.token)).rejects.toMatchObject({ code: 'expired' });
    const third = await room.auth.createLink('setup', null, systemActor());
    await room.user('admin', { role: 'admin' });
    await expect(setUp(third.token)).rejects.toMatchObject({ code: 'expired' });
  });

  it('survives a password, name or key that is refused', async () => {
    await room.user('taken');
    const { token } = await room.auth.createLink('setup', null, systemActor());
    await expect(setUp(token, 'root', 'short')).rejects.toMatchObject({ code: 'invalid' });
    await expect(setUp(token, 'a@b')).rejects.toMatchObject({ code: 'invalid' });
    await expect(setUp(token, 'TAKEN')).rejects.toMatchObject({ code: 'conflict' });
    await expect(room.auth.redeemLink(token, 'setup', { userName: 'root' }, VISITOR)).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(
      room.auth.redeemLink(token, 'setup', { userName: 'root', keys: [keys.text('key')] }, VISITOR),
    ).rejects.toMatchObject({ code: 'invalid' });
    await expect(
      room.auth.redeemLink(token, 'invite', { password: Secret.of(PASSWORD) }, VISITOR),
    ).rejects.toMatchObject({ code: 'expired' });
    expect(await setUp(token)).toMatchObject({ name: 'root' });
  });
});

describe('invitations', () => {
  it('give a user a password and keys, once', async () => {
    const alice = await room.user('alice');
    const { token, expiresAt } = await room.auth.createLink('invite', alice, OWNER);
    expect(expiresAt).toBe(room.clock.at + 72 * HOUR);
    const credentials = { password: Secret.of(PASSWORD), keys: [`no-pty ${keys.publicLine('key')}`] };
    const results = await Promise.allSettled([
      room.auth.redeemLink(token, 'invite', credentials, VISITOR),
      room.auth.redeemLink(token, 'invite', credentials, VISITOR),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await room.store.users.byName('alice')).toMatchObject({ hasPassword: true });
    expect(await room.store.keys.listOf(alice.id)).toMatchObject([{ options: 'no-pty', type: 'ssh-ed25519' }]);
    expect(await room.audit('user.password')).toMatchObject([{ actor: { name: 'alice', userId: alice.id } }]);
    expect(await room.audit('key.add')).toHaveLength(1);
  });

  it('are refused when the user is disabled or gone, and a newer one replaces them', async () => {
    const alice = await room.user('alice');
    const old = await room.auth.createLink('invite', alice, OWNER);
    const { token } = await room.auth.createLink('invite', alice, OWNER);
    const redeem = (one: Secret) => room.auth.redeemLink(one, 'invite', { password: Secret.of(PASSWORD) }, OWNER);
    await expect(redeem(old.token)).rejects.toMatchObject({ code: 'expired' });
    const audit = { ...(await room.audit('link.create'))[0]!, action: 'user.disable' };
    await room.store.users.update(alice.id, { disabled: true }, audit);
    await expect(redeem(token)).rejects.toMatchObject({ code: 'expired' });
    await room.store.users.update(alice.id, { disabled: false }, audit);
    expect(await redeem(token)).toMatchObject({ name: 'alice' });
    expect(await room.audit('user.password')).toMatchObject([{ actor: { kind: 'machine' } }]);
  });

  it('are over with a new password, whoever sets it: a lost one would set another', async () => {
    const [alice, bob] = [await room.user('alice'), await room.user('bob')];
    const passwordHash = await room.auth.hashPassword(Secret.of(PASSWORD), alice, OWNER);
    const bobs = await room.auth.createLink('invite', bob, OWNER);
    const audit = draft('user.password');
    for (const set of [
      () => room.auth.setPassword(alice, Secret.of(PASSWORD), OWNER),
      () => room.store.users.update(alice.id, { passwordHash }, audit),
    ]) {
      const { token } = await room.auth.createLink('invite', alice, OWNER);
      await set();
      await expect(room.auth.showLink(token)).rejects.toMatchObject({ code: 'expired' });
    }
    expect((await room.auth.showLink(bobs.token)).user).toMatchObject({ name: 'bob' });
  });

  it('with passwords turned off need a key', async () => {
    await room.close();
    room = await openRoom({ password: false });
    const alice = await room.user('alice');
    const { token } = await room.auth.createLink('invite', alice, OWNER);
    await expect(room.auth.redeemLink(token, 'invite', { password: Secret.of(PASSWORD) }, VISITOR)).rejects.toThrow(
      /public key/,
    );
    expect(await room.auth.redeemLink(token, 'invite', { keys: [keys.publicLine('key')] }, VISITOR)).toMatchObject({
      name: 'alice',
    });
  });
});

describe('passwords and second factors set by an administrator', () => {
  it('follow the policy and take effect at once', async () => {
    const alice = await room.user('alice');
    await expect(room.auth.setPassword(alice, Secret.of('alice12345'), OWNER)).rejects.toThrow(/name or e-mail/);
    await room.auth.setPassword(alice, Secret.of(PASSWORD), OWNER);
    const attempt = () => room.auth.beginLogin({ ip: '192.0.2.1', via: 'ssh' }).password('alice', Secret.of(PASSWORD));
    expect((await attempt()).kind).toBe('done');
    await room.auth.setPassword(alice, null, OWNER);
    expect((await attempt()).kind).toBe('no');
    expect((await room.audit('user.password')).map(({ details }) => details)).toEqual([
      { removed: true },
      { removed: false },
    ]);
  });

  it('a second factor is confirmed with a code of its secret only', async () => {
    const alice = await room.user('alice');
    await expect(room.auth.confirmTotp(alice, Secret.of('123456'), OWNER)).rejects.toMatchObject({
      code: 'conflict',
    });
    const { uri, secretText } = await room.auth.beginTotp(alice, OWNER);
    expect(uri).toMatch(
      /^otpauth:\/\/totp\/Bastion:alice\?issuer=Bastion&secret=[A-Z2-7]{32}&algorithm=SHA1&digits=6&period=30$/,
    );
    expect(uri).toContain(secretText.replaceAll(' ', ''));
    expect(await room.auth.confirmTotp(alice, Secret.of('abcdef'), OWNER)).toBeUndefined();
    expect((await room.store.users.byId(alice.id))?.totpEnabled).toBe(false);
  });

  it('a claimant is named without control characters', () => {
    expect(claimant('a\u0000b', undefined, { ip: null, via: 'web' })).toMatchObject({ name: 'a?b', userId: null });
  });
});
