import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.ts';
import type { Identity } from '../../src/auth/identity.ts';
import { TicketLogin } from '../../src/auth/ticket-login.ts';
import { type AssetId, newId } from '../../src/kernel/id.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type { Asset } from '../../src/store/model.ts';
import { draft, openRoom, PASSWORD, type Room } from './auth-support.ts';

let room: Room;
let asset: Asset;
beforeEach(async () => {
  room = await openRoom();
  asset = await room.store.assets.create(
    {
      id: newId<AssetId>(),
      name: 'web1',
      address: '192.0.2.1',
      protocols: [{ name: 'ssh', port: 22 }],
      platform: 'linux',
      folder: '/',
      labels: {},
      comment: '',
      active: true,
      charset: null,
      viaId: null,
    },
    draft('asset.create'),
  );
});
afterEach(() => room.close());

/** Somebody in a browser that has just signed in. */
async function inBrowser(name: string): Promise<Identity> {
  const user = (await room.store.users.byName(name)) ?? (await room.user(name, { password: PASSWORD }));
  const step = await room.auth.beginLogin({ ip: '192.0.2.7', via: 'web' }).password(user.name, Secret.of(PASSWORD));
  if (step.kind !== 'done') throw new Error(step.kind);
  const { token } = await room.auth.webSessions.open(step.identity, 'test');
  return (await room.auth.webSessions.find(token, { ip: '192.0.2.7' }))!;
}

const make = (who: Identity) =>
  room.auth.tickets.create(who, { asset, account: 'root', protocol: 'ssh', use: 'shell' });

