import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AppError } from '../../src/kernel/errors.ts';
import type { CommandId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { CommandLog } from '../../src/session/commands/log.ts';
import type { SpoolCommand } from '../../src/storage/frames.ts';
import type { CommandReport, CommandRow } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { sessionRow } from '../kit/rows.ts';
import { testStore } from './store-kit.ts';

/** A store that takes rows when it is told to. */
class Shelf {
  readonly batches: (readonly CommandRow[])[] = [];
  readonly reports: [CommandId, CommandReport][] = [];
  /** What the next writes do; when used up, they succeed. */
  readonly outcomes: Promise<void>[] = [];
  tries = 0;

  async add(rows: readonly CommandRow[]): Promise<void> {
    this.tries++;
    await this.outcomes.shift();
    this.batches.push(rows);
  }
  async report(id: CommandId, report: CommandReport): Promise<void> {
    this.reports.push([id, report]);
  }
  /** The next so many writes fail. */
  fails(times: number, error: Error = new Error('disk full')): void {
    for (let i = 0; i < times; i++) {
      const failure = Promise.reject(error);
      failure.catch(() => {});
      this.outcomes.push(failure);
    }
  }
  get lines(): string[] {
    return this.batches.flat().map((row) => row.line);
  }
}

function logOf(shelf: Pick<Shelf, 'add' | 'report'> = new Shelf()) {
  const clock = new FakeClock();
  const spool: SpoolCommand[] = [];
  const recorder = { command: (command: SpoolCommand) => void spool.push(command) };
  const log = new CommandLog({ commands: shelf, recorder, clock, log: silentLog(), row: sessionRow() });
  log.begin();
  return { clock, spool, log };
}

const typed = (line: string) => ({ line, confidence: 'typed', context: 'stdin' }) as const;

/** Lets what is resolved go on, the clock moving by so much. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
  clock.advance(ms);
  for (let i = 0; i < 5; i++) await turn();
}

test('a command is in the recording at once, and in the store with those of the same moment', async () => {
  const shelf = new Shelf();
  const { clock, spool, log } = logOf(shelf);
  log.add(typed('one'));
  clock.advance(50);
  log.add({ line: 'two', confidence: 'screen', context: 'shell', verdict: 'warn', filter: 'careful' });
  expect(spool.map(({ line, offset }) => [line, offset])).toEqual([
    ['one', 0],
    ['two', 50],
  ]);
  expect(shelf.batches).toEqual([]);
  await pass(clock, 50);
  expect(shelf.batches.map((batch) => batch.map(({ line, verdict, filter }) => [line, verdict, filter]))).toEqual([
    [
      ['one', 'pass', null],
      ['two', 'warn', 'careful'],
    ],
  ]);
  expect(shelf.batches[0]!.map(({ id }) => id)).toEqual(spool.map(({ id }) => id));
});

test('the time of a command is that of its Enter, however late it is told, and its id is one', async () => {
  const { clock, spool, log } = logOf();
  const entered = clock.monotonic() + 10.25;
  const then = clock.now() + 10;
  clock.advance(150);
  log.add({ ...typed('held'), at: entered });
  expect(spool[0]).toMatchObject({ at: then, offset: 10 });
  expect(spool[0]!.id).toMatch(/^[0-9a-z]{26}$/);
});

test('a script of thousands goes in batches of bounded size, in its order, one write at a time', async () => {
  const shelf = new Shelf();
  const held = Promise.withResolvers<void>();
  shelf.outcomes.push(held.promise);
  const { log } = logOf(shelf);
  for (let i = 0; i < 1001; i++) log.add(typed(`line ${i}`));
  await turn();
  expect(shelf.tries).toBe(1);
  held.resolve();
  await log.finish();
  expect(shelf.batches.map((batch) => batch.length)).toEqual([200, 200, 200, 200, 200, 1]);
  expect(shelf.lines).toEqual(Array.from({ length: 1001 }, (_, i) => `line ${i}`));
});

test('what the store does not take is tried until it does, and nothing changes its order', async () => {
  const shelf = new Shelf();
  shelf.fails(3);
  const { clock, log } = logOf(shelf);
  log.add(typed('first'));
  await pass(clock, 100);
  log.add(typed('second'));
  for (let i = 0; i < 3; i++) await pass(clock, 2000);
  log.add(typed('third'));
  await log.finish();
  expect(shelf.lines).toEqual(['first', 'second', 'third']);
});

test('what becomes known of a command joins its row while it waits, and follows it otherwise', async () => {
  const shelf = new Shelf();
  const held = Promise.withResolvers<void>();
  shelf.outcomes.push(held.promise);
  const { clock, log } = logOf(shelf);
  const waiting = log.add(typed('waiting'))!;
  log.report(waiting, { exitCode: 3 });
  const onItsWay = log.add(typed('on its way'))!;
  clock.advance(100);
  log.report(onItsWay, { exitCode: 4, cwd: '/tmp' });
  log.report(onItsWay, { reported: 'on\x1b its way' });
  await turn();
  expect(shelf.reports).toEqual([]);
  held.resolve();
  await log.finish();
  expect(shelf.batches[0]!.map(({ exitCode, cwd }) => [exitCode, cwd])).toEqual([
    [3, null],
    [null, null],
  ]);
  expect(shelf.reports).toEqual([
    [onItsWay, { exitCode: 4, cwd: '/tmp', reported: undefined }],
    [onItsWay, { exitCode: undefined, cwd: undefined, reported: 'on  its way' }],
  ]);
});

test('a report about a row whose write failed comes after the row', async () => {
  const shelf = new Shelf();
  shelf.fails(1);
  const { clock, log } = logOf(shelf);
  const id = log.add(typed('x'))!;
  clock.advance(100);
  log.report(id, { exitCode: 1 });
  await pass(clock, 0);
  expect([shelf.tries, shelf.batches, shelf.reports]).toEqual([1, [], []]);
  await pass(clock, 2000);
  expect(shelf.lines).toEqual(['x']);
  expect(shelf.reports).toMatchObject([[id, { exitCode: 1 }]]);
});

test('the end of a session does not wait for a store that answers no more, and its rows come when it does', async () => {
  const shelf = new Shelf();
  const held = Promise.withResolvers<void>();
  shelf.outcomes.push(held.promise);
  const { clock, log } = logOf(shelf);
  log.add(typed('last words'));
  const finished = log.finish();
  await pass(clock, 5000);
  await finished;
  expect(shelf.lines).toEqual([]);
  held.resolve();
  await pass(clock, 0);
  expect(shelf.lines).toEqual(['last words']);
});

test('a store that fails for ever holds no session up either, and a closed one is not asked again', async () => {
  const shelf = new Shelf();
  shelf.fails(1000);
  const { clock, log } = logOf(shelf);
  for (let i = 0; i < 2000; i++) log.add(typed(`line ${i}`));
  const finished = log.finish();
  await pass(clock, 5000);
  await finished;
  shelf.outcomes.length = 0;
  shelf.fails(1, new AppError('shutting_down', 'The database is closed.'));
  await pass(clock, 2000);
  const { tries } = shelf;
  await pass(clock, 60_000);
  expect(shelf.tries).toBe(tries);
});

test('rows and their length are bounded, and the last row tells so', async () => {
  const shelf = new Shelf();
  const { log } = logOf(shelf);
  log.add(typed(`${'x'.repeat(20_000)}`));
  for (let i = 1; i < 20_000; i++) expect(log.add(typed('y'))).toBeDefined();
  for (let i = 0; i < 10; i++) expect(log.add(typed('z'))).toBeUndefined();
  await log.finish();
  expect(shelf.lines).toHaveLength(20_001);
  expect(shelf.lines[0]).toBe(`${'x'.repeat(16 * 1024)}…`);
  expect(shelf.lines.at(-1)).toMatch(/^more than 20000 commands/);
});

test('while the store takes nothing, only so much is kept for it: the oldest go', async () => {
  const shelf = new Shelf();
  shelf.fails(1);
  const { clock, log } = logOf(shelf);
  const long = 'x'.repeat(16_000);
  for (let i = 0; i < 1200; i++) log.add(typed(`${i} ${long}`));
  await pass(clock, 2000);
  await log.finish();
  const numbers = shelf.lines.map((line) => Number(line.split(' ')[0]));
  expect(numbers.at(-1)).toBe(1199);
  expect(numbers.length * 16_000).toBeGreaterThan(15 * 2 ** 20);
  expect(numbers.length * 16_000).toBeLessThan(17 * 2 ** 20);
  // those that were on their way were kept
  expect(numbers.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, i) => i));
});

test('control characters of a line are gone, its line breaks stay', () => {
  const { spool, log } = logOf();
  log.add(typed('echo \x1b]0;x\x07a\ncat\x00'));
  expect(spool[0]!.line).toBe('echo  ]0;x a\ncat');
});

test('through the real store, rows and reports arrive', async () => {
  const store = await testStore();
  const { log } = logOf(store.commands);
  const id = log.add(typed('make'))!;
  log.add(typed('make install'));
  await log.finish();
  log.report(id, { exitCode: 2 });
  await log.finish();
  expect((await store.commands.list({})).map(({ line, exitCode }) => [line, exitCode])).toEqual([
    ['make install', null],
    ['make', 2],
  ]);
});
