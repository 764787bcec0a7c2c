import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { finished, run, seen, start } from '../kit/process.ts';
import { World } from './gateway-kit.ts';

let world: World;
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world[Symbol.asyncDispose]());

const environment = () => ({ ...process.env, ...world.askpass() });

/** ssh with a terminal of the given size, driven by expect(1). */
function onTerminal(login: string, args: readonly string[], script: string, size = '24 80'): ReturnType<typeof run> {
  const ssh = ['ssh', ...world.sshArgs(login), ...args].map((word) => `{${word}}`).join(' ');
  const [rows, cols] = size.split(' ');
  return run('expect', ['-c', `set timeout 20; set stty_init "rows ${rows} cols ${cols}"; spawn ${ssh}\n${script}\n`], {
    env: environment(),
  });
}
const status = 'expect eof; lassign [wait] pid id os code; exit $code';

describe('exec', () => {
  test('stdout and stderr apart, and the exit code', async () => {
    const result = await world.ssh('alice@web1', ['both']);
    expect(result).toMatchObject({ code: 7, stdout: 'to stdout', stderr: 'to stderr' });
    expect(world.requests).toMatchObject([{ asset: 'web1', account: undefined, use: 'exec' }]);
  });

  test('account and protocol from the name', async () => {
    expect((await world.ssh('alice@ssh@ad%40corp@web1', ['exit 3'])).code).toBe(3);
    expect(world.requests).toMatchObject([
      { asset: 'web1', account: 'ad@corp', protocol: 'ssh', who: { user: { name: 'alice' } } },
    ]);
  });

  test('a program killed by a signal is 255 to OpenSSH, as with a direct connection', async () => {
    expect((await world.ssh('alice@web1', ['die TERM'])).code).toBe(255);
  });

  test('half-close: input ends, output still comes', async () => {
    const sent = Buffer.alloc(3_000_000, 'x');
    const result = await world.ssh('alice@web1', ['cat'], { stdin: sent });
    expect(result.code).toBe(0);
    expect(result.stdout === `${sent.toString()}after eof`).toBe(true);
  });

  test('the environment: only what the list allows', async () => {
    const env = { ...process.env, LC_TEST: 'ümlaut', SECRET_THING: 'x' };
    const result = await world.ssh('alice@web1', ['-o', 'SendEnv=LC_TEST SECRET_THING', 'show'], { env });
    expect(JSON.parse(result.stdout)).toMatchObject({ env: { LC_TEST: 'ümlaut' }, command: 'show' });
    expect(result.stdout).not.toContain('SECRET_THING');
  });

  test('without an asset, with a form that is none, and where nothing answers: one line and 254', async () => {
    const none = await world.ssh('alice', ['ls']);
    expect(none).toMatchObject({ code: 254, stdout: '' });
    expect(none.stderr).toMatch(/^bastion: say where to: user@asset.*\n$/);
    expect(await world.ssh('alice@a@b@c@d', ['ls'])).toMatchObject({
      code: 254,
      stderr: expect.stringMatching(/^bastion: .*forms are/),
    });
    const refused = await world.ssh('alice@web1', ['unreachable']);
    expect(refused).toMatchObject({ code: 254, stdout: '', stderr: expect.stringMatching(/^bastion: web1 refused/) });
    const unknown = await world.ssh('alice@web2', ['ls']);
    expect(unknown).toMatchObject({ code: 254, stderr: expect.stringMatching(/^bastion: No asset named/) });
  });

  test('several accounts and no terminal: the choices, as one types them', async () => {
    const result = await world.ssh('alice@many', ['ls']);
    expect(result.code).toBe(254);
    expect(result.stderr).toContain('alice@root@many, alice@a%40b@many, alice@%40input@many');
    const input = await world.ssh('alice@%40input@many', ['ls']);
    expect(input).toMatchObject({ code: 254, stderr: expect.stringMatching(/ssh -t/) });
  });

  test('closing the client ends the session as client-closed, and lets go of the upstream', async () => {
    const client = start('ssh', [...world.sshArgs('alice@web1'), 'cat'], { env: environment() });
    client.stdin!.write('hello');
    await seen(client.stdout!, /hello/);
    client.kill();
    await finished(client);
    await expect.poll(() => world.ends).toEqual([{ cause: 'client-closed' }]);
    await expect.poll(() => world.released).toHaveLength(1);
    expect(world.released[0]).toBe(world.opened[0]!.shareKey);
    expect(world.gateway.connections()).toEqual([]);
  });
});

