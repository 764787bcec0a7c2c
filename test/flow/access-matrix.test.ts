import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { allCells, CHANNELS, type Channel, ENTRIES, type Entry, everyCell, LEFT_OUT, nameOf } from '../access/model.ts';
import { type Results, runEntry } from '../access/run.ts';
import { startWorld, type World } from '../access/world.ts';

/** Failing cells of one channel that are told in full. */
const SHOWN = 10;
/** All cells of an entry, on a machine that has other things to do as well. */
const PATIENCE_MS = 300_000;

const cells = allCells();
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

test('every reason to leave a cell out leaves some out', () => {
  const idle = LEFT_OUT.filter((rule) => !everyCell().some((cell) => rule.when(cell)));
  expect(idle.map(({ why }) => why)).toEqual([]);
  expect(new Set(cells.map(nameOf)).size).toBe(cells.length);
});

describe.each(Object.keys(ENTRIES) as Entry[])('%s', (entry) => {
  const own = cells.filter((cell) => cell.entry === entry);
  const channels = (Object.keys(CHANNELS) as Channel[]).map((channel) => ({
    channel,
    here: own.filter((cell) => cell.channel === channel),
  }));
  let results: Results;
  beforeAll(async () => {
    results = await runEntry(world, entry, own);
  }, PATIENCE_MS);

  test.each(
    channels.filter(({ here }) => here.length > 0).map(({ channel, here }) => [channel, here.length, here] as const),
  )('%s, %i cells', (_channel, count, here) => {
    const failing = here
      .filter((cell) => !results.has(nameOf(cell)) || results.get(nameOf(cell)) !== undefined)
      .map((cell) => `${nameOf(cell)}: ${results.has(nameOf(cell)) ? results.get(nameOf(cell)) : 'it did not run'}`);
    if (failing.length > SHOWN)
      failing.splice(SHOWN, Number.POSITIVE_INFINITY, `and more: ${failing.length} of ${count} failed`);
    expect(failing).toEqual([]);
  });
});
