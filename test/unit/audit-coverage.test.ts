import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TOTP, URI } from 'otpauth';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { allRoutes } from '../../src/api/contract/routes.ts';
import { newId } from '../../src/kernel/id.ts';
import { type Client, createClient } from '../../src/sdk/client.ts';
import type { Registry } from '../../src/session/types.ts';
import type { AuditRow } from '../../src/store/model.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { FakeClient, grant, openOptions, house as sessionHouse } from './session-kit.ts';
import { actor, draft } from './store-kit.ts';
import { Visitor } from './web-visitor.ts';

/** Ask, and change nothing. */
const QUESTIONS = [
  'filters.test',
  'filters.try',
  'filters.explain',
  'permissions.preview',
  'shares.show',
  'links.show',
];
const PASSWORD = 'a-password-nobody-may-read';
const PASSPHRASE = 'a-passphrase-nobody-may-read';

let house: ApiHouse;
let registry: Registry | undefined;
let boss: Client;
let keys: string;
/** What must not stand in the log: given or answered by the calls. */
const secrets: string[] = [PASSWORD, PASSPHRASE];

beforeAll(async () => {
  keys = mkdtempSync(join(tmpdir(), 'bastion-coverage-'));
  const live = {
    get: (id) => registry?.get(id),
    live: () => registry?.live() ?? [],
    terminate: (...args) => registry!.terminate(...args),
    setLocked: (...args) => registry!.setLocked(...args),
    get reviews() {
      return registry!.reviews;
    },
    get shares() {
      return registry!.shares;
    },
  } as Partial<Registry> as Registry;
  house = await openApiHouse({ registry: live, testTarget: async () => 'It answers.' });
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(keys, { recursive: true, force: true });
});

function publicKey(name: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(keys, name)]);
  return readFileSync(join(keys, `${name}.pub`), 'utf8').trim();
}

function privateKey(name: string): string {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', PASSPHRASE, '-C', name, '-f', join(keys, name)]);
  const text = readFileSync(join(keys, name), 'utf8');
  secrets.push(...text.split('\n').filter((line) => line !== '' && !line.startsWith('---')));
  return text;
}

interface Step {
  readonly args: () => Promise<object> | object;
  /** Who calls: an administrator over the API unless said otherwise. */
  readonly by?: 'machine' | 'nobody' | 'browser';
  /** Whose name the row bears, when it is not the caller's. */
  readonly actor?: string;
}
let session: string;
let shared: string;
let wilma: Client;
let totp: TOTP;
const of = (args: () => Promise<object> | object): Step => ({ args });
/** By a person in a browser. */
const browsing = (args: () => Promise<object> | object): Step => ({ args, by: 'browser', actor: 'wilma' });

