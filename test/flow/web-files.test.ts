import { mkdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CSRF_HEADER } from '../../src/api/contract/ws-limits.ts';
import { sha256, sha256OfFile } from '../kit/hash.ts';
import { eventually } from '../kit/process.ts';
import { Seeded } from '../kit/seeded.ts';
import { TEST_USER } from '../kit/sshd.ts';
import { openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';
import { refusal, WebFiles } from '../kit/web-files.ts';
import { residentBytes } from '../kit/witness.ts';

const MIB = 1024 * 1024;
let at: TransferHouse;
let alice: WebFiles;
let id: string;

beforeAll(async () => {
  at = await startTransferHouse();
  alice = await WebFiles.of(at.house, 'alice');
  id = await alice.open();
});
afterAll(() => at[Symbol.asyncDispose]());

const there = (name: string) => join(at.there, name);
const ofAlice = () => at.house.api.sessions.show({ id });

/** 64 MiB whose parts differ, without holding them twice. */
async function* bigBody(): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < 256; n++) yield Buffer.alloc(256 * 1024, `piece ${n} `);
}

test('opening gives a session like any other, and what may be done in it', async () => {
  const opened = await alice.opened();
  expect(opened).toMatchObject({ asset: 'web1', account: 'bastion-test', home: '/home/bastion-test' });
  expect([...opened.actions].sort()).toEqual(['connect', 'copy', 'delete', 'download', 'paste', 'upload']);
  const row = await at.house.api.sessions.show({ id: opened.id });
  expect(row).toMatchObject({ user: 'alice', asset: 'web1', use: 'files', via: 'web', state: 'live' });
  await alice.client.files.close({ id: opened.id });
  expect(await at.house.settled(opened.id)).toMatchObject({ state: 'ended', endCause: 'client-closed' });
  await expect(alice.client.files.list({ id: opened.id, path: '/' })).rejects.toMatchObject({
    code: 'not_found',
    details: { closed: true },
  });
});

test('64 MiB up and down are the same bytes, in bounded memory, with rows of their own', async () => {
  // what any transfer makes the daemon grow by stays: the next one is to need no more
  await alice.upload(id, there('first'), bigBody());
  await (await alice.download(id, there('first'))).arrayBuffer();
  await at.rows(2);
  await at.mark();
  const before = residentBytes(at.house.bastion.pid);
  let peak = before;
  const watching = setInterval(() => {
    peak = Math.max(peak, residentBytes(at.house.bastion.pid));
  }, 20);
  const sent = await alice.upload(id, there('big'), bigBody());
  expect([sent.status, await sent.json()]).toEqual([200, { path: there('big'), size: 64 * MIB }]);
  const pieces: Uint8Array[] = [];
  for await (const piece of bigBody()) pieces.push(piece);
  const whole = Buffer.concat(pieces);
  expect(sha256OfFile(there('big'))).toBe(sha256(whole));
  const got = await alice.download(id, there('big'));
  expect(got.headers.get('content-length')).toBe(String(64 * MIB));
  expect(got.headers.get('content-disposition')).toMatch(/^attachment/);
  expect(got.headers.get('x-content-type-options')).toBe('nosniff');
  expect(sha256(Buffer.from(await got.arrayBuffer()))).toBe(sha256(whole));
  clearInterval(watching);
  expect(peak - before).toBeLessThan(40 * MIB);
  const rows = await at.rows(2);
  const common = {
    method: 'web',
    path: there('big'),
    bytes: 64 * MIB,
    partial: false,
    result: 'ok',
    sha256: sha256(whole),
  };
  expect(rows).toMatchObject([
    { ...common, direction: 'upload', user: 'alice', session: id },
    { ...common, direction: 'download' },
  ]);
});

