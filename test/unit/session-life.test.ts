import { chmodSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Grant } from '../../src/access/grant.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { FakeClock } from '../kit/clock.ts';
import { ADMIN, execOptions, FakeClient, FakeWatcher, grant, house, openOptions } from './session-kit.ts';

test('a shell: bytes both ways, exit status, EOF and close in order, a row, audit and a recording', async () => {
  const { open, row, audit, recording, registry, data } = await house();
  const { client, target, session } = await open();
  expect(await row(session.id)).toMatchObject({
    state: 'live',
    recording: 'spool',
    userName: 'alice',
    assetName: 'web1',
    account: 'root',
    permission: 'ops',
  });
  const chunk = Buffer.from('ls\r');
  client.sink.data(chunk);
  expect(target.received[0]).toBe(chunk);
  target.say('file1\r\n');
  client.sink.resize({ cols: 120, rows: 40, width: 0, height: 0 });
  client.sink.signal('INT');
  client.sink.eof();
  expect(target.calls).toEqual(['resize 120x40', 'signal INT', 'eof']);
  target.leave({ kind: 'code', code: 3 });
  expect(await session.ended).toEqual({ cause: 'target-closed', detail: undefined });
  expect(client.calls).toEqual(['exit 3', 'eof', 'close']);
  expect(client.shown).toBe('file1\r\n');
  const cast = await recording(session);
  expect(cast.output).toBe('file1\r\n');
  expect(cast.sizes).toEqual(['120x40']);
  const stored = await row(session.id);
  expect(stored).toMatchObject({
    state: 'ended',
    endCause: 'target-closed',
    exitCode: 3,
    bytesIn: 3,
    bytesOut: 7,
    recording: 'ready',
  });
  expect(await audit('session.start')).toMatchObject([
    { actor: { name: 'alice', ip: '192.0.2.1' }, target: { kind: 'session', id: session.id, name: 'root@web1' } },
  ]);
  expect(await audit('session.end')).toMatchObject([
    { actor: { name: 'alice' }, details: { cause: 'target-closed', bytesOut: 7 } },
  ]);
  expect(await audit('recording.stored')).toMatchObject([
    { actor: { kind: 'system' }, details: { sha256: stored.recordingSha256, lostBytes: 0 } },
  ]);
  expect(readdirSync(join(data, 'spool'))).toEqual([]);
  expect(registry.live()).toEqual([]);
});

test('only a grant opens a session', async () => {
  const { registry, targets } = await house();
  const forged = { ...grant() } as Grant;
  await expect(registry.open(forged, new FakeClient(), openOptions())).rejects.toMatchObject({ code: 'forbidden' });
  expect(targets).toEqual([]);
});

test('a command: stdout and stderr apart, the signal passes, and nothing is said on either', async () => {
  const { open, row, recording } = await house();
  const { client, target, session } = await open(execOptions());
  target.say('out');
  target.sink.stderr(Buffer.from('err'));
  target.leave({ kind: 'signal', signal: 'KILL', coreDumped: false, message: '' });
  await session.ended;
  expect([client.shown, client.errors]).toEqual(['out', 'err']);
  expect(client.calls).toEqual(['exit KILL', 'eof', 'close']);
  expect(await row(session.id)).toMatchObject({ exitSignal: 'KILL', exitCode: null, command: 'make' });
  expect((await recording(session)).output).toBe('outerr');
});

test('back-pressure goes from the slow side to the fast side, both ways', async () => {
  const { open } = await house();
  for (const options of [{}, execOptions()]) {
    const { client, target, session } = await open(options);
    client.slow = true;
    target.say('a lot');
    expect(target.calls).toEqual(['pause']);
    client.slow = false;
    client.sink.drain();
    expect(target.calls).toEqual(['pause', 'resume']);
    target.slow = true;
    client.type('a lot');
    expect(client.calls).toEqual(['pause']);
    target.sink.drain();
    expect(client.calls).toEqual(['pause', 'resume']);
    await session.end({ cause: 'client-closed' });
  }
});

test('the program’s EOF waits for its exit status, and a loss of the connection is told', async () => {
  const { open } = await house();
  const { client, target, session } = await open();
  target.sink.eof();
  expect(client.calls).toEqual([]);
  target.sink.closed(new Error('read ECONN\x07RESET'));
  await session.ended;
  expect(client.calls).toEqual(['exit 254', 'eof', 'close']);
  expect(client.shown).toContain('The connection to web1 was lost: read ECONN RESET.');
});

test('a target that closes without a status has the client see exactly that', async () => {
  const { open } = await house();
  const { client, target, session } = await open();
  target.sink.closed();
  await session.ended;
  expect(client.calls).toEqual(['eof', 'close']);
  expect(client.shown).toBe('');
});

