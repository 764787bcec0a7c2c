import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTarget, PROMPT } from '../kit/house.ts';
import { type Pair, startPair } from '../kit/pair.ts';
import { eventually, finished, type RunResult, seen, start } from '../kit/process.ts';
import { freePort, type KeyPair, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';

let pair: Pair & AsyncDisposable;
let six: Sshd;
let bobsKey: KeyPair;
beforeAll(async () => {
  pair = await startPair({ config: { ssh: { listen: '127.0.0.1:0', banner: 'Only for staff.\n' } } });
  const { house } = pair;
  six = await startSshd({ authorizedKeys: [house.targetKey.publicKey], config: ['ListenAddress ::1'] });
  const { api } = house;
  const asset = (name: string, address: string, port: number) =>
    api.assets.add({ name, address, protocols: [{ name: 'ssh', port }] });
  const account = (on: string, login: string) =>
    api.accounts.add({ asset: on, login, privateKey: house.targetKey.privateKey.toString() });
  await asset('six', '::1', six.port);
  await account('six', TEST_USER.name);
  await asset('two', 'localhost', house.sshd.port);
  for (const login of [TEST_USER.name, 'a@b#c', 'root']) await account('two', login);
  await addTarget(house, 'down', { port: await freePort() });
  bobsKey = await house.addUser('bob');
});
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
  await six?.stop();
});

const as = (login: string, command: readonly string[] = ['echo here'], flags: readonly string[] = [], key?: KeyPair) =>
  pair.house.bastion.ssh(login, (key ?? pair.house.key).file, command, { flags, stdin: '' });
const result = ({ code, stdout, stderr }: RunResult) => ({ code, stdout, stderr });
const refusal = (stderr: string | RegExp) => ({
  code: 254,
  stdout: '',
  stderr: typeof stderr === 'string' ? `bastion: ${stderr}\n` : expect.stringMatching(stderr),
});
const here = { code: 0, stdout: 'here\n', stderr: '' };
const me = TEST_USER.name;

describe('where to', () => {
  test.each([
    'alice@web1',
    `alice@${me}@web1`,
    `alice#${me}#web1`,
    `alice#web1`,
    `alice@ssh@${me}@web1`,
    `alice@SSH#${me}@web1`,
    'alice@six',
    'alice@::1',
    `alice@${me}@[::1]`,
    `alice@${me}@localhost`,
  ])('%s', async (login) => {
    expect(result(await as(login))).toEqual(here);
  });

  test('an asset by its id', async () => {
    const { items } = await pair.house.api.assets.list();
    expect(result(await as(`alice@${items.find((one) => one.name === 'web1')!.id}`))).toEqual(here);
  });

  test('an account with @ and # in its name', async () => {
    expect(result(await as('alice@a%40b%23c@two'))).toEqual(
      refusal(/^bastion: two did not accept the secret for a@b#c/),
    );
    await eventually(
      'the login on the target',
      () => pair.house.sshd.log().includes('Invalid user a@b#c') || undefined,
    );
  });

  test('several accounts: the choice is named without a terminal, and asked with one', async () => {
    const answer = result(await as('alice@two'));
    expect(answer).toEqual(refusal(/^bastion: several accounts are possible; say which: .*\n$/));
    for (const name of [`alice@${me}@two`, 'alice@a%40b%23c@two', 'alice@root@two'])
      expect(answer.stderr).toContain(name);

    using terminal = pair.house.terminal('alice@two');
    await terminal.shows(/Accounts? of two/);
    terminal.enter(me);
    await terminal.shows(PROMPT);
    terminal.enter('exit 8');
    expect((await terminal.exit).exitCode).toBe(8);

    using broken = pair.house.terminal('alice@two');
    await broken.shows(/Accounts? of two/);
    broken.type('\x03');
    expect((await broken.exit).exitCode).toBe(254);
  });

  test('unknown and forbidden assets look the same', async () => {
    const said = async (asset: string) => {
      const answer = result(await as(`bob@${asset}`, ['true'], [], bobsKey));
      return { ...answer, stderr: answer.stderr.replaceAll(asset, 'ASSET') };
    };
    const unknown = await said('nowhere');
    expect(unknown).toEqual(
      refusal('No asset named "ASSET" is open to you; log in without an asset name for the list of those that are.'),
    );
    for (const asset of ['web1', 'two', '127.0.0.1', '::1']) expect(await said(asset)).toEqual(unknown);
  });

  test.each([
    ['alice', /^bastion: say where to: user@asset, .*\(the menu needs a terminal: ssh -t\)\n$/],
    ['alice@', /^bastion: that names no destination; /],
    ['alice@a@b@c@d@web1', /^bastion: that names no destination; /],
    [`alice@gopher@${me}@web1`, /^bastion: there is no protocol "gopher"; /],
    ['alice@nobody@web1', new RegExp(`^bastion: Account "nobody" of web1 is not open to you; choose from: ${me}`)],
    [`alice@telnet@${me}@web1`, /^bastion: web1 does not offer telnet; it offers ssh\.\n$/],
    ['alice@%ff%fe@web1', /^bastion: the account holds a % sequence that is not UTF-8; /],
    ['alice@down', /^bastion: down \(127\.0\.0\.1:\d+\) refused the connection: /],
  ])('%s is refused with exit code 254 and one line', async (login, line) => {
    const answer = result(await as(login));
    expect(answer).toEqual(refusal(line));
    expect(answer.stderr.split('\n')).toHaveLength(2);
  });

  test('a refusal on a terminal stands on it alone', async () => {
    using terminal = pair.house.terminal('alice@nowhere');
    expect((await terminal.exit).exitCode).toBe(254);
    expect(terminal.raw).toMatch(/^bastion: No asset named "nowhere" is open to you; [^\r\n]*\r\n$/);
  });
});

describe('the banner', () => {
  test('is shown before the login', async () => {
    const { stderr, stdout } = await as('alice@web1', ['true'], ['-v']);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Only for staff\.\r?$/m);
    expect(stderr.indexOf('Only for staff')).toBeLessThan(stderr.indexOf('Authenticated to'));
  });
});

