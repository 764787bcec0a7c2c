import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { Visitor } from './web-visitor.ts';

const PASSWORD = 'three blind mice run';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Gn1hU6vRZ9b2lVHzCYJDnBFEvNfN5ZVCuLJ7rBOtv laptop';

let house: ApiHouse;
beforeAll(async () => {
  house = await openApiHouse();
  await house.owner.users.add({ name: 'root', password: PASSWORD, role: 'admin' });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

let made = 0;
/** A person of their own for a test, and a browser in which they are signed in. */
async function person(fields: { role?: 'user' | 'admin' } = {}) {
  const name = `person${++made}`;
  await house.owner.users.add({ name, password: PASSWORD, ...fields });
  const visitor = new Visitor(house.url);
  expect((await visitor.signIn(name, PASSWORD)).status).toBe(200);
  return { name, visitor };
}
const code = (error: unknown) => (error as { error?: { code?: string } }).error?.code;
const me = (visitor: Visitor) => visitor.call('GET', '/api/v1/me');

describe('the cookie', () => {
  it('is for this host and for requests alone, not for scripts', async () => {
    const visitor = new Visitor(house.url);
    const { headers, body } = await visitor.signIn('root', PASSWORD);
    expect(body).toEqual({ state: 'signed-in', name: 'root', role: 'admin' });
    const [cookie] = headers['set-cookie'] as string[];
    expect(cookie).toMatch(/^bastion_session=bsw_[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/);
    expect((await me(visitor)).body).toMatchObject({
      kind: 'user',
      name: 'root',
      capabilities: expect.arrayContaining(['manage']),
      signedInUntil: expect.any(String),
    });
  });

  it('under TLS is Secure, bears the prefix that pins it to the host, and the plain one counts for nothing', async () => {
    await using proxied = await openApiHouse({}, { trusted_proxies: ['127.0.0.1'] });
    await proxied.owner.users.add({ name: 'root', password: PASSWORD, role: 'admin' });
    const visitor = new Visitor(proxied.url);
    const tls = { 'x-forwarded-proto': 'https', origin: proxied.url.replace('http:', 'https:') };
    const { headers } = await visitor.signIn('root', PASSWORD, { headers: tls });
    const [cookie] = headers['set-cookie'] as string[];
    expect(cookie).toMatch(/^__Host-bastion_session=bsw_[\w-]{43}; .*HttpOnly; SameSite=Strict; Secure$/);
    expect((await visitor.call('GET', '/api/v1/me', { headers: tls })).status).toBe(200);
    visitor.cookie = visitor.cookie!.replace('__Host-', '');
    expect((await visitor.call('GET', '/api/v1/me', { headers: tls })).status).toBe(401);
    // a header that nobody may be believed counts for nothing
    const direct = new Visitor(house.url);
    const { headers: plain } = await direct.signIn('root', PASSWORD, { headers: { 'x-forwarded-proto': 'https' } });
    expect((plain['set-cookie'] as string[])[0]).not.toContain('Secure');
  });

  it('is a new one at every sign-in: one that was planted before is not taken up (session fixation)', async () => {
    const { name, visitor } = await person();
    const first = visitor.cookie!;
    await visitor.signIn(name, PASSWORD);
    expect(visitor.cookie).not.toBe(first);
    const left = new Visitor(house.url);
    left.cookie = first;
    expect((await me(left)).status).toBe(401);

    const planted = new Visitor(house.url);
    planted.cookie = `bastion_session=bsw_${'A'.repeat(43)}`;
    const chosen = planted.cookie;
    expect((await planted.signIn(name, PASSWORD)).status).toBe(200);
    expect(planted.cookie).not.toBe(chosen);
    planted.cookie = chosen;
    expect((await me(planted)).status).toBe(401);
  });

  it('forged, doubled, of another kind, or in capital letters is nobody’s', async () => {
    const { visitor } = await person();
    const { secret } = (await visitor.call('POST', '/api/v1/me/tokens', { body: { name: 'x', password: PASSWORD } }))
      .body as {
      secret: string;
    };
    const value = visitor.cookie!.split('=')[1]!;
    const hash = createHash('sha256').update(value).digest('hex');
    for (const cookie of [
      'bastion_session=',
      `bastion_session=bsw_${'A'.repeat(43)}`,
      `bastion_session=${value.slice(0, -1)}`,
      `bastion_session=${hash}`,
      `bastion_session=${secret}`,
      `BASTION_SESSION=${value}`,
      `__Host-bastion_session=${value}`,
      `bastion_session=${value}; bastion_session=bsw_${'A'.repeat(43)}`,
    ]) {
      const { status } = await visitor.call('GET', '/api/v1/me', { headers: { cookie } });
      expect([cookie.slice(0, 24), status]).toEqual([cookie.slice(0, 24), 401]);
    }
    // nor is a cookie a token
    const { status } = await visitor.call('GET', '/api/v1/me', {
      headers: { cookie: undefined, authorization: `Bearer ${value}` },
    });
    expect(status).toBe(401);
  });

  it('is not kept alive by a page at which nobody is', async () => {
    const { name, visitor } = await person();
    const user = (await house.store.users.byName(name))!;
    const only = async () => (await house.store.webSessions.listOf(user.id, Date.now()))[0]!;
    const before = (await only()).idleUntil;
    const alone = await visitor.call('GET', '/api/v1/me', { headers: { 'x-bastion-alone': '1' } });
    expect([alone.status, (await only()).idleUntil]).toEqual([200, before]);
    expect((await me(visitor)).status).toBe(200);
    expect((await only()).idleUntil).toBeGreaterThan(before);
  });

  it('that has expired is nobody’s, and does not keep its owner from signing in', async () => {
    const { name, visitor } = await person();
    const user = (await house.store.users.byName(name))!;
    const [session] = await house.store.webSessions.listOf(user.id, Date.now());
    await house.store.webSessions.touch(session!.id, Date.now(), Date.now() - 1);
    expect((await me(visitor)).status).toBe(401);
    expect((await visitor.signIn(name, PASSWORD)).status).toBe(200);
    expect((await me(visitor)).status).toBe(200);
  });
});

describe('requests that a page of somebody else makes a browser send', () => {
  it('change nothing without the header that only our pages send (CSRF)', async () => {
    const { visitor } = await person();
    const body = { displayName: 'Mallory' };
    for (const header of [undefined, '', '0', 'true']) {
      const answer = await visitor.call('PATCH', '/api/v1/me', { body, headers: { 'x-bastion-csrf': header } });
      expect([header, answer.status, code(answer.body)]).toEqual([header, 403, 'forbidden']);
    }
    // as a form would send it, without Origin, too
    const form = await visitor.call('POST', '/api/v1/sign-out', {
      body: 'x=1',
      headers: { 'x-bastion-csrf': undefined, origin: undefined, 'content-type': 'text/plain' },
    });
    expect(form.status).toBe(403);
    expect((await me(visitor)).body).toMatchObject({ displayName: '' });
    expect((await visitor.call('PATCH', '/api/v1/me', { body })).status).toBe(200);
  });

  it('sign nobody in (login CSRF)', async () => {
    for (const headers of [{ 'x-bastion-csrf': undefined }, { origin: 'https://evil.example' }, { origin: 'null' }]) {
      const visitor = new Visitor(house.url);
      const answer = await visitor.signIn('root', PASSWORD, { headers });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
  });

  it('from another origin are refused whatever they carry: cookie, token or nothing', async () => {
    const { visitor, name } = await person();
    const { secret } = await house.owner.tokens.add({ user: name });
    const port = new URL(house.url).port;
    for (const origin of [
      'https://evil.example',
      'null',
      `http://127.0.0.1:${Number(port) + 1}`,
      'http://127.0.0.1',
      `http://127.0.0.1:${port}.evil.example`,
      `http://evil.example/http://127.0.0.1:${port}`,
      `http://user@127.0.0.1:${port}`,
      `ftp://127.0.0.1:${port}`,
      'not a url',
    ]) {
      for (const credential of [
        { cookie: visitor.cookie },
        { cookie: undefined, authorization: `Bearer ${secret}` },
        { cookie: undefined },
      ]) {
        for (const [method, path] of [
          ['GET', '/api/v1/me'],
          ['PATCH', '/api/v1/me'],
          ['GET', '/'],
        ] as const) {
          const answer = await visitor.call(method, path, { headers: { origin, ...credential } });
          expect([origin, method, path, answer.status]).toEqual([origin, method, path, 403]);
          expect(answer.headers['access-control-allow-origin']).toBeUndefined();
        }
      }
    }
    const preflight = await visitor.call('OPTIONS', '/api/v1/me', {
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'PATCH' },
    });
    expect(preflight.status).toBe(403);
  });

  it('from the configured address are its own, when a proxy changes the host', async () => {
    await using behind = await openApiHouse({}, { public_url: 'https://bastion.example/' });
    await behind.owner.users.add({ name: 'root', password: PASSWORD, role: 'admin' });
    const visitor = new Visitor(behind.url);
    expect((await visitor.signIn('root', PASSWORD, { headers: { origin: 'https://bastion.example' } })).status).toBe(
      200,
    );
    expect((await visitor.signIn('root', PASSWORD, { headers: { origin: 'http://bastion.example' } })).status).toBe(
      403,
    );
    const named = { origin: 'https://bastion.example', host: 'bastion.example' };
    const answer = await new Visitor(behind.url).signIn('root', PASSWORD, { headers: named });
    expect((answer.headers['set-cookie'] as string[])[0]).toMatch(/^__Host-.*; Secure$/);
  });

  it('without TLS are somebody else’s where the bastion is reached with it', async () => {
    const plain = { origin: 'http://bastion.example', host: 'bastion.example' };
    const secured = { ...plain, origin: 'https://bastion.example' };
    await using named = await openApiHouse({}, { public_url: 'https://bastion.example' });
    await using behind = await openApiHouse({}, { trusted_proxies: ['127.0.0.1'] });
    for (const [at, proxy] of [
      [named, {}],
      [behind, { 'x-forwarded-proto': 'https' }],
    ] as const) {
      const status = async (headers: Record<string, string>) =>
        (await new Visitor(at.url).call('GET', '/api/v1/sign-in', { headers: { ...headers, ...proxy } })).status;
      expect([await status(secured), await status(plain)]).toEqual([200, 403]);
    }
  });
});

describe('the Host header', () => {
  it('must name one host, and is never told back', async () => {
    const visitor = new Visitor(house.url);
    for (const host of [
      'evil.example/path',
      'evil.example:port',
      'a b',
      'user@evil.example',
      'evil.example,other.example',
      '<script>',
      `${'a'.repeat(300)}.example`,
    ]) {
      for (const path of ['/', '/api/v1/me', '/healthz']) {
        const answer = await visitor.call('GET', path, { headers: { host, origin: undefined } });
        expect([host, path, answer.status]).toEqual([host, path, 400]);
      }
    }
    const socket = connect(house.doors.tcp[0]!.port!, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    const other = await visitor.call('GET', '/login', {
      headers: { host: 'marker.example', origin: undefined, accept: 'text/html' },
    });
    expect(JSON.stringify(other)).not.toContain('marker.example');
  });
});

describe('signing in over admin.sock or inside the process', () => {
  it('is refused politely', async () => {
    for (const client of [house.owner, house.direct]) {
      await expect(client.signIn.begin({ name: 'root', password: PASSWORD })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('API token'),
      });
      await expect(client.signIn.end()).rejects.toMatchObject({ code: 'invalid' });
      await expect(client.signIns.list()).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(await house.owner.signIn.options()).toEqual({ password: true, needsSetup: false, demoUser: null });
  });
});

describe('signing out', () => {
  it('ends the session at once, for whoever has its cookie', async () => {
    const { name, visitor } = await person({ role: 'admin' });
    const other = new Visitor(house.url);
    other.cookie = visitor.cookie;
    expect((await visitor.call('POST', '/api/v1/sign-out', { body: {} })).status).toBe(200);
    expect(visitor.cookie).toBeUndefined();
    expect((await me(other)).status).toBe(401);
    const rows = await house.owner.audit.list({ action: 'sign-in.end' });
    expect(rows.items[0]).toMatchObject({ actor: { name, via: 'web' }, outcome: 'ok' });
  });

  it('elsewhere leaves this browser signed in, and nobody signs out somebody else’s', async () => {
    const { name, visitor } = await person();
    const phone = new Visitor(house.url);
    await phone.signIn(name, PASSWORD);
    const list = async (at: Visitor) =>
      (await at.call('GET', '/api/v1/me/sign-ins')).body as { id: string; current: boolean; userAgent: string }[];
    const sessions = await list(visitor);
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(sessions).toHaveLength(2);

    const stranger = (await person()).visitor;
    const phones = sessions.find(({ current }) => !current)!.id;
    expect((await stranger.call('DELETE', `/api/v1/me/sign-ins/${phones}`)).status).toBe(404);
    expect((await me(phone)).status).toBe(200);

    expect((await visitor.call('DELETE', `/api/v1/me/sign-ins/${phones}`)).status).toBe(200);
    expect((await me(phone)).status).toBe(401);
    await phone.signIn(name, PASSWORD);
    expect((await visitor.call('POST', '/api/v1/me/sign-ins/end-others')).body).toEqual({ ended: 1 });
    expect([(await me(phone)).status, (await me(visitor)).status]).toEqual([401, 200]);
  });
});

describe('brute force', () => {
  it('is locked out by name and address, and does not lock out the others', async () => {
    const { name } = await person();
    const guesser = new Visitor(house.url);
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await guesser.signIn(name, `guess ${i}`)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 401, 429, 429]);
    const right = await guesser.signIn(name, PASSWORD);
    expect([right.status, code(right.body)]).toEqual([429, 'rate_limited']);
    expect((await new Visitor(house.url).signIn('root', PASSWORD)).status).toBe(200);
    await house.owner.lockouts.clear({ user: name });
    expect((await guesser.signIn(name, PASSWORD)).status).toBe(200);
  });
});

describe('a body that does not arrive', () => {
  it('is not waited for longer than a minute', async () => {
    const late = Promise.withResolvers<() => void>();
    const clock: Clock = {
      ...systemClock,
      after(ms, callback) {
        if (ms === 60_000) late.resolve(callback);
        return systemClock.after(ms, callback);
      },
    };
    await using other = await openApiHouse({}, {}, clock);
    const socket = connect(other.doors.tcp[0]!.port!, '127.0.0.1');
    socket.write('POST /api/v1/sign-in HTTP/1.1\r\nHost: a\r\nx-bastion-csrf: 1\r\nContent-Length: 100\r\n\r\n{');
    const end = await late.promise;
    expect(socket.destroyed).toBe(false);
    end();
    await text(socket).catch(() => {});
  });
});

describe('what people change about themselves', () => {
  it('takes their password for what decides how they log in', async () => {
    const { name, visitor } = await person();
    const post = (path: string, body: unknown) => visitor.call('POST', `/api/v1/me/${path}`, { body });
    for (const [path, body] of [
      ['password', { current: 'wrong', password: 'another one entirely' }],
      ['totp', { password: 'wrong' }],
      ['totp/remove', { password: 'wrong' }],
      ['keys', { key: KEY, password: 'wrong' }],
      ['tokens', { name: 'another', password: 'wrong' }],
    ] as const) {
      const { status, body: answer } = await post(path, body);
      expect([path, status]).toEqual([path, 400]);
      expect(answer).toMatchObject({ error: { details: { password: 'wrong' } } });
    }
    const [keys, tokens] = await Promise.all(['keys', 'tokens'].map((of) => visitor.call('GET', `/api/v1/me/${of}`)));
    expect([keys!.body, tokens!.body]).toEqual([[], []]);
    const { uri } = (await post('totp', { password: PASSWORD })).body as { uri: string };
    expect((await post('totp/confirm', { code: '000000' })).status).toBe(400);
    const confirmed = await post('totp/confirm', { code: URI.parse(uri).generate() });
    expect(confirmed.body).toMatchObject({ recoveryCodes: expect.any(Array) });
    expect((await me(visitor)).body).toMatchObject({ totpEnabled: true });
    const asked = await new Visitor(house.url).signIn(name, PASSWORD);
    expect(asked.body).toMatchObject({ state: 'code' });
    expect(asked.headers['set-cookie']).toBeUndefined();
    expect((await post('totp/remove', { password: PASSWORD })).status).toBe(200);

    const weak = await post('password', { current: PASSWORD, password: 'password123' });
    expect(weak.body).toMatchObject({ error: { code: 'invalid', details: { password: 'common' } } });
    const phone = new Visitor(house.url);
    await phone.signIn(name, PASSWORD);
    expect((await post('password', { current: PASSWORD, password: 'another one entirely' })).status).toBe(200);
    expect([(await me(phone)).status, (await me(visitor)).status]).toEqual([401, 200]);
    expect((await phone.signIn(name, PASSWORD)).status).toBe(401);
  });

  it('is not for an API token where it would outlive the token', async () => {
    const { name, visitor } = await person();
    const { secret } = await house.owner.tokens.add({ user: name });
    const client = house.client(secret);
    const refused = { status: 403, message: expect.stringContaining('sign in with a browser') };
    await expect(client.me.addToken({ name: 'heir', password: PASSWORD })).rejects.toMatchObject(refused);
    await expect(client.me.addKey({ key: KEY, password: PASSWORD })).rejects.toMatchObject(refused);
    await expect(client.me.setPassword({ current: PASSWORD, password: 'x'.repeat(12) })).rejects.toMatchObject(refused);
    await expect(client.me.beginTotp({ password: PASSWORD })).rejects.toMatchObject(refused);
    await expect(client.me.removeTotp({ password: PASSWORD })).rejects.toMatchObject(refused);
    await expect(client.signIn.end()).rejects.toMatchObject({ code: 'invalid' });
    expect(await client.me.keys()).toEqual([]);
    expect(await client.me.tokens()).toHaveLength(1);
    expect((await me(visitor)).status).toBe(200);
  });

  it('reaches only what is theirs: keys, tokens, preferences', async () => {
    const [mine, theirs] = [await person(), await person()];
    const make = async (visitor: Visitor) =>
      (await visitor.call('POST', '/api/v1/me/tokens', { body: { name: 't', password: PASSWORD } })).body as {
        token: { id: string };
      };
    const { token } = await make(mine.visitor);
    expect((await theirs.visitor.call('DELETE', `/api/v1/me/tokens/${token.id}`)).status).toBe(404);
    expect((await mine.visitor.call('DELETE', `/api/v1/me/tokens/${token.id}`)).status).toBe(200);

    const added = await mine.visitor.call('POST', '/api/v1/me/keys', { body: { key: KEY, password: PASSWORD } });
    const { fingerprint } = added.body as { fingerprint: string };
    const path = `/api/v1/me/keys/${encodeURIComponent(fingerprint)}`;
    expect((await theirs.visitor.call('DELETE', path)).status).toBe(404);
    const exempt = { key: KEY.replace('laptop', 'other'), password: PASSWORD, totpExempt: true };
    expect((await theirs.visitor.call('POST', '/api/v1/me/keys', { body: exempt })).status).toBe(400);
    expect((await mine.visitor.call('DELETE', path)).status).toBe(200);

    const set = (visitor: Visitor, values: unknown) =>
      visitor.call('PATCH', '/api/v1/me/preferences', { body: { values } });
    await set(mine.visitor, { favourites: ['web1'], theme: 'dark' });
    expect((await set(mine.visitor, { theme: null })).body).toEqual({ values: { favourites: ['web1'] } });
    expect((await theirs.visitor.call('GET', '/api/v1/me/preferences')).body).toEqual({ values: {} });
    expect((await set(mine.visitor, { big: 'x'.repeat(65_536) })).status).toBe(413);
    expect((await set(mine.visitor, { favourites: ['web2'] })).body).toEqual({ values: { favourites: ['web2'] } });
  });

  it('is not for the owner of the machine, who is no user', async () => {
    await expect(house.owner.me.tokens()).rejects.toMatchObject({ code: 'invalid' });
    expect(await house.owner.system.me()).toMatchObject({ kind: 'machine', id: null, totpRequired: null });
  });

  it('leaves codes on where the house demands them', async () => {
    await using strict = await openApiHouse({ config: configSchema.parse({ auth: { totp: 'admins' } }) });
    await strict.owner.users.add({ name: 'root', password: PASSWORD, role: 'admin' });
    await strict.owner.users.add({ name: 'alice', password: PASSWORD });
    const body = { password: PASSWORD };
    for (const [name, status] of [
      ['root', 403],
      ['alice', 200],
    ] as const) {
      const visitor = new Visitor(strict.url);
      await visitor.signIn(name, PASSWORD);
      expect((await me(visitor)).body).toMatchObject({ totpRequired: status === 403 });
      expect((await visitor.call('POST', '/api/v1/me/totp/remove', { body })).status).toBe(status);
    }
  });
});