describe('shell', () => {
  test('without a terminal', async () => {
    const result = await world.ssh('alice@web1', [], { stdin: 'hello\n' });
    expect(result).toMatchObject({ code: 0, stdout: 'ready\r\n<hello>\r\nbye\r\n', stderr: '' });
    expect(world.opened[0]!.pty).toBeUndefined();
    expect(world.requests[0]!.use).toBe('shell');
  });

  test('terminal type, size and modes arrive as the client sent them', async () => {
    const result = await onTerminal('alice@web1', ['-tt', 'show'], status, '33 101');
    const shown = /\{.*\}/.exec(result.stdout)![0];
    const { pty } = JSON.parse(shown) as { pty: { term: string; size: object; modes: Record<string, number> } };
    expect(pty.size).toMatchObject({ cols: 101, rows: 33 });
    expect(pty.modes).toMatchObject({ VINTR: 3, VEOF: 4, ISIG: 1, ECHO: 1, TTY_OP_OSPEED: expect.any(Number) });
    expect(pty.modes).toHaveProperty('IUTF8');
  });

  test('the exit code of the shell, and a changed window', async () => {
    const script = `expect ready; exec stty rows 40 cols 120 < $spawn_out(slave,name); expect {resized 120x40}; send "exit 5\\r"; ${status}`;
    const result = await onTerminal('alice@web1', [], script);
    expect(result.code).toBe(5);
    expect(result.stdout).toContain('ready');
  });

  test('several accounts: the terminal asks', async () => {
    const result = await onTerminal(
      'alice@many',
      [],
      `expect {Accounts of many}; send "a@b\\r"; expect ready; send "exit 6\\r"; ${status}`,
    );
    expect(result.code).toBe(6);
    expect(world.requests.at(-1)).toMatchObject({ account: 'a@b' });
  });

  test('typed login and password, a wrong one first', async () => {
    const script = `expect {Login}; send "bob\\r"; expect {Password of bob}; send "wrong\\r"; expect {did not take}; expect {Password of bob}; send "right\\r"; expect ready; send "exit 8\\r"; ${status}`;
    const result = await onTerminal('alice@@input@web1', [], script);
    expect(result.code).toBe(8);
    expect(result.stdout).not.toContain('wrong');
    const typed = world.requests.slice(-2).map(({ input }) => input!.secret.exposeText());
    expect(typed).toEqual(['\0'.repeat(5), '\0'.repeat(5)]);
  });

  test('Ctrl-C breaks a slow connecting off', async () => {
    const result = await onTerminal(
      'alice@slow@many',
      [],
      `expect {First time here.}; expect {Connecting to many as slow}; send "\\003"; ${status}`,
    );
    expect(result.code).toBe(254);
    expect(result.stdout).toContain('bastion: cancelled');
  });

  test('a restricted key gets no terminal and its own command', async () => {
    world.restrictions = {
      from: [],
      expiresAt: null,
      pty: false,
      portForwarding: true,
      agentForwarding: true,
      permitOpen: [],
      forceCommand: 'show forced',
    };
    const result = await world.ssh('alice@web1', ['rm -rf /']);
    expect(JSON.parse(result.stdout)).toEqual({ env: { SSH_ORIGINAL_COMMAND: 'rm -rf /' }, command: 'show forced' });
    expect((await world.ssh('alice@web1', ['-tt', 'ls'])).stderr).toContain('PTY allocation request failed');
  });
});

describe('the menu', () => {
  test('a session and back, twice, then good-bye', async () => {
    const session =
      'send "web1\\r"; expect ready; send "size\\r"; expect {size 80x24}; send "exit 3\\r"; expect {Asset>}';
    const script = `expect many; ${session}; ${session}; send "q\\r"; ${status}`;
    expect((await onTerminal('alice', [], script)).code).toBe(0);
    expect(world.opened).toHaveLength(2);
    expect(world.opened[0]!.shareKey).toBe(world.opened[1]!.shareKey);
    expect(world.requests[0]).toMatchObject({ asset: world.web1.id, use: 'shell' });
  });

  test('needs a terminal', async () => {
    expect(await world.ssh('alice', [], { stdin: '' })).toMatchObject({
      code: 254,
      stderr: expect.stringMatching(/^bastion: say where to/),
    });
  });
});