describe('a ticket', () => {
  it('says once, to whom it was made for, what it is for; only its hash is kept', async () => {
    const alice = await inBrowser('alice');
    const { token, expiresAt } = await make(alice);
    expect(token.exposeText()).toMatch(/^bti_[A-Za-z0-9_-]{43}$/);
    expect(expiresAt).toBe(room.clock.at + 60_000);
    expect(await room.auth.tickets.redeem(token, alice)).toMatchObject({
      userId: alice.user.id,
      webSessionId: alice.factors.webSession,
      tokenId: null,
      assetId: asset.id,
      account: 'root',
      protocol: 'ssh',
      use: 'shell',
    });
    await expect(room.auth.tickets.redeem(token, alice)).rejects.toMatchObject({ code: 'expired' });
    const [row] = await room.audit('connection.ticket');
    expect(row).toMatchObject({ actor: { name: 'alice' }, target: { name: 'web1' }, details: { account: 'root' } });
    expect(JSON.stringify(row)).not.toContain(token.exposeText());
  });

  it('goes to one of several who come at once', async () => {
    const alice = await inBrowser('alice');
    const { token } = await make(alice);
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => room.auth.tickets.redeem(token, alice)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('is worth nothing a minute later, and nothing to a forger', async () => {
    const alice = await inBrowser('alice');
    const { token } = await make(alice);
    room.clock.at += 60_000;
    await expect(room.auth.tickets.redeem(token, alice)).rejects.toMatchObject({ code: 'expired' });
    const forged = [`bti_${'A'.repeat(43)}`, 'bti_', '', 'x', `bst_${'A'.repeat(43)}`, `${token.exposeText()}x`];
    for (const text of forged)
      await expect(room.auth.tickets.redeem(Secret.of(text), alice)).rejects.toMatchObject({ code: 'expired' });
  });

  it('is used up in other hands, which is written down: another user, another browser of the same one, a token', async () => {
    const alice = await inBrowser('alice');
    const bot = await room.auth.createApiToken(alice.user, 'bot', null, systemActor());
    const mallory = await inBrowser('mallory');
    const others = [
      mallory,
      // no sign-in is shared by two: only the user tells here
      { ...mallory, factors: alice.factors } as Identity,
      await inBrowser('alice'),
      (await room.auth.bearer(bot.token, { ip: '192.0.2.8' }))!,
    ];
    for (const other of others) {
      const { token } = await make(alice);
      await expect(room.auth.tickets.redeem(token, other)).rejects.toMatchObject({ code: 'expired' });
      await expect(room.auth.tickets.redeem(token, alice)).rejects.toMatchObject({ code: 'expired' });
    }
    const denied = (await room.audit('connection.ticket')).filter(({ outcome }) => outcome === 'denied');
    expect(denied.map(({ actor }) => actor.name).sort()).toEqual(['alice', 'alice', 'mallory', 'mallory']);
  });

  it('falls with the sign-in or the token it was asked for with, and with the asset', async () => {
    const alice = await inBrowser('alice');
    const first = await make(alice);
    await room.store.webSessions.remove(alice.user.id, alice.factors.webSession!, draft('sign-out'));
    await expect(room.auth.tickets.redeem(first.token, alice)).rejects.toMatchObject({ code: 'expired' });

    const bot = await room.auth.createApiToken(alice.user, 'bot', null, systemActor());
    const byToken = (await room.auth.bearer(bot.token, { ip: '192.0.2.8' }))!;
    const second = await make(byToken);
    await room.store.tokens.remove(bot.row.id, draft('token.remove'));
    await expect(room.auth.tickets.redeem(second.token, byToken)).rejects.toMatchObject({ code: 'expired' });

    const again = await inBrowser('alice');
    const third = await make(again);
    await room.store.assets.remove(asset.id, draft('asset.remove'));
    await expect(room.auth.tickets.redeem(third.token, again)).rejects.toMatchObject({ code: 'expired' });
  });
});

describe('a ticket as a login', () => {
  const ssh = () => room.auth.beginLogin({ ip: '192.0.2.9', via: 'ssh' });

  it('is who asked for it, with their factors, as the password of "ticket" or as the name', async () => {
    const alice = await inBrowser('alice');
    const ways = [
      (token: Secret) => ssh().password('ticket', token),
      (token: Secret) => ssh().none(token.exposeText()),
      (token: Secret) => ssh().password(token.exposeText(), Secret.of('')),
      async (token: Secret) => {
        const login = ssh();
        expect(await login.keyboardStart('ticket')).toMatchObject({ kind: 'prompt' });
        return login.keyboardAnswer([token]);
      },
    ];
    for (const way of ways) {
      const { token } = await make(alice);
      const step = await way(token);
      expect(step).toMatchObject({
        kind: 'done',
        identity: {
          user: { name: 'alice' },
          from: { ip: '192.0.2.9', via: 'ssh' },
          factors: { password: true, webSession: alice.factors.webSession },
        },
        ticket: { assetId: asset.id, account: 'root', use: 'shell' },
      });
      expect(await way(token)).toMatchObject({ kind: 'no' });
    }
    const rows = JSON.stringify(await room.store.audit.list({ limit: 500 }));
    expect(rows).not.toContain('bti_');
  });

  it('that is not good is a wrong password of "ticket", and counted so', async () => {
    const alice = await inBrowser('alice');
    const old = await make(alice);
    room.clock.at += 60_000;
    for (let n = 0; n < 7; n++) expect(await ssh().none(old.token.exposeText())).toMatchObject({ kind: 'no' });
    const [locked] = await room.store.lockouts.list(room.clock.at);
    expect(locked).toMatchObject({ userName: 'ticket', ip: '192.0.2.9', failures: 7 });
    const failures = (await room.audit('login')).filter(({ outcome }) => outcome === 'failed');
    expect(failures).toHaveLength(7);
    expect(failures.every(({ actor }) => actor.name === 'ticket')).toBe(true);
    // guesses are hopeless anyway, so that nobody can keep the others of a network out
    expect(await ssh().none((await make(alice)).token.exposeText())).toMatchObject({ kind: 'done' });
  });

  it('is none for a browser, for a disabled user, or after too many tries of one connection', async () => {
    const alice = await inBrowser('alice');
    const web = room.auth.beginLogin({ ip: '192.0.2.9', via: 'web' });
    expect(web).not.toBeInstanceOf(TicketLogin);
    expect(await web.password('ticket', (await make(alice)).token)).toMatchObject({ kind: 'no' });

    const login = ssh();
    for (let n = 0; n < 6; n++) await login.password('ticket', Secret.of('x'));
    expect(await login.password('ticket', (await make(alice)).token)).toMatchObject({ kind: 'no', methods: [] });

    const { token } = await make(alice);
    await room.store.users.update(alice.user.id, { disabled: true }, draft('user.disable'));
    expect(await ssh().password('ticket', token)).toMatchObject({ kind: 'no' });
  });

  // a user who is disabled loses the sign-in, too; one whose date has passed does not
  it('is none for a user whose date has passed', async () => {
    const alice = await inBrowser('alice');
    const { token } = await make(alice);
    await room.store.users.update(alice.user.id, { validUntil: room.clock.now() }, draft('user.set'));
    expect(await ssh().password('ticket', token)).toMatchObject({ kind: 'no' });
  });

  it('that is shown with a key: no ticket stands as a name in the log', async () => {
    const alice = await inBrowser('alice');
    const name = (await make(alice)).token.exposeText();
    const proof = {
      algorithm: 'ssh-ed25519',
      hashAlgorithm: undefined,
      key: Buffer.alloc(51),
      signature: Buffer.alloc(83),
      signedData: Buffer.alloc(8),
    };
    expect(await ssh().keyAcceptable(name, 'ssh-ed25519', Buffer.alloc(51))).toBe(false);
    expect(await ssh().publicKey(name, proof)).toMatchObject({ kind: 'no' });
    const [failed] = await room.audit('login');
    expect(failed).toMatchObject({ outcome: 'failed', actor: { name: 'ticket' } });
    expect(JSON.stringify(await room.store.audit.list({ limit: 500 }))).not.toContain(name);
  });

  it('leaves other names as they are', async () => {
    await inBrowser('alice');
    expect(await ssh().none('alice')).toMatchObject({ kind: 'no', methods: expect.arrayContaining(['password']) });
    expect(await ssh().password('alice', Secret.of(PASSWORD))).toMatchObject({ kind: 'done' });
  });
});
