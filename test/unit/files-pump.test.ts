import { expect, test, vi } from 'vitest';
import type { Grant } from '../../src/access/grant.ts';
import { OPEN, STATUS, TYPE } from '../../src/kernel/sftp/wire.ts';
import { Exchange } from '../../src/session/files/exchange.ts';
import type { Action } from '../../src/store/model.ts';
import { grant, house } from './session-kit.ts';
import { ask, packetsIn, say, statusIn, WRITE_NEW } from './sftp-kit.ts';

const SFTP = { pty: undefined, program: { kind: 'subsystem', name: 'sftp' } } as const;
const ALL: readonly Action[] = ['connect', 'upload', 'download', 'delete'];

const filesGrant = (actions: readonly Action[] = ALL): Grant => grant({ actions: new Set(actions) }, 'files');

/** An SFTP session whose two ends have said which version they speak. */
async function begun(actions?: readonly Action[]) {
  const at = await house();
  const opened = await at.open({ ...SFTP, grant: filesGrant(actions) });
  const { client, target } = opened;
  const answers = () => {
    const packets = packetsIn(Buffer.from(client.shown, 'latin1'));
    client.shown = '';
    return packets;
  };
  client.sink.data(ask.init());
  target.sink.data(say.version());
  target.received.length = 0;
  answers();
  return { ...at, ...opened, answers };
}

