import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BYPASSES, ENDINGS } from '../access/bypasses.ts';
import { allCells, nameOf } from '../access/model.ts';
import { buildMutants, locate, type Mutants } from '../access/mutant.ts';
import type { Catcher, Mutation } from '../access/mutation.ts';
import { DECIDING, EXEMPT, MUTATIONS } from '../access/mutations.ts';
import { pooled, runEntry } from '../access/run.ts';
import { attempted, ended } from '../access/side-doors.ts';
import { CAUGHT, HUNG, startUnitMutants, type UnitMutants } from '../access/unit-mutants.ts';
import { startTarget, startWorld, type Target, type World } from '../access/world.ts';

const ROOT = join(import.meta.dirname, '../..');
const AT_ONCE = 3;
/** What hangs for so long under a mutation is noticed. */
const PATIENCE_MS = 5_000;
const ALL_MS = 600_000;

const cells = new Map(allCells().map((cell) => [nameOf(cell), cell]));
const source = (file: string) => readFileSync(join(ROOT, file), 'utf8');

/** Whether this catcher notices something wrong; undefined when all is as it should be. */
async function problemOf(catcher: Catcher, world: World): Promise<string | undefined> {
  if ('cell' in catcher) {
    const cell = cells.get(catcher.cell)!;
    return (await runEntry(world, cell.entry, [cell])).get(catcher.cell);
  }
  if ('bypass' in catcher) return attempted(world, catcher.bypass);
  if ('ending' in catcher) return ended(world, catcher.ending);
  throw new Error('it runs otherwise, or not at all');
}

/** `MUTATION=text` tries those only whose name holds the text. */
const CHOSEN = MUTATIONS.filter(
  ({ name, caughtBy }) => !('behind' in caughtBy) && name.includes(process.env.MUTATION ?? ''),
);
/** What one mutation after the other is tried on. */
interface Bench {
  readonly target: Target;
  readonly units: UnitMutants;
}
let mutants: Mutants;
const benches: Bench[] = [];
const outcomes = new Map<string, string>();

async function tried(mutation: Mutation, { target, units }: Bench): Promise<string> {
  const { caughtBy } = mutation;
  const env = mutants.env(mutation);
  if ('unit' in caughtBy) return units.tried(env, caughtBy);
  await using world = await startWorld({ target, main: mutants.main, env, patienceMs: PATIENCE_MS });
  return (await problemOf(caughtBy, world)) === undefined ? 'nothing was noticed' : CAUGHT;
}

test('every guard stands where the list says, once', () => {
  const moved = MUTATIONS.filter((mutation) => locate(source(mutation.file), mutation) === undefined);
  expect(moved.map(({ name, file, find }) => `${name}: ${file} has not (or not once) ${find}`)).toEqual([]);
  expect(MUTATIONS.map(({ name }) => name)).toHaveLength(new Set(MUTATIONS.map(({ name }) => name)).size);
});

test('every catcher is there', () => {
  const missing = MUTATIONS.filter(({ caughtBy }) => {
    if ('cell' in caughtBy) return !cells.has(caughtBy.cell);
    if ('bypass' in caughtBy) return !BYPASSES.some(({ name }) => name === caughtBy.bypass);
    if ('ending' in caughtBy) return !ENDINGS.some(({ name }) => name === caughtBy.ending);
    if ('behind' in caughtBy) return false;
    return !globSync('test/unit/*.test.ts', { cwd: ROOT }).includes(`test/unit/${caughtBy.unit}.test.ts`);
  });
  expect(missing.map(({ name, caughtBy }) => [name, caughtBy])).toEqual([]);
});

test('every call that decides is within a mutation', () => {
  const loose = globSync('src/**/*.ts', { cwd: ROOT }).flatMap((file) => {
    if (file in EXEMPT) return [];
    const text = source(file);
    const covered = MUTATIONS.filter((mutation) => mutation.file === file).map((mutation) => {
      const whole = mutation.find.replace(/[«»]/g, '');
      const at = text.indexOf(whole);
      return { from: at, to: at + whole.length };
    });
    return [...text.matchAll(DECIDING)]
      .filter(({ index }) => !covered.some(({ from, to }) => from <= index && index < to))
      .map(({ index }) => `${file}:${text.slice(0, index).split('\n').length}`);
  });
  expect(loose).toEqual([]);
});

describe('a guard that is off is noticed', () => {
  beforeAll(async () => {
    mutants = await buildMutants(MUTATIONS);
    const started = await Promise.all(
      Array.from({ length: AT_ONCE }, async () => ({
        target: await startTarget(),
        units: await startUnitMutants(mutants.root),
      })),
    );
    benches.push(...started);
    const free = [...benches];
    await pooled(CHOSEN, AT_ONCE, async (mutation) => {
      const bench = free.pop()!;
      const outcome = await tried(mutation, bench).catch((error: Error) => `${error.stack}`);
      outcomes.set(mutation.name, outcome);
      free.push(bench);
    });
    const hung = CHOSEN.filter(({ name }) => outcomes.get(name) === HUNG).map(({ name }) => name);
    if (hung.length > 0) console.log(`Caught by a time-out alone: ${hung.join(', ')}`);
  }, ALL_MS);
  afterAll(async () => {
    mutants?.[Symbol.dispose]();
    await Promise.all(benches.flatMap(({ target, units }) => [target[Symbol.asyncDispose](), units.stop()]));
  });

  test(
    'and with all of them on nothing is',
    async () => {
      await using world = await startWorld({ target: benches[0]!.target, main: mutants.main });
      const catchers = CHOSEN.map(({ caughtBy }) => caughtBy);
      const named = new Set(catchers.flatMap((catcher) => ('cell' in catcher ? [catcher.cell] : [])));
      const problems: (string | undefined)[] = [];
      for (const [entry, own] of Map.groupBy(
        [...named].map((name) => cells.get(name)!),
        (cell) => cell.entry,
      ))
        problems.push(...(await runEntry(world, entry, own)).values());
      const others = new Map(
        catchers.filter((one) => !('cell' in one) && !('unit' in one)).map((one) => [JSON.stringify(one), one]),
      );
      for (const catcher of others.values()) problems.push(await problemOf(catcher, world));
      expect(problems.filter((problem) => problem !== undefined)).toEqual([]);
    },
    ALL_MS,
  );

  test.each(CHOSEN)('$name ($file)', ({ name }) => {
    expect([CAUGHT, HUNG]).toContain(outcomes.get(name));
  });
});
