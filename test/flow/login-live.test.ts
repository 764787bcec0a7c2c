import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { finished, run, seen, start } from '../kit/process.ts';
import { type OnPty, onPty } from '../kit/pty.ts';
import { type Sshd, startSshd, TEST_USER } from '../kit/sshd.ts';
import { Keys } from '../unit/auth-support.ts';

// What hangs on a person ends when the right to it ends: in the menu, in a shell, in a command.

let bastion: Bastion;
let sshd: Sshd;
const keys = new Keys();

beforeAll(async () => {
  await Promise.all(['one', 'two', 'ca', 'target'].map((name) => keys.make(name, 'ed25519')));
  [bastion, sshd] = await Promise.all([
    startBastion(),
    startSshd({ authorizedKeys: [keys.publicLine('target')], password: true }),
  ]);
  await bastion.ok(['asset', 'add', 'web', '--address', '127.0.0.1', '--protocol', `ssh:${sshd.port}`]);
  await bastion.ok(['account', 'add', 'web', TEST_USER.name, '--key-file', keys.file('target')]);
  await bastion.ok(['group', 'add', 'staff']);
  await bastion.ok(['permission', 'add', 'all', '--group', 'staff', '--asset', 'web', '--account', '@all']);
});
afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  await sshd?.stop();
  keys.remove();
});

let user: string;
let serial = 0;
beforeEach(async () => {
  user = `user${++serial}`;
  const files = ['--key-file', keys.file('one.pub'), '--key-file', keys.file('two.pub')];
  await bastion.ok(['user', 'add', user, '--group', 'staff', ...files]);
});

function inMenu(key = 'one', flags: string[] = []): OnPty {
  const args = bastion.sshArgs(user, keys.file(key));
  return onPty('ssh', [...args.slice(0, -1), ...flags, '-t', args.at(-1)!]);
}

function inShell(key = 'one', flags: string[] = []): OnPty {
  const args = bastion.sshArgs(`${user}@web`, keys.file(key));
  return onPty('ssh', [...args.slice(0, -1), ...flags, '-tt', args.at(-1)!]);
}

async function ready(...terminals: OnPty[]): Promise<void> {
  for (const terminal of terminals) await terminal.expect(/web|\$ /);
}

describe.each([
  ['is disabled', () => bastion.ok(['user', 'disable', user])],
  ['is removed', () => bastion.ok(['user', 'remove', user])],
  ['expires', () => bastion.ok(['user', 'set', user, '--until', '2020-01-01'])],
])('when the user %s', (_how, end) => {
  it('the menu, the shell and the command all end, and the next login is refused', async () => {
    using menu = inMenu();
    using shell = inShell();
    const args = [...bastion.sshArgs(`${user}@web`, keys.file('two')), 'echo begun; exec sleep 600'];
    const command = start('ssh', args);
    const commandEnded = finished(command);
    try {
      await Promise.all([seen(command.stdout!, /begun/), ready(menu, shell)]);
      await end();
      await Promise.all([menu.ended, shell.ended, commandEnded]);
    } finally {
      command.kill('SIGKILL');
    }
    expect(shell.output()).toMatch(/Your access to web was withdrawn\./);
    expect(menu.output()).toMatch(/Your access was ended; ask an administrator\./);
    expect((await bastion.ssh(user, keys.file('one'), ['true'])).code).toBe(255);
    expect(await bastion.json(['session', 'list', '--live'])).toEqual([]);
  });
});

describe('removing a key', () => {
  it('ends what came in with it, and nothing else', async () => {
    using first = inShell('one');
    using menu = inMenu('one');
    using second = inShell('two');
    await ready(first, menu, second);
    await bastion.ok(['user', 'key', 'remove', user, await keys.fingerprint('one')]);
    await Promise.all([first.ended, menu.ended]);
    second.type('echo still-$((40 + 2))\r');
    await second.expect(/still-42/);
    second.type('exit\r');
    expect(await second.ended).toBe(0);
  });
});

describe('removing a certificate authority', () => {
  it('ends what its certificates let in, and nothing else', async () => {
    await bastion.ok(['ca', 'add', 'company', '--key-file', keys.file('ca.pub')]);
    await keys.make('held', 'ed25519');
    await keys.certify('held', 'ca', 'held', ['-n', user, '-V', '-1m:+10m']);
    const flags = ['-o', `CertificateFile=${keys.file('held-cert.pub')}`];
    using certified = inShell('held', flags);
    using menu = inMenu('held', flags);
    using other = inShell('one');
    await ready(certified, menu, other);
    await bastion.ok(['ca', 'remove', 'company']);
    await Promise.all([certified.ended, menu.ended]);
    other.type('exit\r');
    expect(await other.ended).toBe(0);
  });
});

describe('options of a key, in a session', () => {
  const replaceKey = (options: string) =>
    bastion.ok(['user', 'add', user, '--group', 'staff', '--key-file', '-'], {
      stdin: `${options} ${keys.publicLine('one')}\n`,
    });
  beforeEach(() => bastion.ok(['user', 'remove', user]));

  it.each(['restrict', 'no-pty'])('%s: no terminal, but commands', async (options) => {
    await replaceKey(options);
    const shell = await bastion.ssh(`${user}@web`, keys.file('one'), ['tty || echo none'], {
      flags: ['-tt', '-o', 'LogLevel=INFO'],
    });
    expect(shell.stderr).toMatch(/PTY allocation request failed/);
    expect(await bastion.ssh(`${user}@web`, keys.file('one'), ['echo plain'])).toMatchObject({
      code: 0,
      stdout: 'plain\n',
    });
  });

  it('command=: whatever is asked for, that runs', async () => {
    await replaceKey('command="echo forced"');
    expect(await bastion.ssh(`${user}@web`, keys.file('one'), ['echo asked'])).toMatchObject({
      code: 0,
      stdout: 'forced\n',
    });
    expect(await bastion.ssh(`${user}@web`, keys.file('one'), [], { stdin: 'echo typed\n' })).toMatchObject({
      stdout: 'forced\n',
    });
    const [session] = await bastion.json<{ kind: string; command: string | null }[]>([
      'session',
      'list',
      '--user',
      user,
    ]);
    expect(JSON.stringify(session)).toContain('echo forced');
  });

  it('restrict,pty: a terminal again', async () => {
    await replaceKey('restrict,pty');
    using shell = inShell();
    await ready(shell);
    shell.type('exit 3\r');
    expect(await shell.ended).toBe(3);
  });
});

it('a connection shared by ControlMaster ends with its user', async () => {
  const socket = keys.file('control');
  const args = bastion.sshArgs(`${user}@web`, keys.file('one'));
  const master = start('ssh', [...args.slice(0, -1), '-M', '-S', socket, '-N', args.at(-1)!]);
  const ended = finished(master);
  try {
    const through = () =>
      run('ssh', ['-F', 'none', '-S', socket, '-o', 'ControlMaster=no', 'x@127.0.0.1', 'echo through']);
    let first = await through();
    while (first.stdout !== 'through\n') first = await through();
    await bastion.ok(['user', 'disable', user]);
    expect((await ended).code).toBe(255);
  } finally {
    master.kill('SIGKILL');
  }
});
