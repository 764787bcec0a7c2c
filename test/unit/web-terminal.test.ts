import { expect, test } from 'vitest';
import { INPUT_WINDOW, OUTPUT_WINDOW } from '../../src/api/contract/ws-limits.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/id.ts';
import { eventually } from '../kit/process.ts';
import { ADMIN, grant } from './session-kit.ts';
import { terminalDoor } from './web-terminal-kit.ts';

const typed = (target: { received: Buffer[] }) => Buffer.concat(target.received).toString();

test('bytes both ways, acknowledged input, the last size of many, and the exit code at the end', async () => {
  const { terminal, clock, row, released, seen } = await terminalDoor();
  const { page, ready, target } = await terminal();
  expect(ready).toMatchObject({ asset: 'web1', account: 'root', actions: ['connect', 'paste'], received: 0 });
  target.say('$ ');
  await page.shows('$ ');
  page.type('ls\r');
  await page.settled();
  expect(typed(target)).toBe('ls\r');
  expect(seen).toEqual(['alice']);
  clock.advance(100);
  expect(await page.message('ack')).toEqual({ type: 'ack', received: 3 });

  for (let n = 1; n <= 1000; n++) page.send({ type: 'resize', cols: 80 + (n % 20), rows: n });
  page.type('x');
  await page.settled();
  expect(target.calls).toEqual(['resize 81x1', 'resize 80x1000']);
  clock.advance(50);
  expect(target.calls).toHaveLength(2);

  target.leave({ kind: 'code', code: 7 });
  const ended = { type: 'ended', cause: 'target-closed', detail: null, text: null, exitCode: 7, exitSignal: null };
  expect(await page.message('ended')).toEqual(ended);
  expect(await page.closed).toBe(1000);
  expect(await row(ready.session as never)).toMatchObject({ via: 'web', exitCode: 7 });
  expect(released).toHaveLength(1);
});

test('sizes that come while the target is dialled reach it', async () => {
  let answer = () => {};
  const dialled = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { page: open, targets } = await terminalDoor({
    dial: async (target) => {
      await dialled;
      return target;
    },
  });
  const page = await open();
  page.send({ type: 'hello', ticket: 'shell of alice', cols: 80, rows: 24 });
  page.send({ type: 'resize', cols: 100, rows: 50 });
  page.type('early ');
  await page.settled();
  await eventually('the dialling', () => targets[0]);
  answer();
  await page.message('ready');
  page.type('late');
  await page.settled();
  expect(targets[0]!.calls).toContain('resize 100x50');
  expect(typed(targets[0]!)).toBe('early late');
});

test('output that the page does not acknowledge holds the target back, and goes on with it', async () => {
  const { terminal } = await terminalDoor();
  const { page, target } = await terminal();
  const chunk = Buffer.alloc(32 * 1024, 'a');
  for (let n = 0; n < OUTPUT_WINDOW / chunk.length; n++) target.sink.data(chunk);
  expect(target.calls).toEqual(['pause']);
  await eventually('all output', () => page.output.length === OUTPUT_WINDOW);
  page.send({ type: 'ack', received: OUTPUT_WINDOW / 4 });
  await page.settled();
  expect(target.calls).toEqual(['pause']);
  page.send({ type: 'ack', received: OUTPUT_WINDOW / 2 });
  await page.settled();
  expect(target.calls).toEqual(['pause', 'resume']);
});

test('a cut: output waits, the same bytes come in the next socket, and input goes on where it was taken', async () => {
  const { terminal, resume, clock } = await terminalDoor();
  const { page, ready, target } = await terminal();
  target.say('one two ');
  await page.shows('two ');
  page.type('abc');
  await page.settled();
  page.ws.terminate();
  await page.closed;
  target.say('three ');
  clock.advance(29_000);
  // half of "two " had arrived when the network went
  const next = await resume(ready.resume, 6);
  expect(await next.message('ready')).toMatchObject({ session: ready.session, received: 3 });
  await next.shows('three ');
  expect(next.output.toString()).toBe('o three ');
  next.type('def');
  await next.settled();
  expect(typed(target)).toBe('abcdef');
  clock.advance(2_000);
  target.say('four');
  await next.shows('four');
});