test('the client that leaves ends the target', async () => {
  const { open, row } = await house();
  const { client, target, session } = await open();
  client.sink.closed();
  await session.ended;
  expect(target.calls).toEqual(['close']);
  expect(client.calls).toEqual([]);
  expect(await row(session.id)).toMatchObject({ endCause: 'client-closed', exitCode: null });
});

test('a target that cannot be reached: the error passes, the row says so, no spool is left', async () => {
  const error = new AppError('target_refused', 'web1 refuses connections on port 22. Is its SSH server running?');
  const { registry, open, store, audit, data } = await house({ dial: () => Promise.reject(error) });
  await expect(open()).rejects.toBe(error);
  const [row] = await store.sessions.list({});
  expect(row).toMatchObject({
    state: 'ended',
    endCause: 'connect-failed',
    endDetail: error.message,
    recording: 'none',
  });
  expect(await audit('session.end')).toMatchObject([{ outcome: 'failed', actor: { name: 'alice' } }]);
  expect(readdirSync(join(data, 'spool'))).toEqual([]);
  expect(registry.live()).toEqual([]);
});

test('a client that leaves while the target is dialled stops the dialling', async () => {
  const leaving = new AbortController();
  const { open, store } = await house({
    dial: (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')));
        leaving.abort();
      }),
  });
  await expect(open({ signal: leaving.signal })).rejects.toBeInstanceOf(AppError);
  expect(await store.sessions.list({})).toMatchObject([{ endCause: 'client-closed', recording: 'none' }]);
});

test('terminated while dialling: the late target is closed again', async () => {
  let arrived: () => void = () => {};
  const dialling = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  let connect: () => void = () => {};
  const { registry, open, targets } = await house({
    dial: (target) => {
      arrived();
      return new Promise((resolve) => {
        connect = () => resolve(target);
      });
    },
  });
  const opening = open();
  await dialling;
  const ending = registry.terminate(registry.live()[0]!.id, ADMIN);
  connect();
  await expect(opening).rejects.toMatchObject({ code: 'forbidden', message: 'Terminated by eve [2J.' });
  await ending;
  expect(targets[0]!.calls).toEqual(['close']);
});

test('without room for a recording a session is refused, unless its permission says best-effort', async () => {
  const { open, audit, targets, row } = await house({ session: { disk_reserve: '1000TiB' } });
  await expect(open()).rejects.toMatchObject({
    code: 'recording_failed',
    message: expect.stringContaining('Ask an administrator'),
  });
  expect(targets).toEqual([]);
  expect(await audit('session.start')).toMatchObject([{ outcome: 'failed' }]);
  const { session, target, client } = await open({ grant: grant({ record: 'best-effort' }) });
  target.say('works');
  expect(client.shown).toBe('works');
  expect(await audit('session.unrecorded')).toHaveLength(1);
  target.leave();
  await session.ended;
  expect(await row(session.id)).toMatchObject({ recording: 'none', state: 'ended' });
});

test('a missing spool directory refuses too', async () => {
  const { open, data } = await house();
  rmSync(join(data, 'spool'), { recursive: true });
  await expect(open()).rejects.toMatchObject({ code: 'recording_failed' });
});

test('a session whose refusal cannot even be audited is gone all the same', async () => {
  const { data, store, registry, open } = await house();
  rmSync(join(data, 'spool'), { recursive: true });
  vi.spyOn(store.audit, 'append').mockRejectedValue(new Error('the store is gone'));
  await expect(open()).rejects.toMatchObject({ code: 'internal' });
  expect(registry.live()).toEqual([]);
});

test('nobody is told that a session has ended before that is written', async () => {
  const { store, open, row } = await house();
  const { session, target } = await open();
  const { end } = store.sessions;
  const told: string[] = [];
  vi.spyOn(store.sessions, 'end').mockImplementation(async (...args) => {
    told.push(session.row().state);
    await end(...args);
    told.push((await row(session.id)).state);
  });
  target.leave();
  await session.ended;
  expect(told).toEqual(['live', 'ended']);
  expect(session.row()).toMatchObject({ state: 'ended', endCause: 'target-closed' });
});

test('each user has a bound of sessions, others are not affected', async () => {
  const { open } = await house({ session: { max_per_user: 2 } });
  const first = await open();
  await open();
  await expect(open()).rejects.toMatchObject({ code: 'rate_limited' });
  await open({ grant: grant({}, 'shell', 'bob') });
  await first.session.end({ cause: 'client-closed' });
  await open();
});

