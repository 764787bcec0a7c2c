import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Duplex, PassThrough } from 'node:stream';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createMasterKey } from '../../src/store/master-key.ts';
import { type Agent, SK_PROVIDER, startAgent } from '../kit/agent.ts';
import { SSH_OPTIONS, startBastion } from '../kit/bastion.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { finished, run, start } from '../kit/process.ts';
import { type KeyPair, makeKey, type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Terminal } from '../kit/terminal.ts';

const LOGIN = TEST_USER.name;
let house: House;
let agent: Agent;
/** Lets in the keys of alice's agent, and certificates of the bastion. */
let target: Sshd;
let caFile: string;
const own = new Map<string, KeyPair>();

beforeAll(async () => {
  house = await startHouse({ config: { ssh: { connect_timeout: '5s' } } });
  agent = await startAgent();
  for (const type of ['ed25519', 'rsa', 'ecdsa', 'ed25519-sk'])
    own.set(type, await makeKey(house.dir, `own-${type}`, type, '', type.endsWith('-sk') ? ['-w', SK_PROVIDER] : []));
  caFile = join(house.dir, 'bastion-user-ca.pub');
  // what the command prints can be the file as it is
  writeFileSync(caFile, await house.bastion.ok(['ca', 'show', 'user']), { mode: 0o644 });
  target = await startSshd({
    authorizedKeys: [...own.values()].map((key) => key.publicKey),
    config: [`TrustedUserCAKeys ${caFile}`, 'AllowAgentForwarding yes'],
  });
  for (const name of ['own1', 'cert1']) {
    await house.bastion.ok(['asset', 'add', name, '--address', '127.0.0.1', '--protocol', `ssh:${target.port}`]);
  }
  expect(await house.bastion.ok(['account', 'add', 'own1', LOGIN, '--agent'])).toContain('ssh -A');
  expect(await house.bastion.ok(['account', 'add', 'cert1', LOGIN, '--certificate'])).toContain('bastion ca show user');
});
afterEach(() => agent?.add('-D'));
afterAll(async () => {
  await Promise.all([house?.[Symbol.asyncDispose](), target?.stop(), agent?.stop()]);
});

const ssh = (login: string, command: string, flags: readonly string[] = []) =>
  house.bastion.ssh(login, house.key.file, [command], { flags, env: agent.env });
const terminal = (login: string, ...flags: string[]) => {
  const args = house.bastion.sshArgs(login, house.key.file);
  return new Terminal('env', [
    `SSH_AUTH_SOCK=${agent.socket}`,
    'ssh',
    ...args.slice(0, -1),
    '-tt',
    ...flags,
    args.at(-1)!,
  ]);
};

