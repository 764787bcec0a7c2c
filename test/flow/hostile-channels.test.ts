import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import type { Client } from 'ssh2';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { connectClient, exec, insideOf, MSG, openExec, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { residentBytes, startWitness, type Witness } from '../kit/witness.ts';

/** What one hostile connection may cost the daemon: its heap may grow threefold before a full collection. */
const MEMORY = 160 * 2 ** 20;

/** A program that reads nothing, and ends when its connection has. */
const IDLE = 'while sleep 1 && echo; do :; done';

let house: House;
let witness: Witness;
let before: number;
beforeAll(async () => {
  house = await startHouse({ config: { log: { format: 'json', level: 'info' } } });
  witness = await startWitness(house);
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});
beforeEach(() => {
  before = residentBytes(house.bastion.pid);
});
afterEach(async () => {
  await witness.undisturbed();
  expect(residentBytes(house.bastion.pid) - before).toBeLessThan(MEMORY);
});

/** A logged-in client with its socket, which it reads only while `socket` is not paused. */
async function attacker(): Promise<Client & Disposable & { socket: Socket; closed: Promise<void> }> {
  const socket = connect(house.bastion.sshPort, '127.0.0.1');
  const client = await connectClient(house.bastion.sshPort, {
    sock: socket,
    username: 'alice@web1',
    privateKey: readFileSync(house.key.file),
  });
  const closed = new Promise<void>((resolve) => client.once('close', resolve));
  return Object.assign(client, { socket, closed });
}

/** Waits until the daemon has read everything the client wrote, or cut it off. */
const taken = (client: { socket: Socket }) =>
  eventually(
    'the daemon to take what was sent',
    () => client.socket.destroyed || client.socket.writableLength === 0 || undefined,
  );

/** Writes packets in bursts, waiting for the socket in between. */
async function flood(client: Client & { socket: Socket }, count: number, packet: (n: number) => (Buffer | number)[]) {
  for (let n = 0; n < count && !client.socket.destroyed; n++) {
    sendPayload(client, ...packet(n));
    if (n % 500 === 499) await taken(client);
  }
  await taken(client);
}

/** Opens a session channel by hand; gives its number at the daemon. */
function openChannel(client: Client, window: number, packet = 32_768, own = 900): Promise<number> {
  const { _handlers: handlers } = insideOf(client);
  const original = handlers.CHANNEL_OPEN_CONFIRMATION!;
  return new Promise((resolve) => {
    handlers.CHANNEL_OPEN_CONFIRMATION = ((protocol: never, info: { recipient: number; sender: number }) => {
      if (info.recipient !== own) return (original as (...args: unknown[]) => void)(protocol, info);
      resolve(info.sender);
    }) as never;
    sendPayload(client, MSG.channelOpen, string('session'), uint32(own), uint32(window), uint32(packet));
  });
}

const execRequest = (channel: number, command: string) => [
  MSG.request,
  uint32(channel),
  string('exec'),
  0,
  string(command),
];

/** What runs besides the witness. */
const sessions = async () =>
  (await house.api.sessions.list({ live: true, limit: 100 })).items.filter((one) => one.command !== 'cat');

describe('floods', () => {
  test('10,000 channels', async () => {
    using client = await attacker();
    let opened = 0;
    let refused = 0;
    const handlers = insideOf(client)._handlers;
    handlers.CHANNEL_OPEN_CONFIRMATION = (() => void opened++) as never;
    handlers.CHANNEL_OPEN_FAILURE = (() => void refused++) as never;
    await flood(client, 10_000, (n) => [
      MSG.channelOpen,
      string('session'),
      uint32(1000 + n),
      uint32(0),
      uint32(32_768),
    ]);
    await eventually('all answers', () => opened + refused === 10_000 || undefined);
    expect(opened).toBe(64);
  });

  test('10,000 channels opened and closed again', async () => {
    using client = await attacker();
    let answers = 0;
    insideOf(client)._handlers.CHANNEL_OPEN_CONFIRMATION = ((_: never, info: { sender: number }) => {
      answers++;
      sendPayload(client, MSG.close, uint32(info.sender));
    }) as never;
    insideOf(client)._handlers.CHANNEL_OPEN_FAILURE = (() => void answers++) as never;
    insideOf(client)._handlers.CHANNEL_CLOSE = (() => {}) as never;
    await flood(client, 10_000, (n) => [
      MSG.channelOpen,
      string('session'),
      uint32(1000 + n),
      uint32(0),
      uint32(32_768),
    ]);
    await eventually('all answers', () => answers === 10_000 || undefined);
  });

  test('100,000 requests on one channel, with and without a program', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 0);
    await flood(client, 50_000, (n) => [
      MSG.request,
      uint32(channel),
      string('env'),
      0,
      string(`LC_${n}`),
      string('x'.repeat(100)),
    ]);
    sendPayload(client, ...execRequest(channel, IDLE));
    await flood(client, 50_000, (n) => [
      MSG.request,
      uint32(channel),
      string('window-change'),
      0,
      ...[n, n, 0xffffffff, 0].map(uint32),
    ]);
    expect((await exec(client, 'echo alive')).out.toString()).toBe('alive\n');
  });

  test('requests that want answers nobody reads: cut off', async () => {
    using client = await attacker();
    client.socket.pause();
    await flood(client, 1_000_000, () => [MSG.globalRequest, string('keepalive@openssh.com'), 1]);
    expect(client.socket.destroyed || !client.socket.writable).toBe(true);
  });

  test('packets with nothing in them, for a program that reads nothing', async () => {
    using client = await attacker();
    const { channel } = await stuckChannel(client);
    await flood(client, 400_000, () => [MSG.data, uint32(channel), string('')]);
    await flood(client, 50_000, () => [MSG.extendedData, uint32(channel), uint32(1), string('')]);
    expect(client.socket.destroyed).toBe(false);
  });

  test('the rest of a window in single bytes, on ten channels', async () => {
    using client = await attacker();
    const stuck = await Promise.all(Array.from({ length: 10 }, () => stuckChannel(client)));
    for (const { channel, credit } of stuck)
      await flood(client, credit, () => [MSG.data, uint32(channel), string('x')]);
    expect(client.socket.destroyed).toBe(false);
  });

  test('new keys 100 times over, while a program runs', async () => {
    using client = await attacker();
    const result = exec(client, 'for i in $(seq 200); do echo $i; sleep 0.01; done');
    let renewed = 0;
    const renew = () => (insideOf(client) as unknown as { rekey(): void }).rekey();
    client.on('handshake', () => ++renewed < 100 && renew());
    renew();
    expect((await result).out.toString()).toBe(Array.from({ length: 200 }, (_, n) => `${n + 1}\n`).join(''));
    await eventually('100 times new keys', () => renewed >= 100 || undefined);
  });
});

