import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApi } from '../../src/api/api.ts';
import type { Handlers } from '../../src/api/handlers/handler.ts';
import { createHttpHandler } from '../../src/api/http.ts';
import { attachment } from '../../src/api/http-headers.ts';
import { inProcess } from '../../src/api/in-process.ts';
import { listenTcp } from '../../src/api/listen.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createClient } from '../../src/sdk/client.ts';
import { fetchTransport } from '../../src/sdk/fetch.ts';
import { FakeClock } from '../kit/clock.ts';

type Files = Pick<Handlers<'files'>, 'upload' | 'download'>;
const MACHINE = { kind: 'machine', name: 'tester' } as const;
const NOBODY = { kind: 'nobody', ip: '192.0.2.1', via: 'api' } as const;
const MEGABYTE = 1024 * 1024;
const sha256 = async (bytes: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
};
/** Once it is closed, for whatever reason. */
const gone = (stream: Readable) => new Promise<void>((resolve) => stream.on('error', () => {}).on('close', resolve));
const drain = async (content: AsyncIterable<Uint8Array>) => {
  let size = 0;
  for await (const chunk of content) size += chunk.length;
  return size;
};

/** The API over its real listener, with files as the test has them. */
async function door(files: Partial<Files>, stallMs?: number) {
  const log = silentLog();
  const audit = { append: async () => {} } as never;
  const api = createApi({ handlers: { files } as never, store: { audit }, log, clock: systemClock });
  const speaks = { allowed: true };
  const changed = new Emitter<void>();
  const heard = Promise.withResolvers<void>();
  const clock = new FakeClock();
  const handler = createHttpHandler({
    api,
    log,
    clock,
    stallMs,
    async speaker() {
      heard.resolve();
      return speaks.allowed ? MACHINE : NOBODY;
    },
    ready: () => true,
    onAccessChanged: (listener) => changed.on(listener),
  });
  const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, undefined, handler);
  onTestFinished(() => listener.close(0));
  const url = listener.address;
  return {
    url,
    port: listener.port!,
    clock,
    api,
    handler,
    /** Once the first request is being answered. */
    heard: heard.promise,
    client: createClient({ transport: fetchTransport({ url }) }),
    revoke() {
      speaks.allowed = false;
      changed.emit();
    },
  };
}

describe('an upload', () => {
  it('reaches its handler byte for byte, from a Blob or as it is made, over HTTP and inside the process', async () => {
    const seen: string[] = [];
    const upload: Files['upload'] = async ({ query, content }) => {
      seen.push(await sha256(content));
      return { path: query.path, size: query.offset };
    };
    const { client, api } = await door({ upload });
    const bytes = randomBytes(3 * MEGABYTE);
    const expected = createHash('sha256').update(bytes).digest('hex');
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
    }
    const direct = createClient({ transport: inProcess(api, MACHINE) });
    const args = { id: 's', path: '/tmp/ä b', offset: 7 };
    for (const one of [client, direct]) {
      expect(await one.files.upload({ ...args, content: new Blob([bytes]) })).toEqual({ path: '/tmp/ä b', size: 7 });
      await one.files.upload({ ...args, content: pieces() });
    }
    expect(seen).toEqual([expected, expected, expected, expected]);
  });

  it('waits for its handler: no more is taken than fits a few buffers', async () => {
    const reading = Promise.withResolvers<Readable>();
    const go = Promise.withResolvers<void>();
    const { client } = await door({
      async upload({ content }) {
        reading.resolve(content);
        await go.promise;
        return { path: '/', size: await drain(content) };
      },
    });
    let sent = 0;
    async function* endless() {
      for (; sent < 64; sent++) yield Buffer.alloc(MEGABYTE);
    }
    const done = client.files.upload({ id: 's', path: '/x', content: endless() });
    await reading.promise;
    // as long as anything still moves
    for (let last = -1; last !== sent; ) {
      last = sent;
      for (let turn = 0; turn < 200; turn++) await setImmediate();
    }
    expect(sent).toBeLessThan(32);
    go.resolve();
    expect(await done).toEqual({ path: '/', size: 64 * MEGABYTE });
  });

  it('that is refused is told why, whatever is still on its way, and the connection goes on', async () => {
    const { client } = await door({
      async upload() {
        throw new AppError('conflict', 'The file is there already.');
      },
    });
    const late = client.files.upload({ id: 's', path: '/x', content: new Blob([Buffer.alloc(20 * MEGABYTE)]) });
    await expect(late).rejects.toMatchObject({ code: 'conflict', message: 'The file is there already.' });
  });

  it('that is broken off fails in its handler, and is no whole file', async () => {
    const failed = Promise.withResolvers<unknown>();
    const { port } = await door({
      async upload({ content }) {
        await drain(content).catch((error) => {
          failed.resolve(error);
          throw error;
        });
        failed.resolve('the whole file');
        return { path: '/', size: 0 };
      },
    });
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /api/v1/files/s/content?path=/x HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\nhalf');
    await once(socket, 'connect');
    socket.end();
    socket.destroySoon();
    expect(await failed.promise).toMatchObject({ code: 'invalid', message: expect.stringContaining('broken off') });
  });

  it('of which nothing more comes is broken off, and told so', async () => {
    const { port } = await door({ upload: async ({ content }) => ({ path: '/', size: await drain(content) }) }, 50);
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /api/v1/files/s/content?path=/x HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\nhalf');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 400 .*broken off/s);
    socket.destroy();
  });

  it('ends when its sender may no longer', async () => {
    const begun = Promise.withResolvers<void>();
    const { client, revoke } = await door({
      async upload({ content }) {
        begun.resolve();
        return { path: '/', size: await drain(content) };
      },
    });
    const hold = Promise.withResolvers<void>();
    async function* slow() {
      yield Buffer.from('first');
      await hold.promise;
    }
    const done = client.files.upload({ id: 's', path: '/x', content: slow() });
    await begun.promise;
    revoke();
    await expect(done).rejects.toMatchObject({ code: 'unauthenticated' });
    hold.resolve();
  });

  it('from nobody is not read', async () => {
    const { client, revoke } = await door({ upload: () => expect.unreachable('the handler was asked') });
    revoke();
    const refused = client.files.upload({ id: 's', path: '/x', content: new Blob(['x']) });
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' });
  });
});

