import { EventEmitter } from 'node:events';
import type { Connection } from 'ssh2';
import { expect, test } from 'vitest';
import type { Login, Step } from '../../src/auth/login-types.ts';
import { FailurePace } from '../../src/gateways/ssh/failure-pace.ts';
import { serveLogin } from '../../src/gateways/ssh/login.ts';

const METHODS = ['publickey', 'password'] as const;

function scene() {
  const connection = new EventEmitter();
  const asked: string[] = [];
  const login = {
    methods: METHODS,
    async password(): Promise<Step> {
      asked.push('password');
      return { kind: 'no', methods: METHODS };
    },
  } as Partial<Login> as Login;
  const waits: (() => void)[] = [];
  serveLogin(connection as unknown as Connection, login, {
    success: () => {},
    giveUp: () => {},
    failure: () => {},
    refused: () => new Promise((resolve) => waits.push(resolve)),
  });
  const answers: string[] = [];
  const ask = () =>
    connection.emit(
      'authentication',
      Object.assign(new EventEmitter(), {
        method: 'password',
        username: 'alice',
        password: 'wrong',
        reject: () => answers.push('no'),
      }),
    );
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return { connection, asked, waits, answers, ask, settle };
}

test('a no waits for its time, and the next request behind it', async () => {
  const { asked, waits, answers, ask, settle } = scene();
  ask();
  ask();
  await settle();
  expect({ asked, answers }).toEqual({ asked: ['password'], answers: [] });
  waits[0]!();
  await settle();
  expect({ asked, answers }).toEqual({ asked: ['password', 'password'], answers: ['no'] });
});

test('what a client asked before it left is not looked at any more', async () => {
  const { connection, asked, waits, ask, settle } = scene();
  ask();
  ask();
  await settle();
  connection.emit('close');
  waits[0]!();
  await settle();
  expect(asked).toEqual(['password']);
});

test('failures of one address are free up to twenty a minute, then each costs three seconds', () => {
  let now = 0;
  const pace = new FailurePace({ monotonic: () => now });
  const costs = (ip: string, times: number) => Array.from({ length: times }, () => pace.failed(ip));
  expect(new Set(costs('192.0.2.1', 20))).toEqual(new Set([0]));
  expect(costs('192.0.2.1', 2)).toEqual([3000, 3000]);
  expect(pace.failed('192.0.2.2')).toBe(0);
  // an IPv6 network of 64 bits is one
  costs('2001:db8::1', 20);
  expect(pace.failed('2001:db8::2')).toBe(3000);
  now += 60_000;
  expect(pace.failed('192.0.2.1')).toBe(0);
});
