import { expect, test } from 'vitest';
import type { Login } from '../../src/auth/login-types.ts';
import { SignIns } from '../../src/auth/sign-in.ts';
import { DenialPace } from '../../src/kernel/denial-pace.ts';
import { Secret } from '../../src/kernel/secret.ts';
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

test('tries to sign in are such refusals of a network: whoever floods waits, and others do not', async () => {
  const clock = new FakeClock();
  let judged = 0;
  const login = {
    async password() {
      judged++;
      return { kind: 'no', methods: [], unjudged: 'locked' };
    },
  } as unknown as Login;
  const signIns = new SignIns({ begin: () => login, clock });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  const attempt = (ip: string) =>
    void signIns.begin('alice', Secret.of('wrong'), { ip }).then(
      () => {},
      () => {},
    );

  for (let n = 0; n < 150; n++) attempt('198.51.100.7');
  attempt('203.0.113.9');
  await settle();
  expect(judged).toBe(101);
  clock.advance(5000);
  await settle();
  expect(judged).toBe(151);
});
