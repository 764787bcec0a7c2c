import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import type { Login, Step } from '../../src/auth/login-types.ts';
import { Passwords } from '../../src/auth/password.ts';
import { Secret } from '../../src/kernel/secret.ts';
import {
  blobOf,
  certificateProofOf,
  draft,
  identity,
  Keys,
  openRoom,
  PASSWORD,
  prompt,
  proofOf,
  type Room,
} from './auth-support.ts';

const keys = new Keys();
let room: Room;

beforeAll(async () => {
  await keys.make('key', 'ed25519');
  await keys.make('other', 'ed25519');
  await keys.make('rsa', 'rsa', 2048);
  await keys.make('ca', 'ed25519');
}, 60_000);
afterAll(() => keys.remove());
afterEach(async () => {
  await room.close();
});

const HERE = { ip: '192.0.2.1', via: 'ssh' } as const;
const ELSEWHERE = { ip: '198.51.100.9', via: 'ssh' } as const;
const login = (from: { ip: string; via: 'ssh' } = HERE): Login => room.auth.beginLogin(from);
const proof = (name: string) => proofOf(keys.text(name), blobOf(keys.publicLine(name)), 'ssh-ed25519');
const answer = (text: string) => [Secret.of(text)];
const BASE = ['publickey', 'password', 'keyboard-interactive'];

