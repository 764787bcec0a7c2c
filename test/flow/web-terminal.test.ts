import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signInBrowser } from '../kit/browser-session.ts';
import { type House, startHouse } from '../kit/house.ts';
import { openWebTerminal, ticketFor, WebTerminal } from '../kit/web-terminal.ts';

const PASSWORD = 'seven quiet lanterns';

let house: House;
let token: string;
const terminals: WebTerminal[] = [];

beforeAll(async () => {
  house = await startHouse();
  token = (await house.api.tokens.add({ user: 'alice' })).secret;
});
afterAll(async () => {
  for (const terminal of terminals) terminal.cut();
  await house[Symbol.asyncDispose]();
});

async function open(options: Parameters<typeof openWebTerminal>[3] = {}): Promise<WebTerminal> {
  const terminal = await openWebTerminal(house.bastion, token, { asset: 'web1' }, options);
  terminals.push(terminal);
  return terminal;
}

test('a shell: what it is told, Tab completion, the size, an exit code, a recording', async () => {
  const terminal = await open({ cols: 97, rows: 31 });
  const ready = await terminal.message('ready');
  expect(ready).toMatchObject({
    asset: 'web1',
    account: 'bastion-test',
    protocol: 'ssh',
    graceSeconds: 30,
    received: 0,
    idleSeconds: 1800,
    maxSeconds: 86_400,
    until: null,
  });
  expect(ready.actions).toContain('connect');
  await terminal.sees(/\$ $/);
  terminal.type('stty size\r');
  await terminal.sees('\r31 97\r\n');
  terminal.send({ type: 'resize', cols: 120, rows: 40 });
  terminal.type('stty size\r');
  await terminal.sees('\r40 120\r\n');
  terminal.type('cat /etc/host');
  terminal.type('nam\t');
  await terminal.sees('/etc/hostname');
  terminal.type('\r');
  terminal.send({ type: 'ping', id: 7 });
  expect(await terminal.message('pong')).toEqual({ type: 'pong', id: 7 });
  terminal.type('exit 3\r');
  expect(await terminal.ended()).toEqual({
    type: 'ended',
    cause: 'target-closed',
    detail: null,
    text: null,
    exitCode: 3,
    exitSignal: null,
  });
  expect(await terminal.closing()).toBe(1000);
  const row = await house.settled(ready.session);
  expect(row).toMatchObject({ via: 'web', user: 'alice', asset: 'web1', recording: 'ready', exitCode: 3 });
  const replay = await house.bastion.ok(['session', 'replay', ready.session, '--speed', 'max']);
  expect(replay).toContain('40 120');
});

