import { expect, test } from 'vitest';
import type { Place } from '../../src/kernel/program.ts';
import { ConnectionLabel, LabelWatch } from '../../src/session/label.ts';
import { FakeClock } from '../kit/clock.ts';
import { ADMIN, type FakeClient, type FakeTarget, grant, type HouseOptions, house } from './session-kit.ts';

const TO: Place = { kind: 'tcp', host: 'localhost', port: 80 };

async function forwarded(options: HouseOptions = {}, label?: ConnectionLabel) {
  const here = await house(options);
  const open = () =>
    here.open({ pty: undefined, program: { kind: 'forward' }, grant: grant({}, 'forward', 'alice', TO), label });
  return { here, open, ...(await open()) };
}

const text = (target: FakeTarget) => Buffer.concat(target.received).toString();
const holds = ({ calls }: FakeClient | FakeTarget) => calls.filter((call) => call === 'pause' || call === 'resume');

test('bytes both ways by reference, and counted; no spool', async () => {
  const { here, session, client, target } = await forwarded();
  const chunk = Buffer.from('GET /');
  client.sink.data(chunk);
  expect(target.received[0]).toBe(chunk);
  target.say('answer');
  expect(client.shown).toBe('answer');
  expect(session.row()).toMatchObject({ use: 'forward', destination: 'localhost:80', bytesIn: 5, bytesOut: 6 });
  target.sink.closed();
  await session.ended;
  expect(await here.row(session.id)).toMatchObject({ recording: 'none', bytesIn: 5, bytesOut: 6, state: 'ended' });
  expect(await here.recordings.spooled()).toEqual([]);
});

test('each way ends by itself, at once; no exit status', async () => {
  const { session, client, target } = await forwarded();
  client.sink.eof();
  expect(target.calls).toEqual(['eof']);
  target.say('still coming');
  target.sink.eof();
  expect(client.shown).toBe('still coming');
  expect(client.calls).toEqual(['eof']);
  target.sink.closed();
  expect(await session.ended).toEqual({ cause: 'client-closed', detail: undefined });
  expect(client.calls).toEqual(['eof', 'close']);
});

test('who ended first is who left; a lost target is said', async () => {
  const first = await forwarded();
  first.target.sink.eof();
  first.client.sink.eof();
  first.target.sink.closed();
  expect((await first.session.ended).cause).toBe('target-closed');
  const lost = await forwarded();
  lost.client.sink.eof();
  lost.target.sink.closed(new Error('the target broke it off'));
  expect(await lost.session.ended).toEqual({ cause: 'target-closed', detail: 'the target broke it off' });
});

test('a slow side holds the other back', async () => {
  const { client, target } = await forwarded();
  target.slow = true;
  client.type('a');
  expect(holds(client)).toEqual(['pause']);
  target.sink.drain();
  expect(holds(client)).toEqual(['pause', 'resume']);
  client.slow = true;
  target.say('b');
  expect(holds(target)).toEqual(['pause']);
  client.sink.drain();
  expect(holds(target)).toEqual(['pause', 'resume']);
});

test('a lock holds both, also when it came before the connection stood', async () => {
  const { session, client, target } = await forwarded();
  session.lock('eve');
  expect([holds(client), holds(target)]).toEqual([['pause'], ['pause']]);
  session.unlock('eve');
  expect([holds(client), holds(target)]).toEqual([
    ['pause', 'resume'],
    ['pause', 'resume'],
  ]);
  let reached = (_target: FakeTarget) => {};
  const { promise, resolve } = Promise.withResolvers<void>();
  const here = await house({
    dial: (target) =>
      new Promise((done) => {
        reached = () => done(target);
        resolve();
      }),
  });
  const opening = here.open({ pty: undefined, program: { kind: 'forward' }, grant: grant({}, 'forward', 'alice', TO) });
  await promise;
  here.registry.live()[0]!.lock('eve');
  reached(here.targets[0]!);
  const { client: early, target: late } = await opening;
  expect([holds(early), holds(late)]).toEqual([['pause'], ['pause']]);
});

test('an administrator ends it: both sides close and nothing passes any more', async () => {
  const { here, session, client, target } = await forwarded();
  await here.registry.terminate(session.id, ADMIN);
  expect(client.calls).toContain('close');
  expect(target.calls).toContain('close');
  client.type('late');
  target.say('late');
  expect([text(target), client.shown]).toEqual(['', '']);
  expect((await here.row(session.id)).endCause).toBe('terminated');
});

test('the counts of live ones reach the store now and then, only when they changed: a crash loses little', async () => {
  const clock = new FakeClock();
  const { here, session, client } = await forwarded({ clock });
  client.type('12345');
  expect((await here.row(session.id)).bytesIn).toBe(0);
  clock.advance(10_000);
  await expect.poll(async () => (await here.row(session.id)).bytesIn).toBe(5);
  let writes = 0;
  const { progress } = here.store.sessions;
  here.store.sessions.progress = (rows) => {
    writes += 1;
    return progress(rows);
  };
  clock.advance(10_000);
  expect(writes).toBe(0);
  client.type('678');
  clock.advance(10_000);
  expect(writes).toBe(1);
  await expect.poll(async () => (await here.row(session.id)).bytesIn).toBe(8);
});

test('forwarded connections do not use up the places of sessions, and have a bound of their own', async () => {
  const { here, open } = await forwarded({ session: { max_per_user: 1, max_forwards_per_user: 2 } });
  await here.open();
  await expect(here.open()).rejects.toMatchObject({
    code: 'rate_limited',
    message: expect.stringMatching(/sessions open/),
  });
  await open();
  await expect(open()).rejects.toMatchObject({ message: expect.stringMatching(/2 forwarded connections/) });
});

test('what is found at work over a connection is the label of what is forwarded later', async () => {
  const label = new ConnectionLabel();
  const { here, session, open } = await forwarded({}, label);
  const exec = await here.open({ pty: undefined, command: 'bash', grant: grant({}, 'exec'), label });
  expect(exec.session.row().label).toBeNull();
  exec.client.type('SERVER_DIR="$HOME/.vscode-');
  exec.client.type('server"\n');
  expect(exec.session.row().label).toBe('VS Code');
  expect((await open()).session.row().label).toBe('VS Code');
  expect(session.row().label).toBeNull();
  const other = await here.open({ pty: undefined, command: 'ls', grant: grant({}, 'exec'), label });
  expect(other.session.row().label).toBeNull();
});

test('signs: the exacter name wins, the command counts, and only the beginning is looked at', () => {
  const found: string[] = [];
  const watch = (command: string) => new LabelWatch(command, (name) => found.push(name));
  watch('~/.cache/JetBrains/RemoteDev/dist/bin/remote-dev-server.sh run /src');
  expect(found.splice(0)).toEqual(['JetBrains Gateway']);
  const late = watch('bash');
  late.take(Buffer.alloc(40_000, 'x'));
  late.take(Buffer.from('.vscode-server'));
  expect(found).toEqual([]);
  const label = new ConnectionLabel();
  label.found('VS Code');
  label.found('Cursor');
  label.found('VS Code');
  expect(label.name).toBe('Cursor');
});