test('an upload that was cut goes on from what arrived, and is exact', async () => {
  const bytes = new Seeded(11).bytes(3 * MIB);
  await at.mark();
  const cut = new AbortController();
  const half = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.subarray(0, 2 * MIB)),
  });
  const broken = alice.upload(id, there('cut'), half, {}, cut.signal);
  broken.catch(() => {});
  await eventually(
    '2 MiB there',
    async () => (await stat(there('cut')).catch(() => undefined))?.size === 2 * MIB || undefined,
  );
  cut.abort();
  await expect(broken).rejects.toThrow();
  expect(await at.rows(1)).toMatchObject([{ method: 'web', result: 'cancelled', bytes: 2 * MIB, path: there('cut') }]);
  const { size } = await alice.client.files.show({ id, path: there('cut') });
  expect(size).toBe(2 * MIB);
  const rest = await alice.upload(id, there('cut'), bytes.subarray(size!), { offset: String(size) });
  expect(await rest.json()).toEqual({ path: there('cut'), size: 3 * MIB });
  expect(sha256OfFile(there('cut'))).toBe(sha256(bytes));
  expect((await at.rows(2))[1]).toMatchObject({ result: 'ok', partial: true, bytes: MIB });
  const beyond = await refusal(await alice.upload(id, there('cut'), 'x', { offset: String(5 * MIB) }));
  expect(beyond).toMatchObject({ status: 409, details: { size: 3 * MIB } });
  expect(sha256OfFile(there('cut'))).toBe(sha256(bytes));
});

test('a download that is broken off is told as that; one from an offset gives the rest', async () => {
  await at.mark();
  const stop = new AbortController();
  const got = await alice.download(id, there('big'), {}, stop.signal);
  await got.body!.getReader().read();
  stop.abort();
  expect(await at.rows(1)).toMatchObject([{ direction: 'download', result: 'cancelled', method: 'web' }]);
  const rest = await alice.download(id, there('cut'), { offset: String(3 * MIB - 10) });
  expect(rest.headers.get('content-length')).toBe('10');
  const bytes = Buffer.from(await rest.arrayBuffer());
  expect(bytes.equals((await readFile(there('cut'))).subarray(-10))).toBe(true);
  expect((await refusal(await alice.download(id, there('cut'), { offset: String(4 * MIB) }))).details).toEqual({
    size: 3 * MIB,
  });
});

test('offset 0 begins a file anew; `fresh` writes over nothing', async () => {
  await alice.upload(id, there('twice'), 'a longer text');
  await alice.upload(id, there('twice'), 'short');
  expect(await readFile(there('twice'), 'utf8')).toBe('short');
  const again = await refusal(await alice.upload(id, there('twice'), 'other', { fresh: 'true' }));
  expect(again).toMatchObject({ status: 409, code: 'conflict', details: { exists: true } });
  expect(await readFile(there('twice'), 'utf8')).toBe('short');
  const cut = new AbortController();
  const half = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(Buffer.alloc(1000)) });
  const broken = alice.upload(id, there('fresh'), half, { fresh: 'true' }, cut.signal);
  broken.catch(() => {});
  await eventually('some of it', async () => (await stat(there('fresh')).catch(() => undefined))?.size || undefined);
  await at.mark();
  cut.abort();
  await at.rows(1);
  // what was cut may be sent once more; then it is whole, and nobody writes over it
  expect((await alice.upload(id, there('fresh'), 'whole', { fresh: 'true' })).status).toBe(200);
  expect((await alice.upload(id, there('fresh'), 'again', { fresh: 'true' })).status).toBe(409);
  expect(await readFile(there('fresh'), 'utf8')).toBe('whole');
  const both = await refusal(await alice.upload(id, there('twice'), 'x', { fresh: 'true', offset: '1' }));
  expect(both.code).toBe('invalid');
});