describe('connections', () => {
  test('twelve channels over one ControlMaster, and one more than allowed', async () => {
    await world[Symbol.asyncDispose]();
    world = await World.start({ max_channels: 12 });
    const control = join(world.dir, 'control');
    const master = start('ssh', ['-M', '-N', '-S', control, ...world.sshArgs('alice@web1')], { env: environment() });
    const masterOver = finished(master);
    await expect
      .poll(async () => (await run('ssh', ['-S', control, '-O', 'check', 'x'])).code, { timeout: 10_000 })
      .toBe(0);
    const clients = Array.from({ length: 12 }, () =>
      start('ssh', ['-S', control, ...world.sshArgs('alice@web1'), 'cat']),
    );
    for (const client of clients) client.stdin!.write('hello');
    await Promise.all(clients.map((client) => seen(client.stdout!, /hello/)));
    expect(world.gateway.connections()).toEqual([{ user: 'alice', ip: '127.0.0.1', channels: 12 }]);
    const tooMany = await run('ssh', [
      '-S',
      control,
      '-o',
      'ControlMaster=no',
      ...world.sshArgs('alice@web1'),
      'exit 0',
    ]);
    expect(tooMany.stderr + tooMany.code).toMatch(/12 channels open|refused|255/);
    for (const client of clients) client.stdin!.end();
    const results = await Promise.all(clients.map(finished));
    expect(results.map((result) => result.code)).toEqual(Array(12).fill(0));
    const again = await run('ssh', ['-S', control, ...world.sshArgs('alice@web1'), 'exit 4']);
    expect(again.code).toBe(4);
    await run('ssh', ['-S', control, '-O', 'exit', 'x']);
    await masterOver;
  });

  test('-N stays without a channel; ending access ends it with a message', async () => {
    const client = start('ssh', ['-o', 'LogLevel=INFO', '-N', ...world.sshArgs('alice')], { env: environment() });
    const over = finished(client);
    await expect.poll(() => world.gateway.connections().length, { timeout: 10_000 }).toBe(1);
    world.changed.emit();
    world.stands = false;
    world.changed.emit();
    const result = await over;
    expect(result.code).toBe(255);
    expect(result.stderr).toContain('Your access was ended');
  });

  test('ending access reaches the menu and sessions', async () => {
    const clients = ['alice', 'alice@web1'].map((login) =>
      start('ssh', ['-tt', ...world.sshArgs(login)], { env: environment() }),
    );
    const [menu, shell] = clients.map(finished);
    await Promise.all([seen(clients[0]!.stdout!, /web1/), seen(clients[1]!.stdout!, /ready/)]);
    world.stands = false;
    world.changed.emit();
    const [inMenu, inShell] = await Promise.all([menu, shell]);
    expect(inMenu).toMatchObject({ code: 254, stdout: expect.stringMatching(/bastion: Your access was ended/) });
    expect(inShell).toMatchObject({ code: 254, stdout: expect.stringMatching(/ended: revoked/) });
    expect(world.ends).toEqual([{ cause: 'revoked' }]);
  });

  test('forwarding without an asset and remote forwarding are refused with a clear message', async () => {
    const local = await run('ssh', ['-o', 'LogLevel=INFO', '-W', '192.0.2.1:80', ...world.sshArgs('alice')], {
      env: environment(),
    });
    expect(local.stderr).toMatch(
      /administratively prohibited: 192\.0\.2\.1:80 is not the SSH port .* say over which asset/,
    );
    const remote = await world.ssh('alice@web1', ['-R', '0:localhost:1', '-o', 'ExitOnForwardFailure=yes', 'exit 0']);
    expect(remote.code).toBe(255);
    const shown = await onTerminal(
      'alice@web1',
      ['-R', '0:localhost:1', '-A'],
      `expect ready; send "exit 0\\r"; ${status}`,
    );
    expect(shown.stdout).toMatch(/bastion: remote port forwarding/);
  });

  test('password and code, in one dialogue and as partial success', async () => {
    expect((await world.ssh('totp-alice@web1', ['exit 9'])).code).toBe(9);
    expect(world.calls).toEqual(['keyboard totp-alice', 'answer', 'answer']);
    const passwordFirst = [
      '-o',
      'PreferredAuthentications=password,keyboard-interactive',
      ...world.sshArgs('totp-alice@web1'),
    ];
    const partial = await run('ssh', [...passwordFirst, 'exit 9'], { env: environment() });
    expect(partial.code).toBe(9);
    expect(world.calls.slice(3)).toEqual(['password totp-alice', 'keyboard totp-alice', 'answer']);
    expect(world.overlaps).toBe(0);
  });

  test('too many tries end the connection', async () => {
    const env = { ...process.env, ...world.askpass('wrong') };
    const result = await run('ssh', ['-o', 'NumberOfPasswordPrompts=9', ...world.sshArgs('alice'), 'ls'], { env });
    expect(result.code).toBe(255);
    expect(world.failures).toBe(6);
  });

  test('listeners: a busy port is named', async () => {
    const error = await World.start({ listen: `127.0.0.1:${world.port}` }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'busy', message: expect.stringContaining(`127.0.0.1:${world.port}`) });
  });

  test('closing says good-bye', async () => {
    const menu = start('ssh', ['-tt', ...world.sshArgs('alice')], { env: environment() });
    const over = finished(menu);
    await seen(menu.stdout!, /web1/);
    await world.gateway.close();
    // the list below the cursor is gone before the line is written over it
    expect((await over).stdout).toContain('\x1b[J\r\nbastion: The bastion is shutting down.');
  });
});
