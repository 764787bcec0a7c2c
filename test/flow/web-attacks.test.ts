import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { type BrowserSession, signInBrowser } from '../kit/browser-session.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { openWebTerminal, ticketFor, WebTerminal } from '../kit/web-terminal.ts';

const PASSWORD = 'seven quiet lanterns';

let house: House;
let token: string;
let mallory: string;
let browser: BrowserSession;

beforeAll(async () => {
  house = await startHouse();
  const { api } = house;
  await api.users.add({ name: 'mallory' });
  await api.users.add({ name: 'carol', password: PASSWORD });
  await api.permissions.add({ name: 'carol', users: ['carol'], assets: ['web1'], accounts: ['@all'] });
  token = (await api.tokens.add({ user: 'alice' })).secret;
  mallory = (await api.tokens.add({ user: 'mallory' })).secret;
  browser = await signInBrowser(house.bastion, 'carol', PASSWORD);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

/** The HTTP status with which an upgrade is refused; 101 when it is not. */
function upgrade(headers: Record<string, string>, path = '/ws/terminal'): Promise<number> {
  const ws = WebTerminal.socket(house.bastion, { headers }, path);
  return statusOf(ws);
}

function statusOf(ws: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    ws.on('open', () => {
      ws.terminate();
      resolve(101);
    });
    ws.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode!);
    });
    ws.on('error', () => {});
  });
}

test('a WebSocket is for who is signed in, from a page of the bastion', async () => {
  const own = `http://127.0.0.1:${house.bastion.httpPort}`;
  const { cookie } = browser;
  expect(await upgrade({ Cookie: cookie, Origin: own })).toBe(101);
  for (const origin of [
    'http://evil.example',
    'null',
    'http://127.0.0.1',
    `${own}.evil.example`,
    'https://127.0.0.1:1',
  ])
    expect(await upgrade({ Cookie: cookie, Origin: origin })).toBe(403);
  // a browser sends its Origin always; what sends a cookie without one is none
  expect(await upgrade({ Cookie: cookie })).toBe(403);
  expect(await upgrade({})).toBe(401);
  expect(await upgrade({ Origin: own })).toBe(401);
  expect(await upgrade({ Cookie: 'bastion_session=bsw_AAAA', Origin: own })).toBe(401);
  expect(await upgrade({ Authorization: 'Bearer bst_nothing' })).toBe(401);
  expect(await upgrade({ Authorization: `Bearer ${token}` })).toBe(101);
  // the token is no reason to listen to a page of elsewhere
  expect(await upgrade({ Authorization: `Bearer ${token}`, Origin: 'http://evil.example' })).toBe(403);
});

test('there are these sockets and no others', async () => {
  const headers = { Authorization: `Bearer ${token}` };
  for (const path of ['/ws', '/ws/', '/ws/terminal/', '/ws/watch', '/ws/watch/x', '/', '/api/v1/me'])
    expect(await upgrade(headers, path)).toBe(404);
  expect(await upgrade(headers, '/ws/terminal?ticket=x')).toBe(101);
});