test('files without bytes, without a size, and with less than their size', async () => {
  await alice.upload(id, there('empty'), '');
  const empty = await alice.download(id, there('empty'));
  expect([empty.headers.get('content-length'), (await empty.arrayBuffer()).byteLength]).toEqual(['0', 0]);
  const proc = await (await alice.download(id, '/proc/self/status')).text();
  expect(proc).toMatch(/^Name:\t/);
  expect(proc.endsWith('\n')).toBe(true);
  const sys = await alice.download(id, '/sys/kernel/mm/transparent_hugepage/enabled');
  expect(await sys.text()).toBe(await readFile('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8'));
  for (const [path, code] of [
    ['/dev/zero', 'invalid'],
    [at.there, 'invalid'],
    [there('nowhere'), 'not_found'],
  ] as const) {
    expect((await refusal(await alice.download(id, path))).code).toBe(code);
  }
  expect((await refusal(await alice.upload(id, '/dev/null', 'x'))).code).toBe('invalid');
});

test('a file that shrinks while it is read breaks the download off', async () => {
  await writeFile(there('shrinking'), Buffer.alloc(32 * MIB), { mode: 0o666 });
  const got = await alice.download(id, there('shrinking'));
  const reader = got.body!.getReader();
  await reader.read();
  await truncate(there('shrinking'), 10);
  await expect(
    (async () => {
      while (!(await reader.read()).done);
    })(),
  ).rejects.toThrow();
});

test('folders are made, listed, renamed and removed with what is in them, links unfollowed', async () => {
  const { files } = alice.client;
  const dir = there('tree');
  await files.makeFolder({ id, path: dir });
  await expect(files.makeFolder({ id, path: dir })).rejects.toMatchObject({ code: 'conflict' });
  await files.makeFolder({ id, path: dir, existing: true });
  await files.makeFolder({ id, path: `${dir}/inner` });
  for (const name of ['b', 'a', 'inner/deep', '.hidden']) await alice.upload(id, `${dir}/${name}`, name);
  const outside = await openDirectory(there('outside'));
  await writeFile(join(outside, 'precious'), 'keep');
  await alice.client.files.rename({ id, from: `${dir}/b`, to: `${dir}/c` });
  // as the account on the target, which owns the folder
  await symlink(outside, join(dir, 'link'));
  await symlink('/nowhere', join(dir, 'dangling'));
  const { path, entries, truncated } = await files.list({ id, path: `${dir}/../tree/` });
  expect([path, truncated]).toEqual([dir, false]);
  expect(entries.map(({ name }) => name)).toEqual(['.hidden', 'a', 'c', 'dangling', 'inner', 'link']);
  expect(entries.find(({ name }) => name === 'a')).toMatchObject({
    kind: 'file',
    size: 1,
    owner: 'bastion-test',
    mode: 'rw-r--r--',
  });
  expect(entries.find(({ name }) => name === 'link')).toMatchObject({ kind: 'link', toFolder: true });
  expect(entries.find(({ name }) => name === 'dangling')).toMatchObject({ kind: 'link', toFolder: false, size: null });
  await expect(files.rename({ id, from: `${dir}/a`, to: `${dir}/c` })).rejects.toMatchObject({ code: 'conflict' });
  expect(await readFile(`${dir}/c`, 'utf8')).toBe('b');
  expect(await files.remove({ id, path: dir })).toEqual({ removed: 8 });
  await expect(stat(dir)).rejects.toThrow();
  expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('keep');
});

test('what is done is written down: its beginning and end, each transfer, and everything else in its recording', async () => {
  const own = await alice.open();
  const dir = there('written');
  const { files } = alice.client;
  await files.makeFolder({ id: own, path: dir });
  await alice.upload(own, `${dir}/a`, 'text');
  await files.rename({ id: own, from: `${dir}/a`, to: `${dir}/b` });
  await files.remove({ id: own, path: dir });
  await files.close({ id: own });
  await at.house.settled(own);
  const lines = (await at.house.bastion.ok(['session', 'replay', own])).split('\n').map((line) => line.trim());
  for (const line of [
    `made the directory ${dir}`,
    `uploaded ${dir}/a, 4 bytes, sha256 ${sha256('text')}`,
    `renamed ${dir}/a to ${dir}/b`,
    `removed ${dir}/b`,
    `removed the directory ${dir}`,
  ])
    expect(lines).toContain(line);
  const audit = (await at.house.audit({ actor: 'alice' })).filter(({ actor }) => actor.via === 'web');
  const actions = audit.filter(({ target }) => target?.id === own).map(({ action }) => action);
  expect(actions.toSorted()).toEqual(['session.end', 'session.start', 'transfer']);
});

