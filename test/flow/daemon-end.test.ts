import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Bastion, type BastionOptions, startBastion } from '../kit/bastion.ts';
import { eventually, finished, seen, start } from '../kit/process.ts';
import { type OnPty, onPty } from '../kit/pty.ts';
import { type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Keys } from '../unit/auth-support.ts';

// How the daemon ends, and that its data serve the next one.

let sshd: Sshd;
const keys = new Keys();

beforeAll(async () => {
  await Promise.all(['alice', 'target'].map((name) => keys.make(name, 'ed25519')));
  sshd = await startSshd({ authorizedKeys: [keys.publicLine('target')], password: true });
});
afterAll(async () => {
  await sshd?.stop();
  keys.remove();
});

/** A daemon with alice, who may use `web` by a stored key and `word` by a stored password. */
async function furnished(options: BastionOptions = {}): Promise<Bastion> {
  const bastion = await startBastion(options);
  await bastion.ok(['user', 'add', 'alice', '--key-file', keys.file('alice.pub')]);
  for (const [asset, args, stdin] of [
    ['web', ['--key-file', keys.file('target')], undefined],
    ['word', ['--password-stdin'], TEST_USER.password],
  ] as const) {
    await bastion.ok(['asset', 'add', asset, '--address', '127.0.0.1', '--protocol', `ssh:${sshd.port}`]);
    await bastion.ok(['account', 'add', asset, TEST_USER.name, ...args], { stdin });
  }
  await bastion.ok(['permission', 'add', 'p', '--user', 'alice', '--asset', 'web,word', '--account', '@all']);
  return bastion;
}

const says = async (bastion: Bastion, asset: string) =>
  (await bastion.ssh(`alice@${asset}`, keys.file('alice'), ['echo hello'])).stdout;

async function shellOn(bastion: Bastion): Promise<OnPty> {
  const args = bastion.sshArgs('alice@web', keys.file('alice'));
  const shell = onPty('ssh', [...args.slice(0, -1), '-tt', args.at(-1)!]);
  await shell.expect(/\$ /);
  return shell;
}