test('while nobody is there output waits up to the window, then the target is held back', async () => {
  const { terminal, resume } = await terminalDoor();
  const { page, ready, target } = await terminal();
  page.ws.terminate();
  await page.closed;
  await eventually('the cut to be known', () => {
    target.sink.data(Buffer.alloc(64 * 1024, 'x'));
    return target.calls.includes('pause');
  });
  const next = await resume(ready.resume, 0);
  await eventually('what waited', () => next.output.length >= OUTPUT_WINDOW);
  next.send({ type: 'ack', received: next.output.length });
  await next.settled();
  expect(target.calls).toEqual(['pause', 'resume']);
});

test('input that the target did not take is not acknowledged and is sent again after a cut', async () => {
  const { terminal, resume, clock } = await terminalDoor();
  const { page, ready, target } = await terminal();
  target.slow = true;
  page.type('a');
  await page.settled();
  page.type('bcd');
  await page.settled();
  clock.advance(100);
  expect(await page.message('ack')).toEqual({ type: 'ack', received: 1 });
  page.ws.terminate();
  await page.closed;
  target.slow = false;
  const next = await resume(ready.resume, 0);
  expect(await next.message('ready')).toMatchObject({ received: 1 });
  target.sink.drain();
  next.type('bcd');
  await next.settled();
  expect(typed(target)).toBe('abcd');
});

test('nobody comes back: after the grace period the session ends as left', async () => {
  const { terminal, clock, registry } = await terminalDoor();
  const { page, ready } = await terminal();
  const { ended } = registry.get(ready.session as never)!;
  page.ws.terminate();
  await page.closed;
  await eventually('the end', () => {
    clock.advance(1000);
    return registry.live().length === 0;
  });
  expect(await ended).toEqual({ cause: 'client-closed' });
});

test('without a grace period, and for a tab that says so, the session ends at once', async () => {
  const none = await terminalDoor({ graceMs: 0 });
  const first = await none.terminal();
  first.page.ws.terminate();
  await eventually('the end', () => none.registry.live().length === 0);

  const { terminal, registry } = await terminalDoor();
  const { page } = await terminal();
  page.send({ type: 'close' });
  expect(await page.message('ended')).toMatchObject({ cause: 'client-closed', text: null, exitCode: null });
  expect(await page.closed).toBe(1000);
  expect(registry.live()).toEqual([]);
});

test('a token is good once, for whom it was given to, while the session waits', async () => {
  const { terminal, resume } = await terminalDoor();
  const { page, ready } = await terminal();
  const mallory = await resume(ready.resume, 0, 'mallory');
  expect(await mallory.message('error')).toMatchObject({ code: 'expired' });
  expect(await mallory.closed).toBe(1008);
  const forged = await resume('A'.repeat(43), 0);
  expect(await forged.message('error')).toMatchObject({ code: 'expired' });

  // a socket of which only the page knows that it is dead is cut off by the next one
  const next = await resume(ready.resume, 0);
  await next.message('ready');
  expect(await page.closed).toBe(1006);
  const again = await resume(ready.resume, 0);
  expect(await again.message('error')).toMatchObject({ code: 'expired' });
  await next.settled();
});

test('a token belongs to the browser, not to the user', async () => {
  const { terminal, resume, people, person } = await terminalDoor();
  const { ready } = await terminal();
  const { user } = person('alice');
  const elsewhere = grant({}, 'shell', 'alice').who;
  Object.assign(elsewhere, { user, factors: { ...elsewhere.factors, webSession: newId() } });
  people.set('elsewhere', elsewhere);
  const page = await resume(ready.resume, 0, 'elsewhere');
  expect(await page.message('error')).toMatchObject({ code: 'expired' });
});

test.each([-1, 1, 0.5])('a page that says it has %s bytes too many ends the session', async (more) => {
  const { terminal, resume, registry } = await terminalDoor();
  const { page, ready, target } = await terminal();
  target.say('four');
  await page.shows('four');
  page.send({ type: 'ack', received: 4 });
  await page.settled();
  page.ws.terminate();
  await page.closed;
  const next = await resume(ready.resume, 4 + more);
  expect(await next.message('error')).toMatchObject({ code: 'invalid' });
  if (Number.isInteger(more)) await eventually('the end', () => registry.live().length === 0);
});