describe('a body that is no upload', () => {
  it('is cut when it does not arrive in a minute', async () => {
    const { port, clock, heard } = await door({});
    const socket = connect(port, '127.0.0.1');
    socket.write(
      'POST /api/v1/sign-out HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
    );
    const closed = once(socket, 'close');
    socket.on('error', () => {});
    socket.resume();
    await heard;
    clock.advance(60_000);
    await closed;
  });
});

describe('the bytes of a file', () => {
  const file = (stream: Readable, size: number | null, name = 'a.bin'): Partial<Files> => ({
    download: async () => ({ stream, size, name }),
  });
  const get = (url: string) => fetch(`${url}/api/v1/files/s/content?path=/x`);

  it('come whole, with their size, and as nothing a browser would show', async () => {
    const bytes = randomBytes(3 * MEGABYTE);
    const { url, client } = await door({
      download: async () => ({ stream: Readable.from([bytes]), size: bytes.length, name: '日本 "x".html' }),
    });
    const response = await get(url);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="__ _x_.html"; filename*=UTF-8''%E6%97%A5%E6%9C%AC%20%22x%22.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'no-store',
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(await sha256(client.files.download({ id: 's', path: '/x' }))).toBe(
      createHash('sha256').update(bytes).digest('hex'),
    );
  });

  it('come without a size when there is none', async () => {
    const { url } = await door(file(Readable.from([Buffer.from('ab'), Buffer.from('cd')]), null));
    const response = await get(url);
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toBe('abcd');
  });

  it('end at the size that was announced though the file grows, and the connection goes on', async () => {
    const { url } = await door({
      download: async () => ({ stream: Readable.from([Buffer.from('abc'), Buffer.from('def')]), size: 4, name: 'x' }),
    });
    expect(await (await get(url)).text()).toBe('abcd');
    expect(await (await get(url)).text()).toBe('abcd');
  });

  it('are broken off, not cut short in silence, when the file shrank or cannot be read on', async () => {
    const short = await door({
      download: async () => ({ stream: Readable.from([Buffer.from('abc')]), size: 10, name: 'x' }),
    });
    // the connection goes with it: what came next would be taken for the rest
    const socket = connect(short.port, '127.0.0.1');
    const ask = 'GET /api/v1/files/s/content?path=/x HTTP/1.1\r\nHost: b\r\n\r\n';
    socket.write(ask + ask);
    expect((await text(socket)).match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200']);
    async function* failing() {
      yield Buffer.from('abc');
      throw new Error('the target closed');
    }
    const failed = await door(file(Readable.from(failing()), null));
    await expect(get(failed.url).then((response) => response.text())).rejects.toThrow();
  });

  it('are broken off when nothing comes or nobody reads, and what they came from is closed', async () => {
    const stream = new PassThrough();
    const { url } = await door(file(stream, null), 50);
    stream.write('first');
    const closed = gone(stream);
    await expect(get(url).then((response) => response.text())).rejects.toThrow();
    await closed;
    const flood = Readable.from(
      (async function* () {
        for (;;) yield Buffer.alloc(MEGABYTE);
      })(),
    );
    const unread = await door(file(flood, null), 50);
    const ended = gone(flood);
    const outgoing = request(`${unread.url}/api/v1/files/s/content?path=/x`, (incoming) => incoming.pause());
    outgoing.on('error', () => {});
    outgoing.end();
    await ended;
    outgoing.destroy();
  });

  it('end when their reader may no longer', async () => {
    const stream = new PassThrough();
    const { url, revoke } = await door(file(stream, null));
    stream.write('first');
    const response = await get(url);
    revoke();
    await expect(response.text()).rejects.toThrow();
    expect(stream.destroyed).toBe(true);
  });
});

it('a name in a header is one line of plain ASCII, whatever it is', () => {
  for (const name of ['a\r\nSet-Cookie: x', '"; filename="evil', "it's (1)*.txt", 'ä\ud800', '%41', '\u202etxt.exe'])
    expect(attachment(name)).toMatch(
      /^attachment; filename="[^"\\%\r\n]*"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/,
    );
});

describe('an answer', () => {
  it('that nobody reads does not keep its connection', async () => {
    const { handler } = await door({}, 300);
    const server = createServer({ requestTimeout: 0 }, handler).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
    onTestFinished(() => void client.destroy());
    const [theirs] = (await once(server, 'connection')) as [Socket];
    client.pause();
    // more answers than the kernel holds for both ends
    client.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(60_000));
    await once(theirs, 'close');
    expect(theirs.bytesRead).toBeGreaterThan(0);
  });
});