describe('one factor', () => {
  it('a password logs in, and the audit says how', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const attempt = login();
    expect(attempt.methods).toEqual(BASE);
    expect(await attempt.password('alice', Secret.of('wrong'))).toEqual({ kind: 'no', methods: BASE });
    const who = identity(await attempt.password('alice', Secret.of(PASSWORD)));
    expect(who.user).toMatchObject({ id: alice.id, name: 'alice' });
    expect(who.factors).toMatchObject({ password: true, publicKey: null, totp: 'none' });
    expect(who.from).toEqual(HERE);
    const [ok, failed] = await room.audit('login');
    expect(ok).toMatchObject({
      outcome: 'ok',
      actor: { name: 'alice', ip: '192.0.2.1', via: 'ssh' },
      details: { password: true },
    });
    expect(failed).toMatchObject({ outcome: 'failed', reason: 'wrong password', target: { id: alice.id } });
    expect((await room.store.users.byId(alice.id))?.lastLoginAt).toBe(room.clock.at);
  });

  it('a finished login cannot be used again', async () => {
    room = await openRoom();
    await room.user('alice', { password: PASSWORD });
    const attempt = login();
    identity(await attempt.password('alice', Secret.of(PASSWORD)));
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'no', methods: [] });
  });

  it('keyboard-interactive asks for the password of clients that only do that', async () => {
    room = await openRoom();
    await room.user('alice', { password: PASSWORD });
    const attempt = login();
    expect(prompt(await attempt.keyboardStart('alice')).prompts).toEqual([{ text: 'Password: ', echo: false }]);
    expect(await attempt.keyboardAnswer(answer('wrong'))).toEqual({ kind: 'no', methods: BASE });
    prompt(await attempt.keyboardStart('alice'));
    expect(identity(await attempt.keyboardAnswer(answer(PASSWORD))).factors.password).toBe(true);
  });

  it('an answer that nobody asked for is refused', async () => {
    room = await openRoom();
    await room.user('alice', { password: PASSWORD });
    expect(await login().keyboardAnswer(answer(PASSWORD))).toMatchObject({ kind: 'no' });
    const attempt = login();
    await attempt.keyboardStart('alice');
    expect(await attempt.keyboardAnswer([...answer(PASSWORD), ...answer('x')])).toMatchObject({ kind: 'no' });
    await attempt.keyboardStart('alice');
    await attempt.keyAcceptable('alice', 'ssh-ed25519', blobOf(keys.publicLine('key')));
    expect(await attempt.keyboardAnswer(answer(PASSWORD))).toMatchObject({ kind: 'no' });
  });

  it('a key logs in with its restrictions, and its row notes the use', async () => {
    room = await openRoom();
    const alice = await room.user('alice');
    const fingerprint = await room.addKey(alice, `restrict,pty,permitopen="db:5432" ${keys.publicLine('key')}`);
    const attempt = login();
    expect(await attempt.keyAcceptable('alice', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(true);
    const who = identity(await attempt.publicKey('alice', proof('key')));
    expect(who.factors).toMatchObject({ password: false, publicKey: fingerprint, certificate: null });
    expect(who.restrictions).toMatchObject({ pty: true, portForwarding: false, permitOpen: ['db:5432'] });
    expect((await room.store.keys.byFingerprint(alice.id, fingerprint))?.lastUsedAt).toBe(room.clock.at);
  });

  it('DESIGN §7.3: a key query is no proof, whatever was answered to it', async () => {
    room = await openRoom();
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const attempt = login();
    expect(await attempt.keyAcceptable('alice', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(true);
    expect(attempt.methods).toEqual(BASE);
    // the key that was asked about, signed by another one; then the other one itself
    const forged = { ...proof('other'), key: blobOf(keys.publicLine('key')) };
    expect(await attempt.publicKey('alice', forged)).toEqual({ kind: 'no', methods: BASE });
    expect(await attempt.publicKey('alice', proof('other'))).toEqual({ kind: 'no', methods: BASE });
    expect((await room.audit('login')).map(({ reason }) => reason)).toEqual(['key not known', 'signature is wrong']);
  });

  it('DESIGN §7.1: a junk signature labelled rsa-sha2-256 on an ed25519 key does not log in', async () => {
    room = await openRoom();
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const junk = { algorithm: 'rsa-sha2-256', hashAlgorithm: 'sha256', key: blobOf(keys.publicLine('key')) };
    const attempt = login();
    expect(await attempt.keyAcceptable('alice', 'rsa-sha2-256', junk.key)).toBe(false);
    const step = await attempt.publicKey('alice', {
      ...junk,
      signature: Buffer.from('junk'),
      signedData: Buffer.from('x'),
    });
    expect(step).toEqual({ kind: 'no', methods: BASE });
  });

  it('RSA keys log in with SHA-2 and not with SHA-1', async () => {
    room = await openRoom();
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('rsa'));
    const blob = blobOf(keys.publicLine('rsa'));
    const attempt = login();
    expect(await attempt.keyAcceptable('alice', 'ssh-rsa', blob)).toBe(false);
    expect(await attempt.keyAcceptable('alice', 'rsa-sha2-512', blob)).toBe(true);
    const sha2 = proofOf(keys.text('rsa'), blob, 'rsa-sha2-512');
    expect(await attempt.publicKey('alice', { ...sha2, algorithm: 'ssh-rsa', hashAlgorithm: undefined })).toMatchObject(
      { kind: 'no' },
    );
    identity(await attempt.publicKey('alice', sha2));
  });

  it('from= and expiry-time= decide where and until when a key works', async () => {
    room = await openRoom();
    const alice = await room.user('alice');
    await room.addKey(alice, `from="192.0.2.0/24",expiry-time="20260701Z" ${keys.publicLine('key')}`);
    const blob = blobOf(keys.publicLine('key'));
    expect(await login(ELSEWHERE).keyAcceptable('alice', 'ssh-ed25519', blob)).toBe(false);
    expect(await login(ELSEWHERE).publicKey('alice', proof('key'))).toMatchObject({ kind: 'no' });
    identity(await login().publicKey('alice', proof('key')));
    room.clock.at = Date.UTC(2026, 6, 1);
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'no' });
    expect((await room.audit('login')).map(({ reason }) => reason)).toEqual([
      'key expired',
      null,
      'key not allowed from this address',
    ]);
  });

  it('a certificate of a trusted authority logs in, until the authority is no longer trusted', async () => {
    room = await openRoom();
    room.clock.at = Date.now();
    await room.user('alice');
    await room.trust(keys.publicLine('ca'));
    const blob = await keys.certify('key', 'ca', 'login', ['-n', 'alice', '-V', '-1m:+5m', '-O', 'no-pty']);
    const signed = certificateProofOf(keys.text('key'), blob, 'ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519');
    expect(await login().keyAcceptable('alice', signed.algorithm, blob)).toBe(true);
    const who = identity(await login().publicKey('alice', signed));
    expect(who.factors).toMatchObject({
      publicKey: await keys.fingerprint('key'),
      certificate: 'login',
      authority: await keys.fingerprint('ca'),
    });
    expect(who.restrictions).toMatchObject({ pty: false, portForwarding: true });
    await room.user('bob');
    expect(await login().publicKey('bob', signed)).toMatchObject({ kind: 'no' });
    await room.store.authorities.remove((await room.store.authorities.list())[0]!.id, draft('ca.remove'));
    expect(await login().publicKey('alice', signed)).toMatchObject({ kind: 'no' });
    expect((await room.audit('login')).slice(0, 2).map(({ reason }) => reason)).toEqual([
      'certificate: authority not trusted',
      'certificate: not issued for this user',
    ]);
  });

  it('methods follow the configuration', async () => {
    room = await openRoom({ password: false });
    await room.user('alice', { password: PASSWORD });
    const attempt = login();
    expect(attempt.methods).toEqual(['publickey']);
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'no', methods: ['publickey'] });
    expect(await attempt.keyboardStart('alice')).toEqual({ kind: 'no', methods: ['publickey'] });
    await room.close();
    room = await openRoom({ public_key: false });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    expect(login().methods).toEqual(['password', 'keyboard-interactive']);
    expect(await login().keyAcceptable('alice', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(false);
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'no' });
  });
});