test('what ends while nobody is there is told to who comes back in time: the last output, and why', async () => {
  const { terminal, resume, registry } = await terminalDoor();
  const { page, ready, target } = await terminal();
  page.ws.terminate();
  await page.closed;
  target.say('last words');
  target.leave({ kind: 'signal', signal: 'KILL', coreDumped: false, message: '' });
  await eventually('the end', () => registry.live().length === 0);
  const next = await resume(ready.resume, 0);
  expect(await next.message('ended')).toMatchObject({ cause: 'target-closed', exitCode: null, exitSignal: 'KILL' });
  expect(next.output.toString()).toBe('last words');
  expect(await next.closed).toBe(1000);
});

test('of sessions that ended while nobody was there the last ones are told, and not any number', async () => {
  const { terminal, resume, registry } = await terminalDoor();
  const tokens: string[] = [];
  for (let n = 0; n < 22; n++) {
    const { page, ready, target } = await terminal();
    tokens.push(ready.resume);
    page.ws.terminate();
    await page.closed;
    await eventually('the cut to be known', () => target);
    target.leave();
    await eventually('the end', () => registry.live().length === 0);
  }
  const told = async (token: string) => (await (await resume(token, 0)).message('ended')).cause;
  const first = await resume(tokens[0]!, 0);
  expect(await first.message('error')).toMatchObject({ code: 'expired' });
  expect(await told(tokens[21]!)).toBe('target-closed');
  expect(await told(tokens[2]!)).toBe('target-closed');
});

test('all output comes before the end is told, however slowly it is read', async () => {
  const { terminal } = await terminalDoor();
  const { page, target } = await terminal();
  page.ws.pause();
  const chunk = Buffer.alloc(16, 'z');
  for (let n = 0; n < 20_000; n++) target.sink.data(chunk);
  target.leave();
  page.ws.resume();
  await page.message('ended');
  expect(page.output.length).toBe(20_000 * 16);
});

test('terminated, locked, warned and watched: the page is told, and again after a cut', async () => {
  const { terminal, resume, registry, clock } = await terminalDoor();
  const { page, ready } = await terminal();
  const session = registry.get(ready.session as never)!;
  await registry.setLocked(session.id, true, { ...ADMIN, name: 'eve' });
  expect(await page.message('locked')).toEqual({ type: 'locked', by: 'eve' });
  page.ws.terminate();
  await page.closed;
  const next = await resume(ready.resume, 0);
  expect(await next.message('locked')).toEqual({ type: 'locked', by: 'eve' });
  await registry.setLocked(session.id, false, { ...ADMIN, name: 'eve' });
  expect(await next.message('locked', 1)).toEqual({ type: 'locked', by: null });
  for (const ms of [29_000, 29_000, 2_000]) {
    clock.advance(ms);
    await next.settled();
  }
  expect(await next.message('warning')).toEqual({ type: 'warning', cause: 'idle', seconds: 60 });
  next.type('x');
  expect(await next.message('warning', 1)).toEqual({ type: 'warning', cause: 'idle', seconds: 0 });
  const live = session as unknown as { replaceLimits(limits: object): void };
  live.replaceLimits({ ...session.limits, actions: new Set(['connect']) });
  expect(await next.message('actions')).toEqual({ type: 'actions', actions: ['connect'] });
  await registry.terminate(session.id, { ...ADMIN, name: 'eve' });
  expect(await next.message('ended')).toMatchObject({ cause: 'terminated', detail: 'eve', text: 'Terminated by eve.' });
  await next.shows('Terminated by eve.');
});

test('a sign-in that ends takes its terminals along, and sockets that have none yet', async () => {
  const { terminal, page: open, refused, changed } = await terminalDoor();
  const { page } = await terminal();
  const idle = await open();
  refused.add('alice');
  changed.emit();
  expect(await page.message('ended')).toMatchObject({ cause: 'revoked' });
  expect(await idle.message('error')).toMatchObject({ code: 'unauthenticated' });
  expect(await idle.closed).toBe(1008);
});

