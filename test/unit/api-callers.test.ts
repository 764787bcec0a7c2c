import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { may } from '../../src/access/roles.ts';
import { API_PREFIX, paramNames, type RouteSpec } from '../../src/api/contract/route.ts';
import { allRoutes } from '../../src/api/contract/routes.ts';
import { newId } from '../../src/kernel/id.ts';
import type { Role } from '../../src/store/model.ts';
import { reviewRow } from '../kit/rows.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { openThings } from './api-others-kit.ts';
import { draft } from './store-kit.ts';
import { Visitor } from './web-visitor.ts';

/**
 * Every operation × every kind of caller. Who is let in follows from what the contract says the operation needs; whose
 * objects it touches stands in a table below, and an operation without a row there fails.
 */

const PASSWORD = 'three blind mice run';
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ9Gn1hU6vRZ9b2lVHzCYJDnBFEvNfN5ZVCuLJ7rBOtv laptop';

/** How an operation that everybody who is signed in may call treats what belongs to somebody else. */
type Own =
  /** It concerns the caller alone, or nobody: there is nothing of others to name. */
  | 'caller'
  /** It names something; this is how bob's is named, and alice meets 404 as if it were not there. */
  | ((bobs: Bobs) => Readonly<Record<string, string>>);
interface Bobs {
  readonly session: string;
  readonly share: string;
  readonly key: string;
  readonly token: string;
  readonly signIn: string;
  readonly review: string;
}
const bySession = ({ session }: Bobs) => ({ id: session, path: '/etc/passwd' });
const OWN: Readonly<Record<string, Own>> = {
  'signIn.end': 'caller',
  'signIns.list': 'caller',
  'signIns.end': ({ signIn }) => ({ id: signIn }),
  'signIns.endOthers': 'caller',
  'me.set': 'caller',
  'me.setPassword': 'caller',
  'me.keys': 'caller',
  'me.addKey': 'caller',
  'me.removeKey': ({ key }) => ({ fingerprint: key }),
  'me.beginTotp': 'caller',
  'me.confirmTotp': 'caller',
  'me.removeTotp': 'caller',
  'me.tokens': 'caller',
  'me.addToken': 'caller',
  'me.removeToken': ({ token }) => ({ id: token }),
  'me.preferences': 'caller',
  'me.setPreferences': 'caller',
  'me.assets': 'caller',
  'me.sessions': 'caller',
  'me.clientLines': () => ({ asset: 'web1' }),
  'system.me': 'caller',
  'authorities.own': 'caller',
  'sshConfig.show': () => ({ name: 'bob' }),
  'connections.open': () => ({ asset: 'web1' }),
  'reviews.list': 'caller',
  'reviews.show': ({ review }) => ({ id: review }),
  'reviews.approve': ({ review }) => ({ id: review }),
  'reviews.deny': ({ review }) => ({ id: review }),
  'shares.list': ({ session }) => ({ id: session }),
  'shares.add': ({ session }) => ({ id: session }),
  'shares.remove': ({ share }) => ({ id: share }),
  'shares.show': 'caller',
  // a ticket is its person's: tried with those of others in the attacks on the web
  'files.open': 'caller',
  'files.list': bySession,
  'files.download': bySession,
  'files.upload': bySession,
  'files.show': bySession,
  'files.rename': ({ session }) => ({ id: session, from: '/a', to: '/b' }),
  'files.makeFolder': bySession,
  'files.remove': bySession,
  'files.close': bySession,
};
/** Where who may not reach it is told so, whether it is there or not. */
const REFUSED: Readonly<Record<string, number>> = {
  'sshConfig.show': 403,
  'connections.open': 403,
};

const ROUTES = allRoutes().map((route) => [`${route.resource}.${route.name}`, route.spec] as const);
const roles: readonly Role[] = ['user', 'auditor', 'admin'];
const open = openThings();
let house: ApiHouse;
let bobs: Bobs;
const bearers: Record<string, Record<string, string>> = {};
let browser: Visitor;

