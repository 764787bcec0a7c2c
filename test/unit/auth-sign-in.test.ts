import { TOTP } from 'otpauth';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SignInStep } from '../../src/auth/sign-in.ts';
import { Secret } from '../../src/kernel/secret.ts';
import { draft, openRoom, PASSWORD, type Room } from './auth-support.ts';

const HERE = { ip: '192.0.2.7' };
const ELSEWHERE = { ip: '198.51.100.9' };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let room: Room;
beforeEach(async () => {
  room = await openRoom();
});
afterEach(() => room.close());

const begin = (name: string, password = PASSWORD, from = HERE) =>
  room.auth.signIns.begin(name, Secret.of(password), from);
const answer = (step: SignInStep, text: string, from = HERE) => {
  if (step.kind === 'done') throw new Error('nothing is asked any more');
  return room.auth.signIns.answer(step.challenge, Secret.of(text), from);
};
const who = (step: SignInStep) => {
  if (step.kind !== 'done') throw new Error(`expected success, got ${step.kind}`);
  return step.identity;
};
const signedIn = async (name: string) => {
  const identity = who(await begin(name));
  const { token } = await room.auth.webSessions.open(identity, 'Browser/1');
  return { token, identity: (await room.auth.webSessions.find(token, HERE))! };
};
const restarted = (over: Record<string, unknown>) => async () => {
  await room.close();
  room = await openRoom(over);
};

