import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BYPASSES, ENDINGS, RIGHT } from '../access/bypasses.ts';
import { MAKERS, type Person } from '../access/credentials.ts';
import { doorsOf } from '../access/entries.ts';
import { type LiveUse, openLive } from '../access/live.ts';
import type { Channel } from '../access/model.ts';
import type { Scratch } from '../access/outcome.ts';
import { startWorld, type World } from '../access/world.ts';
import { eventually } from '../kit/process.ts';

const LIVE: readonly Channel[] = [
  'shell',
  'exec',
  'sftp stat',
  'scp up',
  'forward to the asset',
  'forward to a socket',
];

let world: World;
let person: Person;
let count = 0;

beforeAll(async () => {
  world = await startWorld();
  person = await MAKERS['public key'](world, 'somebody');
});
afterAll(() => world?.[Symbol.asyncDispose]());

function scratch(): Scratch {
  const token = `side-${++count}-`;
  return { token, dir: world.witness.folder(token), witness: world.witness };
}

describe('nothing slips in by', () => {
  test.each(BYPASSES)('$name', async ({ attempt }) => {
    const outcome = await attempt(world, person, scratch());
    expect(outcome).toMatchObject({ effect: false, refusal: expect.any(String) });
  });
  test.each(RIGHT)('(and what is theirs is open: $name)', async ({ attempt }) => {
    const outcome = await attempt(world, person, scratch());
    expect(outcome).toMatchObject({ effect: true, refusal: undefined });
  });
});

describe('all that is open ends when', () => {
  test.concurrent.each(ENDINGS)('$name', async ({ name, turn }) => {
    const own = name.replaceAll(' ', '-');
    const somebody = await MAKERS['public key'](world, own);
    const place = await world.addPlace(own);
    const ways = (['direct', 'jump'] as const).map((entry) => doorsOf(entry, somebody, () => place));
    const doors = await Promise.all(ways.map((way) => way.open(place)));
    const uses = await Promise.all(
      doors.flatMap((door) =>
        LIVE.map(async (channel) => [channel, await openLive(channel, door, scratch())] as const),
      ),
    );
    expect(uses.filter(([, use]) => !('over' in use))).toEqual([]);
    await turn(world, own, own);
    await Promise.all(uses.map(([, use]) => (use as LiveUse).over()));
    await eventually('no session to be left', async () => {
      const { items } = await world.api.sessions.list({ asset: own, live: true });
      return items.length === 0;
    });
    for (const way of ways) way.close();
    for (const door of doors) door.close();
  });
});