test('a request that asks for another protocol is answered as it is', async () => {
  const socket = connect(house.bastion.httpPort, '127.0.0.1');
  socket.write(
    'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n',
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});

async function refusedHello(headers: Record<string, string>, ticket: string): Promise<string> {
  const terminal = new WebTerminal(house.bastion, { type: 'hello', ticket, cols: 80, rows: 24 }, { headers });
  const { code } = await terminal.message('error');
  expect(await terminal.closing()).toBe(1008);
  return code;
}

test('a ticket that is forged, used, of somebody else, or for something else opens nothing', async () => {
  const alice = { Authorization: `Bearer ${token}` };
  expect(await refusedHello(alice, `bti_${'A'.repeat(43)}`)).toBe('expired');
  const ticket = await ticketFor(house.bastion, alice, { asset: 'web1' });
  const first = new WebTerminal(house.bastion, { type: 'hello', ticket, cols: 80, rows: 24 }, { headers: alice });
  await first.message('ready');
  expect(await refusedHello(alice, ticket)).toBe('expired');
  first.send({ type: 'close' });
  await first.ended();

  const stolen = await ticketFor(house.bastion, alice, { asset: 'web1' });
  expect(await refusedHello({ Authorization: `Bearer ${mallory}` }, stolen)).toBe('expired');
  expect(await refusedHello(alice, stolen)).toBe('expired');
  const [row] = await house.audit({ action: 'connection.ticket', actor: 'mallory' });
  expect(row).toMatchObject({ outcome: 'denied', target: { name: 'web1' } });

  const files = await ticketFor(house.bastion, alice, { asset: 'web1', use: 'files' });
  expect(await refusedHello(alice, files)).toBe('invalid');
});

test('what one may not is refused where one asks, and written down', async () => {
  const ask = ticketFor(house.bastion, { Authorization: `Bearer ${mallory}` }, { asset: 'web1' });
  await expect(ask).rejects.toThrow('no_permission');
  const unknown = ticketFor(house.bastion, { Authorization: `Bearer ${mallory}` }, { asset: 'nothing' });
  await expect(unknown).rejects.toThrow('no_permission');
  const [row] = await house.audit({ action: 'access.deny', actor: 'mallory' });
  expect(row).toMatchObject({ outcome: 'denied' });
});

test('a right that goes between the ticket and its use is gone', async () => {
  await house.api.users.add({ name: 'dave' });
  await house.api.permissions.add({ name: 'dave', users: ['dave'], assets: ['web1'], accounts: ['@all'] });
  const headers = { Authorization: `Bearer ${(await house.api.tokens.add({ user: 'dave' })).secret}` };
  const ticket = await ticketFor(house.bastion, headers, { asset: 'web1' });
  await house.api.permissions.remove({ name: 'dave' });
  expect(await refusedHello(headers, ticket)).toBe('no_permission');
});

test('neither tickets nor tokens of a resume stand in the log', async () => {
  const alice = { Authorization: `Bearer ${token}` };
  const ticket = await ticketFor(house.bastion, alice, { asset: 'web1' });
  const terminal = new WebTerminal(house.bastion, { type: 'hello', ticket, cols: 80, rows: 24 }, { headers: alice });
  const { resume } = await terminal.message('ready');
  terminal.send({ type: 'close' });
  await terminal.ended();
  const everything = house.bastion.log() + JSON.stringify(await house.audit());
  expect(everything).not.toContain(ticket);
  expect(everything).not.toContain(resume);
});

test('frames that are too large end the socket, and nothing else', async () => {
  const one = await openWebTerminal(house.bastion, token, { asset: 'web1' });
  const other = await openWebTerminal(house.bastion, token, { asset: 'web1' });
  await Promise.all([one.sees(/\$ $/), other.sees(/\$ $/)]);
  one.type(Buffer.alloc(4 * 1024 * 1024));
  expect(await one.closing()).toBe(1009);
  other.type('echo al""ive\r');
  await other.sees('\ralive\r\n');
  one.resume();
  await one.message('ready', 1);
  for (const terminal of [one, other]) {
    terminal.send({ type: 'close' });
    await terminal.ended();
  }
});

test('a paste into a program that reads nothing is held back, and typed on when it reads', async () => {
  const terminal = await openWebTerminal(house.bastion, token, { asset: 'web1' });
  await terminal.sees(/\$ $/);
  terminal.type('stty raw -echo; printf "wai%s" ting; sleep 1000000\n');
  await terminal.sees('waiting');
  // more than any buffer on the way: the page has no business sending so much unacknowledged
  for (let n = 0; n < 400; n++) terminal.type(Buffer.alloc(64 * 1024, 'x'));
  expect(await terminal.ended()).toMatchObject({ cause: 'protocol-error' });
});

test('200 sockets that say nothing, signed in or not, keep nobody out and are cut off', async () => {
  const strangers: Socket[] = [];
  for (let n = 0; n < 200; n++) {
    const socket = connect(house.bastion.httpPort, '127.0.0.1');
    socket.on('error', () => {}).resume();
    strangers.push(socket);
    if (n % 2 === 0) socket.write('GET /ws/terminal HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n');
  }
  const headers = { Authorization: `Bearer ${mallory}` };
  const silent = Array.from({ length: 200 }, () => WebTerminal.socket(house.bastion, { headers }));
  const states = await Promise.all(
    silent.map((ws) => new Promise((resolve) => void ws.on('open', () => resolve('open')).on('error', resolve))),
  );
  expect(states.every((state) => state === 'open')).toBe(true);
  const closed = Promise.all(silent.map((ws) => once(ws, 'close')));
  expect(await upgrade(headers)).toBe(429);
  const terminal = await openWebTerminal(house.bastion, token, { asset: 'web1' });
  await terminal.sees(/\$ $/);
  terminal.send({ type: 'close' });
  await terminal.ended();
  await closed;
  await eventually('the strangers to be cut off', () => strangers.every((socket) => socket.closed), 40_000);
});
