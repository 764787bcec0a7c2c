import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_PREFIX, paramNames, type RouteSpec } from '../../src/api/contract/route.ts';
import { allRoutes } from '../../src/api/contract/routes.ts';
import { createHandlers } from '../../src/api/handlers/all.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

/**
 * What each kind of caller meets at each route: anonymous, user, auditor, admin, a revoked token. The calls name
 * things that do not exist and carry empty bodies, so who is let in meets 200, 400, 404 or 503, and who is not 401 or 403.
 */
const TABLE: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  'signIn.options': [200, 200, 200, 200, 401],
  'signIn.begin': [400, 400, 400, 400, 401],
  'signIn.answer': [400, 400, 400, 400, 401],
  // a token does not sign out; a browser does
  'signIn.end': [401, 400, 400, 400, 401],
  'signIns.list': [401, 200, 200, 200, 401],
  'signIns.end': [401, 404, 404, 404, 401],
  'signIns.endOthers': [401, 200, 200, 200, 401],
  'me.set': [401, 200, 200, 200, 401],
  'me.setPassword': [401, 400, 400, 400, 401],
  'me.keys': [401, 200, 200, 200, 401],
  'me.addKey': [401, 400, 400, 400, 401],
  'me.removeKey': [401, 404, 404, 404, 401],
  'me.beginTotp': [401, 400, 400, 400, 401],
  'me.confirmTotp': [401, 400, 400, 400, 401],
  'me.removeTotp': [401, 400, 400, 400, 401],
  'me.tokens': [401, 200, 200, 200, 401],
  // a token may not make another one
  'me.addToken': [401, 400, 400, 400, 401],
  'me.removeToken': [401, 404, 404, 404, 401],
  'me.preferences': [401, 200, 200, 200, 401],
  'me.setPreferences': [401, 400, 400, 400, 401],
  'links.show': [400, 400, 400, 400, 401],
  'users.list': [401, 403, 403, 200, 401],
  'users.add': [401, 403, 403, 400, 401],
  'users.show': [401, 403, 403, 404, 401],
  'users.set': [401, 403, 403, 404, 401],
  'users.disable': [401, 403, 403, 404, 401],
  'users.enable': [401, 403, 403, 404, 401],
  'users.remove': [401, 403, 403, 404, 401],
  'users.invite': [401, 403, 403, 404, 401],
  'keys.list': [401, 403, 403, 404, 401],
  'keys.add': [401, 403, 403, 400, 401],
  'keys.remove': [401, 403, 403, 404, 401],
  'totp.begin': [401, 403, 403, 404, 401],
  'totp.confirm': [401, 403, 403, 400, 401],
  'totp.reset': [401, 403, 403, 404, 401],
  'links.acceptInvite': [400, 400, 400, 400, 401],
  'links.setup': [400, 400, 400, 400, 401],
  'lockouts.list': [401, 403, 403, 200, 401],
  'lockouts.clear': [401, 403, 403, 200, 401],
  'authorities.list': [401, 403, 403, 200, 401],
  'authorities.own': [401, 200, 200, 200, 401],
  'authorities.add': [401, 403, 403, 400, 401],
  'authorities.remove': [401, 403, 403, 404, 401],
  'groups.list': [401, 403, 403, 200, 401],
  'groups.add': [401, 403, 403, 400, 401],
  'groups.show': [401, 403, 403, 404, 401],
  'groups.set': [401, 403, 403, 404, 401],
  'groups.remove': [401, 403, 403, 404, 401],
  'groups.join': [401, 403, 403, 400, 401],
  'groups.leave': [401, 403, 403, 400, 401],
  'tokens.list': [401, 403, 403, 200, 401],
  'tokens.add': [401, 403, 403, 400, 401],
  'tokens.remove': [401, 403, 403, 404, 401],
  'folders.list': [401, 403, 403, 200, 401],
  'folders.add': [401, 403, 403, 400, 401],
  'folders.move': [401, 403, 403, 400, 401],
  'folders.remove': [401, 403, 403, 400, 401],
  'platforms.list': [401, 403, 403, 200, 401],
  'platforms.show': [401, 403, 403, 404, 401],
  'assets.list': [401, 403, 403, 200, 401],
  'assets.add': [401, 403, 403, 400, 401],
  'assets.import': [401, 403, 403, 400, 401],
  'assets.show': [401, 403, 403, 404, 401],
  'assets.set': [401, 403, 403, 404, 401],
  'assets.remove': [401, 403, 403, 404, 401],
  'assets.test': [401, 403, 403, 404, 401],
  'accounts.list': [401, 403, 403, 200, 401],
  'accounts.add': [401, 403, 403, 400, 401],
  'accounts.set': [401, 403, 403, 404, 401],
  'accounts.remove': [401, 403, 403, 404, 401],
  'accounts.test': [401, 403, 403, 404, 401],
  'hostKeys.list': [401, 403, 403, 200, 401],
  'hostKeys.accept': [401, 403, 403, 404, 401],
  'hostKeys.forget': [401, 403, 403, 404, 401],
  'permissions.list': [401, 403, 403, 200, 401],
  'permissions.add': [401, 403, 403, 400, 401],
  'permissions.show': [401, 403, 403, 404, 401],
  'permissions.set': [401, 403, 403, 404, 401],
  'permissions.remove': [401, 403, 403, 404, 401],
  'permissions.preview': [401, 403, 403, 200, 401],
  'access.explain': [401, 403, 403, 400, 401],
  'access.reach': [401, 403, 403, 400, 401],
  'sshConfig.show': [401, 403, 403, 404, 401],
  'filters.list': [401, 403, 403, 200, 401],
  'filters.add': [401, 403, 403, 400, 401],
  'filters.show': [401, 403, 403, 404, 401],
  'filters.set': [401, 403, 403, 404, 401],
  'filters.remove': [401, 403, 403, 404, 401],
  'filters.test': [401, 403, 403, 400, 401],
  'filters.try': [401, 403, 403, 400, 401],
  'filters.explain': [401, 403, 403, 400, 401],
  'sessions.list': [401, 403, 200, 200, 401],
  'sessions.export': [401, 403, 200, 200, 401],
  'sessions.show': [401, 403, 404, 404, 401],
  'sessions.end': [401, 403, 403, 404, 401],
  'sessions.lock': [401, 403, 403, 404, 401],
  'sessions.unlock': [401, 403, 403, 404, 401],
  'sessions.recording': [401, 403, 404, 404, 401],
  'sessions.recordingIndex': [401, 403, 404, 404, 401],
  'sessions.recordingPart': [401, 403, 404, 404, 401],
  'connections.open': [401, 400, 400, 400, 401],
  'me.assets': [401, 200, 200, 200, 401],
  'me.sessions': [401, 200, 200, 200, 401],
  'me.clientLines': [401, 400, 400, 400, 401],
  'shares.list': [401, 503, 503, 503, 401],
  'shares.add': [401, 503, 503, 503, 401],
  'shares.remove': [401, 503, 503, 503, 401],
  'shares.show': [401, 400, 400, 400, 401],
  'files.open': [401, 400, 400, 400, 401],
  'files.list': [401, 400, 400, 400, 401],
  'files.show': [401, 400, 400, 400, 401],
  'files.download': [401, 400, 400, 400, 401],
  'files.upload': [401, 400, 400, 400, 401],
  'files.rename': [401, 400, 400, 400, 401],
  'files.makeFolder': [401, 400, 400, 400, 401],
  'files.remove': [401, 400, 400, 400, 401],
  'files.close': [401, 503, 503, 503, 401],
  'sessions.watch': [401, 403, 404, 404, 401],
  'commands.list': [401, 403, 200, 200, 401],
  'commands.export': [401, 403, 200, 200, 401],
  'reviews.list': [401, 200, 200, 200, 401],
  'reviews.show': [401, 404, 404, 404, 401],
  'reviews.approve': [401, 404, 404, 404, 401],
  'reviews.deny': [401, 404, 404, 404, 401],
  'transfers.list': [401, 403, 200, 200, 401],
  'transfers.export': [401, 403, 200, 200, 401],
  'search.output': [401, 403, 400, 400, 401],
  'statistics.show': [401, 403, 200, 200, 401],
  'audit.list': [401, 403, 200, 200, 401],
  'audit.head': [401, 403, 200, 200, 401],
  'audit.verify': [401, 403, 200, 200, 401],
  'audit.export': [401, 403, 200, 200, 401],
  'vault.rotateKey': [401, 403, 403, 403, 401],
  'system.status': [401, 403, 403, 503, 401],
  'system.me': [401, 200, 200, 200, 401],
  'system.openapi': [200, 200, 200, 200, 401],
  'system.health': [401, 403, 503, 503, 401],
  'system.settings': [401, 403, 403, 200, 401],
};
const CALLERS = ['anonymous', 'user', 'auditor', 'admin', 'revoked'] as const;

