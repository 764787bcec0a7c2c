import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import { Identity } from '../../src/auth/identity.ts';
import type { Login, Step } from '../../src/auth/login-types.ts';
import { Passwords } from '../../src/auth/password.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { AuditDraft, User } from '../../src/store/model.ts';
import { blobOf, certificateProofOf, Keys, openRoom, PASSWORD, prompt, proofOf, type Room } from './auth-support.ts';

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
const draft = (action: string): AuditDraft => ({
  actor: systemActor(),
  action,
  outcome: 'ok',
  target: null,
  reason: null,
  details: null,
});

function identity(step: Step): Identity {
  if (step.kind !== 'done') throw new Error(`expected success, got ${JSON.stringify(step)}`);
  expect(Identity.isIdentity(step.identity)).toBe(true);
  return step.identity;
}

/** Gives the user TOTP; the returned function makes the code of the present time. */
async function enrol(user: User): Promise<{ code: () => string; recovery: string[] }> {
  const { uri } = await room.auth.beginTotp(user, systemActor());
  const secret = new URL(uri).searchParams.get('secret')!;
  const totp = new TOTP({ secret, algorithm: 'SHA1', digits: 6, period: 30 });
  const code = () => totp.generate({ timestamp: room.clock.now() });
  const recovery = await room.auth.confirmTotp(user, Secret.of(code()), systemActor());
  room.clock.at += 60_000; // that code is used up
  return { code, recovery: recovery! };
}

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
    expect(await login().password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'no', methods: BASE });
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
    await room.user('alice', { password: PASSWORD });
    const wrong = Array.from({ length: 4 }, () => login().password('alice', Secret.of('wrong')));
    const right = login().password('alice', Secret.of(PASSWORD));
    await Promise.all(wrong);
    expect(await right).toMatchObject({ kind: 'no' });
  });
});