describe('what is refused kindly', () => {
  const reason = /None of your permissions for web1 allows "forward"; ask an administrator for one that does/;
  const forwarded = new RegExp(`open failed: administratively prohibited: ${reason.source}`);

  test('-W ends with the reason', async () => {
    const answer = await as('alice@web1', [], ['-W', '127.0.0.1:1', '-v']);
    expect(answer.stderr).toMatch(forwarded);
    expect(answer.code).toBe(255);
  });

  test.each([
    ['-L', (port: number) => ['-L', `127.0.0.1:${port}:127.0.0.1:1`], ['x']],
    [
      '-D',
      (port: number) => ['-D', `127.0.0.1:${port}`],
      [
        [5, 1, 0],
        [5, 1, 0, 1, 127, 0, 0, 1, 0, 1],
      ].map((bytes) => Buffer.from(bytes)),
    ],
    ['-L to a socket', (port: number) => ['-L', `127.0.0.1:${port}:/run/x.sock`], ['x']],
  ])('%s: each connection gets the reason and the session goes on', async (_name, flags, hello) => {
    const port = await freePort();
    const args = pair.args('through', [...flags(port), '-v']);
    const child = start('ssh', [...args, 'echo ready; read x; echo got $x; exit 7']);
    const ended = finished(child);
    await seen(child.stdout!, /ready/);
    const refused = seen(child.stderr!, forwarded);
    const probe = connect(port, '127.0.0.1').on('error', () => {});
    // a proxy is asked step by step
    const next = () => hello.length > 0 && probe.write(hello.shift()!);
    probe.on('data', next);
    next();
    await refused;
    probe.destroy();
    child.stdin!.end('it\n');
    expect(await ended).toMatchObject({ code: 7, stdout: 'ready\ngot it\n' });
  });

  test('-R: a warning, and the session goes on unless the user wants otherwise', async () => {
    const { code, stdout, stderr } = await as('alice@web1', undefined, ['-R', '0:127.0.0.1:22', '-v']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'here\n' });
    expect(stderr).toMatch(/remote port forwarding failed/);
    const strict = await as('alice@web1', undefined, ['-R', '0:127.0.0.1:22', '-o', 'ExitOnForwardFailure=yes']);
    expect(strict.code).toBe(255);
  });

  test('-X and -A: the session goes on; on a terminal the reason is said', async () => {
    const env = { ...process.env, DISPLAY: ':7', XAUTHORITY: join(pair.house.dir, 'xauth') };
    const x = await pair.ssh('through', ['echo "here [$DISPLAY]"'], { flags: ['-X', '-v'], env });
    expect(x).toMatchObject({ code: 0, stdout: 'here []\n' });
    expect(x.stderr).toMatch(/X11 forwarding request failed on channel 0/);

    const agent = start('ssh-agent', ['-D', '-a', join(pair.house.dir, 'agent')]);
    try {
      await seen(agent.stdout!, /SSH_AUTH_SOCK/);
      const withAgent = { ...env, SSH_AUTH_SOCK: join(pair.house.dir, 'agent') };
      const a = await pair.ssh('through', ['echo "here [$SSH_AUTH_SOCK]"'], { flags: ['-A'], env: withAgent });
      expect(result(a)).toEqual({ code: 0, stdout: 'here []\n', stderr: '' });
      const terminal = await pair.ssh('through', ['exit 3'], { flags: ['-A', '-tt'], env: withAgent });
      expect(terminal).toMatchObject({
        code: 3,
        stdout: expect.stringContaining('bastion: your SSH agent is not forwarded to web1; '),
      });
    } finally {
      agent.kill();
    }
  });
});
