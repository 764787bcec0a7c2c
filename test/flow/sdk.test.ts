import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { TEST_USER } from '../kit/sshd.ts';

// `bastion/sdk` as somebody else has it: a program in a directory of its own, with the package as a dependency.

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
let house: House;
let project: string;

beforeAll(async () => {
  house = await startHouse();
  project = mkdtempSync(join(tmpdir(), 'bastion-sdk-'));
  mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
  symlinkSync(ROOT, join(project, 'node_modules/bastion'));
  symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
  const compilerOptions = {
    target: 'es2024',
    lib: ['es2024'],
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: ['node'],
    allowImportingTsExtensions: true,
  };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts', 'wrong.ts'] }));
});
afterAll(async () => {
  rmSync(project, { recursive: true, force: true });
  await house?.[Symbol.asyncDispose]();
});

const MAIN = `
import { createHash } from 'node:crypto';
import { ApiError, type Client, createClient, fetchTransport, pages, type SessionView, type UserView } from 'bastion/sdk';

const [url, token, account] = process.argv.slice(2) as [string, string, string];
const bastion: Client = createClient({ transport: fetchTransport({ url, token }) });
const told: Record<string, unknown> = {};

const me = await bastion.system.me();
told.me = [me.name, me.role];

// pages
for (let i = 0; i < 7; i++) await bastion.users.add({ name: 'user' + i });
const names: UserView['name'][] = [];
let asked = 0;
for await (const { items, total } of pages(bastion.users.list, { text: 'user', limit: 3 })) {
  asked++;
  names.push(...items.map((user) => user.name));
  told.total = total;
}
told.names = names;
told.asked = asked;

// errors
const error = await bastion.users.show({ name: 'nobody' }).catch((cause: unknown) => cause);
told.error = error instanceof ApiError ? [error.code, error.status, error.message] : 'not an ApiError';

// two edits of the same
const { version } = await bastion.users.show({ name: 'user1' });
await bastion.users.set({ name: 'user1', comment: 'first', version });
told.conflict = await bastion.users.set({ name: 'user1', comment: 'second', version }).catch((cause: ApiError) => [cause.code, cause.details]);

// files: an upload that is made on the way, and a download
const opened = await bastion.connections.open({ asset: 'web1', account, use: 'files' });
if (opened.state !== 'ticket') throw new Error('no ticket: ' + opened.state);
const { id, home } = await bastion.files.open({ ticket: opened.ticket });
const sent = createHash('sha256');
async function* content(): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < 50; i++) {
    const chunk = new Uint8Array(50_000).fill(i);
    sent.update(chunk);
    yield chunk;
  }
}
const path = home + '/from the sdk';
told.uploaded = (await bastion.files.upload({ id, path, content: content() })).size;
const got = createHash('sha256');
for await (const chunk of bastion.files.download({ id, path })) got.update(chunk);
told.same = got.digest('hex') === sent.digest('hex');
await bastion.files.upload({ id, path: home + '/blob', content: new Blob(['hello']) });
await bastion.files.close({ id });

// streams: lines as objects, and text
const sessions: SessionView['use'][] = [];
for await (const session of bastion.sessions.export({ user: me.name })) sessions.push(session.use);
told.sessions = sessions;
let bytes = 0;
for await (const text of bastion.audit.export({})) bytes += text.length;
told.audit = bytes > 1000;

// an abandoned stream ends its request
for await (const _ of bastion.audit.export({})) break;
console.log(JSON.stringify(told));
`;

const WRONG = `
import { createClient, fetchTransport } from 'bastion/sdk';
const bastion = createClient({ transport: fetchTransport({ url: 'http://127.0.0.1' }) });
// @ts-expect-error there is no such role
void bastion.users.add({ name: 'x', role: 'king' });
// @ts-expect-error a name is needed
void bastion.users.show({});
// @ts-expect-error an upload has content
void bastion.files.upload({ id: 'x', path: '/x' });
// @ts-expect-error there is no such call
void bastion.users.forget({ name: 'x' });
// @ts-expect-error a user has no such field
void bastion.users.show({ name: 'x' }).then((user) => user.shoeSize);
`;

test('a program elsewhere imports it, is held to its types, and does with it what the API can', async () => {
  writeFileSync(join(project, 'main.ts'), MAIN);
  writeFileSync(join(project, 'wrong.ts'), WRONG);
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const checked = await run(process.execPath, [tsc, '-p', project], { cwd: project }).catch((error) => error);
  expect(checked.stdout).toBe('');

  const { api, bastion } = house;
  await api.users.set({ name: 'alice', role: 'admin' });
  const { secret } = await api.tokens.add({ user: 'alice' });
  const args = [join(project, 'main.ts'), `http://127.0.0.1:${bastion.httpPort}`, secret, TEST_USER.name];
  const { stdout } = await run(process.execPath, args, { cwd: project });
  expect(JSON.parse(stdout)).toEqual({
    me: ['alice', 'admin'],
    total: 7,
    names: Array.from({ length: 7 }, (_, i) => `user${i}`),
    asked: 3,
    error: ['not_found', 404, 'There is no user "nobody". See: bastion user list'],
    conflict: ['conflict', { version: 2 }],
    uploaded: 2_500_000,
    same: true,
    sessions: ['files'],
    audit: true,
  });
});

test('it brings no validator, and nothing of Node', () => {
  const bundle = readFileSync(join(ROOT, 'dist/sdk/index.js'), 'utf8');
  expect(bundle.length).toBeLessThan(60_000);
  expect(bundle).not.toMatch(/from\s*["']|require\(|ZodObject/);
});