test('20 MB of output, byte by byte', async () => {
  const file = join(house.dir, 'large.bin');
  const bytes = randomBytes(20 * 1024 * 1024);
  writeFileSync(file, bytes, { mode: 0o644 });
  chmodSync(house.dir, 0o755);
  const terminal = await open({ keeps: false });
  await terminal.sees(/\$ $/);
  // the line is echoed; after it nothing is translated any more
  terminal.type(`stty raw -echo; printf 'be%s' gin; read -r go; exec cat ${file}\n`);
  await terminal.sees('begin');
  const whole = createHash('sha256');
  terminal.tap((chunk) => whole.update(chunk));
  terminal.type('\n');
  expect(await terminal.ended()).toMatchObject({ cause: 'target-closed', exitCode: 0 });
  expect(whole.digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('cut in the middle of output and resumed: exactly the bytes there were, and the size of the new window', async () => {
  const terminal = await open({ cols: 90 });
  await terminal.sees(/\$ $/);
  terminal.type('for i in $(seq 1 20000); do echo "line $i of many"; done; echo "do""ne"\r');
  for (const at of ['line 500 of', 'line 9000 of', 'line 15000 of']) {
    await terminal.sees(at);
    terminal.cut();
    terminal.resume();
    await terminal.message('ready', terminal.all('ready').length);
  }
  await terminal.sees('\r\ndone\r\n');
  const lines = terminal.shown.split('\r\n').filter((line) => /^(?:\x1b\[\?2004l\r)?line \d+ of many$/.test(line));
  expect(lines.map((line) => Number(/line (\d+)/.exec(line)![1]))).toEqual(
    Array.from({ length: 20_000 }, (_, i) => i + 1),
  );
  const sessions = new Set(terminal.all('ready').map(({ session }) => session));
  expect(sessions.size).toBe(1);
  terminal.type('stty size\r');
  await terminal.sees('\r24 90\r\n');
});

test('what was typed before a cut arrives once', async () => {
  const terminal = await open();
  await terminal.sees(/\$ $/);
  terminal.type('echo "se""cret-1"\r');
  await terminal.sees('secret-1');
  terminal.cut();
  terminal.resume();
  const again = await terminal.message('ready', 1);
  expect(again.received).toBe('echo "se""cret-1"\r'.length);
  terminal.type('echo "se""cret-2"\r');
  await terminal.sees('secret-2');
  expect(terminal.shown.split('secret-1')).toHaveLength(2);
});

test('access that is taken away closes the terminal, and says so', async () => {
  await house.api.users.add({ name: 'bob' });
  await house.api.permissions.add({ name: 'bob', users: ['bob'], assets: ['web1'], accounts: ['@all'] });
  const bob = (await house.api.tokens.add({ user: 'bob' })).secret;
  const terminal = await openWebTerminal(house.bastion, bob, { asset: 'web1' });
  terminals.push(terminal);
  await terminal.sees(/\$ $/);
  await house.api.permissions.remove({ name: 'bob' });
  expect(await terminal.ended()).toMatchObject({ cause: 'revoked', text: expect.stringContaining('withdrawn') });
  expect(terminal.shown).toContain('Your access to web1 was withdrawn.');
  await terminal.closing();
});

test('a browser: its terminal ends with its sign-in, and the token of a resume is worth nothing elsewhere', async () => {
  await house.api.users.add({ name: 'carol', password: PASSWORD });
  await house.api.permissions.add({ name: 'carol', users: ['carol'], assets: ['web1'], accounts: ['@all'] });
  const { bastion } = house;
  const [here, there] = [
    await signInBrowser(bastion, 'carol', PASSWORD),
    await signInBrowser(bastion, 'carol', PASSWORD),
  ];
  const wish = { asset: 'web1' };
  const hello = async (ticket: string, headers: Record<string, string>) => {
    const terminal = new WebTerminal(bastion, { type: 'hello', ticket, cols: 80, rows: 24 }, { headers });
    terminals.push(terminal);
    return terminal;
  };
  // a ticket of the one browser in the other
  const strange = await hello(await ticketFor(bastion, here.headers, wish), there.socket);
  expect(await strange.message('error')).toMatchObject({ code: 'expired' });

  const terminal = await hello(await ticketFor(bastion, here.headers, wish), here.socket);
  const ready = await terminal.message('ready');
  terminal.cut();
  const first = { type: 'resume', token: ready.resume, received: 0, cols: 80, rows: 24 } as const;
  const thief = new WebTerminal(bastion, first, { headers: there.socket });
  terminals.push(thief);
  expect(await thief.message('error')).toMatchObject({ code: 'expired' });
  terminal.resume();
  await terminal.message('ready', 1);

  const out = await fetch(`http://127.0.0.1:${bastion.httpPort}/api/v1/sign-out`, {
    method: 'POST',
    headers: here.headers,
  });
  expect(out.status).toBe(200);
  expect(await terminal.ended()).toMatchObject({ cause: 'revoked' });
});

test('nobody comes back: the session ends as left, its recording is complete', async () => {
  await using other = await startHouse({ config: { session: { reconnect_grace: '1s' } } });
  const key = (await other.api.tokens.add({ user: 'alice' })).secret;
  const terminal = await openWebTerminal(other.bastion, key, { asset: 'web1' });
  const ready = await terminal.message('ready');
  expect(ready.graceSeconds).toBe(1);
  await terminal.sees(/\$ $/);
  terminal.cut();
  const row = await other.settled(ready.session);
  expect(row).toMatchObject({ endCause: 'client-closed', recording: 'ready' });
  terminal.resume();
  expect(await terminal.message('error')).toMatchObject({ code: 'expired' });
});

test('the bastion goes down: the terminal is warned, and told why it ends', async () => {
  await using other = await startHouse();
  const key = (await other.api.tokens.add({ user: 'alice' })).secret;
  const terminal = await openWebTerminal(other.bastion, key, { asset: 'web1' });
  await terminal.sees(/\$ $/);
  const stopped = other.bastion.stop();
  expect(await terminal.message('warning')).toEqual({ type: 'warning', cause: 'shutdown', seconds: 2 });
  expect(await terminal.ended()).toMatchObject({ cause: 'shutdown', text: expect.stringContaining('going down') });
  expect((await stopped).code).toBe(0);
});