describe('--agent', () => {
  test.each(['ed25519', 'rsa', 'ecdsa', 'ed25519-sk'])('a %s key of the person’s own agent enters', async (type) => {
    await agent.add(own.get(type)!.file);
    expect(await ssh('alice@own1', 'whoami; echo "[$SSH_AUTH_SOCK]"', ['-A'])).toMatchObject({
      code: 0,
      stdout: `${LOGIN}\n[]\n`,
      stderr: '',
    });
    const [row] = await house.audit({ action: 'account.enter' });
    const { stdout } = await run('ssh-keygen', ['-lf', `${own.get(type)!.file}.pub`]);
    expect(row).toMatchObject({ actor: { name: 'alice' }, details: { fingerprint: stdout.split(' ')[1] } });
  });

  test('without -A, without keys and with a wrong key it says what to do, with exit code 254', async () => {
    const without = await ssh('alice@own1', 'whoami');
    expect(without).toMatchObject({ code: 254, stdout: '' });
    expect(without.stderr).toMatch(/^bastion: own1 is entered as bastion-test with your own key: connect with ssh -A /);
    expect((await ssh('alice@own1', 'whoami', ['-A'])).stderr).toMatch(/holds none: add it with ssh-add/);
    await agent.add(house.key.file);
    const wrong = await ssh('alice@own1', 'whoami', ['-A']);
    expect(wrong).toMatchObject({ code: 254, stdout: '' });
    expect(wrong.stderr).toMatch(/own1 did not accept the key of your SSH agent for bastion-test/);
  });

  test('terminal, menu and scp take it; nothing of it reaches the target', async () => {
    await agent.add(own.get('ed25519')!.file);
    using direct = terminal('alice@own1', '-A');
    await direct.shows(PROMPT);
    direct.type('ssh-add -l; echo "[$SSH_AUTH_SOCK]"\r');
    await direct.shows(/Could not open a connection to your authentication agent.*\[\]/s);
    expect(direct.raw).not.toContain('not forwarded');
    direct.type('exit\r');
    expect(await direct.exit).toMatchObject({ exitCode: 0 });

    using menu = terminal('alice', '-A');
    await menu.shows(/own1/);
    menu.type('own1\r');
    await menu.shows(PROMPT);
    menu.type('exit\r');

    const file = join(house.dir, 'sent');
    writeFileSync(file, 'sent through\n');
    const args = house.bastion.sshArgs('alice@own1', house.key.file);
    const flags = args.slice(0, -1).map((arg) => (arg === '-p' ? '-P' : arg));
    const copied = await run('scp', [...flags, '-A', '-O', file, `${args.at(-1)}:kinds-sent`], { env: agent.env });
    expect(copied).toMatchObject({ code: 0, stderr: '' });
    expect((await ssh('alice@own1', 'cat kinds-sent; rm kinds-sent', ['-A'])).stdout).toBe('sent through\n');
  });

  test('through ProxyJump the agent of the inner connection enters', async () => {
    await agent.add(own.get('ed25519')!.file);
    const args = house.bastion.sshArgs('alice', house.key.file);
    const proxy = `ssh ${args.slice(0, -1).join(' ')} -W %h:%p ${args.at(-1)}`;
    const jump = (flags: readonly string[]) =>
      run(
        'ssh',
        [...SSH_OPTIONS, '-o', 'BatchMode=yes', '-o', `ProxyCommand=${proxy}`, ...flags, `${LOGIN}@own1`, 'whoami'],
        { env: agent.env },
      );
    expect(await jump(['-A'])).toMatchObject({ code: 0, stdout: `${LOGIN}\n` });
    expect((await jump([])).stderr).toMatch(/connect with ssh -A/);
  });

  test('a forwarded connection uses the agent that a session of the connection brought', async () => {
    await agent.add(own.get('ed25519')!.file);
    await house.bastion.ok([
      'permission',
      'add',
      'kinds-forward',
      '--user',
      'alice',
      '--asset',
      'own1',
      '--account',
      '@all',
      '--action',
      'connect,forward',
    ]);
    const web = createServer((_request, response) => response.end('behind'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    try {
      const flags = ['-W', `127.0.0.1:${port}`];
      const refused = await house.bastion.ssh('alice@own1', house.key.file, [], {
        flags: [...flags, '-A', '-v'],
        env: agent.env,
        stdin: '',
      });
      expect(refused.stderr).toMatch(/open failed: .*run a command or shell on the same connection first/);
      // a session first: its request holds for the connection
      const control = join(house.dir, 'control');
      const master = ['-o', `ControlPath=${control}`];
      const child = start(
        'ssh',
        [
          ...house.bastion.sshArgs('alice@own1', house.key.file).slice(0, -1),
          '-A',
          '-M',
          ...master,
          'alice@own1@127.0.0.1',
          'echo up; cat',
        ],
        { env: agent.env },
      );
      await new Promise((resolve) => child.stdout!.once('data', resolve));
      const got = await run('ssh', ['-F', 'none', ...master, ...flags, 'alice@own1@127.0.0.1'], {
        env: agent.env,
        stdin: 'GET / HTTP/1.0\r\n\r\n',
      });
      expect(got.stdout).toMatch(/behind$/);
      child.stdin!.end();
      await finished(child);
    } finally {
      web.close();
      await house.bastion.ok(['permission', 'remove', 'kinds-forward']);
    }
  });

  test('a key or certificate that forbids agent forwarding is told so; on other accounts the terminal says where it stays', async () => {
    await agent.add(own.get('ed25519')!.file);
    const bound = await makeKey(house.dir, 'bound');
    writeFileSync(join(house.dir, 'bound-line'), `no-agent-forwarding ${bound.publicKey}\n`);
    await house.bastion.ok(['user', 'key', 'add', 'alice', '--key-file', join(house.dir, 'bound-line')]);
    const refused = await house.bastion.ssh('alice@own1', bound.file, ['whoami'], { flags: ['-A'], env: agent.env });
    expect(refused).toMatchObject({ code: 254, stdout: '' });
    expect(refused.stderr).toMatch(/the key or certificate you logged in with forbids agent forwarding/);

    using other = terminal('alice@web1', '-A');
    await other.shows(PROMPT);
    expect(other.raw).toContain('your SSH agent is not forwarded to web1');
    other.type('exit\r');
  });

  test('account test says that only a person can; list and show name the kind', async () => {
    const tested = await house.bastion.cli(['account', 'test', 'own1', LOGIN]);
    expect(tested.code).toBe(1);
    expect(tested.stdout + tested.stderr).toMatch(/entered with the person's own key, so only a person can/);
    expect(await house.bastion.ok(['account', 'list', 'own1'])).toMatch(/bastion-test +agent/);
    expect(await house.bastion.ok(['asset', 'show', 'cert1'])).toMatch(/bastion-test \(certificate\)/);
    const both = await house.bastion.cli(['account', 'set', 'own1', LOGIN, '--agent', '--certificate']);
    expect(both).toMatchObject({ code: 2 });
  });
});

describe('--certificate', () => {
  test('a certificate for each login enters a target that holds no secret of ours', async () => {
    expect(await ssh('alice@cert1', 'whoami; echo "[$SSH_AUTH_SOCK]"', ['-A'])).toMatchObject({
      code: 0,
      stdout: `${LOGIN}\n[]\n`,
      stderr: '',
    });
    const { details } = (await house.audit({ action: 'account.enter' }))[0]!;
    expect(target.log()).toContain(`ID ${details!.keyId} (serial ${details!.serial})`);
    expect(details!.keyId).toMatch(/^alice via bastion, grant /);
    expect(await house.bastion.ok(['account', 'test', 'cert1', LOGIN])).toMatch(/Logged in to cert1 as bastion-test/);
  });

  test('the authority taken away, or a login it does not know: the error names what to put where', async () => {
    const line = readFileSync(caFile);
    writeFileSync(caFile, '');
    try {
      const refused = await ssh('alice@cert1', 'whoami');
      expect(refused).toMatchObject({ code: 254, stdout: '' });
      expect(refused.stderr).toMatch(/`bastion ca show user`.*TrustedUserCAKeys/);
      const tested = await house.bastion.cli(['account', 'test', 'cert1', LOGIN]);
      expect(tested.stdout + tested.stderr).toMatch(/TrustedUserCAKeys/);
    } finally {
      writeFileSync(caFile, line);
    }
    await house.bastion.ok(['account', 'add', 'cert1', 'nobody-of-that-name', '--certificate']);
    expect((await ssh('alice@nobody-of-that-name@cert1', 'whoami')).stderr).toMatch(
      /did not accept the bastion's certificate/,
    );
    await house.bastion.ok(['account', 'remove', 'cert1', 'nobody-of-that-name']);
  });

  test('kinds change into one another, and an old secret is gone', async () => {
    await house.bastion.ok(['account', 'set', 'cert1', LOGIN, '--password-stdin'], { stdin: TEST_USER.password });
    const refused = await ssh('alice@cert1', 'whoami');
    expect(refused.stderr).toMatch(/did not accept the secret/);
    await house.bastion.ok(['account', 'set', 'cert1', LOGIN, '--certificate']);
    expect((await ssh('alice@cert1', 'whoami')).stdout).toBe(`${LOGIN}\n`);
  });

  test('the same authority after the master key was replaced; with another master key the daemon does not start', async () => {
    const before = await house.bastion.ok(['ca', 'show', '--json']);
    expect(await house.bastion.ok(['vault', 'rotate-key'])).toMatch(/sealed anew/);
    expect(await house.bastion.ok(['ca', 'show', '--json'])).toBe(before);
    expect((await ssh('alice@cert1', 'whoami')).stdout).toBe(`${LOGIN}\n`);
    expect((await house.audit({ action: 'ca.create' })).length).toBe(2);

    const other = await startBastion();
    await other.stop();
    const keyFile = join(other.data, 'master.key');
    await run('rm', [keyFile]);
    createMasterKey(keyFile);
    await expect(startBastion({ dir: other.dir })).rejects.toThrow(/does not belong to this database/);
    await run('rm', ['-rf', other.dir]);
  });
});

test('what a target says before the login is shown as ssh shows it, and cannot draw on the screen', async () => {
  const file = join(house.dir, 'banner');
  writeFileSync(file, `Only for staff.\n\tGo away \x1b[2J otherwise.\n${'more\n'.repeat(500)}`, { mode: 0o644 });
  const official = await startSshd({ config: [`Banner ${file}`, `TrustedUserCAKeys ${caFile}`] });
  try {
    await house.bastion.ok([
      'asset',
      'add',
      'official',
      '--address',
      '127.0.0.1',
      '--protocol',
      `ssh:${official.port}`,
    ]);
    await house.bastion.ok(['account', 'add', 'official', LOGIN, '--certificate']);
    const exec = await ssh('alice@official', 'echo out');
    expect(exec).toMatchObject({ code: 0, stdout: 'out\n' });
    expect(exec.stderr).toMatch(/^Only for staff\.\n {4}Go away \?\[2J otherwise\.\n(more\n){48}$/);
    using shown = terminal('alice@official');
    await shown.shows(PROMPT);
    expect(shown.raw).toMatch(/Only for staff\.\r\n {4}Go away/);
    shown.type('exit\r');
    await shown.exit;
  } finally {
    await official.stop();
  }
});

describe('a client whose agent is hostile', () => {
  /** Runs a command at own1 with this agent behind `ssh -A`. */
  async function come(getStream: (answer: (error: Error | null, stream?: Duplex) => void) => void) {
    class Hostile extends ssh2.BaseAgent {
      override getIdentities() {}
      override sign() {}
      override getStream = getStream;
    }
    const client = new ssh2.Client();
    client.connect({
      host: '127.0.0.1',
      port: house.bastion.sshPort,
      username: 'alice@own1',
      privateKey: house.key.privateKey,
      agent: new Hostile() as never,
      agentForward: true,
    });
    await once(client, 'ready');
    const stderr = await new Promise<string>((resolve, reject) => {
      client.exec('whoami', (error, channel) => {
        if (error) return reject(error);
        let text = '';
        channel.stderr.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        channel.on('close', () => resolve(text));
        channel.resume();
      });
    });
    client.end();
    return stderr;
  }

  test.each([
    ['never opens', () => {}, /did not answer in time/],
    ['will not open', (answer: (error: Error) => void) => answer(new Error('no')), /could not be asked/],
    [
      'hangs up',
      (answer: (error: null, stream: Duplex) => void) => answer(null, new PassThrough().end()),
      /could not be asked/,
    ],
    [
      'pours',
      (answer: (error: null, stream: Duplex) => void) =>
        answer(
          null,
          new Duplex({
            read() {
              this.push(Buffer.alloc(65536, 7));
            },
            write: (_c, _e, done) => done(),
          }),
        ),
      /could not be asked/,
    ],
  ])('that %s: the session ends with a text, the daemon goes on', async (_name, getStream, text) => {
    expect(await come(getStream as Parameters<typeof come>[0])).toMatch(text);
    expect((await ssh('alice@cert1', 'whoami')).stdout).toBe(`${LOGIN}\n`);
  });
});