describe('who may not', () => {
  it('DESIGN §7.3: unknown, disabled, expired and wrong get the same answer; the reason is in the audit only', async () => {
    room = await openRoom();
    const gone = await room.user('gone', { password: PASSWORD });
    await room.store.users.update(gone.id, { disabled: true }, draft('user.disable'));
    await room.user('late', { password: PASSWORD, validUntil: room.clock.at });
    await room.user('keyless');
    await room.user('alice', { password: PASSWORD });
    await room.addKey(gone, keys.publicLine('key'));
    const hashing = vi.spyOn(Passwords.prototype, 'verify');
    const steps: Step[] = [];
    for (const name of ['nobody', 'gone', 'late', 'keyless'])
      steps.push(await login().password(name, Secret.of(PASSWORD)));
    steps.push(await login().password('alice', Secret.of('wrong')));
    expect(hashing).toHaveBeenCalledTimes(5); // each cost the same work
    hashing.mockRestore();
    steps.push(await login().publicKey('nobody', proof('key')), await login().publicKey('gone', proof('key')));
    for (const step of steps) expect(step).toEqual({ kind: 'no', methods: BASE });
    expect(await login().keyAcceptable('nobody', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(false);
    expect(await login().keyAcceptable('gone', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(false);
    expect(prompt(await login().keyboardStart('nobody'))).toEqual(prompt(await login().keyboardStart('alice')));
    expect((await room.audit('login')).map(({ reason }) => reason).reverse()).toEqual([
      'no such user',
      'user disabled',
      'user expired',
      'no password set',
      'wrong password',
      'no such user',
      'user disabled',
    ]);
  });

  it('names with escape sequences reach the audit without them', async () => {
    room = await openRoom();
    await login().password('\u001b[2J\nroot\u202e', Secret.of('x'));
    expect((await room.audit('login'))[0]!.actor.name).toBe('?[2J?root?');
  });

  it('a connection has six tries, and twenty keys to ask about', async () => {
    room = await openRoom({ lockout: { tries: 100 } });
    const alice = await room.user('alice', { password: PASSWORD });
    await room.addKey(alice, keys.publicLine('key'));
    const attempt = login();
    for (let i = 0; i < 5; i++) {
      expect(await attempt.publicKey('alice', proof('other'))).toEqual({ kind: 'no', methods: BASE });
    }
    expect(await attempt.publicKey('bob', proof('other'))).toEqual({ kind: 'no', methods: [] });
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'no', methods: [] });
    const asking = login();
    const unknown = blobOf(keys.publicLine('other'));
    for (let i = 0; i < 20; i++) expect(await asking.keyAcceptable('alice', 'ssh-ed25519', unknown)).toBe(false);
    expect(asking.methods).toEqual([]);
    expect(await asking.keyAcceptable('alice', 'ssh-ed25519', blobOf(keys.publicLine('key')))).toBe(false);
  });

  it('DESIGN §7.15: lockout is per user and address, before the hash, and keys are exempt', async () => {
    room = await openRoom({ lockout: { tries: 3, for: '30m' } });
    const alice = await room.user('alice', { password: PASSWORD });
    await room.user('bob', { password: PASSWORD });
    await room.addKey(alice, keys.publicLine('key'));
    for (let i = 0; i < 3; i++) await login().password('ALICE', Secret.of('wrong'));
    const hashing = vi.spyOn(Passwords.prototype, 'verify');
    expect(await login().password('alice', Secret.of(PASSWORD))).toEqual({
      kind: 'no',
      methods: BASE,
      unjudged: 'locked',
    });
    expect(hashing).not.toHaveBeenCalled();
    hashing.mockRestore();
    expect((await room.audit('login'))[0]!.reason).toBe('locked out');
    expect(await room.audit('user.lockout')).toMatchObject([{ target: { name: 'alice' }, details: { failures: 3 } }]);
    // another address, another user and the key are not touched
    identity(await login(ELSEWHERE).password('alice', Secret.of(PASSWORD)));
    identity(await login().password('bob', Secret.of(PASSWORD)));
    identity(await login().publicKey('alice', proof('key')));
    room.clock.at += 31 * 60_000;
    identity(await login().password('alice', Secret.of(PASSWORD)));
  });

  it('a name that nobody has is locked out like any other', async () => {
    room = await openRoom({ lockout: { tries: 2, for: '30m' } });
    for (let i = 0; i < 3; i++) await login().password('nobody', Secret.of('wrong'));
    expect((await room.audit('login')).map(({ reason }) => reason)).toEqual([
      'locked out',
      'no such user',
      'no such user',
    ]);
  });

  it('guesses made at once count like guesses in turn', async () => {
    room = await openRoom({ lockout: { tries: 2, for: '30m' } });
    // set, so that its check takes the time in which the guesses overtake each other
    await room.auth.setPassword(await room.user('alice'), Secret.of(PASSWORD), systemActor());
    const wrong = Array.from({ length: 4 }, () => login().password('alice', Secret.of('wrong')));
    const right = login().password('alice', Secret.of(PASSWORD));
    await Promise.all(wrong);
    expect(await right).toMatchObject({ kind: 'no' });
  });
});
