import { readFileSync } from 'node:fs';
import type { Connection, ServerChannel } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type FakeTarget, pour, rawTarget, sshTarget } from '../kit/hostile-target.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, finished, type RunResult, seen, start } from '../kit/process.ts';
import { MSG, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { residentBytes, startWitness, type Witness } from '../kit/witness.ts';

/** What one hostile target may cost the daemon: its heap may grow threefold before a full collection. */
const MEMORY = 160 * 2 ** 20;

let house: House;
let witness: Witness;
let hostKey: Buffer;
let before: number;
let allowed: number;
let assets = 0;
beforeAll(async () => {
  house = await startHouse({ config: { ssh: { connect_timeout: '2s' }, log: { format: 'json', level: 'debug' } } });
  witness = await startWitness(house);
  hostKey = readFileSync(house.sshd.hostKeyFiles[0]!);
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  before = residentBytes(house.bastion.pid);
  allowed = MEMORY;
});
afterEach(async () => {
  await witness.undisturbed();
  expect(residentBytes(house.bastion.pid) - before).toBeLessThan(allowed);
});

/** An asset at this target; gives its name. */
async function asset(target: FakeTarget): Promise<string> {
  const name = `hostile${++assets}`;
  await house.api.assets.add({ name, address: '127.0.0.1', protocols: [{ name: 'ssh', port: target.port }] });
  await house.api.accounts.add({ asset: name, login: 'root', password: 'a secret of the account' });
  return name;
}

async function connectTo(target: FakeTarget, command: readonly string[] = ['true']): Promise<RunResult> {
  return house.bastion.ssh(`alice@${await asset(target)}`, house.key.file, command, { stdin: '' });
}

/** What ssh2's server side keeps to itself is what its client side does. */
const send = (connection: Connection, ...parts: (Buffer | number)[]) => sendPayload(connection as never, ...parts);
const numberOf = (channel: ServerChannel) => (channel as unknown as { outgoing: { id: number } }).outgoing.id;

/** Sends without regard to windows until the connection is gone, a turn of the loop in between. */
function floodFrom(connection: Connection, packet: () => (Buffer | number)[]): void {
  const socket = (connection as unknown as { _sock: import('node:net').Socket })._sock;
  const more = () => {
    if (socket.destroyed || !socket.writable) return;
    for (let n = 0; n < 200 && socket.writableLength < 2 ** 20; n++) send(connection, ...packet());
    setImmediate(more);
  };
  more();
}

const ours = (line: RegExp) => ({ code: 254, stdout: '', stderr: expect.stringMatching(line) });
const NO_ANSWER = /^bastion: hostile\d+ \(127\.0\.0\.1:\d+\) did not answer in time: [^\n]*\n$/;
const ONE_LINE = /^bastion: [^\n]*hostile\d+ [^\n]*\n$/;

describe('before the login', () => {
  test.each<[string, RegExp, Parameters<typeof rawTarget>[0]]>([
    ['says nothing', NO_ANSWER, () => {}],
    ['says a version and nothing more', NO_ANSWER, (socket) => socket.write('SSH-2.0-x\r\n')],
    ['closes at once', /^bastion: hostile\d+ .* closed the connection before the login: /, (socket) => socket.end()],
    ['resets', ONE_LINE, (socket) => socket.resetAndDestroy()],
    ['is a web server', /is not an SSH server/, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    [
      'sends endless lines before its version',
      ONE_LINE,
      (socket) => pour(socket, 'Welcome, stranger!\r\n'.repeat(500)),
    ],
    ['sends one endless line', ONE_LINE, (socket) => pour(socket, Buffer.alloc(65_536, 0x41))],
    ['sends an endless version', ONE_LINE, (socket) => pour(socket, Buffer.alloc(65_536, 0x41), 'SSH-2.0-')],
    [
      'sends garbage after its version',
      ONE_LINE,
      (socket) => pour(socket, Buffer.alloc(65_536, 0xa5), 'SSH-2.0-x\r\n'),
    ],
    ['sends a packet of 4 GB', ONE_LINE, (socket) => pour(socket, Buffer.alloc(65_536, 0xff), 'SSH-2.0-x\r\n')],
    [
      'closes in mid-kex',
      ONE_LINE,
      (socket) => socket.write('SSH-2.0-x\r\n') && socket.once('data', () => socket.end()),
    ],
    ['sends a version with escapes', ONE_LINE, (socket) => socket.end('SSH-2.0-\x1b]0;owned\x07\x1b[2J\r\n\x1b[31m')],
  ])('one that %s', async (_what, line, behave) => {
    await using target = await rawTarget(behave);
    const result = await connectTo(target);
    expect(result).toMatchObject(ours(line));
    expect(result.stderr).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
  });

  test('one that drips', async () => {
    const drips: NodeJS.Timeout[] = [];
    await using target = await rawTarget((socket) => drips.push(setInterval(() => socket.write('x\r\n'), 50)));
    expect(await connectTo(target)).toMatchObject(ours(NO_ANSWER));
    for (const drip of drips) clearInterval(drip);
  });
});

describe('at the login', () => {
  test('one that never answers', async () => {
    await using target = await sshTarget(hostKey, { authentication: () => {} });
    expect(await connectTo(target)).toMatchObject(ours(NO_ANSWER));
  });

  test('one that refuses everything', async () => {
    await using target = await sshTarget(hostKey, { authentication: (context) => context.reject() });
    expect(await connectTo(target)).toMatchObject(ours(/did not accept the secret for root/));
  });

  test('one that asks questions for ever', async () => {
    const answers: string[][] = [];
    await using target = await sshTarget(hostKey, {
      authentication(context) {
        if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive']);
        const ask = () =>
          context.prompt([{ prompt: '\x1b[2JPassword again: ', echo: false }], '\x1b]0;x\x07', (given: string[]) => {
            answers.push(given);
            setImmediate(ask);
          });
        ask();
      },
    });
    const result = await connectTo(target);
    expect(result).toMatchObject(ours(ONE_LINE));
    // the secret is given once
    expect(answers.filter(([one]) => one !== '')).toHaveLength(1);
  });

  test('one that sends banners for ever', async () => {
    await using target = await sshTarget(hostKey, {
      authentication: (_context, connection) =>
        floodFrom(connection, () => [53, string('\x1b[2J\r\nbastion: all is well\r\n'.repeat(500)), string('')]),
    });
    const bounded = /^(?:> bastion: all is well\n|\?\[2J\n){1,50}bastion: [^\n]*hostile\d+ [^\n]*\n$/;
    expect(await connectTo(target)).toMatchObject(ours(bounded));
  });

  test('one that asks for new keys for ever', async () => {
    await using target = await sshTarget(hostKey, {
      connection: (connection) => connection.on('rekey', () => connection.rekey()),
      authentication: (_context, connection) => connection.rekey(),
    });
    expect(await connectTo(target)).toMatchObject(ours(ONE_LINE));
  });
});

describe('at the session', () => {
  test('one that never opens it, and one that never starts the program', async () => {
    await using closed = await sshTarget(hostKey, {
      connection: (connection) => {
        connection.on('ready', () => {
          connection.removeAllListeners('session');
          connection.on('session', () => {});
        });
      },
    });
    expect(await connectTo(closed)).toMatchObject(
      ours(/^bastion: The target let the login in and then did not open a session/),
    );
    await using silent = await sshTarget(hostKey, { session: (session) => void session.on('exec', () => {}) });
    expect(await connectTo(silent)).toMatchObject(
      ours(/^bastion: The target let the login in and then did not open a session/),
    );
  });

  test('one that refuses the program, and one that closes instead', async () => {
    await using refusing = await sshTarget(hostKey, {
      session: (session) => void session.on('exec', (_yes, no) => no()),
    });
    expect(await connectTo(refusing)).toMatchObject(ours(/^bastion: The target refused to start the program/));
    await using closing = await sshTarget(hostKey, { session: (_session, connection) => connection.end() });
    expect(await connectTo(closing)).toMatchObject(ours(/^bastion: The target closed the connection while/));
  });

  test('one that sends more than the window is cut off', async () => {
    await using target = await sshTarget(hostKey, {
      program: (channel, _command, connection) =>
        floodFrom(connection, () => [MSG.data, uint32(numberOf(channel)), string(Buffer.alloc(32_000, 0x78))]),
    });
    const child = start('ssh', [
      ...house.bastion.sshArgs(`alice@${await asset(target)}`, house.key.file),
      'cat /dev/zero',
    ]);
    const end = finished(child);
    child.stdout!.pause();
    const reason = 'it sent more than the channel window';
    await eventually('the reason in the log', () => house.bastion.log().includes(reason) || undefined);
    child.stdout!.resume();
    expect((await end).code).toBe(254);
  });

  test('one that sends empty and tiny packets to a client that reads nothing', async () => {
    let sent = 0;
    // a buffer and a frame for each byte that does pass, by the window of ssh: much, and no more with the time
    allowed = 2.5 * MEMORY;
    await using target = await sshTarget(hostKey, {
      program: (channel, _command, connection) => {
        const { outgoing } = channel as unknown as { outgoing: { id: number; window: number } };
        floodFrom(connection, () => {
          sent++;
          const full = outgoing.window < 200;
          if (!full) outgoing.window -= 1;
          const text = string(full ? '' : 'x');
          return sent % 2 === 0
            ? [MSG.data, uint32(outgoing.id), text]
            : [MSG.extendedData, uint32(outgoing.id), uint32(1), text];
        });
      },
    });
    const child = start('ssh', [...house.bastion.sshArgs(`alice@${await asset(target)}`, house.key.file), 'yes']);
    const end = finished(child);
    child.stdout!.pause();
    child.stderr!.pause();
    await eventually('three million packets', () => sent > 3_000_000 || undefined, 50_000);
    child.kill('SIGKILL');
    await end;
  });

  test('one that tells its exit and goes on sending', async () => {
    await using target = await sshTarget(hostKey, {
      program(channel) {
        channel.write('before\n');
        channel.exit(3);
        channel.write('after\n');
        channel.exit(4);
        channel.end();
      },
    });
    expect(await connectTo(target)).toMatchObject({ code: 3, stdout: 'before\nafter\n' });
  });

  test('one that tells its end and never closes: the user may still go', async () => {
    await using target = await sshTarget(hostKey, {
      program(channel, _command, connection) {
        channel.write('out\n');
        channel.exit(3);
        send(connection, MSG.eof, uint32(numberOf(channel)));
      },
    });
    const child = start('ssh', [...house.bastion.sshArgs(`alice@${await asset(target)}`, house.key.file), 'x']);
    const end = finished(child);
    await seen(child.stdout!, /out/);
    child.kill('SIGTERM');
    await end;
    await eventually('the end of its session', async () => {
      const { items } = await house.api.sessions.list({ live: true, limit: 100 });
      return items.every((one) => one.command !== 'x') || undefined;
    });
  });

  test('one that closes without an exit status, and one whose connection breaks', async () => {
    await using closing = await sshTarget(hostKey, { program: (channel) => channel.close() });
    expect(await connectTo(closing)).toMatchObject({ code: 255, stdout: '' });
    await using breaking = await sshTarget(hostKey, {
      program: (channel, _command, connection) => {
        channel.write('half\n');
        setImmediate(() => (connection as unknown as { _sock: import('node:net').Socket })._sock.destroy());
      },
    });
    expect(await connectTo(breaking)).toMatchObject({
      code: 254,
      stdout: 'half\n',
      stderr: expect.stringMatching(
        /^bastion: The connection to hostile\d+ was lost: the target broke it off\. Connect again to go on\.\n$/,
      ),
    });
  });

  test('one that names a signal with escapes, and exit codes beyond 255', async () => {
    await using target = await sshTarget(hostKey, {
      program(channel, _command, connection) {
        const name = string('\x1b[2J\x1b]0;x\x07');
        send(connection, MSG.request, uint32(numberOf(channel)), string('exit-signal'), 0, name, 0, name, name);
        channel.close();
      },
    });
    const result = await connectTo(target);
    expect(result.code).not.toBe(0);
    expect(result.stderr + result.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f]/);
    expect(await house.bastion.ok(['session', 'list'])).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f]/);
    await using big = await sshTarget(hostKey, {
      program(channel) {
        channel.exit(0x1_0000_0003 % 2 ** 32);
        channel.end();
      },
    });
    expect(await connectTo(big)).toMatchObject({ code: 3 });
  });

  test('one that opens channels and asks for things itself', async () => {
    const refused: string[] = [];
    await using target = await sshTarget(hostKey, {
      program(channel, _command, connection) {
        for (const [type, ...rest] of [
          ['session'],
          ['x11', string('127.0.0.1'), uint32(1)],
          ['auth-agent@openssh.com'],
          ['forwarded-tcpip', string('127.0.0.1'), uint32(1), string('127.0.0.1'), uint32(2)],
          ['\x1b[2J'],
        ] as [string, ...Buffer[]][])
          for (let n = 0; n < 200; n++)
            send(connection, MSG.channelOpen, string(type), uint32(500 + n), uint32(1000), uint32(32_768), ...rest);
        for (let n = 0; n < 1000; n++) send(connection, MSG.globalRequest, string('hostkeys-prove-00@openssh.com'), 1);
        for (let n = 0; n < 1000; n++)
          send(connection, MSG.request, uint32(numberOf(channel)), string('env'), 1, string('A'), string('b'));
        send(connection, MSG.windowAdjust, uint32(numberOf(channel)), uint32(0xffffffff));
        send(connection, MSG.windowAdjust, uint32(numberOf(channel)), uint32(0xffffffff));
        refused.push('sent');
        channel.write('done\n');
        channel.exit(0);
        channel.end();
      },
    });
    expect(await connectTo(target)).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
    expect(refused).toEqual(['sent']);
  });
});

test('a million escape sequences, titles and clipboards on a terminal', async () => {
  const piece = `\x1b]0;${'t'.repeat(2000)}\x07\x1b]52;c;${'A'.repeat(2000)}\x07\x1b[999999999;999999999H\x1b[2147483647X\x1bP${'q'.repeat(3000)}`;
  await using target = await sshTarget(hostKey, {
    program(channel) {
      let left = 2000;
      const more = () => {
        while (left-- > 0 && channel.write(piece));
        if (left > 0) return void channel.once('drain', more);
        channel.write('\x1b\\\x1b[2J\x1b[Hthe end\r\n');
        channel.exit(0);
        channel.end();
      };
      more();
    },
  });
  using terminal = house.terminal(`alice@${await asset(target)}`);
  expect((await terminal.exit).exitCode).toBe(0);
  expect(terminal.raw.length).toBeGreaterThan(2000 * piece.length);
  expect(terminal.raw).toContain('the end');
});