beforeAll(async () => {
  house = await openApiHouse({ registry: open.registry, fileDoor: open.fileDoor });
  const { owner, store } = house;
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  for (const role of roles) bearers[role] = bearer((await house.person(`a-${role}`, role)).token);
  const gone = await house.person('gone', 'admin');
  await owner.tokens.remove({ id: gone.tokenId });
  bearers.revoked = bearer(gone.token);
  bearers.anonymous = {};

  await owner.users.add({ name: 'root', role: 'admin', password: PASSWORD });
  browser = new Visitor(house.url);
  expect((await browser.signIn('root', PASSWORD)).status).toBe(200);

  await owner.users.add({ name: 'bob', password: PASSWORD });
  const key = await owner.keys.add({ name: 'bob', key: KEY });
  const { token } = await owner.tokens.add({ user: 'bob' });
  await owner.assets.add({ name: 'web1', address: '192.0.2.1' });
  await owner.accounts.add({ asset: 'web1', login: 'root', password: 'x' });
  await owner.permissions.add({ name: 'bob', users: ['bob'], assets: ['web1'], accounts: ['root'] });
  const visitor = new Visitor(house.url);
  await visitor.signIn('bob', PASSWORD);
  const signedIn = await visitor.call('GET', '/api/v1/me/sign-ins');
  const bob = (await store.users.byName('bob'))!;
  const { row, share } = open.give(bob);
  await store.sessions.create(row, draft('session.start'));
  const review = reviewRow({ sessionId: row.id, userId: bob.id, userName: 'bob', reviewers: ['bob'] });
  await store.reviews.create(review, draft('review.ask'));
  bobs = {
    session: row.id,
    share,
    key: key.fingerprint,
    token: token.id,
    signIn: (signedIn.body as { id: string }[])[0]!.id,
    review: review.id,
  };
});
afterAll(() => house[Symbol.asyncDispose]());