it('SIGTERM gives a shell notice and time, takes nothing new, then ends it and exits with 0', async () => {
  await using bastion = await furnished({ config: { session: { shutdown_grace: '3s' } } });
  using shell = await shellOn(bastion);
  const menuArgs = bastion.sshArgs('alice', keys.file('alice'));
  using menu = onPty('ssh', [...menuArgs.slice(0, -1), '-t', menuArgs.at(-1)!]);
  await menu.expect(/web/);
  const ended = bastion.stop();
  await shell.expect(/The bastion .*down/);
  // within its time the shell still works
  shell.type('echo still-$((40 + 2))\r');
  await shell.expect(/still-42/);
  expect((await bastion.ssh('alice@web', keys.file('alice'), ['true'])).code).toBe(255);
  expect((await fetch(`http://127.0.0.1:${bastion.httpPort}/readyz`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${bastion.httpPort}/healthz`)).status).toBe(200);
  expect(await ended).toMatchObject({ code: 0 });
  await Promise.all([shell.ended, menu.ended]);

  await using later = await startBastion({ dir: bastion.dir });
  const [session] = await later.json<{ state: string; endCause: string | null }[]>(['session', 'list']);
  expect(session).toMatchObject({ state: 'ended', endCause: 'shutdown' });
});

it('SIGTERM with nothing running exits with 0 at once, and leaves no socket and no lock behind', async () => {
  await using bastion = await startBastion({ config: { session: { shutdown_grace: '10m' } } });
  expect(await bastion.stop()).toMatchObject({ code: 0 });
  expect(bastion.log()).toMatch(/"msg":"stopped"/);
  expect(await bastion.cli(['session', 'list', '--live'])).toMatchObject({ code: 0 });
});

it('a session that leaves by itself ends the wait', async () => {
  await using bastion = await furnished({ config: { session: { shutdown_grace: '10m' } } });
  using shell = await shellOn(bastion);
  const ended = bastion.stop();
  await shell.expect(/The bastion .*down/);
  shell.type('exit 4\r');
  expect(await shell.ended).toBe(4);
  expect(await ended).toMatchObject({ code: 0 });
});

it('a second signal exits at once; the session is interrupted in the books of the next start', async () => {
  await using bastion = await furnished({ config: { session: { shutdown_grace: '10m' } } });
  using shell = await shellOn(bastion);
  const ended = bastion.stop('SIGINT');
  await shell.expect(/The bastion .*down/);
  bastion.process.kill('SIGINT');
  expect((await ended).code).toBe(1);
  await shell.ended;
  await using later = await startBastion({ dir: bastion.dir });
  const [session] = await later.json<{ state: string; endCause: string | null }[]>(['session', 'list']);
  expect(session).toMatchObject({ state: 'interrupted' });
});

it('killed with -9 in the middle of work, the data serve the next daemon and the stopped command line', async () => {
  await using bastion = await furnished();
  using shell = await shellOn(bastion);
  shell.type('echo before-the-$((1 + 1))nd\r');
  await shell.expect(/before-the-2nd/);
  // the recorder flushes each second
  await eventually('the spool to hold the screen', () => spooled(bastion).includes('before-the-2nd'));
  await bastion.stop('SIGKILL');
  await shell.ended;
  // the socket is left behind; nobody listens there
  expect(await bastion.cli(['user', 'show', 'alice', '--json'])).toMatchObject({ code: 0 });
  await bastion.ok(['user', 'set', 'alice', '--comment', 'changed while stopped']);

  await using later = await startBastion({ dir: bastion.dir });
  expect(await says(later, 'web')).toBe('hello\n');
  expect(await later.json(['user', 'show', 'alice'])).toMatchObject({ comment: 'changed while stopped' });
  const sessions = await later.json<{ id: string; state: string }[]>(['session', 'list']);
  const cut = sessions.find(({ state }) => state === 'interrupted');
  expect(cut).toBeDefined();
  const replay = await eventually('the recording', async () => {
    const result = await later.cli(['session', 'export', cut!.id, '--to', '-']);
    return result.code === 0 ? result.stdout : undefined;
  });
  expect(replay).toContain('before-the-2nd');
});

function spooled(bastion: Bastion): string {
  const spool = join(bastion.data, 'spool');
  return readdirSync(spool)
    .map((name) => readFileSync(join(spool, name), 'latin1'))
    .join('');
}

it('vault rotate-key on the running and on the stopped daemon: another key, and sessions still log in', async () => {
  await using bastion = await furnished();
  const key = () => readFileSync(join(bastion.data, 'master.key'), 'utf8');
  const first = key();
  expect(await says(bastion, 'web')).toBe('hello\n');
  expect(await bastion.ok(['vault', 'rotate-key'])).toMatch(/There is a new master key; \d secrets sealed anew\./);
  const second = key();
  expect(second).not.toBe(first);
  for (const asset of ['web', 'word']) expect(await says(bastion, asset)).toBe('hello\n');

  await bastion.stop();
  await bastion.ok(['vault', 'rotate-key']);
  expect(key()).not.toBe(second);
  await using later = await startBastion({ dir: bastion.dir });
  for (const asset of ['web', 'word']) expect(await says(later, asset)).toBe('hello\n');
});

it('a command that ends within the time keeps its output and exit code', async () => {
  await using bastion = await furnished({ config: { session: { shutdown_grace: '5s' } } });
  const command = start('ssh', [
    ...bastion.sshArgs('alice@web', keys.file('alice')),
    'echo begun; read line; echo "got $line"; exit 7',
  ]);
  const ended = finished(command);
  await seen(command.stdout!, /begun/);
  const stopped = bastion.stop();
  await eventually('the daemon to stop listening', async () =>
    (await bastion.ssh('alice', keys.file('alice'), ['true'])).code === 255 ? true : undefined,
  );
  command.stdin!.end('an answer\n');
  expect(await ended).toMatchObject({ code: 7, stdout: 'begun\ngot an answer\n' });
  expect(await stopped).toMatchObject({ code: 0 });
});