/** A call of each route that changes something, in an order in which each finds what it needs. */
const STEPS: Readonly<Record<string, Step>> = {
  'links.setup': {
    args: async () => {
      const { token } = await house.authenticator.createLink('setup', null, actor);
      return { token: token.exposeText(), name: 'first', password: PASSWORD };
    },
    by: 'nobody',
    actor: 'first',
  },
  'users.add': of(async () => {
    boss = (await house.person('boss', 'admin')).client;
    return { name: 'alice', password: PASSWORD, displayName: 'Alice' };
  }),
  'users.set': of(() => ({ name: 'alice', displayName: 'A', password: `${PASSWORD}2` })),
  'users.disable': of(() => ({ name: 'alice' })),
  'users.enable': of(() => ({ name: 'alice' })),
  'users.invite': of(() => ({ name: 'alice' })),
  'keys.add': of(() => ({ name: 'alice', key: publicKey('one') })),
  'keys.remove': of(async () => ({
    name: 'alice',
    fingerprint: (await boss.keys.list({ name: 'alice' }))[0]!.fingerprint,
  })),
  'totp.begin': of(() => ({ name: 'alice' })),
  'totp.confirm': of(async () => {
    const { uri, secretText } = await boss.totp.begin({ name: 'alice' });
    secrets.push(secretText, URI.parse(uri).secret.base32);
    return { name: 'alice', code: URI.parse(uri).generate() };
  }),
  'totp.reset': of(() => ({ name: 'alice' })),
  'links.acceptInvite': {
    args: async () => ({ token: (await boss.users.invite({ name: 'alice' })).token, password: `${PASSWORD}3` }),
    by: 'nobody',
    actor: 'alice',
  },
  'lockouts.clear': of(async () => {
    await house.store.lockouts.fail('alice', '192.0.2.1', Date.now(), 1, 60_000, draft('lockout'));
    return { user: 'alice' };
  }),
  'authorities.add': of(() => ({ name: 'ca', key: publicKey('ca') })),
  'authorities.remove': of(() => ({ name: 'ca' })),
  'groups.add': of(() => ({ name: 'ops' })),
  'groups.set': of(() => ({ name: 'ops', comment: 'x' })),
  'groups.join': of(() => ({ name: 'ops', users: ['alice'] })),
  'groups.leave': of(() => ({ name: 'ops', users: ['alice'] })),
  'groups.remove': of(() => ({ name: 'ops' })),
  'tokens.add': of(() => ({ user: 'alice', name: 'ci' })),
  'tokens.remove': of(() => ({ id: 'ci' })),
  'folders.add': of(() => ({ path: '/prod' })),
  'folders.move': of(() => ({ path: '/prod', to: '/live' })),
  'folders.remove': of(() => ({ path: '/live' })),
  'assets.add': of(() => ({ name: 'web1', address: '192.0.2.1' })),
  'assets.import': of(() => ({ rows: [{ line: 1, asset: { name: 'web2', address: '192.0.2.2' } }] })),
  'assets.set': of(() => ({ name: 'web1', comment: 'x' })),
  'assets.test': of(() => ({ name: 'web1' })),
  'accounts.add': of(() => ({ asset: 'web1', login: 'root', password: PASSWORD })),
  'accounts.set': of(() => ({ asset: 'web1', login: 'root', privateKey: privateKey('root'), passphrase: PASSPHRASE })),
  'accounts.test': of(() => ({ asset: 'web1', login: 'root' })),
  'hostKeys.accept': of(async () => {
    await seeKey('pinned');
    await seeKey('changed');
    return { asset: 'web1' };
  }),
  'hostKeys.forget': of(() => ({ asset: 'web1' })),
  'permissions.add': of(() => ({ name: 'p', users: ['alice', 'boss'], assets: ['web1'], accounts: ['@all'] })),
  'connections.open': of(() => ({ asset: 'web1' })),
  'permissions.set': of(() => ({ name: 'p', comment: 'x' })),
  'permissions.remove': of(() => ({ name: 'p' })),
  'filters.add': of(() => ({ name: 'careful', action: 'deny', words: ['rm'] })),
  'filters.set': of(() => ({ name: 'careful', priority: 3 })),
  'filters.remove': of(() => ({ name: 'careful' })),
  'accounts.remove': of(() => ({ asset: 'web1', login: 'root' })),
  'assets.remove': of(() => ({ name: 'web1' })),
  'shares.add': of(async () => {
    const { id } = await boss.users.show({ name: 'boss' });
    const own = grant({ actions: new Set(['connect', 'share']) }, 'shell', id);
    shared = (await registry!.open(own, new FakeClient(), openOptions())).id;
    return { id: shared, write: true };
  }),
  'shares.remove': of(async () => ({ id: (await boss.shares.list({ id: shared }))[0]!.id })),
  'sessions.lock': of(() => ({ id: session })),
  'sessions.unlock': of(() => ({ id: session })),
  'sessions.end': of(() => ({ id: session })),
  'audit.verify': of(() => ({ recordings: false })),
  'vault.rotateKey': { args: () => ({}), by: 'machine' },
  'users.remove': of(() => ({ name: 'alice' })),
  'signIn.begin': browsing(() => ({ name: 'wilma', password: PASSWORD })),
  'me.set': browsing(() => ({ displayName: 'Wilma' })),
  'me.setPassword': browsing(() => ({ current: PASSWORD, password: `${PASSWORD}4` })),
  'me.addKey': browsing(() => ({ key: publicKey('own'), password: `${PASSWORD}4` })),
  'me.removeKey': browsing(async () => ({
    fingerprint: (await boss.keys.list({ name: 'wilma' }))[0]!.fingerprint,
  })),
  'me.beginTotp': browsing(() => ({ password: `${PASSWORD}4` })),
  'me.confirmTotp': browsing(async () => {
    const { uri, secretText } = await wilma.me.beginTotp({ password: `${PASSWORD}4` });
    secrets.push(secretText, URI.parse(uri).secret.base32);
    totp = URI.parse(uri) as TOTP;
    return { code: totp.generate() };
  }),
  'signIn.answer': browsing(async () => {
    const asked = await wilma.signIn.begin({ name: 'wilma', password: `${PASSWORD}4` });
    if (asked.state !== 'code') throw new Error(asked.state);
    // the code of now was used up by its confirmation
    return { challenge: asked.challenge, answer: totp.generate({ timestamp: Date.now() + 30_000 }) };
  }),
  'me.removeTotp': browsing(() => ({ password: `${PASSWORD}4` })),
  'me.addToken': browsing(() => ({ name: 'own', password: `${PASSWORD}4` })),
  'me.removeToken': browsing(async () => ({ id: (await wilma.me.tokens())[0]!.id })),
  'signIns.end': browsing(async () => {
    const phone = new Visitor(house.url);
    await phone.signIn('wilma', `${PASSWORD}4`);
    return { id: (await wilma.signIns.list()).find(({ current }) => !current)!.id };
  }),
  'signIns.endOthers': browsing(() => ({})),
  'signIn.end': browsing(() => ({})),
};
/** What pages remember is nobody's business. */
const SILENT = ['me.setPreferences'];
/**
 * Written by the session that is ended, moved through or waited for: proved where its tests are. What is done with files
 * stands in its recording, and each transfer here too.
 */
