import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import type { Capability } from '../../src/access/roles.ts';
import { MAX_FRAME, OUTPUT_WINDOW } from '../../src/api/contract/ws-limits.ts';
import { Identity } from '../../src/auth/identity.ts';
import { WatchSocket } from '../../src/gateways/web/watch-socket.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { User } from '../../src/store/model.ts';
import { eventually } from '../kit/process.ts';
import { WatchClient, type WatchClientOptions } from '../kit/web-watch.ts';
import { ADMIN, grant, house, SIZE } from './session-kit.ts';

const ALL: Capability[] = ['sessions.watch', 'sessions.join', 'sessions.control'];
const SHARED = grant({ actions: new Set(['connect', 'share']) });

/** A live session, and a door through which people may come to watch it. */
async function watching(options: { capabilities?: Capability[]; clock?: Clock } = {}) {
  const at = await house();
  const opened = await at.open({ grant: SHARED });
  const rights = new Set(options.capabilities ?? ALL);
  const changes = new Emitter<void>();
  const access = {
    may: async (_who: Identity, capability: Capability) => rights.has(capability),
    recheckIdentity: async () => true,
  };
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, maxPayload: MAX_FRAME });
  const deps = {
    registry: at.registry,
    access,
    onAccessChanged: (listener: () => void) => changes.on(listener),
    clock: options.clock ?? systemClock,
    log: silentLog(),
  };
  server.on('connection', (ws, request) => {
    const [, id, name] = request.url!.split('/') as [string, string, string];
    const factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false } as const;
    const user = { id: name, name } as unknown as User;
    const who = Identity.bind(user, factors, { ip: '192.0.2.7', via: 'web' }, null, 0);
    new WatchSocket({ ws, who, greeted: () => {} }, id, deps);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const clients: WatchClient[] = [];
  onTestFinished(() => {
    for (const client of clients) client[Symbol.dispose]();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const come = (over: WatchClientOptions & { id?: string; as?: string } = {}) => {
    const client = new WatchClient(`ws://127.0.0.1:${port}/${over.id ?? opened.session.id}/${over.as ?? 'eve'}`, over);
    clients.push(client);
    return client;
  };
  const share = (over: { write?: boolean; users?: string[]; forMs?: number } = {}) =>
    at.registry.shares.add({
      session: opened.session.id,
      write: over.write ?? false,
      users: (over.users ?? []).map((id) => ({ id: id as never, name: id })),
      createdBy: 'alice',
      expiresAt: Date.now() + (over.forMs ?? 60_000),
    })!;
  return { ...at, ...opened, come, share, rights, changes };
}

const typedTo = ({ received }: { received: Buffer[] }) => Buffer.concat(received).toString();

test('what a watcher is told, from the screen to the end', async () => {
  const { come, target, client, session, registry, audit } = await watching();
  target.say('before\r\n');
  const eve = come();
  await eve.shows(/before/);
  const order = eve.order.filter((kind) => kind !== 'people');
  expect(order.slice(0, 3)).toEqual(['ready', 'snapshot', 'bytes']);
  expect(await eve.message('people')).toMatchObject({ people: [{ name: 'eve', typing: false }] });
  expect(eve.messages[0]).toMatchObject({
    user: 'alice',
    asset: 'web1',
    account: 'root',
    mayJoin: true,
    mayControl: true,
  });
  target.say('after');
  await eve.shows(/after/);
  client.sink.resize({ ...SIZE, cols: 120 });
  expect(await eve.message('resize')).toMatchObject({ cols: 120, rows: 24 });
  await registry.setLocked(session.id, true, ADMIN);
  expect(await eve.message('locked')).toMatchObject({ by: 'eve [2J' });
  expect(await eve.message('notice')).toMatchObject({ text: expect.stringContaining('Locked by') });
  eve.say({ type: 'ping', id: 7 });
  expect(await eve.message('pong')).toMatchObject({ id: 7 });
  target.leave({ kind: 'code', code: 3 });
  expect(await eve.message('ended')).toMatchObject({ cause: 'target-closed', exitCode: 3 });
  expect(await eve.over()).toBe(1000);
  expect(await audit('session.watch')).toMatchObject([{ actor: { name: 'eve', via: 'web' } }]);
});

test('without the right an id tells nothing: the same answer for one that is there and one that is not', async () => {
  const { come, audit } = await watching({ capabilities: [] });
  const [one, other] = [come(), come({ id: newId<SessionId>() })];
  expect(await one.message('error')).toEqual(await other.message('error'));
  expect(one.all('error')[0]!.code).toBe('forbidden');
  expect(await one.over()).toBe(1008);
  expect(await audit('session.watch')).toEqual([]);
});

test('a link lets in whom it is for, and answers all others alike', async () => {
  const { come, share, open } = await watching({ capabilities: [] });
  const { token } = share({ users: ['bob'] });
  const text = token.exposeText();
  const bob = come({ as: 'bob', share: text });
  expect(await bob.message('ready')).toMatchObject({ mayJoin: false, mayControl: false });
  // who came by a link sees of others only who is announced
  expect(await bob.message('people')).toMatchObject({ people: [{ name: 'bob', typing: false }] });
  bob.say({ type: 'join' });
  expect(await bob.message('notice', 1)).toMatchObject({ text: 'You may look on here, and not type.' });

  const elsewhere = await open({ grant: SHARED });
  const wrong = [
    come({ as: 'carl', share: text }),
    come({ as: 'bob', share: `${text.slice(0, -1)}_` }),
    come({ as: 'bob', share: 'x' }),
    come({ as: 'bob', share: text, id: elsewhere.session.id }),
    come({ as: 'bob', share: share({ users: ['bob'], forMs: -1 }).token.exposeText() }),
  ];
  const answers = await Promise.all(wrong.map((each) => each.message('error')));
  expect(new Set(answers.map(({ code, message }) => `${code} ${message}`)).size).toBe(1);
  expect(answers[0]!.code).toBe('not_found');
});

test('a link to write lets type along, and all that hangs on it ends when it is taken back', async () => {
  const { come, share, target, registry, session } = await watching({ capabilities: [] });
  const { share: made, token } = share({ write: true });
  const bob = come({ as: 'bob', share: token.exposeText() });
  await bob.message('ready');
  bob.type('too soon');
  bob.say({ type: 'join' });
  expect(await bob.message('joined')).toMatchObject({ typing: true });
  bob.type('id\r');
  await eventually('the keys', async () => typedTo(target) !== '' || undefined);
  expect(typedTo(target)).toBe('id\r');
  registry.shares.remove(made.id);
  expect(await bob.message('error')).toMatchObject({ code: 'forbidden' });
  expect(await bob.over()).toBe(1008);
  expect(session.participants.all).toEqual([]);
});

test('a look ends with the right to it, and typing with the right to type', async () => {
  const { come, rights, changes, target, session } = await watching();
  const eve = come();
  await eve.message('ready');
  eve.say({ type: 'join' });
  await eve.message('joined');
  rights.delete('sessions.join');
  changes.emit();
  expect(await eve.message('joined', 1)).toMatchObject({ typing: false });
  eve.type('rm -rf /\r');
  rights.delete('sessions.watch');
  changes.emit();
  expect(await eve.message('error')).toMatchObject({ code: 'forbidden' });
  await eve.over();
  expect(typedTo(target)).toBe('');
  expect(session.participants.all).toEqual([]);
  expect(eve.order.at(-1)).toBe('error');
});

test('who flickers waits, and who is locked out types nothing', async () => {
  const { come, registry, session, target, audit } = await watching();
  const eve = come();
  await eve.message('ready');
  for (let i = 0; i < 20; i++) {
    eve.say({ type: 'join' });
    eve.say({ type: 'leave' });
  }
  eve.say({ type: 'ping', id: 1 });
  await eve.message('pong');
  expect((await audit('session.join')).length).toBeLessThan(3);
  await registry.setLocked(session.id, true, ADMIN);
  eve.type('x');
  eve.say({ type: 'ping', id: 2 });
  await eve.message('pong', 1);
  expect(typedTo(target)).toBe('');
});

test('frames that are no messages end the look, and harm nobody else', async () => {
  const { come, target } = await watching();
  const good = come();
  await good.message('ready');
  const frames: (string | Buffer)[] = [
    'no json',
    '[]',
    'null',
    '{"type":"hello","share":""}',
    '{"type":"hello","extra":1}',
    '{"type":"become-admin"}',
    `{"type":"hello","share":"${'x'.repeat(10_000)}"}`,
    '{"type":"ack","received":-1}',
    '{"__proto__":{"type":"hello"}}',
  ];
  for (const first of frames) {
    const bad = come({ first });
    expect(await bad.message('error'), String(first).slice(0, 40)).toMatchObject({ code: 'invalid' });
    expect(await bad.over()).toBe(1008);
  }
  const large = come({ first: Buffer.alloc(MAX_FRAME + 1) });
  expect(await large.over()).not.toBe(1000);
  const twice = come();
  await twice.message('ready');
  twice.say({ type: 'hello' });
  expect(await twice.message('error')).toMatchObject({ code: 'invalid' });
  // keys before anything else was said go nowhere
  const keys = come({ first: Buffer.from('id\r') });
  keys.socket.once('open', () => keys.say({ type: 'hello' }));
  await keys.message('ready');
  target.say('still here');
  await good.shows(/still here/);
  expect(typedTo(target)).toBe('');
});

test('a page that draws slowly gets a new screen instead of what it missed', async () => {
  const { come, target, client } = await watching();
  const slow = come();
  await slow.message('ready');
  await slow.shows(/$/);
  slow.say({ type: 'ack', received: slow.received });
  slow.say({ type: 'ping', id: 1 });
  await slow.message('pong');
  const line = `${'x'.repeat(1022)}\r\n`;
  for (let i = 0; i < 4096; i++) target.say(line);
  target.say('the end');
  slow.say({ type: 'ping', id: 2 });
  await slow.message('pong', 1);
  expect(slow.received).toBeLessThan(OUTPUT_WINDOW + 64 * 1024);
  expect(client.shown).toContain('the end');
  expect(slow.all('snapshot')).toHaveLength(1);
  slow.say({ type: 'ack', received: slow.received });
  await slow.message('snapshot', 1);
  await slow.shows(/the end/);
});