describe('signing in', () => {
  it('needs name and password, and is written down as a login over the web', async () => {
    await room.user('alice', { password: PASSWORD });
    const identity = who(await begin('alice'));
    expect(identity).toMatchObject({ user: { name: 'alice' }, from: { ip: HERE.ip, via: 'web' } });
    expect((await room.audit('login'))[0]).toMatchObject({
      outcome: 'ok',
      actor: { name: 'alice', via: 'web', ip: HERE.ip },
      details: { password: true, totp: 'none' },
    });
  });

  it('says the same of a wrong password, of nobody, and of who may not log in', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    await room.user('keyed');
    const said = new Set<string>();
    const tell = async (name: string, password: string) => {
      const error = await begin(name, password).then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
      expect(error.code).toBe('unauthenticated');
      said.add(error.message);
    };
    await tell('alice', 'wrong');
    await tell('nobody', PASSWORD);
    await tell('keyed', PASSWORD);
    await room.store.users.update(alice.id, { disabled: true }, draft('x'));
    await tell('alice', PASSWORD);
    expect(said.size).toBe(1);
  });

  it('asks for a code, takes it once, and lets one mistype it', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    const { code } = await room.enrol(alice);
    const asked = await begin('alice');
    expect(asked.kind).toBe('code');
    await expect(answer(asked, '000000')).rejects.toMatchObject({ code: 'invalid' });
    const used = code();
    expect(who(await answer(asked, used)).factors).toMatchObject({ password: true, totp: 'code' });
    await expect(answer(asked, code())).rejects.toMatchObject({ code: 'expired' });
    await expect(answer(await begin('alice'), used)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('takes a recovery code instead', async () => {
    const { recovery } = await room.enrol(await room.user('alice', { password: PASSWORD }));
    expect(who(await answer(await begin('alice'), recovery[0]!)).factors.totp).toBe('recovery');
    await expect(answer(await begin('alice'), recovery[0]!)).rejects.toMatchObject({ code: 'invalid' });
  });

  it('sets codes up where they are demanded: the secret, its first code, the recovery codes', async () => {
    await restarted({ totp: 'required' })();
    await room.user('alice', { password: PASSWORD });
    const asked = await begin('alice');
    if (asked.kind !== 'enrolment') throw new Error(asked.kind);
    const secret = new URL(asked.uri).searchParams.get('secret')!;
    const code = () => new TOTP({ secret }).generate({ timestamp: room.clock.now() });
    await expect(answer(asked, '000000')).rejects.toMatchObject({ code: 'invalid' });
    const shown = await answer(asked, code());
    if (shown.kind !== 'recovery-codes') throw new Error(shown.kind);
    expect(shown.codes).toHaveLength(10);
    expect(who(await answer(shown, '')).factors.totp).toBe('code');
    room.clock.at += MINUTE;
    expect((await begin('alice')).kind).toBe('code');
  });

  it('waits five minutes for the code, and only for who gave the password', async () => {
    const { code } = await room.enrol(await room.user('alice', { password: PASSWORD }));
    const asked = await begin('alice');
    await expect(answer(asked, code(), ELSEWHERE)).rejects.toMatchObject({ code: 'expired' });
    await expect(
      room.auth.signIns.answer(Secret.of(`bsc_${'A'.repeat(43)}`), Secret.of(code()), HERE),
    ).rejects.toMatchObject({ code: 'expired' });
    room.clock.at += 5 * MINUTE - 1;
    await expect(answer(asked, '000000')).rejects.toMatchObject({ code: 'invalid' });
    room.clock.at += 1;
    await expect(answer(asked, code())).rejects.toMatchObject({ code: 'expired' });
  });

  it('keeps a bounded number of unfinished ones from one address; the oldest gives way', async () => {
    const { code } = await room.enrol(await room.user('alice', { password: PASSWORD }));
    const elsewhere = await begin('alice', PASSWORD, ELSEWHERE);
    const first = await begin('alice');
    const second = await begin('alice');
    for (let i = 0; i < 49; i++) await begin('alice');
    await expect(answer(first, code())).rejects.toMatchObject({ code: 'expired' });
    expect(who(await answer(second, code()))).toBeDefined();
    room.clock.at += MINUTE;
    expect(who(await answer(elsewhere, code(), ELSEWHERE))).toBeDefined();
  }, 120_000);

  it('answers to one sign-in are taken one after the other: a code sent twice at once counts once', async () => {
    const { code } = await room.enrol(await room.user('alice', { password: PASSWORD }));
    const asked = await begin('alice');
    const both = await Promise.allSettled([answer(asked, code()), answer(asked, code())]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('locks out who guesses, passwords and codes alike, and says so of names that nobody has too', async () => {
    await restarted({ lockout: { tries: 3, for: '30m' } })();
    const { code } = await room.enrol(await room.user('alice', { password: PASSWORD }));
    for (const name of ['alice', 'nobody']) {
      for (let i = 0; i < 3; i++) await begin(name, 'wrong').catch(() => {});
      await expect(begin(name)).rejects.toMatchObject({ code: 'rate_limited' });
    }
    const asked = await begin('alice', PASSWORD, ELSEWHERE);
    for (let i = 0; i < 3; i++) await answer(asked, '000000', ELSEWHERE).catch(() => {});
    await expect(answer(asked, code(), ELSEWHERE)).rejects.toMatchObject({ code: 'rate_limited' });
    room.clock.at += 30 * MINUTE;
    who(await answer(await begin('alice'), code()));
  });

  it('a new password while the code is awaited ends the sign-in', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    const { code } = await room.enrol(alice);
    const asked = await begin('alice');
    const actor = { kind: 'machine', userId: null, name: 'm', ip: null, via: 'socket' } as const;
    await room.auth.setPassword(alice, Secret.of('another one entirely'), actor);
    await expect(answer(asked, code())).rejects.toMatchObject({ code: 'expired' });
  });
});

describe('a browser that is signed in', () => {
  it('is known by its cookie, of which only the hash is kept', async () => {
    await room.user('alice', { password: PASSWORD });
    const { token, identity } = await signedIn('alice');
    expect(token.exposeText()).toMatch(/^bsw_[\w-]{43}$/);
    expect(identity).toMatchObject({ user: { name: 'alice' }, from: { via: 'web' }, factors: { password: true } });
    const [row] = await room.auth.webSessions.list(identity.user);
    expect(row).toMatchObject({ ip: HERE.ip, userAgent: 'Browser/1' });
    expect(JSON.stringify(await room.store.audit.list({ limit: 100 }))).not.toContain(token.exposeText());
    for (const wrong of [`bsw_${'A'.repeat(43)}`, 'bsw_', row!.id, token.exposeText().replace('bsw', 'bst')])
      expect(await room.auth.webSessions.find(Secret.of(wrong), HERE)).toBeUndefined();
  });

  it('is over when nothing came for so long, and after so long in any case', async () => {
    await restarted({ web_session: { idle: '1h', max: '3h' } })();
    await room.user('alice', { password: PASSWORD });
    const { token, identity } = await signedIn('alice');
    const there = () => room.auth.webSessions.find(token, HERE);
    for (let i = 0; i < 3; i++) {
      room.clock.at += HOUR - 1;
      expect(await there()).toBeDefined();
      await room.auth.webSessions.seen(identity);
    }
    room.clock.at += 3;
    expect(await there()).toBeUndefined();
    expect(await room.auth.webSessions.list(identity.user)).toEqual([]);

    const idle = await signedIn('alice');
    room.clock.at += HOUR;
    expect(await room.auth.webSessions.find(idle.token, HERE)).toBeUndefined();
    await room.auth.webSessions.seen(idle.identity);
    expect(await room.auth.webSessions.find(idle.token, HERE)).toBeUndefined();
  });

  it('writes down that it is in use at most once a minute', async () => {
    await room.user('alice', { password: PASSWORD });
    const { identity } = await signedIn('alice');
    const seenAt = async () => (await room.auth.webSessions.list(identity.user))[0]!.lastSeenAt;
    room.clock.at += MINUTE;
    await room.auth.webSessions.seen(identity);
    const then = room.clock.now();
    room.clock.at += MINUTE - 1;
    await room.auth.webSessions.seen(identity);
    expect(await seenAt()).toBe(then);
    room.clock.at += 1;
    await room.auth.webSessions.seen(identity);
    expect(await seenAt()).toBe(room.clock.now());
  });

  it('is signed out with all others by a new password, by whoever sets it, but for the one that sets it', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    await room.user('bob', { password: PASSWORD });
    const [mine, other, bobs] = [await signedIn('alice'), await signedIn('alice'), await signedIn('bob')];
    const actor = { kind: 'machine', userId: null, name: 'm', ip: null, via: 'socket' } as const;
    const there = async () =>
      Promise.all(
        [mine, other, bobs].map(async ({ token }) => (await room.auth.webSessions.find(token, HERE)) !== undefined),
      );
    await room.auth.setPassword(alice, Secret.of('another one entirely'), actor, mine.identity.factors.webSession);
    expect(await there()).toEqual([true, false, true]);
    await room.auth.setPassword(alice, Secret.of('and yet another one'), actor);
    expect(await there()).toEqual([false, false, true]);
  });

  it('is signed out with all others by a link that its user accepts, whatever it brings', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    await room.user('bob', { password: PASSWORD });
    const bobs = await signedIn('bob');
    const actor = { kind: 'machine', userId: null, name: 'm', ip: null, via: 'socket' } as const;
    const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Gn1hU6vRZ9b2lVHzCYJDnBFEvNfN5ZVCuLJ7rBOtv';
    for (const credentials of [{ keys: [key] }, { password: Secret.of('another one entirely') }]) {
      const all = [await signedIn('alice'), await signedIn('alice')];
      const link = await room.auth.createLink('invite', alice, actor);
      await room.auth.redeemLink(link.token, 'invite', credentials, actor);
      for (const { token } of all) expect(await room.auth.webSessions.find(token, HERE)).toBeUndefined();
    }
    expect(await room.auth.webSessions.find(bobs.token, HERE)).toBeDefined();
  });

  it('is signed out for good when its user is disabled', async () => {
    const alice = await room.user('alice', { password: PASSWORD });
    const { token } = await signedIn('alice');
    await room.store.users.update(alice.id, { disabled: true }, draft('x'));
    await room.store.users.update(alice.id, { disabled: false }, draft('x'));
    expect(await room.auth.webSessions.find(token, HERE)).toBeUndefined();
  });

  it('ends with the date of its user', async () => {
    await room.user('alice', { password: PASSWORD, validUntil: room.clock.now() + HOUR });
    const { token } = await signedIn('alice');
    expect(await room.auth.webSessions.find(token, HERE)).toBeDefined();
    room.clock.at += HOUR;
    expect(await room.auth.webSessions.find(token, HERE)).toBeUndefined();
  });

  it('is one of at most fifty of a person; the one used least lately goes', async () => {
    await room.user('alice', { password: PASSWORD });
    const identity = who(await begin('alice'));
    const tokens: Secret[] = [];
    for (let i = 0; i < 51; i++) {
      room.clock.at += 1;
      tokens.push((await room.auth.webSessions.open(identity, `${i}`)).token);
    }
    const kept = await Promise.all(tokens.map((token) => room.auth.webSessions.find(token, HERE)));
    expect(kept.map((one) => one !== undefined)).toEqual([false, ...Array(50).fill(true)]);
  });

  it('announces that rights are to be judged again when it ends', async () => {
    await room.user('alice', { password: PASSWORD });
    const { identity } = await signedIn('alice');
    const actor = { kind: 'user', userId: identity.user.id, name: 'alice', ip: HERE.ip, via: 'web' } as const;
    let told = 0;
    room.store.onAccessChanged(() => told++);
    await room.auth.webSessions.end(identity.user, identity.factors.webSession!, actor);
    expect(told).toBe(1);
    expect((await room.audit('sign-in.end'))[0]).toMatchObject({ actor: { name: 'alice' }, outcome: 'ok' });
  });
});

describe('the own password, asked once more', () => {
  it('counts wrong ones like those of a login', async () => {
    await restarted({ lockout: { tries: 3, for: '30m' } })();
    await room.user('alice', { password: PASSWORD });
    const { identity } = await signedIn('alice');
    await room.auth.proveOwnPassword(identity, Secret.of(PASSWORD));
    for (let i = 0; i < 3; i++) {
      await expect(room.auth.proveOwnPassword(identity, Secret.of('wrong'))).rejects.toMatchObject({ code: 'invalid' });
    }
    await expect(room.auth.proveOwnPassword(identity, Secret.of(PASSWORD))).rejects.toMatchObject({
      code: 'rate_limited',
    });
    await expect(begin('alice')).rejects.toMatchObject({ code: 'rate_limited' });
  });

  it('tells who has none what to do', async () => {
    await room.user('alice', { password: PASSWORD });
    const { identity } = await signedIn('alice');
    const actor = { kind: 'machine', userId: null, name: 'm', ip: null, via: 'socket' } as const;
    await room.auth.setPassword(identity.user, null, actor);
    await expect(room.auth.proveOwnPassword(identity, Secret.of(PASSWORD))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('administrator'),
    });
  });
});