/** Leaves this much of a window unused. */
const REST = 60_000;

/** A channel whose program reads nothing, with everything between it and the daemon full, and some credit left. */
async function stuckChannel(client: Client & { socket: Socket }): Promise<{ channel: number; credit: number }> {
  const { outgoing } = (await openExec(client, IDLE)) as unknown as { outgoing: { id: number; window: number } };
  let sent = 0;
  await settled(async () => {
    while (outgoing.window > REST + 32_000) {
      outgoing.window -= 32_000;
      sent += 32_000;
      sendPayload(client, MSG.data, uint32(outgoing.id), string(Buffer.alloc(32_000)));
    }
    return String(sent);
  });
  return { channel: outgoing.id, credit: REST };
}

describe('windows', () => {
  test('a client that sends more than its window is cut off', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 1000);
    sendPayload(client, ...execRequest(channel, IDLE));
    // the way to the program holds a few MiB at most
    await flood(client, 10_000, () => [MSG.data, uint32(channel), string(Buffer.alloc(32_000))]);
    await client.closed;
  });

  test('a client that never opens its window holds the program up, not the daemon', async () => {
    using client = await attacker();
    for (let n = 0; n < 8; n++) {
      const channel = await openChannel(client, 0, 32_768, 3000 + n);
      sendPayload(client, ...execRequest(channel, 'cat /dev/zero'));
    }
    await eventually('all eight to run', async () => (await sessions()).length === 8 || undefined);
    await settled(async () => (await sessions()).map((one) => one.bytesOut).join());
    expect((await exec(client, 'echo alive')).out.toString()).toBe('alive\n');
  });

  test('a window beyond 2^32, and a client that stops reading its socket', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 0xffffffff);
    for (let n = 0; n < 3; n++) sendPayload(client, MSG.windowAdjust, uint32(channel), uint32(0xffffffff));
    sendPayload(client, ...execRequest(channel, 'cat /dev/zero'));
    client.socket.pause();
    await eventually('the program to run', async () => (await sessions()).length === 1 || undefined);
    await settled(async () => (await sessions()).map((one) => one.bytesOut).join());
  });

  test('adjusts by nothing and for channels that are not there', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 0);
    sendPayload(client, ...execRequest(channel, 'cat /dev/zero'));
    await flood(client, 50_000, () => [MSG.windowAdjust, uint32(channel), uint32(0)]);
    await flood(client, 1000, (n) => [MSG.windowAdjust, uint32(500 + n), uint32(5)]);
    await flood(client, 2000, () => [MSG.windowAdjust, uint32(channel), uint32(1)]);
    expect((await exec(client, 'echo alive')).out.toString()).toBe('alive\n');
  });
});

