import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';

let bastion: Bastion;
beforeAll(async () => {
  bastion = await startBastion();
  await bastion.ok(['user', 'add', 'root', '--role', 'admin', '--password-stdin'], { stdin: 'three blind mice run\n' });
});
afterAll(() => bastion?.[Symbol.asyncDispose]());

const open = (): Socket => connect(bastion.httpPort, '127.0.0.1').on('error', () => {});
const url = (path: string) => `http://127.0.0.1:${bastion.httpPort}${path}`;
const HEAD = `POST /api/v1/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nx-bastion-csrf: 1\r\nContent-Type: application/json\r\n`;

/** What comes back for these bytes until the connection is closed. */
async function answerTo(...parts: readonly string[]): Promise<string> {
  const socket = open();
  for (const part of parts) socket.write(part);
  return text(socket);
}

async function signIn(): Promise<number> {
  const response = await fetch(url('/api/v1/sign-in'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-bastion-csrf': '1' },
    body: JSON.stringify({ name: 'root', password: 'three blind mice run' }),
  });
  return response.status;
}

describe('who sends too much', () => {
  test('is turned away before it is read: announced, in pieces, and as headers', async () => {
    expect(await answerTo(`${HEAD}Content-Length: 17000000000\r\n\r\n{`)).toMatch(/^HTTP\/1\.1 413 .*too_large/s);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    expect(await answerTo(`${HEAD}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk)).toMatch(/^HTTP\/1\.1 413 /);
    expect(await answerTo(`GET /login HTTP/1.1\r\nHost: a\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
    expect(await answerTo(`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    const many = Array.from({ length: 3000 }, (_, i) => `a${i}: b\r\n`).join('');
    expect(await answerTo(`GET / HTTP/1.1\r\nHost: a\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await signIn()).toBe(200);
  });

  test('in two ways at once is not understood (request smuggling)', async () => {
    expect(await answerTo(`${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await answerTo(`${HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

/** The head of an answer, its header names in small letters. */
const headOf = (answer: string) => answer.slice(0, answer.indexOf('\r\n\r\n')).toLowerCase();

describe('what is answered before it is a request, or instead of a WebSocket', () => {
  const upgrade = (...lines: string[]) =>
    `${['GET /ws/terminal HTTP/1.1', 'Host: 127.0.0.1', 'Connection: Upgrade', 'Upgrade: websocket', ...lines].join('\r\n')}\r\n\r\n`;

  test('carries the headers of every answer, and is the last one on its connection', async () => {
    const made = await bastion.ok(['--json', 'token', 'add', 'root', '--name', 'sockets']);
    const bearer = `Authorization: Bearer ${(JSON.parse(made) as { secret: string }).secret}`;
    for (const [status, ...parts] of [
      [400, 'what is this\r\n\r\n'],
      [400, 'GET /login HTTP/1.1\r\nConnection: close\r\n\r\n'],
      [400, `${HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      [431, `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
      [401, upgrade()],
      [403, upgrade('Origin: https://evil.example', bearer)],
      [400, upgrade(bearer)],
      [400, upgrade(bearer, 'Sec-WebSocket-Version: 7', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==')],
      [404, upgrade(bearer).replace('/ws/terminal', '/ws/nothing')],
    ] as const) {
      const head = headOf(await answerTo(...parts));
      expect(head).toContain(`http/1.1 ${status} `);
      for (const line of [
        'connection: close',
        'x-content-type-options: nosniff',
        "content-security-policy: default-src 'none'",
        'x-frame-options: deny',
        'cache-control: no-store',
      ])
        expect([parts, head]).toEqual([parts, expect.stringContaining(line)]);
    }
  });
});

describe('who takes their time', () => {
  test('is cut off in the middle of the headers, while others are served', async () => {
    const slow = open();
    slow.write('GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    let sent = 0;
    const drip = setInterval(() => slow.write(`X-${++sent}: drip\r\n`), 200);
    const cut = text(slow).finally(() => clearInterval(drip));
    expect(await signIn()).toBe(200);
    expect(await cut).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('two hundred that say nothing keep nobody out, and are cut off', async () => {
    const idle = Array.from({ length: 200 }, open);
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const closed = idle.map((socket) => once(socket.resume(), 'close'));
    expect(await signIn()).toBe(200);
    expect((await fetch(url('/login'), { headers: { accept: 'text/html' } })).status).toBe(200);
    await Promise.all(closed);
  });

  test('thousands from one address keep nobody out, not even who shares it', async () => {
    const flood: Socket[] = [];
    while (flood.length < 2500) {
      // as many at a time as wait to be accepted
      const wave = Array.from({ length: 250 }, (_, at) => {
        const socket = connect({ port: bastion.httpPort, host: '127.0.0.1', localAddress: '127.0.0.2' });
        // half of them say a little
        if (at % 2 === 0) socket.write('GET /login HTTP/1.1\r\n');
        return socket.on('error', () => {}).resume();
      });
      await Promise.all(wave.map((socket) => once(socket, 'connect')));
      flood.push(...wave);
    }
    const ask = (localAddress: string) =>
      new Promise<number>((resolve, reject) => {
        const call = request(url('/api/v1/sign-in'), { localAddress, agent: false }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode!));
        });
        call.on('error', reject).end();
      });
    expect([await ask('127.0.0.1'), await ask('127.0.0.2')]).toEqual([200, 200]);
    await Promise.all(flood.map((socket) => socket.closed || once(socket, 'close')));
  });
});
