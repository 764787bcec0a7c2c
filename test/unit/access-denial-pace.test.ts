import { expect, test } from 'vitest';
import { DenialPace } from '../../src/access/denial-pace.ts';
import { FakeClock } from '../kit/clock.ts';

test('a hundred refusals at once, then ten a second, for each person by themselves', async () => {
  const clock = new FakeClock();
  const pace = new DenialPace(clock);
  let told = 0;
  const refuse = (person: string) => void pace.turn(person).then(() => told++);
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  for (let n = 0; n < 150; n++) refuse('mallory');
  refuse('alice');
  await settle();
  expect(told).toBe(101);
  clock.advance(1000);
  await settle();
  expect(told).toBe(111);
  clock.advance(4000);
  await settle();
  expect(told).toBe(151);

  // who stops has them back
  clock.advance(10_000);
  for (let n = 0; n < 101; n++) refuse('mallory');
  await settle();
  expect(told).toBe(251);
});
