import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Limits } from '../../src/access/grant.ts';
import { FakeClock } from '../kit/clock.ts';
import { FakeWatcher, grant, house } from './session-kit.ts';
import { dataFrames, fileFrame, hex, Z } from './zmodem-kit.ts';

const content = Buffer.from('a file\r\nof two lines\r\n');
const both = { actions: new Set(['connect', 'upload', 'download'] as const) };

function begin(channel: { client: Client; target: Target }): void {
  channel.target.sink.data(hex(Z.rqinit));
  channel.client.sink.data(hex(Z.rinit));
  channel.target.sink.data(fileFrame('notes.txt', content.length));
  channel.client.sink.data(hex(Z.rpos));
}
type Opened = Awaited<ReturnType<Awaited<ReturnType<typeof house>>['open']>>;
type Client = Opened['client'];
type Target = Opened['target'];

test('a file through a session: a row, its audit, a marker in the recording, a sentence for who watches', async () => {
  const { open, store, audit, recording } = await house();
  const { client, target, session } = await open({ grant: grant(both) });
  const watcher = new FakeWatcher();
  session.watch(watcher);
  await watcher.saw('snapshot');
  begin({ client, target });
  target.sink.data(dataFrames(content));
  client.sink.data(hex(Z.rinit));
  target.sink.data(hex(Z.fin));
  client.sink.data(hex(Z.fin));
  target.say('OO$ ');
  target.leave();
  await session.ended;
  const sha256 = createHash('sha256').update(content).digest('hex');
  const [row] = await store.transfers.list({ session: session.id });
  expect(row).toMatchObject({
    userName: 'alice',
    assetName: 'web1',
    account: 'root',
    path: 'notes.txt',
    result: 'ok',
    sha256,
  });
  expect(await audit('transfer')).toMatchObject([
    {
      outcome: 'ok',
      actor: { name: 'alice' },
      target: { id: session.id },
      details: { path: 'notes.txt', sha256, bytes: 22 },
    },
  ]);
  const text = `file transfer: zmodem download of notes.txt, 22 bytes, sha256 ${sha256}`;
  const { output, markers } = await recording(session);
  expect(markers).toContain(text);
  expect(output).not.toContain('two lines');
  expect(output.endsWith('$ ')).toBe(true);
  expect(watcher.events).toContain(`notice ${text}`);
  expect(Buffer.concat(watcher.bytes).includes('two lines')).toBe(false);
  expect(client.shown).toContain('two lines');
});

test('an upload that brings no file is said in the command log: its bytes may have been a line', async () => {
  const { open, store } = await house();
  const { client, target, session } = await open({ grant: grant(both) });
  target.sink.data(hex(Z.rinit));
  client.sink.data(Buffer.concat([hex(Z.sinit), Buffer.from('\x15touch f\n')]));
  target.leave();
  await session.ended;
  expect(await store.commands.list({ session: session.id })).toMatchObject([
    { confidence: 'unparsed', context: 'program', line: expect.stringContaining('upload') },
  ]);
});

test('bytes of a file keep a session from being idle', async () => {
  const clock = new FakeClock();
  const { open, registry } = await house({ clock });
  const { client, target, session } = await open({ grant: grant({ ...both, idleMs: 60_000 }) });
  begin({ client, target });
  for (let i = 0; i < 5; i++) {
    clock.advance(50_000);
    target.sink.data(dataFrames(content));
  }
  expect(registry.live()).toHaveLength(1);
  clock.advance(60_000);
  expect(await session.ended).toEqual({ cause: 'idle' });
});

test('limits that change in mid-transfer hold at once, and an action may end by its date', async () => {
  const clock = new FakeClock();
  const { open, registry, store } = await house({ clock });
  const withdrawn = await open({ grant: grant(both) });
  begin(withdrawn);
  const live = registry.get(withdrawn.session.id) as unknown as { replaceLimits(limits: Limits): void };
  live.replaceLimits({ ...withdrawn.session.grant.limits, actions: new Set(['connect', 'upload']) });
  withdrawn.target.sink.data(dataFrames(content));
  expect(withdrawn.client.shown).toContain('Downloads are not allowed here.');
  expect(withdrawn.client.shown).not.toContain('two lines');

  const actionUntil = new Map([['download', clock.now() + 1000] as const]);
  const dated = await open({ grant: grant({ ...both, actionUntil }) });
  begin(dated);
  clock.advance(1000);
  dated.target.sink.data(dataFrames(content));
  expect(dated.client.shown).toContain('Downloads are not allowed here.');
  for (const { session, target } of [withdrawn, dated]) {
    target.leave();
    await session.ended;
    expect(await store.transfers.list({ session: session.id })).toMatchObject([
      { path: 'notes.txt', result: 'denied' },
    ]);
  }
});

test.each([
  ['client-closed', 'failed'],
  ['terminated', 'cancelled'],
] as const)('a session that ends (%s) in mid-transfer: the file is %s', async (cause, result) => {
  const { open, store } = await house();
  const { client, target, session } = await open({ grant: grant(both) });
  begin({ client, target });
  if (cause === 'client-closed') client.sink.closed();
  else await session.end({ cause, detail: 'eve' });
  await session.ended;
  const detail = `the session ended: ${cause}`;
  expect(await store.transfers.list({})).toMatchObject([{ path: 'notes.txt', result, detail, sha256: null }]);
  expect(client.shown.includes('\x18\x18\x18\x18\x18')).toBe(cause === 'terminated');
});