test('names of any bytes are shown, and lead to their file', async () => {
  const raw = Buffer.concat([
    Buffer.from(`${at.there}/`),
    Buffer.from('caf\xe9 <img src=x onerror=alert(1)>\n', 'latin1'),
  ]);
  await writeFile(raw, 'strange');
  const name = (await alice.names(id, at.there)).find((one) => one.startsWith('caf'))!;
  expect(await (await alice.download(id, there(name))).text()).toBe('strange');
  await alice.client.files.rename({ id, from: there(name), to: there(`${name}2`) });
  expect(await readFile(Buffer.concat([raw, Buffer.from('2')]), 'utf8')).toBe('strange');
  expect(await alice.client.files.remove({ id, path: there(`${name}2`) })).toEqual({ removed: 1 });
});

test('paths that are none are refused before anything is asked', async () => {
  for (const path of ['relative', '', 'a/../../x', '/nul\0byte', '/x'.repeat(3000)])
    await expect(alice.client.files.list({ id, path })).rejects.toMatchObject({ code: 'invalid' });
  await expect(alice.client.files.makeFolder({ id, path: '/\ud800' })).rejects.toMatchObject({ code: 'invalid' });
  await expect(alice.client.files.remove({ id, path: '//' })).rejects.toMatchObject({ code: 'invalid' });
  // where `..` leads is the target's own matter
  expect((await alice.client.files.list({ id, path: '/../../etc/..' })).path).toBe('/');
  expect((await ofAlice()).state).toBe('live');
});

test('each right that is missing is told by itself, and nothing reaches the target', async () => {
  await writeFile(there('seen'), 'seen', { mode: 0o666 });
  const calls: Record<string, (by: WebFiles, session: string) => Promise<unknown>> = {
    upload: async (by, session) => fails(await by.upload(session, there('new'), 'x')),
    download: async (by, session) => fails(await by.download(session, there('seen'))),
    remove: (by, session) => by.client.files.remove({ id: session, path: there('seen') }),
    rename: (by, session) => by.client.files.rename({ id: session, from: there('seen'), to: there('moved') }),
    // also where it is there already
    folder: (by, session) => by.client.files.makeFolder({ id: session, path: at.there, existing: true }),
  };
  const missing = {
    upload: { download: 'download', remove: 'delete', rename: 'delete' },
    download: { upload: 'upload', remove: 'delete', rename: 'upload', folder: 'upload' },
    none: { upload: 'upload', download: 'download', remove: 'delete', rename: 'upload', folder: 'upload' },
  } as const;
  for (const [user, denied] of Object.entries(missing)) {
    const by = await WebFiles.of(at.house, user);
    const session = await by.open();
    expect(await by.names(session, at.there)).toContain('seen');
    for (const [call, action] of Object.entries(denied)) {
      await expect(calls[call]!(by, session), `${user} ${call}`).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringMatching(
          new RegExp(`^You may not .* web1: the action ${action} is missing; ask an administrator`),
        ),
      });
    }
    await by.client.files.close({ id: session });
  }
  await rm(there('new'), { force: true });
  expect(await readFile(there('seen'), 'utf8')).toBe('seen');
  const rows = await eventually('the denied rows', async () => {
    const { items } = await at.house.api.transfers.list({ limit: 500 });
    const denied = items.filter(({ result, method }) => result === 'denied' && method === 'web');
    return denied.length >= 4 ? denied : undefined;
  });
  expect(new Set(rows.map(({ user, direction }) => `${user} ${direction}`))).toEqual(
    new Set(['upload download', 'download upload', 'none upload', 'none download']),
  );
});