let house: ApiHouse;
const tokens = new Map<(typeof CALLERS)[number], string | undefined>();

beforeAll(async () => {
  house = await openApiHouse();
  tokens.set('anonymous', undefined);
  for (const role of ['user', 'auditor', 'admin'] as const) {
    tokens.set(role, (await house.person(`a-${role}`, role)).token);
  }
  const gone = await house.person('gone', 'admin');
  await house.owner.tokens.remove({ id: gone.tokenId });
  tokens.set('revoked', gone.token);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

async function statusOf(spec: RouteSpec, token: string | undefined): Promise<number> {
  const path = paramNames(spec.path).reduce<string>((text, name) => text.replace(`:${name}`, 'nothing'), spec.path);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (spec.body) headers['content-type'] = 'application/json';
  const body = spec.body ? '{}' : null;
  const response = await fetch(`${house.url}${API_PREFIX}${path}`, { method: spec.method, headers, body });
  const text = await response.text();
  if (response.status >= 400)
    expect(JSON.parse(text).error).toMatchObject({ code: expect.any(String), message: expect.any(String) });
  return response.status;
}

describe('the contract', () => {
  it('has a handler for every route', () => {
    const handlers = createHandlers({ config: {}, authenticator: {} } as Parameters<
      typeof createHandlers
    >[0]) as unknown as Record<string, Record<string, unknown>>;
    const missing = allRoutes().filter(({ resource, name }) => typeof handlers[resource]?.[name] !== 'function');
    expect(missing).toEqual([]);
    const wanted = allRoutes().map(({ resource, name }) => `${resource}.${name}`);
    const there = Object.entries(handlers).flatMap(([resource, calls]) =>
      Object.keys(calls).map((name) => `${resource}.${name}`),
    );
    expect(there.filter((name) => !wanted.includes(name))).toEqual([]);
  });

  it('gives no two routes the same method and path', () => {
    const shapes = allRoutes().map(({ spec }) => `${spec.method} ${spec.path.replace(/:\w+/g, ':')}`);
    expect(shapes.filter((shape, index) => shapes.indexOf(shape) !== index)).toEqual([]);
  });

  it('has a row in the table of roles for every route', () => {
    expect(Object.keys(TABLE).sort()).toEqual(
      allRoutes()
        .map(({ resource, name }) => `${resource}.${name}`)
        .sort(),
    );
  });
});

describe('who may call what', () => {
  it.each(allRoutes().map((route) => [`${route.resource}.${route.name}`, route.spec] as const))(
    '%s',
    async (name, spec) => {
      const met: number[] = [];
      for (const caller of CALLERS) met.push(await statusOf(spec, tokens.get(caller)));
      expect(met).toEqual(TABLE[name]);
    },
  );

  it('writes down who was refused', async () => {
    const { items } = await house.owner.audit.list({ action: 'api.call', limit: 1000 });
    const refused = items.find((row) => row.target?.name === 'DELETE /users/:name' && row.actor.name === 'a-user');
    expect(refused).toMatchObject({
      outcome: 'denied',
      reason: 'needs manage',
      actor: { ip: '127.0.0.1', via: 'api' },
    });
  });

  it('takes back a disabled user’s token at once', async () => {
    const { client } = await house.person('leaver', 'admin');
    expect(await client.system.me()).toMatchObject({ name: 'leaver', role: 'admin' });
    await house.owner.users.disable({ name: 'leaver' });
    await expect(client.system.me()).rejects.toMatchObject({ code: 'unauthenticated', status: 401 });
  });
});
