import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { newId } from '../../src/kernel/id.ts';
import type { Actor, CommandRule } from '../../src/store/model.ts';
import { grant, house } from './session-kit.ts';

const CAROL: Actor = { kind: 'user', userId: newId(), name: 'carol', ip: '10.0.0.2', via: 'api' };

function ruleFor(words: string[], action: CommandRule['action'], reviewers: string[] = ['carol']): CommandRule {
  return {
    id: newId(),
    name: `${action} ${words[0]}`,
    priority: 50,
    action,
    words,
    regex: null,
    matchCase: false,
    reviewers: action === 'review' ? reviewers : [],
  };
}

const RULES = [ruleFor(['rm'], 'deny'), ruleFor(['reboot'], 'review'), ruleFor(['chmod'], 'warn')];

async function open(command: string | undefined, rules: readonly CommandRule[] = RULES) {
  const at = await house();
  const said: string[] = [];
  const heard = Promise.withResolvers<void>();
  const abort = new AbortController();
  const opening = at.open({
    pty: undefined,
    command,
    grant: grant({ commands: rules }, command === undefined ? 'shell' : 'exec'),
    say: (text) => {
      said.push(text);
      heard.resolve();
    },
    signal: abort.signal,
  });
  opening.catch(() => {});
  const rows = async () => (await at.store.commands.list({ limit: 1000 })).toReversed();
  return { at, said, heard: heard.promise, abort, opening, rows };
}

async function pending(at: Awaited<ReturnType<typeof house>>) {
  for (;;) {
    const [review] = await at.store.reviews.list({ state: 'pending' });
    if (review) return review;
  }
}

test('a requested command is listed exactly as it was asked for, with its exit code', async () => {
  const { opening, rows } = await open('make -j8 all');
  const { target, session } = await opening;
  target.leave({ kind: 'code', code: 2 });
  await session.ended;
  expect(await rows()).toMatchObject([
    { line: 'make -j8 all', confidence: 'exact', context: 'exec', verdict: 'pass', filter: null, exitCode: 2 },
  ]);
});

test('a forbidden command reaches no target; who asked is told, and row, audit and session say why', async () => {
  const { at, opening, rows } = await open('ls; rm -rf /');
  await expect(opening).rejects.toMatchObject({
    code: 'forbidden',
    message: expect.stringMatching(/^Command `rm -rf \/` is forbidden/),
  });
  expect(at.targets).toHaveLength(0);
  const [row] = await rows();
  expect(row).toMatchObject({ line: 'ls; rm -rf /', verdict: 'deny', filter: 'deny rm' });
  expect(await at.row(row!.sessionId)).toMatchObject({ state: 'ended', endCause: 'command-denied', recording: 'none' });
  expect(await at.audit('session.end')).toMatchObject([{ outcome: 'denied', actor: { name: 'alice' } }]);
});

test('a warned command runs after the warning', async () => {
  const { said, opening, rows, at } = await open('chmod 777 /');
  await opening;
  expect(said).toHaveLength(1);
  expect(at.targets).toHaveLength(1);
  const { session, target } = await opening;
  target.leave();
  await session.ended;
  expect(await rows()).toMatchObject([{ verdict: 'warn', filter: 'warn chmod' }]);
});