describe('the second factor', () => {
  it('after a password over keyboard-interactive the code is asked in the same dialogue', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const { code } = await enrol(alice);
    const attempt = login();
    await attempt.keyboardStart('alice');
    expect(prompt(await attempt.keyboardAnswer(answer(PASSWORD))).prompts[0]!.text).toBe('Verification code: ');
    expect(identity(await attempt.keyboardAnswer(answer(code()))).factors).toMatchObject({
      password: true,
      totp: 'code',
    });
  });

  it('after method password it is partial success, then keyboard-interactive only', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    await room.addKey(alice, keys.publicLine('key'));
    const { code } = await enrol(alice);
    const attempt = login();
    const only = ['keyboard-interactive'];
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'more', methods: only });
    // no second first factor instead of the second one
    expect(await attempt.publicKey('alice', proof('key'))).toEqual({ kind: 'no', methods: only });
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toEqual({ kind: 'no', methods: only });
    prompt(await attempt.keyboardStart('alice'));
    expect(await attempt.keyboardAnswer(answer('000000'))).toEqual({ kind: 'no', methods: only });
    prompt(await attempt.keyboardStart('alice'));
    identity(await attempt.keyboardAnswer(answer(code())));
    expect((await room.audit('login'))[1]).toMatchObject({ reason: 'wrong code', details: { password: true } });
  });

  it('a code works once, also one step early or late, and not two', async () => {
    room = await openRoom({ mfa_remember: '0s' });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const { code } = await enrol(alice);
    const tryCode = async (text: string) => {
      const attempt = login();
      await attempt.publicKey('alice', proof('key'));
      await attempt.keyboardStart('alice');
      return attempt.keyboardAnswer(answer(text));
    };
    const first = code();
    identity(await tryCode(first));
    expect(await tryCode(first)).toMatchObject({ kind: 'no' });
    expect((await room.audit('login'))[0]!.reason).toBe('code used before');
    room.clock.at += 90_000;
    const early = code();
    room.clock.at -= 30_000;
    identity(await tryCode(early));
    expect(await tryCode(code())).toMatchObject({ kind: 'no' }); // earlier than the one used
    room.clock.at += 90_000;
    const old = code();
    room.clock.at += 60_000;
    expect(await tryCode(old)).toMatchObject({ kind: 'no' });
    expect((await room.audit('login'))[0]!.reason).toBe('wrong code');
    expect(await tryCode('')).toMatchObject({ kind: 'no' });
  });

  it('a recovery code replaces a code, once', async () => {
    room = await openRoom({ mfa_remember: '0s' });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const { recovery } = await enrol(alice);
    expect(recovery).toHaveLength(10);
    expect(new Set(recovery).size).toBe(10);
    const use = async (text: string) => {
      const attempt = login();
      await attempt.publicKey('alice', proof('key'));
      await attempt.keyboardStart('alice');
      return attempt.keyboardAnswer(answer(text));
    };
    const typed = recovery[0]!.toUpperCase().replaceAll('-', ' ');
    expect(identity(await use(typed)).factors.totp).toBe('recovery');
    expect(await use(recovery[0]!)).toMatchObject({ kind: 'no' });
    expect(await room.store.users.recoveryCodesLeft(alice.id)).toBe(9);
  });

  it('wrong codes lock out, also with a key as first factor', async () => {
    room = await openRoom({ lockout: { tries: 3, for: '30m' } });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const { code } = await enrol(alice);
    const guess = async (text: string) => {
      const attempt = login();
      expect(await attempt.publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });
      await attempt.keyboardStart('alice');
      return attempt.keyboardAnswer(answer(text));
    };
    await Promise.all(['000001', '000002', '000003'].map(guess));
    expect(await guess(code())).toMatchObject({ kind: 'no' });
    expect((await room.audit('login'))[0]!.reason).toBe('locked out');
  });

  it('codes guessed at once on many connections get no more tries than in turn', async () => {
    room = await openRoom({ lockout: { tries: 2, for: '30m' } });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const { code } = await enrol(alice);
    const attempts = await Promise.all(
      ['000001', '000002', '000003', code()].map(async (text) => {
        const attempt = login();
        await attempt.publicKey('alice', proof('key'));
        await attempt.keyboardStart('alice');
        return { attempt, text };
      }),
    );
    const steps = await Promise.all(attempts.map(({ attempt, text }) => attempt.keyboardAnswer(answer(text))));
    expect(steps.map(({ kind }) => kind)).toEqual(['no', 'no', 'no', 'no']);
  });

  it('DESIGN §7.3: another user name between the factors forgets the first one', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const bob = await room.user('bob', { password: 'another good phrase' });
    const { code } = await enrol(alice);
    const ofBob = await enrol(bob);
    const attempt = login();
    expect(await attempt.password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'more' });
    // bob's code does not stand on alice's password
    expect(prompt(await attempt.keyboardStart('bob')).prompts[0]!.text).toBe('Password: ');
    expect(await attempt.keyboardAnswer(answer(ofBob.code()))).toMatchObject({ kind: 'no' });
    // nor is alice's password remembered when the name comes back
    expect(prompt(await attempt.keyboardStart('alice')).prompts[0]!.text).toBe('Password: ');
    expect(await attempt.keyboardAnswer(answer(code()))).toMatchObject({ kind: 'no' });
    const asked = login();
    await asked.password('alice', Secret.of(PASSWORD));
    await asked.keyAcceptable('bob', 'ssh-ed25519', blobOf(keys.publicLine('key')));
    expect(prompt(await asked.keyboardStart('alice')).prompts[0]!.text).toBe('Password: ');
  });

  it('DESIGN §7.15: memory belongs to the key, never to a password, and ends', async () => {
    room = await openRoom({ mfa_remember: '12h' });
    const alice = await room.user('alice', { password: PASSWORD });
    await room.addKey(alice, keys.publicLine('key'));
    await room.addKey(alice, keys.publicLine('other'));
    const { code } = await enrol(alice);
    const byPassword = login();
    await byPassword.password('alice', Secret.of(PASSWORD));
    await byPassword.keyboardStart('alice');
    identity(await byPassword.keyboardAnswer(answer(code())));
    expect(await login().password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'more' });
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });

    room.clock.at += 60_000;
    const byKey = login();
    await byKey.publicKey('alice', proof('key'));
    await byKey.keyboardStart('alice');
    identity(await byKey.keyboardAnswer(answer(code())));
    expect(identity(await login().publicKey('alice', proof('key'))).factors.totp).toBe('remembered');
    expect(await login().publicKey('alice', proof('other'))).toMatchObject({ kind: 'more' });
    expect(await login().password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'more' });
    room.clock.at += 12 * 3_600_000;
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });
  });

  it('a new password and a reset second factor forget the memory', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const fingerprint = await room.addKey(alice, keys.publicLine('key'));
    await enrol(alice);
    const remember = () => room.store.mfa.remember(alice.id, fingerprint, room.clock.at + 3_600_000);
    await remember();
    await room.auth.setPassword(alice, Secret.of('yet another phrase'), systemActor());
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });
    await remember();
    await room.auth.resetTotp(alice, systemActor());
    expect(await room.store.mfa.remembered(alice.id, fingerprint, room.clock.at)).toBe(false);
  });

  it('DESIGN §7.15: an exempt key needs no code, and must say from where', async () => {
    room = await openRoom({ totp: 'required' });
    const alice = await room.user('alice');
    await expect(room.addKey(alice, keys.publicLine('other'), true)).rejects.toMatchObject({ code: 'invalid' });
    await room.addKey(alice, `from="192.0.2.0/24" ${keys.publicLine('key')}`, true);
    expect(identity(await login().publicKey('alice', proof('key'))).factors.totp).toBe('exempt');
    expect(await login(ELSEWHERE).publicKey('alice', proof('key'))).toMatchObject({ kind: 'no' });
  });

  it('a key or password taken away while the code is awaited counts no more', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const fingerprint = await room.addKey(alice, keys.publicLine('key'));
    const { code } = await enrol(alice);
    const byKey = login();
    await byKey.publicKey('alice', proof('key'));
    await byKey.keyboardStart('alice');
    await room.store.keys.remove(alice.id, fingerprint, draft('key.remove'));
    expect(await byKey.keyboardAnswer(answer(code()))).toEqual({ kind: 'no', methods: BASE });
    room.clock.at += 60_000;
    const byPassword = login();
    await byPassword.password('alice', Secret.of(PASSWORD));
    await byPassword.keyboardStart('alice');
    await room.auth.setPassword(alice, Secret.of('yet another phrase'), systemActor());
    expect(await byPassword.keyboardAnswer(answer(code()))).toEqual({ kind: 'no', methods: BASE });
    room.clock.at += 60_000;
    const disabled = login();
    await disabled.password('alice', Secret.of('yet another phrase'));
    await disabled.keyboardStart('alice');
    await room.store.users.update(alice.id, { disabled: true }, draft('user.disable'));
    expect(await disabled.keyboardAnswer(answer(code()))).toEqual({ kind: 'no', methods: BASE });
  });
});

