import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import ssh2, { type Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { generateHostKeys } from '../../src/gateways/ssh/host-keys.ts';
import { seen } from '../kit/process.ts';
import { sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { PASSWORD, v2, World } from './gateway-kit.ts';

let world: World;
const use = async (...settings: Parameters<typeof World.start>) => {
  await world[Symbol.asyncDispose]();
  world = await World.start(...settings);
};
beforeEach(async () => {
  world = await World.start();
});
afterEach(() => world[Symbol.asyncDispose]());

function raw(): Socket {
  const socket = connect(world.port, '127.0.0.1');
  socket.on('error', () => {});
  return socket;
}

/** Sends the bytes and gives what the server said until it closed. */
async function untilClosed(...pieces: (string | Buffer)[]): Promise<string> {
  const socket = raw();
  let said = '';
  socket.on('data', (chunk: Buffer) => {
    said += chunk.toString('latin1');
  });
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  if (!socket.closed) await once(socket, 'close');
  return said;
}

/** A connection of ssh2's client, logged in. */
async function client(username: string, options: Partial<ConnectConfig> = {}): Promise<Client> {
  const connection = new ssh2.Client();
  const ready = once(connection, 'ready');
  connection.connect({ host: '127.0.0.1', port: world.port, username, password: PASSWORD, ...options });
  await ready;
  connection.on('error', () => {});
  return connection;
}

function exec(connection: Client, command: string): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    connection.exec(command, (error, channel) => {
      if (error) return reject(error);
      let out = '';
      let err = '';
      let code: number | null = null;
      channel.on('data', (chunk: Buffer) => {
        out += chunk;
      });
      channel.stderr.on('data', (chunk: Buffer) => {
        err += chunk;
      });
      channel.on('exit', (status: number | null) => {
        code = status;
      });
      channel.on('close', () => resolve({ code, out, err }));
    });
  });
}

/** The gateway still serves: what every hostile test ends with. */
async function stillServes(): Promise<void> {
  const connection = await client('alice@web1');
  expect(await exec(connection, 'exit 3')).toMatchObject({ code: 3 });
  connection.end();
}

/** Methods of ssh2's own protocol that send what no well-behaved client would. */
const protocolOf = (connection: Client) =>
  (connection as unknown as { _protocol: Record<string, (...args: unknown[]) => void> })._protocol;

