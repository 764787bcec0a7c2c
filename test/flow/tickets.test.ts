import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SSH_OPTIONS } from '../kit/bastion.ts';
import { type House, startHouse } from '../kit/house.ts';
import { finished, type RunResult, run, seen, start } from '../kit/process.ts';
import { ticketFor } from '../kit/web-terminal.ts';

let house: House;
let dir: string;
let token: string;

beforeAll(async () => {
  house = await startHouse();
  dir = mkdtempSync(join(tmpdir(), 'bastion-tickets-'));
  token = (await house.api.tokens.add({ user: 'alice' })).secret;
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const ticket = (use = 'shell', key = token) =>
  ticketFor(house.bastion, { Authorization: `Bearer ${key}` }, { asset: 'web1', use });
const plain = ['-o', 'PubkeyAuthentication=no', '-o', 'NumberOfPasswordPrompts=1'];
const port = () => String(house.bastion.sshPort);

/** ssh as `ticket`, with this password. */
function asPassword(password: string, method: string, words: readonly string[], user = 'ticket'): Promise<RunResult> {
  const args = [
    ...SSH_OPTIONS,
    ...plain,
    '-o',
    `PreferredAuthentications=${method}`,
    '-p',
    port(),
    `${user}@127.0.0.1`,
  ];
  return run('sshpass', ['-e', 'ssh', ...args, ...words], { env: { ...process.env, SSHPASS: password } });
}

/** ssh with the ticket as its user name, and nothing else to show. */
function asName(name: string, words: readonly string[]): Promise<RunResult> {
  return run('ssh', [...asNameArgs(name), ...words]);
}

function asNameArgs(name: string): string[] {
  return [...SSH_OPTIONS, ...plain, '-o', 'BatchMode=yes', '-p', port(), `${name}@127.0.0.1`];
}

test.each(['password', 'keyboard-interactive'])(
  'as the password of "ticket" (%s): one session of its asset',
  async (method) => {
    const made = await ticket();
    const result = await asPassword(made, method, ['echo hello from $USER; exit 5']);
    expect(result).toMatchObject({ code: 5, stdout: 'hello from bastion-test\n' });
    expect(await asPassword(made, method, ['echo again'])).toMatchObject({ code: 255, stdout: '' });
  },
);

test('as the user name: nothing else to show; whatever destination is written, its own counts', async () => {
  expect(await asName(await ticket(), ['echo in'])).toMatchObject({ code: 0, stdout: 'in\n' });
  expect(await asName(`${await ticket()}@nowhere`, ['echo in'])).toMatchObject({ code: 0, stdout: 'in\n' });
  const { items } = await house.api.sessions.list({ limit: 1 });
  expect(items[0]).toMatchObject({ user: 'alice', asset: 'web1', account: 'bastion-test', via: 'ssh' });
  const [login] = await house.audit({ action: 'login', actor: 'alice' });
  expect(login).toMatchObject({ outcome: 'ok', details: { token: true, ticket: 'shell' } });
});

test('each for its own use: a shell is no SFTP, SFTP is no shell', async () => {
  const file = join(dir, 'up');
  writeFileSync(file, 'carried');
  const target = join(dir, 'down');
  const sftp = (name: string, batch: string) =>
    run('sftp', ['-q', ...SSH_OPTIONS, ...plain, '-o', 'BatchMode=yes', '-b', '-', '-P', port(), `${name}@127.0.0.1`], {
      stdin: batch,
    });
  const done = await sftp(await ticket('files'), `put ${file} ticket-up\nget ticket-up ${target}\nrm ticket-up\n`);
  expect(done).toMatchObject({ code: 0 });
  expect(readFileSync(target, 'utf8')).toBe('carried');

  expect((await sftp(await ticket(), 'ls\n')).code).not.toBe(0);
  const shell = await asName(await ticket('files'), ['id']);
  expect(shell).toMatchObject({ code: 254, stdout: '' });
  expect(shell.stderr).toContain('this one-time ticket is for use files');
});

test('for one session, and no forwarding or jumping', async () => {
  const client = new Client();
  client.on('error', () => {});
  const made = await ticket();
  await new Promise((resolve, reject) => {
    client.on('ready', () => resolve(undefined)).on('error', reject);
    client.connect({ host: '127.0.0.1', port: house.bastion.sshPort, username: 'ticket', password: made });
  });
  const exec = () =>
    new Promise<string>((resolve) => void client.exec('true', (error) => resolve(error?.message ?? 'ran')));
  const forward = (to: number) =>
    new Promise<string>((resolve) => {
      client.forwardOut('127.0.0.1', 1, '127.0.0.1', to, (error) => resolve(error?.message ?? 'open'));
    });
  expect(await forward(house.sshd.port)).toContain('a one-time ticket is for one session');
  expect(await exec()).toBe('ran');
  expect(await exec()).toContain('a one-time ticket is for one session');
  client.end();
});

test('a wrong one is a wrong password: counted for its address, and never written down', async () => {
  const forged = `bti_${'B'.repeat(43)}`;
  for (let n = 0; n < 8; n++) expect((await asName(forged, ['id'])).code).toBe(255);
  const locked = await house.bastion.json<{ user: string }[]>(['lockout', 'list']);
  expect(locked).toMatchObject([{ user: 'ticket' }]);
  const rows = await house.audit({ action: 'login' });
  expect(rows.filter(({ outcome, actor }) => outcome === 'failed' && actor.name === 'ticket').length).toBeGreaterThan(
    6,
  );
  expect(JSON.stringify(rows) + house.bastion.log()).not.toContain('bti_');
});

test('it goes with the API token it was asked for with, and so does what it opened', async () => {
  const made = await house.api.tokens.add({ user: 'alice' });
  const first = await ticket('shell', made.secret);
  const second = await ticket('shell', made.secret);
  const running = start('ssh', [...asNameArgs(first), 'echo up; sleep 1000']);
  const ended = finished(running);
  await seen(running.stdout!, /up/);
  const live = await house.live((row) => row.command === 'echo up; sleep 1000');
  await house.api.tokens.remove({ id: made.token.id });
  expect((await ended).code).not.toBe(0);
  expect(await asName(second, ['id'])).toMatchObject({ code: 255, stdout: '' });
  expect(await house.settled(live.id)).toMatchObject({ endCause: 'revoked' });
});