test('terminating names the administrator to the user, in the row and in the audit', async () => {
  const { open, registry, row, audit } = await house();
  const { client, session, target } = await open();
  target.say('\x1b[?1049h\x1b[?2004hvim');
  await registry.terminate(session.id, ADMIN);
  expect(client.shown.endsWith('\x1b[?1049l\x1b[?2004l\x1b[0m\r\nTerminated by eve [2J.\r\n')).toBe(true);
  expect(client.calls).toEqual(['exit 254', 'eof', 'close']);
  expect(await row(session.id)).toMatchObject({ endCause: 'terminated', endDetail: 'eve [2J' });
  expect(await audit('session.terminate')).toMatchObject([{ actor: { name: ADMIN.name } }]);
  expect(await audit('session.end')).toMatchObject([{ actor: { name: ADMIN.name }, reason: 'eve [2J' }]);
  await expect(registry.terminate(session.id, ADMIN)).rejects.toMatchObject({ code: 'not_found' });
});

test('a command that is ended has one line on stderr and code 254', async () => {
  const { open, registry } = await house();
  const { client, session } = await open(execOptions());
  await registry.terminate(session.id, ADMIN);
  expect(client.shown).toBe('');
  expect(client.errors).toBe('bastion: Terminated by eve [2J.\n');
  expect(client.calls).toEqual(['exit 254', 'eof', 'close']);
});

test('a locked terminal drops input with one notice; unlocked it types again', async () => {
  const { open, registry, audit } = await house();
  const { client, target, session } = await open();
  await registry.setLocked(session.id, true, ADMIN);
  expect(session.locked).toBe(true);
  client.type('rm -rf /\r');
  client.type('more');
  client.sink.signal('INT');
  expect(target.received).toEqual([]);
  expect(target.calls).toEqual([]);
  expect(client.shown.match(/Locked by eve \[2J/g)).toHaveLength(1);
  const late = new FakeWatcher();
  await registry.watch(session.id, late, ADMIN);
  await late.saw('notice Locked by');
  expect(late.events[0]).toBe('snapshot');
  await registry.setLocked(session.id, false, ADMIN);
  client.type('ls\r');
  expect(Buffer.concat(target.received).toString()).toBe('ls\r');
  expect(client.shown).toContain('Unlocked by eve [2J.');
  expect([(await audit('session.lock')).length, (await audit('session.unlock')).length]).toEqual([1, 1]);
});

test('a locked command stands still both ways and loses nothing', async () => {
  const { open, registry, row } = await house();
  const { client, target, session } = await open(execOptions());
  await registry.setLocked(session.id, true, ADMIN);
  expect([client.calls, target.calls]).toEqual([['pause'], ['pause']]);
  client.type('in');
  client.sink.eof();
  target.say('out');
  target.leave({ kind: 'code', code: 7 });
  expect([target.received, client.shown]).toEqual([[], '']);
  await registry.setLocked(session.id, false, ADMIN);
  await session.ended;
  expect(Buffer.concat(target.received).toString()).toBe('in');
  expect([client.shown, client.errors]).toEqual(['out', '']);
  expect(await row(session.id)).toMatchObject({ exitCode: 7, bytesIn: 2, bytesOut: 3 });
});

test('the first reason counts', async () => {
  const { open, row } = await house();
  const { session } = await open();
  const both = [session.end({ cause: 'idle' }), session.end({ cause: 'shutdown' })];
  await Promise.all(both);
  expect(await session.ended).toEqual({ cause: 'idle' });
  expect(await row(session.id)).toMatchObject({ endCause: 'idle' });
});

test('shutdown: no new sessions, a notice, the grace period, then the rest ends and recordings are finished', async () => {
  const clock = new FakeClock();
  const { open, registry, row } = await house({ clock });
  const stays = await open();
  const leaves = await open();
  const done = registry.shutdown(30_000);
  expect(stays.client.shown).toContain('The bastion is going down in 30 seconds');
  await expect(open()).rejects.toMatchObject({ code: 'shutting_down' });
  leaves.target.leave();
  await leaves.session.ended;
  clock.advance(30_000);
  await done;
  expect(stays.client.shown).toContain('Disconnected: the bastion is going down.');
  expect(await row(stays.session.id)).toMatchObject({ endCause: 'shutdown', recording: 'ready' });
  expect(await row(leaves.session.id)).toMatchObject({ endCause: 'target-closed', recording: 'ready' });
});

test('shutdown does not wait when nobody is there', async () => {
  const { registry } = await house({ clock: new FakeClock() });
  await registry.shutdown(30_000);
});

test('a recording that cannot be stored keeps its spool and is marked failed', async () => {
  const { open, registry, row, data, audit } = await house();
  const { session, target } = await open();
  rmSync(join(data, 'recordings'), { recursive: true });
  // a file where the directory should be: also root cannot write there
  const { writeFileSync } = await import('node:fs');
  writeFileSync(join(data, 'recordings'), '');
  chmodSync(join(data, 'recordings'), 0o600);
  target.leave();
  await session.ended;
  await registry.rendered(session.id);
  expect(await row(session.id)).toMatchObject({ recording: 'failed', state: 'ended' });
  expect(await audit('recording.failed')).toHaveLength(1);
  expect(existsSync(join(data, 'spool', `${session.id}.spool`))).toBe(true);
});