test('a command under review is not dialled before it is approved, and then runs once', async () => {
  const { at, said, heard, abort, opening, rows } = await open('reboot now');
  await heard;
  expect(said[0]).toContain('carol');
  expect(at.targets).toHaveLength(0);
  const review = await pending(at);
  await at.registry.reviews.settle(review.id, 'approved', { actor: CAROL, isAdmin: false });
  const { target, session } = await opening;
  target.leave();
  await session.ended;
  // the connection may live on: nothing of the review hangs on it
  expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  expect(await rows()).toMatchObject([{ verdict: 'approved', filter: 'review reboot', reviewer: 'carol' }]);
  await expect(
    at.registry.reviews.settle(review.id, 'approved', { actor: CAROL, isAdmin: false }),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a refused command does not run, and nobody approves their own', async () => {
  const { at, heard, opening, rows } = await open('reboot');
  await heard;
  const review = await pending(at);
  const self: Actor = { ...CAROL, userId: review.userId, name: 'alice' };
  await expect(at.registry.reviews.settle(review.id, 'approved', { actor: self, isAdmin: true })).rejects.toMatchObject(
    {
      code: 'forbidden',
    },
  );
  await at.registry.reviews.settle(review.id, 'refused', { actor: CAROL, isAdmin: false });
  await expect(opening).rejects.toMatchObject({ message: 'Refused by carol; it does not run.' });
  expect(await rows()).toMatchObject([{ verdict: 'refused', reviewer: 'carol' }]);
  expect(at.targets).toHaveLength(0);
});

test('who leaves while waiting gives the command up', async () => {
  const { at, heard, abort, opening, rows } = await open('reboot');
  await heard;
  const review = await pending(at);
  abort.abort();
  await expect(opening).rejects.toBeDefined();
  expect(await rows()).toMatchObject([{ verdict: 'cancelled' }]);
  expect(at.targets).toHaveLength(0);
  const settled = await at.store.reviews.byId(review.id);
  expect(settled?.state).toBe('cancelled');
});

test('lines for a shell on standard input pass at once where nothing is filtered, and are listed', async () => {
  const { opening, rows } = await open('bash -s', []);
  const { client, target, session } = await opening;
  client.type('echo one\necho t');
  client.type('wo\n\n');
  client.type('tail');
  expect(target.received.map(String)).toEqual(['echo one\n', 'echo t', 'wo\n', '\n', 'tail']);
  client.sink.eof();
  expect(target.calls).toContain('eof');
  target.leave();
  await session.ended;
  expect((await rows()).map(({ line, confidence, context }) => `${context} ${confidence} ${line}`)).toEqual([
    'exec exact bash -s',
    'stdin typed echo one',
    'stdin typed echo two',
    'stdin typed tail',
  ]);
});

test.each(['sh /dev/stdin', 'bash -x /dev/fd/0', '. /dev/stdin', 'source /proc/self/fd/0'])(
  '%s reads commands, too, and none passes that is forbidden',
  async (command) => {
    const { opening } = await open(command, RULES);
    const { client, target, session } = await opening;
    client.type('rm -rf /\necho x\n');
    expect(target.received.map(String)).toEqual(['echo x\n']);
    target.leave();
    await session.ended;
  },
);

test('what a program that is no shell reads is not taken for commands', async () => {
  const { opening, rows } = await open('cpio -i', RULES);
  const { client, target, session } = await opening;
  client.type('rm -rf /\n');
  expect(target.received.map(String)).toEqual(['rm -rf /\n']);
  target.leave();
  await session.ended;
  expect(await rows()).toHaveLength(1);
});

test('of a script only the lines that may run reach the shell, each one whole, joined lines as one', async () => {
  const { opening, rows } = await open(undefined);
  const { client, target, session } = await opening;
  client.type('echo a\nrm -rf /x\nec');
  expect(target.received.map(String).join('')).toBe('echo a\n');
  client.type('ho b\nr\\\nm /y\n');
  client.type('rm last');
  client.sink.eof();
  expect(target.received.map(String).join('')).toBe('echo a\necho b\n');
  expect(target.calls).toEqual(['eof']);
  expect(client.errors).toMatch(/Command `rm -rf \/x` is forbidden/);
  target.leave();
  await session.ended;
  expect((await rows()).map(({ line, verdict }) => `${verdict} ${line}`)).toEqual([
    'pass echo a',
    'deny rm -rf /x',
    'pass echo b',
    'deny r\\\nm /y',
    'deny rm last',
  ]);
});

test('what a line leaves open is judged with the next one, and both by themselves', async () => {
  const rules: CommandRule[] = [
    { ...ruleFor(['x'], 'deny'), words: [], regex: 'rm\\s+-rf' },
    ruleFor(['reboot'], 'deny'),
  ];
  const { opening, rows } = await open(undefined, rules);
  const { client, target, session } = await opening;
  client.type('if true; then rm\\\n -rf /; fi\necho "it\nreboot\nok"\nbash -c "rm \n-rf /x"\necho end\n');
  const sent = target.received.map(String).join('');
  expect(sent).not.toContain('-rf');
  expect(sent).not.toContain('reboot');
  expect(sent).toContain('echo "it\nok"\n');
  target.leave();
  await session.ended;
  expect((await rows()).filter(({ verdict }) => verdict === 'deny')).toHaveLength(3);
});

test('a script waits at a line under review, in order, and goes on or without it', async () => {
  const { at, opening, rows } = await open(undefined);
  const { client, target, session } = await opening;
  client.type('echo a\nreboot one\necho b\nreboot two\necho c\n');
  client.sink.eof();
  await at.registry.reviews.settle((await pending(at)).id, 'approved', { actor: CAROL, isAdmin: false });
  const second = await pending(at);
  expect(target.received.map(String).join('')).toBe('echo a\nreboot one\necho b\n');
  expect(client.calls.filter((call) => call === 'pause')).toHaveLength(1);
  await at.registry.reviews.settle(second.id, 'refused', { actor: CAROL, isAdmin: false });
  while (!target.calls.includes('eof')) await new Promise(setImmediate);
  expect(target.received.map(String).join('')).toBe('echo a\nreboot one\necho b\necho c\n');
  expect(client.calls).toContain('resume');
  target.leave();
  await session.ended;
  expect((await rows()).map(({ verdict }) => verdict)).toEqual(['pass', 'approved', 'pass', 'refused', 'pass']);
});

test('a line approved while the session is locked runs when it is unlocked, before what came after it', async () => {
  const { at, opening } = await open(undefined);
  const { client, target, session } = await opening;
  client.type('reboot one\necho b\n');
  const review = await pending(at);
  session.lock('root');
  client.type('echo c\n');
  client.sink.eof();
  await at.registry.reviews.settle(review.id, 'approved', { actor: CAROL, isAdmin: false });
  for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
  expect([target.received, target.calls.includes('eof')]).toEqual([[], false]);
  session.unlock('root');
  expect(target.received.map(String).join('')).toBe('reboot one\necho b\necho c\n');
  expect(target.calls).toContain('eof');
  target.leave();
  await session.ended;
});

test('a session that ends while a line waits gives it up', async () => {
  const { at, opening, rows } = await open(undefined);
  const { client, target, session } = await opening;
  client.type('reboot\necho after\n');
  const review = await pending(at);
  await session.end({ cause: 'idle' });
  while ((await at.store.reviews.byId(review.id))?.state === 'pending') await new Promise(setImmediate);
  expect(target.received).toHaveLength(0);
  const found = await rows();
  expect(found).toMatchObject([{ line: 'reboot', verdict: 'cancelled' }]);
});
