import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Newcomers } from '../../src/api/newcomers.ts';

let server: ReturnType<typeof createServer>;
let clients: Socket[] = [];
afterEach(async () => {
  for (const client of clients) client.destroy();
  clients = [];
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
async function serve(newcomers: Newcomers, handler: Handler = (_, response) => response.end()): Promise<void> {
  server = createServer(handler);
  newcomers.watch(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A connection that the server has seen. */
async function come(localAddress = '127.0.0.1'): Promise<Socket> {
  const seen = once(server, 'connection');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', localAddress });
  clients.push(client.on('error', () => {}).resume());
  await seen;
  return client;
}
const gone = (client: Socket) => once(client, 'close');
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('connections of nobody yet', () => {
  it('are bounded for each network: the oldest that waits gives way', async () => {
    await serve(new Newcomers([], { inAll: 100, fromOne: 3 }));
    const [first, second] = [await come(), await come(), await come()] as const;
    const other = await come('127.0.0.2');
    const over = gone(first);
    await come();
    await over;
    const next = gone(second);
    await come();
    await next;
    expect(other.closed).toBe(false);
  });

  it('are bounded in all: the network that has most gives way', async () => {
    await serve(new Newcomers([], { inAll: 4, fromOne: 3 }));
    const early = await come('127.0.0.2');
    const [oldest] = [await come(), await come(), await come()];
    const over = gone(oldest);
    await come('127.0.0.3');
    await over;
    expect(early.closed).toBe(false);
  });

  it('give way while nothing is being answered on them, before others', async () => {
    const asked = Promise.withResolvers<ServerResponse>();
    await serve(new Newcomers([], { inAll: 100, fromOne: 2 }), (_, response) => asked.resolve(response));
    const busy = await come();
    busy.write(GET);
    const response = await asked.promise;
    const idle = await come();
    const over = gone(idle);
    await come();
    await over;
    expect(busy.closed).toBe(false);
    response.end();
    await once(response, 'close');
    const answered = gone(busy);
    await come();
    await answered;
  });

  it('that keep on being answered give way when there are no others', async () => {
    let asked = 0;
    const all = Promise.withResolvers<void>();
    await serve(new Newcomers([], { inAll: 100, fromOne: 2 }), () => {
      if (++asked === 2) all.resolve();
    });
    const [one, two] = [await come(), await come()];
    one.write(GET);
    two.write(GET);
    await all.promise;
    const over = gone(one);
    await come();
    await over;
  });

  it('do not count once somebody is known there, nor behind a proxy that is trusted', async () => {
    const newcomers = new Newcomers(['127.0.0.9'], { inAll: 100, fromOne: 1 });
    const known = Promise.withResolvers<void>();
    await serve(newcomers, ({ socket }, response) => {
      newcomers.known(socket);
      response.end();
      known.resolve();
    });
    const signedIn = await come();
    signedIn.write(GET);
    await known.promise;
    const idle = await come();
    const behind = [await come('127.0.0.9'), await come('127.0.0.9')];
    const over = gone(idle);
    await come();
    await over;
    expect([signedIn, ...behind].map(({ closed }) => closed)).toEqual([false, false, false]);
  });
});
