import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { run } from '../kit/process.ts';
import { authRequest, halfway, insideOf, MSG, sendPayload, string, uint32 } from '../kit/raw-ssh.ts';
import { residentBytes, startWitness, type Witness } from '../kit/witness.ts';

/** Two passwords are hashed at a time, with 128 MiB each. */
const MEMORY = (2 * 128 + 160) * 2 ** 20;

let house: House;
let witness: Witness;
let before: number;
beforeAll(async () => {
  house = await startHouse({ config: { ssh: { login_grace: '4s' }, auth: { lockout: { tries: 1000, for: '1m' } } } });
  witness = await startWitness(house);
  before = residentBytes(house.bastion.pid);
});
afterAll(async () => {
  await witness?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});
afterEach(async () => {
  await witness.undisturbed();
  expect(residentBytes(house.bastion.pid) - before).toBeLessThan(MEMORY);
});

/** The address of an attacker: each test has its own, as limits count by address. */
let attackers = 1;
function raw(from = `127.0.1.${attackers}`): Socket {
  const socket = connect({ port: house.bastion.sshPort, host: '127.0.0.1', localAddress: from });
  return socket.on('error', () => {});
}
afterEach(() => {
  attackers++;
});

/** What the daemon said until it closed the connection. */
async function said(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  if (!socket.closed) await once(socket, 'close');
  return text;
}

describe('before the keys', () => {
  test.each([
    ['HTTP', ['GET / HTTP/1.1\r\nHost: bastion\r\n\r\n']],
    ['TLS', [Buffer.from('16030100c8010000c40303', 'hex')]],
    ['an old version', ['SSH-1.99\r\n', 'SSH-1.5-x\r\n']],
    ['a version without an end', ['SSH-2.0-', 'x'.repeat(200_000)]],
    ['a version with escapes', ['SSH-2.0-\x1b]0;owned\x07\r\n']],
    ['a packet of 2^31 bytes', ['SSH-2.0-x\r\n', Buffer.from('7fffffff0414', 'hex'), Buffer.alloc(300_000)]],
    ['a packet of 2^32-1 bytes', ['SSH-2.0-x\r\n', Buffer.from('ffffffff0414', 'hex'), Buffer.alloc(300_000)]],
    ['noise', ['SSH-2.0-x\r\n', Buffer.alloc(300_000, 0x5a)]],
    ['a DISCONNECT with escapes', ['SSH-2.0-x\r\n', plain(1, uint32(2), string('\x1b[2J\x1b]0;x\x07'), string(''))]],
    ['a login before the keys', ['SSH-2.0-x\r\n', plain(...authRequest('alice', 'none'))]],
    ['a channel before the keys', ['SSH-2.0-x\r\n', plain(90, string('session'), uint32(0), uint32(0), uint32(32768))]],
    ['a KEXINIT of endless names', ['SSH-2.0-x\r\n', plain(20, Buffer.alloc(16), string('a,'.repeat(15_000)))]],
  ])('%s ends the connection', async (_what, pieces) => {
    const socket = raw();
    await once(socket, 'connect');
    for (const piece of pieces) socket.write(piece);
    expect(await said(socket)).toMatch(/^SSH-2\.0-Bastion_[\w.]+\r\n/);
  });

  test('1,000 connections that say nothing: others come in, and the grace ends them', async () => {
    const sockets = Array.from({ length: 1000 }, () => raw());
    const fates = sockets.map((socket) => said(socket));
    await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'connect').catch(() => {})));
    const login = await house.bastion.ssh('alice@web1', house.key.file, ['echo in'], { flags: ['-b', '127.0.0.9'] });
    expect(login).toMatchObject({ code: 0, stdout: 'in\n' });
    const texts = await Promise.all(fates);
    const taken = texts.filter((text) => text.startsWith('SSH-2.0'));
    expect(taken.length).toBeGreaterThan(0);
    expect(taken.length).toBeLessThanOrEqual(50);
  });

  test('a version that arrives byte by byte for ever, and keys that never come, meet the grace', async () => {
    const slow = raw();
    const drip = setInterval(() => slow.write('x'), 50);
    slow.write('SSH-2.0-');
    const silent = raw();
    silent.write('SSH-2.0-x\r\n');
    const [first, second] = await Promise.all([said(slow), said(silent)]);
    clearInterval(drip);
    expect(first).toMatch(/^SSH-2\.0-Bastion/);
    expect(second).toContain('mlkem768x25519-sha256');
  });
});

/** A packet as it is before the keys. */
function plain(...parts: (Buffer | number)[]): Buffer {
  const payload = Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.from([part]) : part)));
  const padding = 8 - ((payload.length + 5) % 8) + 4;
  const padded = padding < 4 ? padding + 8 : padding;
  const extra = (8 - ((payload.length + 5 + padded) % 8)) % 8;
  const head = Buffer.concat([uint32(payload.length + 1 + padded + extra), Buffer.from([padded + extra])]);
  return Buffer.concat([head, payload, Buffer.alloc(padded + extra)]);
}

