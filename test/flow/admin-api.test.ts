import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../src/api/contract/routes.ts';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { api } from '../kit/http.ts';
import { IN, lastAudit, passwordLogin } from '../kit/logins.ts';
import { run } from '../kit/process.ts';

const PASSWORD = 'seven quiet lanterns';

interface Token {
  readonly id: string;
  readonly secret: string;
}

let bastion: Bastion;
const tokens = {} as Record<'user' | 'auditor' | 'admin', Token>;

beforeAll(async () => {
  bastion = await startBastion();
  for (const role of ['user', 'auditor', 'admin'] as const) {
    await bastion.ok(['user', 'add', `a-${role}`, '--role', role, '--password-stdin'], { stdin: PASSWORD });
    tokens[role] = await bastion.json<Token>(['token', 'add', `a-${role}`, '--name', `of ${role}`]);
  }
});
afterAll(() => bastion?.[Symbol.asyncDispose]());

describe('without a token', () => {
  it('loopback is nobody: every call is 401, and the public ones refuse', async () => {
    for (const path of ['users', 'sessions', 'audit', 'assets', 'me', 'status', 'tokens'])
      expect((await api(bastion, 'GET', `/api/v1/${path}`)).status, path).toBe(401);
    const answer = await api(bastion, 'GET', '/api/v1/users');
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(answer.json).toEqual({ error: { code: 'unauthenticated', message: expect.any(String), details: null } });
    const link = { token: 'bsl_wrong', password: PASSWORD };
    expect((await api(bastion, 'POST', '/api/v1/invites/accept', { body: link })).status).toBe(410);
  });

  it.each(['Bearer', 'Bearer  ', 'Bearer x', 'Basic YTpi', 'bst_nothing', `Bearer ${'x'.repeat(600)}`])(
    'the header %.20s is 401',
    async (header) => {
      const answer = await api(bastion, 'GET', '/api/v1/users', { headers: { Authorization: header } });
      expect(answer.status).toBe(401);
    },
  );

  it('health and readiness are open, and nothing else is there', async () => {
    expect(await api(bastion, 'GET', '/healthz')).toMatchObject({ status: 200, json: { ok: true } });
    expect(await api(bastion, 'GET', '/readyz')).toMatchObject({ status: 200, json: { ok: true } });
    expect((await api(bastion, 'GET', '/')).status).toBe(404);
    expect((await api(bastion, 'GET', '/api/v1/../../etc/passwd')).status).toBe(404);
  });
});

