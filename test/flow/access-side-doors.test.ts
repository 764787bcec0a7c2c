import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BYPASSES, ENDINGS, RIGHT } from '../access/bypasses.ts';
import { attempt, ended } from '../access/side-doors.ts';
import { startWorld, type World } from '../access/world.ts';

let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.[Symbol.asyncDispose]());

describe('nothing slips in by', () => {
  test.each(BYPASSES)('$name', async (bypass) => {
    expect(await attempt(world, bypass)).toMatchObject({ effect: false, refusal: expect.any(String) });
  });
  test.each(RIGHT)('(and what is theirs is open: $name)', async (right) => {
    expect(await attempt(world, right)).toMatchObject({ effect: true, refusal: undefined });
  });
});

describe('all that is open ends when', () => {
  test.concurrent.each(ENDINGS)('$name', async ({ name }) => {
    expect(await ended(world, name)).toBeUndefined();
  });
});
