import { SerializeAddon } from '@xterm/addon-serialize';
import * as headless from '@xterm/headless';
import { expect, test } from 'vitest';
import { ADMIN, execOptions, FakeWatcher, house } from './session-kit.ts';

const { Terminal } = (headless as { default?: typeof headless }).default ?? headless;

async function shown(chunks: readonly (Buffer | string)[]) {
  const terminal = new Terminal({ cols: 80, rows: 24, scrollback: 0, allowProposedApi: true });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  for (const chunk of chunks) await new Promise<void>((resolve) => terminal.write(chunk, resolve));
  return serializer.serialize({ scrollback: 0 });
}

const VIM =
  '$ vim\r\n\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[1;24r\x1b[H\x1b[2J\x1b[34mfile é 漢\x1b[0m\x1b[24;1H\x1b[7m-- INSERT --\x1b[0m\x1b[3;5H';

test('a watcher sees the whole screen at once and then what follows, audited', async () => {
  const { open, registry, audit } = await house();
  const { target, session, client } = await open();
  for (const byte of Buffer.from(VIM)) target.sink.data(Buffer.from([byte]));
  const watcher = new FakeWatcher();
  const visit = await registry.watch(session.id, watcher, ADMIN);
  await watcher.saw('snapshot');
  expect(await shown(watcher.bytes)).toBe(await shown([VIM]));
  target.say('typed');
  expect(watcher.events).toEqual(['snapshot', 'output typed']);
  expect(await shown(watcher.bytes)).toBe(await shown([VIM, 'typed']));
  client.sink.resize({ cols: 100, rows: 30, width: 0, height: 0 });
  expect(watcher.events.at(-1)).toBe('resize 100x30');
  visit.leave();
  target.say('unseen');
  expect(watcher.events).toHaveLength(3);
  expect(await audit('session.watch')).toMatchObject([{ actor: { name: ADMIN.name }, target: { id: session.id } }]);
});

test('output that arrives while the picture is drawn is neither lost nor doubled', async () => {
  const { open } = await house();
  const { target, session } = await open();
  const first = Array.from({ length: 3000 }, (_, i) => `line ${i} \x1b[3${i % 8}mcolour\x1b[0m\r\n`).join('');
  target.say(first);
  const watcher = new FakeWatcher();
  session.watch(watcher);
  expect(watcher.events).toEqual([]);
  target.say('while drawing ');
  await watcher.saw('snapshot');
  target.say('after');
  expect(watcher.events).toEqual(['snapshot', 'output while drawing ', 'output after']);
  expect(await shown(watcher.bytes)).toBe(await shown([first, 'while drawing ', 'after']));
});

test('a slow watcher misses output, gets a new picture, and never slows the session', async () => {
  const { open } = await house();
  const { target, session, client } = await open();
  const slow = new FakeWatcher();
  const quick = new FakeWatcher();
  session.watch(slow);
  session.watch(quick);
  await Promise.all([slow.saw('snapshot'), quick.saw('snapshot')]);
  slow.slow = true;
  for (let i = 0; i < 100; i++) target.say(`line ${i}\r\n`);
  expect(target.calls).toEqual([]);
  expect(client.shown).toContain('line 99');
  expect(slow.events).toEqual(['snapshot', 'output line 0\r\n']);
  expect(quick.events).toHaveLength(101);
  slow.slow = false;
  slow.bytes.length = 0;
  slow.events.length = 0;
  slow.ready();
  await slow.saw('snapshot');
  target.say('prompt$ ');
  expect(slow.events).toEqual(['snapshot', 'output prompt$ ']);
  expect(await shown(slow.bytes)).toBe(await shown(quick.bytes));
});

test('watchers are told of locks and of the end', async () => {
  const { open, registry } = await house();
  const { session } = await open();
  const watcher = new FakeWatcher();
  session.watch(watcher);
  await watcher.saw('snapshot');
  session.lock('eve');
  session.unlock('eve');
  await registry.terminate(session.id, ADMIN);
  expect(watcher.events.slice(1)).toEqual([
    'notice Locked by eve: what is typed is dropped until it is unlocked.',
    'notice Unlocked by eve.',
    'notice Terminated by eve [2J.',
    'ended terminated',
  ]);
  expect(() => session.watch(watcher)).toThrow(expect.objectContaining({ code: 'not_found' }));
});

test('a command without a terminal cannot be watched', async () => {
  const { open, registry } = await house();
  const { session } = await open(execOptions());
  await expect(registry.watch(session.id, new FakeWatcher(), ADMIN)).rejects.toMatchObject({ code: 'unsupported' });
});