/** Makes the call with these arguments wherever they belong; what is missing is `nothing`. */
async function call(spec: RouteSpec, headers: Record<string, string>, args: Readonly<Record<string, string>> = {}) {
  const rest = { ...args };
  let path: string = spec.path;
  for (const name of paramNames(spec.path)) {
    path = path.replace(`:${name}`, encodeURIComponent(args[name] ?? 'nothing'));
    delete rest[name];
  }
  const inQuery = !spec.body;
  const known = Object.keys(spec.query?.shape ?? spec.body?.shape ?? {});
  const given = Object.fromEntries(Object.entries(rest).filter(([name]) => known.includes(name)));
  const query = inQuery ? `?${new URLSearchParams(given)}` : '';
  const type = spec.upload ? 'application/octet-stream' : 'application/json';
  const response = await fetch(`${house.url}${API_PREFIX}${path}${query}`, {
    method: spec.method,
    headers: { ...headers, ...((spec.body || spec.upload) && { 'content-type': type }) },
    body: spec.upload ? 'x' : spec.body ? JSON.stringify(given) : null,
  });
  const text = await response.text();
  if (response.status >= 400)
    expect(JSON.parse(text).error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  return { status: response.status, text };
}

/** What the contract makes of a caller who names what is not there. */
function expectation(name: string, { needs }: RouteSpec, caller: string): 'let in' | 401 | 403 {
  if (caller === 'revoked') return 401;
  if (needs === 'public') return 'let in';
  if (caller === 'anonymous') return 401;
  if (needs === 'machine' || !may(caller as Role, needs)) return 403;
  // names a person who is not the caller
  return name === 'sshConfig.show' && caller !== 'admin' ? 403 : 'let in';
}

describe('who is let in', () => {
  it.each(ROUTES)('%s', async (name, { needs, ...rest }) => {
    const spec = { needs, ...rest } as RouteSpec;
    const met: Record<string, unknown> = {};
    const expected: Record<string, unknown> = {};
    for (const [caller, headers] of Object.entries(bearers)) {
      const { status } = await call(spec, headers);
      met[caller] = status === 401 || status === 403 ? status : 'let in';
      expected[caller] = expectation(name, spec, caller);
    }
    expect(met).toEqual(expected);
  });
});

describe('a browser that is signed in', () => {
  const cookie = () => ({ cookie: browser.cookie! });
  it.each(ROUTES.filter(([, { method }]) => method !== 'GET'))(
    '%s is refused without the header that no other page can send',
    async (_name, spec) => {
      const { status, text } = await call(spec, cookie());
      expect([status, text]).toEqual([403, expect.stringContaining('x-bastion-csrf')]);
    },
  );

  it.each(ROUTES)('%s is refused to a page of another origin', async (_name, spec) => {
    const foreign = { ...cookie(), 'x-bastion-csrf': '1', origin: 'https://evil.example' };
    expect((await call(spec, foreign)).status).toBe(403);
  });

  it('is who it is for everything else', async () => {
    const { text } = await call(ROUTES.find(([name]) => name === 'system.me')![1], cookie());
    expect(JSON.parse(text)).toMatchObject({ name: 'root', role: 'admin' });
  });
});

describe('what belongs to somebody else', () => {
  const forEverybody = ROUTES.filter(([, { needs }]) => needs === 'self');

  it('has a row for every operation that everybody may call, and for no other', () => {
    expect(Object.keys(OWN).sort()).toEqual(forEverybody.map(([name]) => name).sort());
  });

  it.each(forEverybody.filter(([name]) => typeof OWN[name] === 'function'))('%s', async (name, spec) => {
    const args = (OWN[name] as (bobs: Bobs) => Record<string, string>)(bobs);
    const met = await call(spec, bearers.user!, args);
    expect([met.status, met.text]).toEqual([REFUSED[name] ?? 404, expect.anything()]);
    // and something that is not there at all is told in the same words, so that nobody can find out what there is
    const missing = Object.fromEntries(
      Object.entries(args).map(([key, value]) => [
        key,
        ['id', 'name', 'asset', 'fingerprint'].includes(key) ? newId() : value,
      ]),
    );
    const none = await call(spec, bearers.user!, missing);
    expect([none.status, said(none.text, missing)]).toEqual([met.status, said(met.text, args)]);
  });

  it('is not in the lists of one’s own', async () => {
    for (const name of ['me.tokens', 'me.keys', 'me.sessions', 'signIns.list', 'reviews.list', 'me.assets']) {
      const { status, text } = await call(ROUTES.find(([one]) => one === name)![1], bearers.user!);
      expect([name, status, JSON.parse(text).items ?? JSON.parse(text)]).toEqual([
        name,
        200,
        name === 'me.tokens' ? [expect.objectContaining({ user: 'a-user' })] : [],
      ]);
    }
  });

  it('is still there afterwards', async () => {
    const { owner } = house;
    expect((await owner.keys.list({ name: 'bob' })).map(({ fingerprint }) => fingerprint)).toEqual([bobs.key]);
    expect((await owner.tokens.list({ user: 'bob' })).items.map(({ id }) => id)).toEqual([bobs.token]);
    expect((await owner.reviews.show({ id: bobs.review })).state).toBe('pending');
    expect(open.registry.shares.byId(bobs.share)).toBeDefined();
  });
});

describe('guessing the id of a session', () => {
  it.each(ROUTES.filter(([name, { path }]) => name.startsWith('sessions.') && path.includes(':id')))(
    '%s tells who may not read nothing: there or not is the same',
    async (_name, spec) => {
      const [there, not] = [
        await call(spec, bearers.user!, { id: bobs.session }),
        await call(spec, bearers.user!, { id: newId() }),
      ];
      expect(there.status).toBe(403);
      expect(there).toEqual(not);
    },
  );
});

/** An answer without the names that were asked for. */
function said(text: string, args: Readonly<Record<string, string>>): string {
  return Object.values(args).reduce((left, value) => left.replaceAll(value, '…'), text);
}