test('a grant for commands opens no files, and one for files no commands', async () => {
  const { open } = await house();
  await expect(open({ ...SFTP, grant: grant({}, 'exec') })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(open({ command: 'make', pty: undefined, grant: filesGrant() })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('the first denial of each kind is one line on stderr, and in the recording', async () => {
  const { client, session, answers, recording } = await begun(['connect']);
  client.sink.data(ask.open(1, '/a', WRITE_NEW));
  client.sink.data(ask.open(2, '/b', WRITE_NEW));
  client.sink.data(ask.path(TYPE.remove, 3, '/c'));
  expect(answers().map((one) => statusIn(one).code)).toEqual([3, 3, 3]);
  expect(client.errors).toBe(
    'bastion: you may not upload to web1: the action upload is missing; ask an administrator for it.\n' +
      'bastion: you may not delete files on web1: the action delete is missing; ask an administrator for it.\n',
  );
  client.sink.closed();
  await session.ended;
  const { output } = await recording(session);
  expect(output).toContain('refused: open /b to write (the action upload is missing)\r\n');
  expect(output).toContain('bastion: you may not delete files on web1');
});

test('limits that change hold at the next packet', async () => {
  const at = await begun();
  const { client, target, session, answers } = at;
  client.sink.data(ask.path(TYPE.remove, 1, '/a'));
  expect(target.received).toHaveLength(1);
  (session as unknown as { replaceLimits(limits: unknown): void }).replaceLimits({
    ...session.grant.limits,
    actions: new Set(['connect', 'upload']),
  });
  client.sink.data(ask.path(TYPE.remove, 2, '/b'));
  expect(target.received).toHaveLength(1);
  expect(answers().map((one) => statusIn(one).id)).toEqual([2]);
});

test('who does not read our answers asks nothing more until it does', async () => {
  const { client } = await begun(['connect']);
  client.calls.length = 0;
  client.slow = true;
  client.sink.data(ask.path(TYPE.remove, 1, '/a'));
  expect(client.calls).toEqual(['pause']);
  client.slow = false;
  client.sink.drain();
  expect(client.calls).toEqual(['pause', 'resume']);
});

test('who asks more than the target answers waits for it', async () => {
  const { client, target } = await begun();
  client.calls.length = 0;
  const many = Buffer.concat(Array.from({ length: 5000 }, (_, i) => ask.path(TYPE.stat, i, '/x')));
  client.sink.data(many);
  expect(client.calls).toEqual(['pause']);
  for (let i = 0; i < 5000; i++) target.sink.data(say.attrs(i));
  expect(client.calls).toEqual(['pause', 'resume']);
});

test('back-pressure goes from the slow side to the fast side, both ways', async () => {
  const { client, target } = await begun();
  client.sink.data(ask.open(1, '/a', OPEN.read | OPEN.write));
  target.sink.data(say.handle(1, 'h'));
  client.calls.length = target.calls.length = 0;
  target.slow = true;
  client.sink.data(ask.write(2, 'h', 0, 'x'));
  expect(client.calls).toEqual(['pause']);
  target.sink.drain();
  expect(client.calls).toEqual(['pause', 'resume']);
  client.slow = true;
  target.sink.data(say.ok(2));
  expect(target.calls).toEqual(['pause']);
  client.sink.drain();
  expect(target.calls).toEqual(['pause', 'resume']);
});

test('locked it stands still both ways, and loses nothing', async () => {
  const { client, target, session, answers } = await begun();
  session.lock('eve');
  client.sink.data(ask.path(TYPE.stat, 1, '/a'));
  expect(target.received).toHaveLength(0);
  session.unlock('eve');
  expect(Buffer.concat(target.received).equals(ask.path(TYPE.stat, 1, '/a'))).toBe(true);
  session.lock('eve');
  target.sink.data(say.attrs(1));
  expect(answers()).toEqual([]);
  session.unlock('eve');
  expect(answers()).toHaveLength(1);
});

test.each<['client' | 'target', RegExp]>([
  ['client', /the client broke the SFTP protocol: a packet has an impossible length/],
  ['target', /the target broke the SFTP protocol: it answered what nobody asked/],
])('a %s that breaks the protocol ends the session, and it is said who', async (side, detail) => {
  const { client, target, session, row, audit, store } = await begun();
  client.sink.data(ask.open(1, '/a', WRITE_NEW));
  target.sink.data(say.handle(1, 'h'));
  if (side === 'client') client.sink.data(Buffer.alloc(100, 0xff));
  else target.sink.data(say.ok(77));
  await session.ended;
  expect(client.calls.slice(-3)).toEqual(['exit 254', 'eof', 'close']);
  expect(client.errors).toMatch(/^bastion: Disconnected: the (client|target) broke/m);
  expect(await row(session.id)).toMatchObject({ endCause: 'protocol-error', endDetail: expect.stringMatching(detail) });
  expect(await audit('session.end')).toMatchObject([{ outcome: 'failed', actor: { name: 'alice' } }]);
  expect(await store.transfers.list({})).toMatchObject([{ path: '/a', result: 'failed' }]);
});

test('a fault of our own ends the session, and blames nobody else', async () => {
  const { client, session, row } = await begun();
  vi.spyOn(Exchange.prototype, 'fromClient').mockImplementationOnce(() => {
    throw new TypeError('no such thing');
  });
  client.sink.data(ask.open(1, '/a', WRITE_NEW));
  await session.ended;
  expect(client.errors).toMatch(
    /^bastion: Disconnected: something went wrong; the log of the bastion has the details\.$/m,
  );
  expect((await row(session.id)).endDetail).not.toMatch(/SFTP|no such thing/);
});

test('nothing passes once it has ended, and only the target’s own status is success', async () => {
  const { client, target, session, store } = await begun();
  client.sink.data(ask.open(1, '/a', OPEN.read));
  target.sink.data(say.handle(1, 'h'));
  client.sink.data(ask.read(2, 'h', 0));
  await session.end({ cause: 'terminated', detail: 'eve' });
  client.shown = '';
  target.sink.data(say.data(2, 'late'));
  expect(client.shown).toBe('');
  expect(client.calls).toContain('exit 254');
  expect(await store.transfers.list({})).toMatchObject([
    { path: '/a', result: 'failed', bytes: 0, detail: 'not closed when the session ended: terminated' },
  ]);
});

test('an orderly end passes in the order clients expect, and bytes are counted as they came', async () => {
  const { client, target, session, row } = await begun();
  client.sink.data(ask.path(TYPE.remove, 1, '/a'));
  target.sink.data(say.status(1, STATUS.ok));
  client.sink.eof();
  expect(target.calls).toContain('eof');
  target.leave();
  await session.ended;
  expect(client.calls.filter((call) => /exit|eof|close/.test(call))).toEqual(['exit 0', 'eof', 'close']);
  expect(await row(session.id)).toMatchObject({
    use: 'files',
    endCause: 'target-closed',
    exitCode: 0,
    bytesIn: ask.init().length + ask.path(TYPE.remove, 1, '/a').length,
    bytesOut: say.version().length + say.status(1, STATUS.ok).length,
  });
});