describe('roles', () => {
  const CALLS: readonly [string, string, 'user' | 'auditor' | 'admin'][] = [
    ['GET', '/me', 'user'],
    ['GET', '/sessions', 'auditor'],
    ['GET', '/audit', 'auditor'],
    ['GET', '/users', 'admin'],
    ['GET', '/assets', 'admin'],
    ['GET', '/accounts', 'admin'],
    ['GET', '/permissions', 'admin'],
    ['GET', '/tokens', 'admin'],
    ['GET', '/lockouts', 'admin'],
    ['GET', '/cas', 'admin'],
    ['GET', '/host-keys', 'admin'],
  ];
  const RANK = { user: 0, auditor: 1, admin: 2 };

  it.each(CALLS)('%s %s is for %s and above', async (method, path, least) => {
    for (const role of ['user', 'auditor', 'admin'] as const) {
      const answer = await api(bastion, method, `/api/v1${path}`, { token: tokens[role].secret });
      expect(answer.status, role).toBe(RANK[role] >= RANK[least] ? 200 : 403);
      if (answer.status === 403) expect(answer.json).toMatchObject({ error: { code: 'forbidden' } });
    }
  });

  it('no call of the contract that changes something is open to auditors or users', async () => {
    const changing = Object.values(routes)
      .flatMap((group) => Object.values(group))
      // a review is judged by its handler, as who is named may decide; verifying the audit changes nothing
      .filter(({ method, needs }) => method !== 'GET' && !['public', 'self', 'audit.read'].includes(needs));
    expect(changing.length).toBeGreaterThan(30);
    for (const { method, path } of changing) {
      const url = `/api/v1${path.replace(/:\w+/g, 'x')}`;
      for (const role of ['user', 'auditor'] as const)
        expect(
          (await api(bastion, method, url, { token: tokens[role].secret, body: {} })).status,
          `${role} ${method} ${path}`,
        ).toBe(403);
    }
  });

  it('a role that changes counts from the next call on', async () => {
    await bastion.ok(['user', 'set', 'a-auditor', '--role', 'user']);
    expect((await api(bastion, 'GET', '/api/v1/audit', { token: tokens.auditor.secret })).status).toBe(403);
    await bastion.ok(['user', 'set', 'a-auditor', '--role', 'auditor']);
    expect((await api(bastion, 'GET', '/api/v1/audit', { token: tokens.auditor.secret })).status).toBe(200);
  });

  it('what an administrator changes over HTTP is theirs in the audit', async () => {
    const body = { name: 'made-by-http', password: 'nine green bottles' };
    const answer = await api(bastion, 'POST', '/api/v1/users', { token: tokens.admin.secret, body });
    expect(answer.status).toBeOneOf([200, 201]);
    expect(JSON.stringify(answer.json)).not.toContain('nine green');
    expect(await lastAudit(bastion, 'user.create', 'made-by-http')).toMatchObject({
      actor: { kind: 'user', name: 'a-admin', ip: '127.0.0.1', via: 'api' },
    });
    expect((await passwordLogin(bastion, 'made-by-http', 'nine green bottles')).code).toBe(IN);
  });
});

describe('a token', () => {
  const works = async (secret: string) => (await api(bastion, 'GET', '/api/v1/me', { token: secret })).status;

  it('is listed without its secret, and stops when it is removed', async () => {
    const token = await bastion.json<Token>(['token', 'add', 'a-user', '--name', 'short life', '--until', '+30d']);
    expect(await works(token.secret)).toBe(200);
    const listed = await bastion.ok(['token', 'list', '--json']);
    expect(listed).not.toContain(token.secret);
    expect(JSON.parse(listed)).toContainEqual(
      expect.objectContaining({ id: token.id, user: 'a-user', name: 'short life', lastUsedAt: expect.any(String) }),
    );
    await bastion.ok(['token', 'remove', 'short life']);
    expect(await works(token.secret)).toBe(401);
    expect((await bastion.cli(['token', 'remove', token.id])).code).toBe(3);
  });

  it('stops with its date, its user and their removal', async () => {
    const past = await bastion.cli(['token', 'add', 'a-user', '--until', '2020-01-01', '--json']);
    if (past.code === 0) expect(await works((JSON.parse(past.stdout) as Token).secret)).toBe(401);
    else expect(past.code).toBe(2);

    await bastion.ok(['user', 'add', 'brief', '--password-stdin'], { stdin: PASSWORD });
    const token = await bastion.json<Token>(['token', 'add', 'brief']);
    expect(await works(token.secret)).toBe(200);
    await bastion.ok(['user', 'disable', 'brief']);
    expect(await works(token.secret)).toBe(401);
    await bastion.ok(['user', 'enable', 'brief']);
    expect(await works(token.secret)).toBe(200);
    await bastion.ok(['user', 'remove', 'brief']);
    expect(await works(token.secret)).toBe(401);
  });
});

it('admin.sock is for the owner of the machine alone, and speaks in their name', async () => {
  expect(statSync(join(bastion.data, 'admin.sock')).mode & 0o777).toBe(0o600);
  expect(statSync(bastion.data).mode & 0o777).toBe(0o700);
  await bastion.ok(['group', 'add', 'by-socket']);
  const owner = (await run('id', ['-un'])).stdout.trim();
  expect(await lastAudit(bastion, 'group.create', 'by-socket')).toMatchObject({
    actor: { kind: 'machine', name: owner, via: 'socket' },
  });
});
