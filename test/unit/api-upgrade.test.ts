import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import type { Caller } from '../../src/api/caller.ts';
import { asksForSocket, createUpgradeListener, type SocketDoor } from '../../src/api/upgrade.ts';
import { WebDoor } from '../../src/api/web-door.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { grant } from './session-kit.ts';

const server = new WebSocketServer({ noServer: true });
let http: ReturnType<typeof createServer>;
let taken: string[];
let refusal: AppError | undefined;
let caller: () => Promise<Caller>;
const alice: Caller = { kind: 'person', identity: grant().who };

beforeEach(async () => {
  taken = [];
  refusal = undefined;
  caller = async () => alice;
  const sockets: SocketDoor = {
    has: (path) => path === '/ws/terminal',
    accept(who, path, request, socket, head) {
      if (refusal) throw refusal;
      taken.push(`${who.user.name} ${path}`);
      server.handleUpgrade(request, socket, head, () => {});
    },
  };
  const web = new WebDoor({
    public_url: 'https://bastion.example',
    trusted_proxies: [],
    pages: [],
    strictTransport: false,
    seen: async () => {},
    newcomers: { known: () => {} },
  });
  http = createServer({ shouldUpgradeCallback: asksForSocket }, (_request, response) => void response.end('plain'));
  http.on('upgrade', createUpgradeListener({ sockets, speaker: () => caller(), web, log: silentLog() }));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const ws of server.clients) ws.terminate();
  http.closeAllConnections();
  await new Promise((resolve) => http.close(resolve));
});

const port = () => (http.address() as AddressInfo).port;

/** What an upgrade is answered with: its status, or `open`. */
function asked(headers: Record<string, string>, path = '/ws/terminal'): Promise<number | 'open'> {
  const ws = new WebSocket(`ws://127.0.0.1:${port()}${path}`, { headers });
  return new Promise((resolve) => {
    ws.on('open', () => {
      ws.terminate();
      resolve('open');
    });
    ws.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode!);
    });
    ws.on('error', () => {});
  });
}

describe('an upgrade', () => {
  it('is for who is signed in', async () => {
    expect(await asked({})).toBe('open');
    expect(taken).toEqual(['alice /ws/terminal']);
    caller = async () => ({ kind: 'nobody', ip: '192.0.2.1', via: 'api' });
    expect(await asked({})).toBe(401);
    caller = async () => ({ kind: 'machine', name: 'root' });
    expect(await asked({})).toBe(401);
    caller = () => Promise.reject(new AppError('unauthenticated', 'No such token.'));
    expect(await asked({})).toBe(401);
    caller = () => Promise.reject(new Error('the disk is full'));
    expect(await asked({})).toBe(500);
    expect(taken).toHaveLength(1);
  });

  it('comes from a page of the bastion, or from no page at all', async () => {
    expect(await asked({ Origin: `http://127.0.0.1:${port()}` })).toBe('open');
    expect(await asked({ Origin: 'https://bastion.example' })).toBe('open');
    for (const origin of ['https://evil.example', 'null', 'https://bastion.example.evil.example'])
      expect(await asked({ Origin: origin })).toBe(403);
    expect(await asked({ Cookie: 'bastion_session=x' })).toBe(403);
    expect(await asked({ Cookie: '__Host-bastion_session=x' })).toBe(403);
    expect(await asked({ Cookie: 'bastion_session=x', Origin: 'https://bastion.example' })).toBe('open');
    expect(await asked({ Cookie: 'theme=dark' })).toBe('open');
    expect(taken).toHaveLength(4);
  });

  it('leads somewhere', async () => {
    expect(await asked({}, '/ws/nothing')).toBe(404);
    expect(await asked({}, '/ws/terminal?x=1')).toBe('open');
    refusal = new AppError('rate_limited', 'Too many.');
    expect(await asked({})).toBe(429);
  });

  it('of another kind is answered as a plain request', async () => {
    const socket = connect(port(), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n');
    const answer = await new Promise<string>((resolve) => void socket.once('data', (data) => resolve(data.toString())));
    expect(answer).toContain('200 OK');
    socket.destroy();
  });

  it('with a Host that is none, or by another method, opens nothing', async () => {
    const raw = (head: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(port(), '127.0.0.1');
        let text = '';
        socket.on('data', (data) => {
          text += data;
        });
        socket.on('close', () => resolve(text));
        socket.write(`${head}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n`);
      });
    expect(await raw('GET /ws/terminal HTTP/1.1\r\nHost: a b')).toContain(' 400 ');
    expect(await raw('POST /ws/terminal HTTP/1.1\r\nHost: x')).toContain(' 400 ');
    // RFC 6455 §4.1: without a key it is no WebSocket
    expect(await raw('GET /ws/terminal HTTP/1.1\r\nHost: x')).toContain(' 400 ');
  });
});
