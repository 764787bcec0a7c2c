import type { Client } from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { echoAtEnd, type Served, serve } from '../kit/forwarding.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually, run } from '../kit/process.ts';
import { connectClient } from '../kit/raw-ssh.ts';

let house: House;
let echo: Served;

beforeAll(async () => {
  house = await startHouse();
  await house.api.permissions.set({ name: 'alice', actions: ['connect', 'forward'] });
  echo = await serve(echoAtEnd);
});
afterAll(async () => {
  await echo?.[Symbol.asyncDispose]();
  await house?.[Symbol.asyncDispose]();
});

const login = () => ({ username: 'alice@web1', privateKey: house.key.privateKey, strictVendor: false });

/** Asks for a connection; the reason code and text of the refusal, undefined when it was opened. */
const open = (client: Client, host: string, port: number) =>
  new Promise<{ reason: number; text: string } | undefined>((resolve) =>
    client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
      channel?.close();
      const failure = error as (Error & { reason: number }) | undefined;
      resolve(failure && { reason: failure.reason, text: failure.message });
    }),
  );

test('destinations that are none', async () => {
  using client = await connectClient(house.bastion.sshPort, login());
  for (const [host, port, text] of [
    ['', 80, /no host name/],
    ['a b', 80, /no host name/],
    ['evil\x1b[2J', 80, /no host name/],
    ['local\u202ehost', 80, /no host name/],
    ['localhost\0.example', 80, /no host name/],
    ['x'.repeat(70_000), 80, /no host name/],
    ['localhost', 0, /no port/],
    ['localhost', 70_000, /no port/],
    ['fe80::1%eth0', 80, /may not forward/],
  ] as const) {
    const refusal = await open(client, host, port);
    expect(refusal).toMatchObject({ reason: 1, text: expect.stringMatching(text) });
  }
  for (const path of ['', 'relative', `/${'x'.repeat(200)}`, '/run/\x07bell']) {
    const refusal = await new Promise((resolve) => client.openssh_forwardOutStreamLocal(path, resolve));
    expect(refusal).toMatchObject({ reason: 1, message: expect.stringMatching(/no socket/) });
  }
  expect(await open(client, 'localhost', echo.port)).toBeUndefined();
});

test('more openings than are let in at once: a shortage, and the rest goes on', async () => {
  await using silent = await serve((socket) => socket.resume());
  using client = await connectClient(house.bastion.sshPort, login());
  const answers = await Promise.all(
    Array.from({ length: 700 }, () => {
      return new Promise<number>((resolve) =>
        client.forwardOut('127.0.0.1', 0, 'localhost', silent.port, (error) =>
          resolve((error as (Error & { reason: number }) | undefined)?.reason ?? 0),
        ),
      );
    }),
  );
  expect(answers.filter((reason) => reason === 0)).toHaveLength(512);
  expect(answers.filter((reason) => reason === 4)).toHaveLength(188);
  const args = house.bastion.sshArgs('alice@web1', house.key.file);
  const beside = await run('ssh', ['-W', `localhost:${echo.port}`, ...args], { stdin: 'ok' });
  expect(beside.stdout).toBe('ok');
  client.end();
  await eventually('the forwarded connections to end', async () => {
    const { items } = await house.api.sessions.list({ live: true, limit: 10 });
    return items.length === 0 || undefined;
  });
});

test('a client that goes while the target is asked leaves nothing behind', async () => {
  const client = await connectClient(house.bastion.sshPort, login());
  for (let i = 0; i < 50; i++) client.forwardOut('127.0.0.1', 0, 'localhost', echo.port, () => {});
  // behind the openings, so they have been read when it is answered
  await new Promise<void>((resolve) => client.exec('true', () => resolve()));
  client.destroy();
  await eventually('everything to end', async () => {
    const { items } = await house.api.sessions.list({ live: true, limit: 10 });
    return items.length === 0 || undefined;
  });
});