test.each([
  ['a ticket of somebody else', { ticket: 'shell of mallory' }, 'expired'],
  ['a ticket for files', { ticket: 'files of alice' }, 'invalid'],
])('%s opens nothing', async (_name, hello, code) => {
  const { page: open, registry } = await terminalDoor();
  const page = await open();
  page.send({ type: 'hello', cols: 80, rows: 24, ...hello });
  expect(await page.message('error')).toMatchObject({ code });
  expect(await page.closed).toBe(1008);
  expect(registry.live()).toEqual([]);
});

test('what the decision or the target says is told with its code; the secret that was typed is wiped', async () => {
  const asset = { id: 'asset-1', name: 'web1' } as never;
  const cases = [
    [{ kind: 'deny', code: 'no_permission', message: 'Not you.', trace: [] }, 'no_permission'],
    [{ kind: 'choose', asset, protocol: 'ssh', accounts: [] }, 'no_account'],
    [{ kind: 'input', asset, protocol: 'ssh', login: null }, 'invalid'],
    // the name of the asset has come to mean another one
    [{ kind: 'allow', grant: grant() }, 'no_permission'],
  ] as const;
  for (const [decision, code] of cases) {
    const { page: open, requests } = await terminalDoor({ decide: () => decision });
    const page = await open();
    const input = { login: 'bob', secret: 'hush' };
    page.send({ type: 'hello', ticket: 'shell of alice', cols: 80, rows: 24, input });
    expect(await page.message('error')).toMatchObject({ code });
    expect(await page.closed).toBe(1008);
    expect(requests[0]!.input!.login).toBe('bob');
    expect(requests[0]!.input!.secret.expose()).toEqual(Buffer.alloc(4));
  }
  const dead = await terminalDoor({
    dial: () => Promise.reject(new AppError('host_key_changed', 'The host key of web1 has changed.')),
  });
  const page = await dead.page();
  page.send({ type: 'hello', ticket: 'shell of alice', cols: 80, rows: 24 });
  expect(await page.message('error')).toEqual({
    type: 'error',
    code: 'host_key_changed',
    message: 'The host key of web1 has changed.',
  });
  expect(dead.released).toHaveLength(1);
});

test('a page that leaves while the target is dialled stops the dialling', async () => {
  let given: AbortSignal | undefined;
  const { page: open, registry } = await terminalDoor({
    dial: (_target, signal) =>
      new Promise((_resolve, reject) => {
        given = signal;
        signal.addEventListener('abort', () => reject(new AppError('target_closed', 'gone')));
      }),
  });
  const page = await open();
  page.send({ type: 'hello', ticket: 'shell of alice', cols: 80, rows: 24 });
  await eventually('the dialling', () => given);
  page.ws.terminate();
  await eventually('the dialling to stop', () => given!.aborted && registry.live().length === 0);
});

test('input for a target that does not read is bounded: an honest page fits, another one is cut off', async () => {
  const { terminal } = await terminalDoor();
  const { page, target } = await terminal();
  target.slow = true;
  page.type('x');
  const chunk = Buffer.alloc(INPUT_WINDOW / 8, 'y');
  for (let n = 0; n < 8; n++) page.type(chunk);
  await page.settled();
  expect(target.received).toHaveLength(1);
  page.type('z');
  expect(await page.message('ended')).toMatchObject({ cause: 'protocol-error' });
});

test('a slow hello, and a peer that answers no ping, are cut off', async () => {
  const { page: open, terminal, clock } = await terminalDoor();
  const silent = await open();
  const { page } = await terminal();
  clock.advance(9_999);
  await page.settled();
  clock.advance(1);
  expect(await silent.closed).toBe(1006);
  // its network is gone: nothing it would answer arrives
  page.ws.pause();
  clock.advance(20_000);
  clock.advance(30_000);
  page.ws.resume();
  expect(await page.closed).toBe(1006);
});

test('a person has so many sockets and no more', async () => {
  const { page: open, sockets } = await terminalDoor();
  for (let n = 0; n < 200; n++) await open();
  const accept = () =>
    sockets.accept(grant({}, 'shell', 'alice').who, '/ws/terminal', {} as never, {} as never, Buffer.alloc(0));
  expect(accept).toThrowError(expect.objectContaining({ code: 'rate_limited' }));
  await open('bob');
});