describe('before the login', () => {
  test.each([
    ['an HTTP request', ['GET / HTTP/1.1\r\nHost: x\r\n\r\n']],
    ['SSH 1', ['SSH-1.5-old\r\n']],
    ['an endless version', ['SSH-2.0-', 'x'.repeat(100_000)]],
    ['control characters in the version', ['SSH-2.0-a\x1b[2Jb\r\n']],
    ['binary garbage', [Buffer.alloc(4096, 0xff)]],
    ['garbage after the version', ['SSH-2.0-x\r\n', Buffer.alloc(65536, 0xa5)]],
    [
      'a packet that claims to be huge',
      ['SSH-2.0-x\r\n', Buffer.from([0x7f, 0xff, 0xff, 0xff, 4, 20]), Buffer.alloc(70_000)],
    ],
    [
      'a packet shorter than its padding',
      ['SSH-2.0-x\r\n', Buffer.from([0, 0, 0, 12, 200, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
    ],
    ['an empty KEXINIT', ['SSH-2.0-x\r\n', Buffer.from([0, 0, 0, 12, 10, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])]],
  ])('%s ends the connection', async (_what, pieces) => {
    const said = await untilClosed(...pieces);
    expect(said).toMatch(/^SSH-2\.0-Bastion_[\w.]+\r\n/);
    await stillServes();
  });

  test('an identification in single bytes is understood', async () => {
    const socket = raw();
    await once(socket, 'connect');
    socket.setNoDelay(true);
    for (const byte of Buffer.from('SSH-2.0-slow\r\n')) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    // KEXINIT: the library has taken over
    await seen(socket, /mlkem768x25519-sha256/);
    socket.destroy();
  });

  test('the login grace ends who says nothing and who only begins', async () => {
    await use({ login_grace: '300ms' });
    expect(await untilClosed()).toMatch(/^SSH-2\.0-Bastion/);
    expect(await untilClosed('SSH-2.0-x\r\n')).toContain('mlkem768x25519-sha256');
    const connection = await client('alice@web1');
    await untilClosed();
    expect(await exec(connection, 'exit 3')).toMatchObject({ code: 3 });
    connection.end();
  });

  test('1,000 half-open connections: bounded, and one who knows the password gets in after', async () => {
    await use({ max_unauthenticated: 40 });
    const before = process.memoryUsage().rss;
    const sockets = Array.from({ length: 1000 }, () => raw());
    const fates = sockets.map(
      (socket) =>
        new Promise<string>((resolve) => {
          socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
          socket.once('close', () => resolve(''));
        }),
    );
    const greetings = await Promise.all(fates);
    const taken = greetings.filter((text) => text.startsWith('SSH-2.0'));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThanOrEqual(20);
    expect(greetings.find((text) => !text.startsWith('SSH-2.0'))).toMatch(/^Too many connections|^$/);
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(
        () =>
          stillServes().then(
            () => true,
            () => false,
          ),
        { timeout: 10_000 },
      )
      .toBe(true);
  });

  test('pipelined requests are answered one after the other', async () => {
    const connection = new ssh2.Client();
    const tried: string[] = [];
    connection.on('error', () => {});
    const ready = once(connection, 'ready');
    connection.connect({
      host: '127.0.0.1',
      port: world.port,
      username: 'alice@web1',
      authHandler: (_methods, _partial, next) => {
        tried.push('first');
        // four more behind the one ssh2 sends
        process.nextTick(() => {
          const protocol = protocolOf(connection);
          for (const password of ['bad', 'bad', 'bad', PASSWORD]) protocol.authPassword!('alice@web1', password);
        });
        if (tried.length === 1) next({ type: 'password', username: 'alice@web1', password: 'bad' });
      },
    });
    await ready;
    expect(world.overlaps).toBe(0);
    expect(world.calls.filter((call) => call === 'password alice').length).toBeGreaterThan(1);
    connection.end();
  });

  test('a dialogue broken off by another request does not count as its answer', async () => {
    const connection = new ssh2.Client();
    connection.on('error', () => {});
    const ready = once(connection, 'ready');
    connection.on('keyboard-interactive', () => protocolOf(connection).authPassword!('alice@web1', PASSWORD));
    connection.connect({ host: '127.0.0.1', port: world.port, username: 'alice@web1', tryKeyboard: true });
    await ready;
    expect(world.calls).toEqual(['keyboard alice', 'password alice']);
    expect(world.overlaps).toBe(0);
    connection.end();
  });

  test.each([
    ['o\'brien"; DROP TABLE users; --'],
    ['al\nice'],
    ['al\rice\x1b]0;x\x07'],
    ['😀🏴‍☠️'],
    ['\u0000'],
    ['alice@we\nb1'],
    ['x'.repeat(20_000)],
    ['$(reboot)`id`'],
    ['@'.repeat(300)],
    ['\ud800'],
  ])('the user name %j is a name like any other', async (name) => {
    const wrong = client(name, { password: 'wrong', readyTimeout: 5000 });
    await expect(wrong).rejects.toThrow();
    expect(world.calls.every((call) => !/[\p{Cc}]/u.test(call))).toBe(true);
    const connection = await client(name).catch(() => undefined);
    if (connection) {
      const result = await exec(connection, 'ls');
      expect(result.code).toBe(254);
      expect(result.err).toMatch(/^bastion: [^\p{Cc}]*\n$/u);
      connection.end();
    }
    await stillServes();
  });

  test('a query for an RSA key names the algorithm the client named', async () => {
    const { privateKey } = (await generateHostKeys(world.dir)).find((key) => key.type === 'rsa')!;
    const connection = await client('alice@web1', { password: undefined as unknown as string, privateKey });
    const [query, key] = world.calls;
    expect(query).toMatch(/^query alice rsa-sha2-(256|512)$/);
    expect(key).toBe(query!.replace('query', 'key'));
    connection.end();
  });
});

describe('the PROXY protocol', () => {
  const from = (ip: string) => `PROXY TCP4 ${ip} 127.0.0.1 1 2\r\n`;

  test('names the client, from configured proxies', async () => {
    await use({ proxy_protocol: ['127.0.0.0/8'] });
    for (const header of [from('203.0.113.9'), v2(1, [203, 0, 113, 10, 127, 0, 0, 1, 0, 1, 0, 2])]) {
      const socket = raw();
      socket.write(header);
      const connection = await client('alice@web1', { sock: socket });
      await exec(connection, 'exit 0');
      connection.end();
    }
    expect(world.froms).toEqual([
      { ip: '203.0.113.9', via: 'ssh' },
      { ip: '203.0.113.10', via: 'ssh' },
    ]);
    expect(world.requests[0]!.who.from.ip).toBe('203.0.113.9');
  });

  test('is due from a proxy, and nothing is said before it', async () => {
    await use({ proxy_protocol: ['127.0.0.1'] });
    expect(await untilClosed('SSH-2.0-x\r\n')).not.toContain('SSH-2.0-Bastion');
    expect(await untilClosed('PROXY TCP4 nonsense\r\nSSH-2.0-x\r\n')).not.toContain('SSH-2.0-Bastion');
    expect(world.froms).toEqual([]);
  });

  test('is no part of SSH from anybody else', async () => {
    expect(await untilClosed(`${from('203.0.113.9')}SSH-2.0-x\r\n`)).not.toContain('mlkem');
    await use({ proxy_protocol: ['10.0.0.0/8'] });
    expect(await untilClosed(`${from('203.0.113.9')}SSH-2.0-x\r\n`)).not.toContain('mlkem');
    expect(world.froms).toEqual([]);
  });

  test('counts per client, not per proxy', async () => {
    await use({ proxy_protocol: ['127.0.0.1'], max_unauthenticated: 4 });
    const open = async (ip: string) => {
      const socket = raw();
      socket.write(from(ip));
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      return { socket, text: chunk.toString('latin1') };
    };
    const first = [await open('203.0.113.1'), await open('203.0.113.1'), await open('203.0.113.1')];
    expect(first.map(({ text }) => text.startsWith('SSH-2.0'))).toEqual([true, true, false]);
    expect((await open('203.0.113.2')).text).toMatch(/^SSH-2.0/);
    for (const { socket } of first) socket.destroy();
  });

  test('a list that is none is a configuration error', async () => {
    await expect(World.start({ proxy_protocol: ['10.0.0.0/99'] })).rejects.toMatchObject({ code: 'config' });
  });
});

describe('after the login', () => {
  const shell = (connection: Client) =>
    new Promise<ClientChannel>((resolve, reject) =>
      connection.shell((error, channel) => (error ? reject(error) : resolve(channel))),
    );

  test('a flood of channels meets the bound, with a reason', async () => {
    await use({ max_channels: 5 });
    const connection = await client('alice@web1');
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => shell(connection)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(5);
    const refused = results.find((result) => result.status === 'rejected') as PromiseRejectedResult;
    expect(String(refused.reason)).toContain('5 channels open already');
    connection.end();
  });

  test('channels opened and closed without a program give their place back', async () => {
    await use({ max_channels: 3 });
    const connection = await client('alice@web1');
    for (let round = 0; round < 20; round++) {
      // the numbers of ssh2's own channels start below
      sendPayload(
        connection,
        Buffer.concat([Buffer.from([90]), string('session'), uint32(1000 + round), uint32(1000), uint32(1000)]),
      );
      sendPayload(connection, Buffer.concat([Buffer.from([97]), uint32(round)]));
    }
    expect(await exec(connection, 'exit 3')).toMatchObject({ code: 3 });
    connection.end();
  });

  test.each([
    [
      'a packet size of zero',
      () => Buffer.concat([Buffer.from([90]), string('session'), uint32(7), uint32(1000), uint32(0)]),
    ],
    [
      'an unknown type',
      () => Buffer.concat([Buffer.from([90]), string('x'.repeat(9000)), uint32(7), uint32(1), uint32(32768)]),
    ],
    [
      'a request for a channel that is not there',
      () => Buffer.concat([Buffer.from([98]), uint32(77), string('shell'), Buffer.from([1])]),
    ],
    ['data for a channel that is not there', () => Buffer.concat([Buffer.from([94]), uint32(77), string('x')])],
    ['an unknown message', () => Buffer.from([200, 1, 2, 3])],
  ])('%s hurts nobody', async (_what, payload) => {
    const connection = await client('alice@web1');
    sendPayload(connection, payload());
    expect(await exec(connection, 'exit 3')).toMatchObject({ code: 3 });
    connection.end();
  });

  test.each([
    ['a channel open cut short', () => Buffer.concat([Buffer.from([90]), string('session')])],
    ['a request cut short', () => Buffer.concat([Buffer.from([98]), uint32(0)])],
    ['channel number 2^32-1', () => Buffer.concat([Buffer.from([94]), uint32(0xffffffff), string('x')])],
  ])('%s ends the connection and no other', async (_what, payload) => {
    const other = await client('bob@web1');
    const connection = await client('alice@web1');
    const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()));
    sendPayload(connection, payload());
    await closed;
    await expect.poll(() => world.gateway.connections().map((one) => one.user)).toEqual(['bob']);
    expect(await exec(other, 'exit 3')).toMatchObject({ code: 3 });
    other.end();
  });

  test('a client that asks on and reads no answer is cut off', async () => {
    const other = await client('bob@web1');
    const connection = await client('alice@web1');
    const socket = (connection as unknown as { _sock: Socket })._sock;
    socket.pause();
    const payload = Buffer.concat([Buffer.from([80]), string('keepalive@openssh.com'), Buffer.from([1])]);
    const gone = () => !world.gateway.connections().some((one) => one.user === 'alice');
    while (!gone()) {
      for (let i = 0; i < 5000 && socket.writable; i++) sendPayload(connection, payload);
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
    expect(await exec(other, 'exit 3')).toMatchObject({ code: 3 });
    other.end();
  });

  test('requests are answered after the shell has started too', async () => {
    const connection = await client('alice@web1');
    const channel = await shell(connection);
    await seen(channel, /ready/);
    const id = (channel as unknown as { outgoing: { id: number } }).outgoing.id;
    const answers: boolean[] = [];
    const { _callbacks } = channel as unknown as { _callbacks: ((failed: boolean) => void)[] };
    const ask = (type: string) =>
      new Promise<void>((resolve) => {
        _callbacks.push((failed) => {
          answers.push(!failed);
          resolve();
        });
        sendPayload(connection, Buffer.concat([Buffer.from([98]), uint32(id), string(type), Buffer.from([1])]));
      });
    await ask('winadj@putty.projects.tartarus.org');
    await ask('shell');
    expect(answers).toEqual([false, false]);
    channel.write('size\n');
    await seen(channel, /size/);
    connection.end();
  });

  test('signals and window changes reach the program, also after the end of input', async () => {
    const connection = await client('alice@web1');
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      connection.exec('wait', { pty: { cols: 50, rows: 10 } }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    );
    channel.end();
    await once(channel, 'finish');
    channel.setWindow(20, 90, 0, 0);
    const id = (channel as unknown as { outgoing: { id: number } }).outgoing.id;
    protocolOf(connection).windowChange!(id, 21, 91, 0, 0);
    protocolOf(connection).signal!(id, 'USR1');
    await seen(channel, /resized 91x21(.|\s)*signal USR1/);
    connection.end();
  });

  test('an absurd window is cut to what a screen may be', async () => {
    const connection = await client('alice@web1');
    const channel = await new Promise<ClientChannel>((resolve, reject) =>
      connection.exec('show', { pty: { cols: 4_000_000_000, rows: 4_000_000_000 } }, (error, opened) =>
        error ? reject(error) : resolve(opened),
      ),
    );
    const [text] = await seen(channel, /\{.*\}/);
    expect(JSON.parse(text!)).toMatchObject({ pty: { size: { cols: 1024, rows: 1024 } } });
    connection.end();
  });

  test('what is sent at once with the request is not lost', async () => {
    const connection = await client('alice@web1');
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        (_, i) =>
          new Promise<string>((resolve, reject) => {
            connection.exec('cat', (error, channel) => {
              if (error) return reject(error);
              let out = '';
              channel.on('data', (chunk: Buffer) => {
                out += chunk;
              });
              channel.on('close', () => resolve(out));
              channel.end(`early ${i} `);
            });
          }),
      ),
    );
    expect(results).toEqual(results.map((_, i) => `early ${i} after eof`));
    connection.end();
  });

  test('the second of two programs on one channel is refused', async () => {
    const connection = await client('alice@web1');
    const channel = await shell(connection);
    await seen(channel, /ready/);
    const id = (channel as unknown as { outgoing: { id: number } }).outgoing.id;
    sendPayload(
      connection,
      Buffer.concat([Buffer.from([98]), uint32(id), string('exec'), Buffer.from([0]), string('exit 9')]),
    );
    channel.write('exit 4\n');
    const [code] = await once(channel, 'exit');
    expect(code).toBe(4);
    expect(world.opened).toHaveLength(1);
    connection.end();
  });
});
