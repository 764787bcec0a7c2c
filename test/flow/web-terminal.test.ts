import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, startHouse } from '../kit/house.ts';
import { openWebTerminal, type WebTerminal } from '../kit/web-terminal.ts';

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