const ELSEWHERE = [
  'reviews.approve',
  'reviews.deny',
  'files.open',
  'files.upload',
  'files.rename',
  'files.makeFolder',
  'files.remove',
  'files.close',
];

async function seeKey(state: 'pinned' | 'changed'): Promise<void> {
  const asset = (await house.store.assets.byName('web1'))!;
  const at = Date.now();
  const seen = {
    id: newId(),
    assetId: asset.id,
    endpoint: '192.0.2.1:22',
    type: 'ssh-ed25519',
    blob: Buffer.from(state),
  };
  const key = { ...seen, fingerprint: `SHA256:${state}`, state, firstSeenAt: at, lastSeenAt: at };
  const row = key as Parameters<typeof house.store.hostKeys.pin>[0];
  await (state === 'pinned'
    ? house.store.hostKeys.pin(row, draft('x'))
    : house.store.hostKeys.noteChanged(row, draft('x')));
}

async function call(client: Client, route: string, args: object): Promise<unknown> {
  const [resource, name] = route.split('.') as [keyof Client, string];
  const made = (client[resource] as unknown as Record<string, (args: object) => unknown>)[name]!(args);
  if (!(made as AsyncIterable<unknown>)[Symbol.asyncIterator]) return await made;
  const events: unknown[] = [];
  for await (const event of made as AsyncIterable<unknown>) events.push(event);
  return events;
}

/** Texts in an answer under names that say what they are. */
function secretsIn(value: unknown, key = ''): string[] {
  if (typeof value === 'string') return /^(token|secret|secretText|uri|challenge|ticket)$/.test(key) ? [value] : [];
  if (Array.isArray(value)) return value.flatMap((one) => (key === 'recoveryCodes' ? [String(one)] : secretsIn(one)));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => secretsIn(inner, name));
}

test('every route that changes something has a step here', () => {
  const mutating = allRoutes()
    .filter(({ spec }) => spec.method !== 'GET')
    .map(({ resource, name }) => `${resource}.${name}`);
  expect([...Object.keys(STEPS), ...QUESTIONS, ...SILENT, ...ELSEWHERE].sort()).toEqual(mutating.sort());
});

test('every change is written down with who made it, and without any secret', async () => {
  const sessions = await sessionHouse({ store: house.store, data: house.data });
  registry = sessions.registry;
  onTestFinished(() => registry!.shutdown(0));
  session = (await registry.open(grant(), new FakeClient(), openOptions())).id;
  wilma = createClient({ transport: new Visitor(house.url).transport });
  await house.owner.users.add({ name: 'wilma', password: PASSWORD });

  const silent: string[] = [];
  for (const [route, step] of Object.entries(STEPS)) {
    const args = await step.args();
    const before = (await house.store.audit.end()).last.seq;
    const clients = { machine: house.owner, nobody: house.client(undefined), browser: wilma };
    const client = step.by ? clients[step.by] : boss;
    secrets.push(...secretsIn(await call(client, route, args)), ...secretsIn(args));
    const rows = (await house.store.audit.list({ limit: 100 })).filter((row) => row.seq > before);
    if (!rows.some((row) => isBy(row, step))) silent.push(route);
  }
  expect(silent).toEqual([]);

  const log = JSON.stringify(await house.store.audit.list({ limit: 1000 }));
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
});

function isBy({ actor: by, outcome }: AuditRow, step: Step): boolean {
  const named = step.actor ?? (step.by === 'machine' ? undefined : 'boss');
  const right =
    step.by === 'machine'
      ? by.kind === 'machine' && by.via === 'socket'
      : by.via === (step.by === 'browser' ? 'web' : 'api') && by.ip !== null;
  return outcome === 'ok' && right && (named === undefined || by.name === named);
}