test('what the target itself forbids is told as the target’s', async () => {
  expect(await refusal(await alice.download(id, '/etc/shadow'))).toMatchObject({
    code: 'forbidden',
    message: expect.stringContaining('The account bastion-test has no permission'),
  });
});

test('a session is its opener’s alone; tickets are for one use, once', async () => {
  const bob = await WebFiles.of(at.house, 'upload');
  const again = await WebFiles.of(at.house, 'alice');
  const root = at.house.api;
  for (const by of [bob.client, again.client]) {
    for (const call of [
      () => by.files.list({ id, path: '/' }),
      () => by.files.remove({ id, path: there('seen') }),
      () => by.files.close({ id }),
    ])
      await expect(call()).rejects.toMatchObject({ status: 404 });
  }
  expect((await bob.download(id, there('seen'))).status).toBe(404);
  await expect(root.files.list({ id, path: '/' })).rejects.toMatchObject({ code: 'invalid' });
  await expect(alice.client.files.list({ id: '0'.repeat(26), path: '/' })).rejects.toMatchObject({ status: 404 });
  const ticket = await alice.ticket();
  await expect(bob.client.files.open({ ticket })).rejects.toMatchObject({ code: 'expired' });
  await expect(alice.client.files.open({ ticket })).rejects.toMatchObject({ code: 'expired' });
  const shell = await alice.client.connections.open({ asset: 'web1', use: 'shell' });
  const wrong = shell.state === 'ticket' ? shell.ticket : '';
  await expect(alice.client.files.open({ ticket: wrong })).rejects.toMatchObject({ code: 'invalid' });
  expect((await ofAlice()).state).toBe('live');
});

test('login and secret that are typed open the files, and stand nowhere', async () => {
  const { api, bastion } = at.house;
  await at.house.addUser('erin');
  await api.permissions.add({ name: 'erin', users: ['erin'], folders: ['/'], accounts: ['@input'] });
  const erin = await WebFiles.of(at.house, 'erin');
  const wish = { asset: 'web1', account: '@input', use: 'files' } as const;
  const asked = await erin.client.connections.open(wish);
  expect(asked).toMatchObject({ state: 'ticket', input: { login: null } });
  const ticket = async () => erin.ticket('web1', '@input');
  await expect(erin.client.files.open({ ticket: await ticket() })).rejects.toMatchObject({ code: 'no_account' });
  const input = { login: TEST_USER.name, secret: TEST_USER.password };
  const wrong = { ...input, secret: 'wrong password 0815' };
  await expect(erin.client.files.open({ ticket: await ticket(), input: wrong })).rejects.toMatchObject({
    code: 'target_auth',
  });
  const { id: own } = await erin.client.files.open({ ticket: await ticket(), input });
  expect(await erin.names(own, at.there)).toContain('seen');
  await erin.client.files.close({ id: own });
  const known = JSON.stringify([await at.house.audit(), bastion.log()]);
  for (const secret of [input.secret, wrong.secret]) expect(known).not.toContain(secret);
});

test('a right that is taken away bites at the next call, and the person’s going ends it', async () => {
  const { api } = at.house;
  const dave = await at.house.addUser('dave').then(() => WebFiles.of(at.house, 'dave'));
  const actions = ['connect', 'download'] as const;
  await api.permissions.add({
    name: 'dave',
    users: ['dave'],
    folders: ['/'],
    accounts: ['@all'],
    actions: [...actions],
  });
  const session = await dave.open();
  expect(await (await dave.download(session, there('seen'))).text()).toBe('seen');
  await api.permissions.set({ name: 'dave', actions: ['connect'] });
  await eventually('the right to be gone', async () =>
    (await dave.download(session, there('seen'))).status === 403 ? true : undefined,
  );
  await api.permissions.remove({ name: 'dave' });
  expect(await at.house.settled(session)).toMatchObject({ endCause: 'revoked' });
  await expect(dave.client.files.list({ id: session, path: '/' })).rejects.toMatchObject({ status: 404 });
});

