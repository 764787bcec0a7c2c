import { Worker } from 'node:worker_threads';
import { afterEach, expect, it, vi } from 'vitest';
import { Passwords } from '../../src/auth/password.ts';
import { Secret } from '../../src/kernel/secret.ts';

const passwords = new Passwords();
afterEach(() => passwords.close());

it('a password thread that died while it had nothing to do is replaced', async () => {
  const threads = new Set<Worker>();
  const { postMessage } = Worker.prototype;
  vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
    threads.add(this);
    return Reflect.apply(postMessage, this, args);
  });
  const hash = await passwords.hash(Secret.of('three blind mice'), 'test');
  await Promise.all([...threads].map((thread) => thread.terminate()));
  expect(await passwords.verify(Secret.of('three blind mice'), hash, 'test')).toBe(true);
  expect(threads.size).toBe(2);
}, 10_000);
