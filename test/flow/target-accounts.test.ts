import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addTarget, type House, PROMPT, startHouse } from '../kit/house.ts';
import { run } from '../kit/process.ts';
import { freePort, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

let house: House;
let interactive: Sshd;

beforeAll(async () => {
  house = await startHouse({ config: { ssh: { connect_timeout: '1s' } } });
  interactive = await startSshd({ keyboardInteractive: true });
});
afterAll(async () => {
  await Promise.all([house?.[Symbol.asyncDispose](), interactive?.stop()]);
});

const ssh = (login: string, command = 'whoami') => house.bastion.ssh(login, house.key.file, [command]);
const asset = (name: string, port: number) =>
  house.bastion.ok(['asset', 'add', name, '--address', '127.0.0.1', '--protocol', `ssh:${port}`]);

test('password, keyboard-interactive, key with passphrase and generated key all log in', async () => {
  const { name: login, password } = TEST_USER;
  await asset('by-password', house.sshd.port);
  await house.bastion.ok(['account', 'add', 'by-password', login, '--password-stdin'], { stdin: `${password}\n` });
  expect(await ssh('alice@by-password')).toMatchObject({ code: 0, stdout: `${login}\n`, stderr: '' });

  await asset('by-dialogue', interactive.port);
  await house.bastion.ok(['account', 'add', 'by-dialogue', login, '--password-stdin'], { stdin: password });
  expect(await ssh('alice@by-dialogue')).toMatchObject({ code: 0, stdout: `${login}\n` });

  const locked = await makeKey(house.dir, 'locked', 'ed25519', 'open sesame');
  const generating = await startSshd({ authorizedKeys: [locked.publicKey] });
  try {
    await asset('by-key', generating.port);
    const flags = ['account', 'add', 'by-key', login, '--key-file', locked.file, '--passphrase-stdin'];
    await house.bastion.ok(flags, { stdin: 'open sesame\n' });
    expect(await ssh('alice@by-key')).toMatchObject({ code: 0, stdout: `${login}\n` });
    const wrong = await house.bastion.cli(['account', 'set', 'by-key', login, ...flags.slice(4)], { stdin: 'wrong\n' });
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toMatch(/passphrase/);

    const made = await house.bastion.ok(['account', 'set', 'by-key', login, '--generate-key']);
    const line = /^ssh-ed25519 \S+.*$/m.exec(made)![0];
    expect(made).toContain(`~/.ssh/authorized_keys of ${login}`);
    const before = await ssh('alice@by-key');
    expect(before.code).toBe(254);
    writeFileSync(join(generating.dir, 'authorized_keys'), `${line}\n`);
    expect(await ssh('alice@by-key')).toMatchObject({ code: 0, stdout: `${login}\n` });
    const database = readFileSync(join(house.bastion.data, 'bastion.db'));
    expect(database.includes(password)).toBe(false);
  } finally {
    await generating.stop();
  }
});

test('a wrong secret: says what to check, exit 254; account test and asset test say the same to the administrator', async () => {
  await asset('wrong', house.sshd.port);
  await house.bastion.ok(['account', 'add', 'wrong', TEST_USER.name, '--password-stdin'], { stdin: 'not it at all' });
  const refused = await ssh('alice@wrong');
  expect(refused).toMatchObject({ code: 254, stdout: '' });
  expect(refused.stderr).toBe(
    `bastion: wrong did not accept the secret for ${TEST_USER.name}: an administrator stores the right one with \`bastion account set wrong ${TEST_USER.name} --password-stdin\` (or --key-file).\n`,
  );
  const tested = await house.bastion.cli(['account', 'test', 'wrong', TEST_USER.name]);
  expect(tested.code).toBe(1);
  expect(tested.stdout + tested.stderr).toMatch(/did not accept the secret/);
  expect(await house.bastion.ok(['account', 'test', 'web1', TEST_USER.name])).toMatch(
    /Logged in to web1 as bastion-test/,
  );
  expect(await house.bastion.ok(['asset', 'test', 'wrong'])).toMatch(/wrong answers, host key SHA256:/);
  const [row] = (await house.api.sessions.list({ asset: 'wrong', limit: 1 })).items;
  expect(row).toMatchObject({ state: 'ended', endCause: 'connect-failed', recording: 'none' });

  // without any secret the person types it
  await house.bastion.ok(['account', 'set', 'wrong', TEST_USER.name, '--no-secret']);
  expect((await ssh('alice@wrong')).stderr).toMatch(/must be typed; connect with a terminal \(ssh -t\)/);
  using terminal = house.terminal('alice@wrong');
  await terminal.shows(/Password of bastion-test> \(not shown\)$/);
  terminal.enter(TEST_USER.password);
  await terminal.shows(PROMPT);
  terminal.enter('exit');
  await terminal.exit;
});

test('@user is the account of the same name, @input asks for login and password on a terminal', async () => {
  await asset('typed', house.sshd.port);
  await house.bastion.ok(['permission', 'remove', 'alice']);
  const grant = ['permission', 'add', 'typing', '--user', 'alice', '--asset', 'typed,web1', '--account', '@input'];
  await house.bastion.ok(grant);
  try {
    using terminal = house.terminal('alice@typed');
    await terminal.shows(/Login>$/);
    terminal.enter(TEST_USER.name);
    await terminal.shows(/Password of bastion-test> \(not shown\)$/);
    terminal.enter('wrong the first time');
    await terminal.shows(/did not accept the secret for bastion-test\.$/m);
    await terminal.shows(/Password of bastion-test> \(not shown\)$/);
    terminal.enter(TEST_USER.password);
    await terminal.shows(PROMPT);
    expect(terminal.screen()).not.toContain(TEST_USER.password);
    terminal.enter('exit');
    expect(await terminal.exit).toMatchObject({ exitCode: 0 });
    const plain = await ssh('alice@typed');
    expect(plain).toMatchObject({ code: 254, stdout: '' });
    expect(plain.stderr).toMatch(/connect with a terminal \(ssh -t\)/);

    await house.bastion.ok(['permission', 'set', 'typing', '--account', '@user']);
    expect((await ssh('alice@web1')).code).toBe(254);
    const key = await house.addUser(TEST_USER.name);
    await house.bastion.ok(['permission', 'set', 'typing', '--user', TEST_USER.name]);
    const own = await house.bastion.ssh(`${TEST_USER.name}@web1`, key.file, ['whoami']);
    expect(own).toMatchObject({ code: 0, stdout: `${TEST_USER.name}\n` });
  } finally {
    await house.api.permissions.remove({ name: 'typing' });
    await house.api.permissions.add({ name: 'alice', users: ['alice'], folders: ['/'], accounts: ['@all'] });
  }
});

test('what cannot be reached is told with what to look at, within the connect timeout', async () => {
  const silent = createServer(() => {});
  const talker = createServer((socket) => {
    socket.on('error', () => {});
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const ports = await Promise.all(
    [silent, talker].map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  const cases: readonly [name: string, address: string, port: number, told: RegExp][] = [
    [
      'refusing',
      '127.0.0.1',
      await freePort(),
      /^bastion: refusing \(127\.0\.0\.1:\d+\) refused the connection: check/,
    ],
    ['silent', '127.0.0.1', ports[0]!, /^bastion: silent \(127\.0\.0\.1:\d+\) did not answer in time: check/],
    ['http', '127.0.0.1', ports[1]!, /^bastion: What answers at http \(127\.0\.0\.1:\d+\) is not an SSH server: check/],
    ['nameless', 'no-such-host.invalid', 22, /^bastion: The name no-such-host\.invalid of nameless cannot be resolved/],
    ['unrouted', '2001:db8::1', 22, /^bastion: (There is no route|unrouted .* did not answer in time)/],
  ];
  try {
    for (const [name, address, port] of cases) {
      await house.api.assets.add({ name, address, protocols: [{ name: 'ssh', port }] });
      await house.api.accounts.add({ asset: name, login: 'root', password: 'whatever it is' });
    }
    for (const [name, , , told] of cases) {
      const result = await ssh(`alice@${name}`);
      expect(result, name).toMatchObject({ code: 254, stdout: '' });
      expect(result.stderr).toMatch(told);
      expect(result.stderr.trimEnd().split('\n')).toHaveLength(1);
      const tested = await house.bastion.cli(['asset', 'test', name]);
      expect(tested.code, name).toBe(1);
    }
  } finally {
    silent.close();
    talker.close();
  }
});

test('a target killed in mid-session is told, exit 254; when it is back so is the session', async () => {
  const doomed = await startSshd({ authorizedKeys: [house.targetKey.publicKey] });
  await addTarget(house, 'doomed', doomed);
  using terminal = house.terminal('alice@doomed');
  await terminal.shows(PROMPT);
  const { id } = await house.live(({ asset: name }) => name === 'doomed');
  await doomed.dropConnections();
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  expect(terminal.screen()).toMatch(/The connection to doomed was lost: .*Connect again to go on\./);
  expect(await house.settled(id)).toMatchObject({ endCause: 'target-closed', recording: 'ready' });

  const { port, hostKeyFiles } = doomed;
  const keep = await Promise.all(hostKeyFiles.map(async (file) => [file, readFileSync(file)] as const));
  await doomed.stop();
  expect((await ssh('alice@doomed')).stderr).toMatch(/refused the connection/);
  const files = keep.map(([, content], index) => {
    const file = join(house.dir, `host_key_${index}`);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  });
  const back = await startSshd({ port, hostKeyFiles: files, authorizedKeys: [house.targetKey.publicKey] });
  try {
    expect(await ssh('alice@doomed')).toMatchObject({ code: 0, stdout: `${TEST_USER.name}\n` });
  } finally {
    await back.stop();
  }
});

test('channels of one client connection share one connection to the target', async () => {
  const socket = join(house.dir, 'mux');
  const accepted = () => house.sshd.log().split('Accepted publickey').length;
  const before = accepted();
  const args = house.bastion.sshArgs('alice@web1', house.key.file);
  const master = [...args.slice(0, -1), '-M', '-S', socket, '-N', '-f', args.at(-1)!];
  expect((await run('ssh', master)).code).toBe(0);
  try {
    const calls = Array.from({ length: 5 }, (_, i) => run('ssh', ['-S', socket, ...args, `echo ${i}`]));
    const results = await Promise.all(calls);
    expect(results.map(({ stdout }) => stdout)).toEqual(['0\n', '1\n', '2\n', '3\n', '4\n']);
    expect(accepted() - before).toBe(1);
  } finally {
    await run('ssh', ['-S', socket, '-O', 'exit', args.at(-1)!]);
  }
});
