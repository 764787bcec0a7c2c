import { TOTP } from 'otpauth';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import type { Login } from '../../src/auth/login-types.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { blobOf, draft, identity, Keys, openRoom, PASSWORD, prompt, proofOf, type Room } from './auth-support.ts';

const keys = new Keys();
let room: Room;

beforeAll(async () => {
  await keys.make('key', 'ed25519');
  await keys.make('other', 'ed25519');
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

describe('the second factor', () => {
  it('after a password over keyboard-interactive the code is asked in the same dialogue', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const { code } = await room.enrol(alice);
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
    const { code } = await room.enrol(alice);
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
    const { code } = await room.enrol(alice);
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
    const { recovery } = await room.enrol(alice);
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
    const { code } = await room.enrol(alice);
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
    const { code } = await room.enrol(alice);
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
    const { code } = await room.enrol(alice);
    const ofBob = await room.enrol(bob);
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
    const { code } = await room.enrol(alice);
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
    await room.enrol(alice);
    const remember = () => room.store.mfa.remember(alice.id, fingerprint, room.clock.at + 3_600_000);
    await remember();
    await room.auth.setPassword(alice, Secret.of('yet another phrase'), systemActor());
    expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });
    await remember();
    await room.auth.resetTotp(alice, systemActor());
    expect(await room.store.mfa.remembered(alice.id, fingerprint, room.clock.at)).toBe(false);
  });

  it('an accepted link forgets the memory, whatever it brings', async () => {
    room = await openRoom();
    const alice = await room.user('alice', { password: PASSWORD });
    const fingerprint = await room.addKey(alice, keys.publicLine('key'));
    await room.enrol(alice);
    for (const credentials of [{ password: Secret.of('yet another phrase') }, { keys: [keys.publicLine('other')] }]) {
      await room.store.mfa.remember(alice.id, fingerprint, room.clock.at + 3_600_000);
      const { token } = await room.auth.createLink('invite', alice, systemActor());
      await room.auth.redeemLink(token, 'invite', credentials, systemActor());
      expect(await login().publicKey('alice', proof('key'))).toMatchObject({ kind: 'more' });
    }
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
    const { code } = await room.enrol(alice);
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