test('a browser needs its header for what changes something, and signing out ends it', async () => {
  const password = 'a long enough phrase 7';
  await at.house.api.users.set({ name: 'alice', password });
  const base = `http://127.0.0.1:${at.house.bastion.httpPort}/api/v1`;
  const json = { 'content-type': 'application/json', [CSRF_HEADER]: '1' };
  const ask = async (path: string, body: object, headers: Record<string, string>) =>
    fetch(base + path, { method: 'POST', headers, body: JSON.stringify(body) });
  const signedIn = await ask('/sign-in', { name: 'alice', password }, json);
  const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
  const own = { ...json, cookie };
  const { ticket } = (await (await ask('/connections', { asset: 'web1', use: 'files' }, own)).json()) as {
    ticket: string;
  };
  const opened = (await (await ask('/files', { ticket }, own)).json()) as { id: string };
  const forged = `${base}/files/${opened.id}/content?${new URLSearchParams({ path: there('forged') })}`;
  const octets = { 'content-type': 'application/octet-stream', cookie };
  expect((await fetch(forged, { method: 'POST', headers: octets, body: 'x' })).status).toBe(403);
  const elsewhere = { ...octets, [CSRF_HEADER]: '1', origin: 'http://evil.example' };
  expect((await fetch(forged, { method: 'POST', headers: elsewhere, body: 'x' })).status).toBe(403);
  await expect(stat(there('forged'))).rejects.toThrow();
  // the same person with a token is somebody else
  await expect(alice.client.files.list({ id: opened.id, path: '/' })).rejects.toMatchObject({ status: 404 });
  expect((await fetch(forged, { method: 'POST', headers: { ...octets, [CSRF_HEADER]: '1' }, body: 'x' })).status).toBe(
    200,
  );
  expect((await fetch(`${base}/sign-out`, { method: 'POST', headers: own })).status).toBe(200);
  expect(await at.house.settled(opened.id)).toMatchObject({ endCause: 'revoked' });
});

test('locked it stands still, and goes on where it was', async () => {
  await at.house.api.sessions.lock({ id });
  const asked = alice.names(id, at.there);
  let answered = false;
  void asked.then(() => {
    answered = true;
  });
  // other calls come and go meanwhile
  for (let i = 0; i < 5; i++) expect((await ofAlice()).locked).toBe(true);
  expect(answered).toBe(false);
  await at.house.api.sessions.unlock({ id });
  expect(await asked).toContain('seen');
});

test('an administrator ends it in the middle of an upload', async () => {
  const own = await alice.open();
  const endless = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(new Uint8Array(MIB)) });
  const upload = alice.upload(own, there('ended'), endless);
  await eventually('some of it there', async () =>
    (await stat(there('ended')).catch(() => undefined))?.size ? true : undefined,
  );
  await at.house.api.sessions.end({ id: own });
  const answer = await refusal(await upload);
  expect(answer).toMatchObject({ code: 'target_closed', message: expect.stringContaining('were closed') });
  expect(await at.house.settled(own)).toMatchObject({ endCause: 'terminated' });
});

test('a target that is gone is told, and nothing hangs', async () => {
  const own = await alice.open();
  await mkdir(there('gone'), { recursive: true });
  await at.house.sshd.dropConnections();
  await expect(alice.client.files.list({ id: own, path: '/' })).rejects.toMatchObject({
    code: expect.stringMatching(/target_closed|not_found/),
  });
});

/** As a call of the client would. */
async function fails(response: Response): Promise<void> {
  if (!response.ok) throw Object.assign(new Error(), await refusal(response));
}