describe('after the keys', () => {
  test('noise', async () => {
    const ending = await halfway(raw(), (client) => {
      (client as unknown as { _sock: Socket })._sock.write(Buffer.alloc(100_000, 7));
    });
    expect(ending.success).toBe(false);
  });

  test.each<[string, (Buffer | number)[]]>([
    ['a login cut short', [MSG.userauthRequest, string('alice')]],
    ['a login for another service', [MSG.userauthRequest, string('alice'), string('x'), string('none')]],
    ['a user name that claims 4 GB', [MSG.userauthRequest, uint32(0xffffffff), Buffer.alloc(100)]],
    ['a success of its own', [52]],
    ['an answer nobody asked for', [61, uint32(1), string('x')]],
    ['an answer with 2^32-1 parts', [61, uint32(0xffffffff)]],
    ['a channel', [MSG.channelOpen, string('session'), uint32(0), uint32(1000), uint32(32768)]],
    ['a global request', [MSG.globalRequest, string('tcpip-forward'), 1, string(''), uint32(0)]],
    ['data', [MSG.data, uint32(0), string('x')]],
    ['message 0', [0]],
    ['message 255', [255, ...Array.from({ length: 100 }, () => 255)]],
    ['a KEXINIT cut short', [20, 1, 2, 3]],
    ['NEWKEYS', [21]],
    ['nothing at all', []],
  ])('%s, and then a wrong password, is no login', async (_what, payload) => {
    const ending = await halfway(raw(), (client) => {
      sendPayload(client, ...payload);
      sendPayload(client, ...authRequest('alice@web1', 'password', 0, string('wrong')));
    });
    expect(ending.success).toBe(false);
  });

  test('200 requests without waiting meet a bound', async () => {
    const ending = await halfway(raw(), (client) => {
      insideOf(client)._handlers.USERAUTH_FAILURE = (() => {}) as never;
      for (let n = 0; n < 200; n++) sendPayload(client, ...authRequest('alice@web1', 'none'));
    });
    expect(ending).toMatchObject({ success: false });
  });

  test('wrong passwords one after the other: the connection ends with the reason', async () => {
    const socket = raw();
    let failures = 0;
    const client = new ssh2.Client();
    client.on('error', () => {});
    const closed = new Promise<void>((resolve) => client.on('close', resolve));
    client.connect({
      sock: socket,
      username: 'alice@web1',
      authHandler: (_left, _partial, next) => {
        failures++;
        next({ type: 'password', username: 'alice@web1', password: `wrong ${failures}` });
      },
    });
    await closed;
    expect(failures).toBeGreaterThan(1);
    expect(failures).toBeLessThan(20);
  });

  test('passwords of 200 kB and 1 MB', async () => {
    for (const size of [200_000, 1_000_000]) {
      const ending = await halfway(raw(), (client) =>
        sendPayload(client, ...authRequest('alice@web1', 'password', 0, string('x'.repeat(size)))),
      );
      expect(ending.success).toBe(false);
    }
  });

  test.each([
    ['quotes', `o'brien"; DROP TABLE users; --`],
    ['newlines', 'al\nice\r\nroot'],
    ['escapes', '\x1b]0;owned\x07\x1b[2J\u009b31m'],
    ['emoji', '😀🏴‍☠️@web1'],
    ['NUL', 'alice\0root@web1'],
    ['what is no UTF-8', Buffer.from([0xff, 0xfe, 0xc0, 0x80])],
    ['100 kB', 'x'.repeat(100_000)],
    ['100 kB of separators', '@'.repeat(100_000)],
    ['direction marks', 'alice\u202egnp.exe'],
    ['nothing', ''],
  ] as [string, string | Buffer][])('a user name with %s', async (_what, name) => {
    const ending = await halfway(raw(), (client) =>
      sendPayload(
        client,
        MSG.userauthRequest,
        string(name as string),
        string('ssh-connection'),
        string('password'),
        0,
        string('x'),
      ),
    );
    expect(ending).toMatchObject({ success: false });
    const shown = await house.bastion.ok(['audit', 'list', '--limit', '5']);
    expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    for (const line of house.bastion.log().trim().split('\n')) {
      expect(line.length).toBeLessThan(10_000);
      expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202e]/);
      JSON.parse(line);
    }
  });
});

test('after all this a person logs in as ever', async () => {
  expect(await house.bastion.ssh('alice@web1', house.key.file, ['echo in'])).toMatchObject({ code: 0, stdout: 'in\n' });
  expect((await run('ssh-keyscan', ['-p', String(house.bastion.sshPort), '127.0.0.1'])).stdout).toMatch(/ssh-ed25519/);
});