/** A value that stays the same over several looks. */
async function settled(probe: () => Promise<string>) {
  let last = '';
  let same = 0;
  await eventually('a standstill', async () => {
    const now = await probe();
    same = now === last ? same + 1 : 0;
    last = now;
    return same >= 5 || undefined;
  });
}

describe('channels against the rules', () => {
  test('a second program, data after EOF, EOF and close twice', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 100_000);
    sendPayload(client, ...execRequest(channel, 'cat -'));
    sendPayload(client, ...execRequest(channel, 'cat -'));
    sendPayload(client, MSG.request, uint32(channel), string('shell'), 1);
    sendPayload(client, MSG.eof, uint32(channel));
    sendPayload(client, MSG.eof, uint32(channel));
    sendPayload(client, MSG.data, uint32(channel), string('late'));
    sendPayload(client, MSG.close, uint32(channel));
    sendPayload(client, MSG.close, uint32(channel));
    sendPayload(client, MSG.data, uint32(channel), string('later'));
    await eventually('its end', async () => (await sessions()).length === 0 || undefined);
  });

  test('a terminal of 4 billion cells, nonsense modes, a command of 200 kB', async () => {
    using client = await attacker();
    const channel = await openChannel(client, 100_000);
    const modes = Buffer.alloc(5000, 0xff);
    sendPayload(
      client,
      MSG.request,
      uint32(channel),
      string('pty-req'),
      0,
      string('\x1b]0;owned\x07'.repeat(100)),
      ...[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff].map(uint32),
      string(modes),
    );
    sendPayload(client, ...execRequest(channel, `: ${'x'.repeat(200_000)}; stty size; ${IDLE}`));
    using other = await attacker();
    expect((await exec(other, `: ${'x'.repeat(100_000)}; echo whole`)).out.toString()).toBe('whole\n');
  });

  test('garbage in place of packets after the login', async () => {
    using client = await attacker();
    const running = await openExec(client, IDLE);
    client.socket.write(Buffer.alloc(100_000, 0x41));
    await client.closed;
    running.destroy();
    await eventually('the end of its session', async () => (await sessions()).length === 0 || undefined);
  });

  test('a command line with escapes is neutral wherever it is shown', async () => {
    using client = await attacker();
    await exec(client, `true '\x1b]0;owned\x07\x1b[2J\u202e' \u009b31m`);
    for (const words of [
      ['session', 'list'],
      ['audit', 'list'],
    ]) {
      const shown = await house.bastion.ok(words);
      expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    }
    expect(house.bastion.log()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });
});