describe('enrolment by policy', () => {
  it('shows the secret, takes the first code, shows the recovery codes, then lets in', async () => {
    room = await openRoom({ totp: 'required' });
    await room.user('alice', { password: PASSWORD });
    const attempt = login();
    await attempt.keyboardStart('alice');
    const asked = prompt(await attempt.keyboardAnswer(answer(PASSWORD)));
    const uri = /otpauth:\/\/\S+/.exec(asked.instructions)![0];
    const secret = new URL(uri).searchParams.get('secret')!;
    expect(asked.instructions.replaceAll(' ', '')).toContain(`Secret:${secret}`);
    const again = prompt(await attempt.keyboardAnswer(answer('000000')));
    expect(again.instructions).toContain(uri);
    const code = new TOTP({ secret }).generate({ timestamp: room.clock.now() });
    const shown = prompt(await attempt.keyboardAnswer(answer(code)));
    const codes = shown.instructions.match(/\b(?:[0-9a-z]{4}-){3}[0-9a-z]{4}\b/g)!;
    expect(codes).toHaveLength(10);
    expect(identity(await attempt.keyboardAnswer(answer(''))).factors.totp).toBe('code');
    expect(await room.audit('totp.enable')).toMatchObject([{ actor: { name: 'alice' } }]);
    expect(JSON.stringify(await room.store.audit.list({}))).not.toContain(secret);

    // from now on it is asked for, and the codes that were shown work
    const next = login();
    await next.password('alice', Secret.of(PASSWORD));
    expect(prompt(await next.keyboardStart('alice')).instructions).toBe('');
    identity(await next.keyboardAnswer(answer(codes[3]!)));
  });

  it('a fresh connection shows a fresh secret: one that others may have seen is not taken', async () => {
    room = await openRoom({ totp: 'required' });
    const alice = await room.user('alice');
    await room.addKey(alice, keys.publicLine('key'));
    const uriOf = async (attempt: Login) => {
      await attempt.publicKey('alice', proof('key'));
      return /otpauth:\/\/\S+/.exec(prompt(await attempt.keyboardStart('alice')).instructions)![0];
    };
    const first = login();
    const uri = await uriOf(first);
    expect(await uriOf(login())).not.toBe(uri);
    const code = new TOTP({ secret: new URL(uri).searchParams.get('secret')! }).generate({
      timestamp: room.clock.now(),
    });
    expect(prompt(await first.keyboardAnswer(answer(code))).instructions).toContain('not right');
  });

  it('policy admins asks administrators only', async () => {
    room = await openRoom({ totp: 'admins' });
    await room.user('root', { role: 'admin', password: PASSWORD });
    await room.user('alice', { password: PASSWORD });
    expect(await login().password('root', Secret.of(PASSWORD))).toMatchObject({ kind: 'more' });
    identity(await login().password('alice', Secret.of(PASSWORD)));
  });

  it('wrong first codes end the connection after six', async () => {
    room = await openRoom({ totp: 'required' });
    await room.user('alice', { password: PASSWORD });
    const attempt = login();
    await attempt.keyboardStart('alice');
    let step = await attempt.keyboardAnswer(answer(PASSWORD));
    for (let i = 0; i < 6; i++) {
      prompt(step);
      step = await attempt.keyboardAnswer(answer('12345'));
    }
    expect(step).toEqual({ kind: 'no', methods: [] });
  });
});
