import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type WebSocket from 'ws';
import { MAX_FRAME } from '../../src/api/contract/ws-limits.ts';
import { type BrowserSession, signInBrowser } from '../kit/browser-session.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { ticketFor, WebTerminal } from '../kit/web-terminal.ts';
import { WatchClient } from '../kit/web-watch.ts';

/** What is tried by, or with, those who are signed in. */

const PASSWORD = 'seven quiet lanterns';
let house: House;
let browsers: Record<'alice' | 'bob' | 'eve', BrowserSession>;

beforeAll(async () => {
  house = await startHouse();
  await house.api.users.set({ name: 'alice', password: PASSWORD });
  await house.api.users.add({ name: 'bob', password: PASSWORD });
  await house.api.permissions.add({ name: 'bob', users: ['bob'], folders: ['/'], accounts: ['@all'] });
  await house.api.users.add({ name: 'eve', password: PASSWORD, role: 'auditor' });
  const signIn = (name: string) => signInBrowser(house.bastion, name, PASSWORD);
  const [alice, bob, eve] = await Promise.all([signIn('alice'), signIn('bob'), signIn('eve')]);
  browsers = { alice, bob, eve };
});
afterAll(() => house?.[Symbol.asyncDispose]());

const origin = () => `http://127.0.0.1:${house.bastion.httpPort}`;
const hello = (ticket: string) => ({ type: 'hello', ticket, cols: 80, rows: 24 }) as const;

/** The status of a refused upgrade, or `open`. */
function upgraded(socket: WebSocket): Promise<number | 'open'> {
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.once('unexpected-response', (_request, response) => {
      socket.terminate();
      resolve(response.statusCode!);
    });
    socket.on('error', () => {});
  });
}

test('a page of another origin opens no WebSocket with the cookie of who is signed in', async () => {
  const { Cookie } = browsers.alice.socket;
  for (const path of ['/ws/terminal', `/ws/watch/${'0'.repeat(26)}`]) {
    const status = (headers: Record<string, string>) =>
      upgraded(WebTerminal.socket(house.bastion, { headers: { Cookie: Cookie!, ...headers } }, path));
    for (const from of ['https://evil.example', 'null', `${origin()}.evil.example`, 'http://127.0.0.1:1'])
      expect([path, from, await status({ Origin: from })]).toEqual([path, from, 403]);
    // a browser names the page; what names none may be one whose page was lost on the way
    expect([path, await status({})]).toEqual([path, 403]);
    expect([path, await status({ Origin: origin() })]).toEqual([path, 'open']);
  }
});

test('a ticket that is forged, somebody else’s, or used before opens nothing', async () => {
  const { alice, bob } = browsers;
  const refused = async (browser: BrowserSession, ticket: string) => {
    const terminal = new WebTerminal(house.bastion, hello(ticket), { headers: browser.socket });
    expect(await terminal.message('error')).toMatchObject({ code: 'expired' });
    await terminal.closing();
    expect(terminal.all('ready')).toEqual([]);
  };
  const ticket = () => ticketFor(house.bastion, alice.headers, { asset: 'web1' });

  await refused(alice, `bti_${'A'.repeat(43)}`);
  const good = await ticket();
  await refused(alice, good.slice(0, -1) + (good.endsWith('A') ? 'B' : 'A'));

  const stolen = await ticket();
  await refused(bob, stolen);
  // it was used up in other hands
  await refused(alice, stolen);
  const again = await signInBrowser(house.bastion, 'alice', PASSWORD);
  await refused(again, await ticket());

  const once = new WebTerminal(house.bastion, hello(good), { headers: alice.socket });
  const { session } = await once.message('ready');
  await refused(alice, good);
  once.send({ type: 'close' });
  await house.settled(session);
  const { items } = await house.api.sessions.list({});
  expect(items.map(({ id }) => id)).toEqual([session]);
  const denied = (await house.audit({ action: 'connection.ticket' })).filter(({ outcome }) => outcome === 'denied');
  expect(denied.map(({ actor }) => actor.name)).toEqual(['alice', 'bob']);
});

test('no id, known or guessed, gives a recording or a look to who may not have it', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id: live } = await house.live();
  const ask = async (browser: BrowserSession, path: string) =>
    (await fetch(`${origin()}/api/v1/sessions/${path}`, { headers: browser.headers })).status;
  const look = async (browser: BrowserSession, id: string) => {
    using eye = new WatchClient(`${origin().replace('http', 'ws')}/ws/watch/${id}`, { headers: browser.socket });
    return (await eye.message('error')).code;
  };
  // who may see none is told the same of one that is there and of none
  const none = '0'.repeat(26);
  expect([await look(browsers.bob, live), await look(browsers.bob, none)]).toEqual(['forbidden', 'forbidden']);
  terminal.enter('exit');
  await house.settled(live);
  const kinds = ['recording', 'recording/index', 'recording/parts/0'];
  for (const kind of kinds) {
    for (const browser of [browsers.alice, browsers.bob])
      expect([kind, await ask(browser, `${live}/${kind}`), await ask(browser, `${none}/${kind}`)]).toEqual([
        kind,
        403,
        403,
      ]);
    expect([kind, await ask(browsers.eve, `${live}/${kind}`)]).toEqual([kind, 200]);
  }
  const wrong = [none, live.slice(0, -1), `${live}0`, `..%2f${live}`, `${live}%2f..%2f${live}`];
  for (const id of [...wrong, '..%2f..%2fmaster.key', '%00', "'%20or%201=1--"]) {
    for (const kind of kinds) expect([id, kind, await ask(browsers.eve, `${id}/${kind}`)]).toEqual([id, kind, 404]);
  }
  for (const part of ['-1', '1e3', '0x0', '999999', '..%2f0', '0%00'])
    expect([part, await ask(browsers.eve, `${live}/recording/parts/${part}`)]).toEqual([part, 404]);
});

test('frames that are too large end their socket and nothing else', async () => {
  const headers = browsers.eve.socket;
  for (const path of ['/ws/terminal', `/ws/watch/${'0'.repeat(26)}`]) {
    const socket = WebTerminal.socket(house.bastion, { headers }, path).on('error', () => {});
    await once(socket, 'open');
    const closed = once(socket, 'close');
    socket.send(Buffer.alloc(MAX_FRAME + 1));
    expect([path, (await closed)[0]]).toEqual([path, 1009]);
  }
  const response = await fetch(`${origin()}/api/v1/me`, { headers: browsers.eve.headers });
  expect(response.status).toBe(200);
});
