import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import BetterSqlite from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireLock } from '../../src/store/lock.ts';
import { draft, tempDir, testStore } from './store-kit.ts';

const SOURCES = new URL('../../src/', import.meta.url).href;

/** A process of its own that runs a few lines against our modules and prints lines. */
function child(dir: string, code: string): { process: ChildProcess; line(): Promise<string> } {
  const file = join(dir, 'child.mjs');
  writeFileSync(file, code.replaceAll('SRC/', SOURCES));
  const process = spawn(globalThis.process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void process.kill('SIGKILL'));
  const lines = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  return { process, line: async () => (await lines.next()).value ?? '' };
}

describe('the lock of the data directory', () => {
  test('has one holder; another is told who; giving it back frees it', () => {
    const dir = tempDir();
    const release = acquireLock(dir, 'bastion serve');
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(
      expect.objectContaining({
        code: 'busy',
        exitCode: 2,
        message: expect.stringMatching(
          new RegExp(`in use by bastion serve \\(pid ${process.pid}, since 20\\d\\d-.* UTC\\)\\. End that`),
        ),
      }),
    );
    for (const file of readdirSync(dir)) expect([file, statSync(join(dir, file)).mode & 0o777]).toEqual([file, 0o600]);
    release();
    release();
    acquireLock(dir, 'bastion user')();
  });

  test('holds between processes and falls with kill -9', async () => {
    const dir = tempDir();
    const holder = child(
      dir,
      `import { acquireLock } from 'SRC/store/lock.ts';
       acquireLock(${JSON.stringify(dir)}, 'bastion serve');
       console.log('held');
       setInterval(() => {}, 1000);`,
    );
    expect(await holder.line()).toBe('held');
    const busy = expect.objectContaining({
      code: 'busy',
      message: expect.stringContaining(`pid ${holder.process.pid}`),
    });
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(busy);
    // a refused attempt must not have loosened it
    expect(() => acquireLock(dir, 'bastion user')).toThrowError(busy);
    holder.process.kill('SIGKILL');
    await once(holder.process, 'exit');
    acquireLock(dir, 'bastion user')();
  });

  test('a directory that is not there is said clearly', () => {
    expect(() => acquireLock(join(tempDir(), 'nope'), 'x')).toThrowError(expect.objectContaining({ code: 'config' }));
  });
});

test('after kill -9 every change that was answered is there and the database is sound', async () => {
  const dir = tempDir();
  const writer = child(
    dir,
    `import { openStore } from 'SRC/store/open.ts';
     import { silentLog } from 'SRC/kernel/log.ts';
     import { newId } from 'SRC/kernel/id.ts';
     const store = await openStore({ dataDir: ${JSON.stringify(dir)}, log: silentLog() });
     const audit = ${JSON.stringify(draft('user.create'))};
     const rest = { displayName: '', email: '', comment: '', role: 'user', validUntil: null, passwordHash: null, groups: [] };
     for (let i = 0; ; i++) {
       const names = [0, 1, 2, 3].map((n) => 'user-' + i + '-' + n);
       await Promise.all(names.map((name) => store.users.create({ id: newId(), name, ...rest }, audit)));
       console.log(names.join(' '));
     }`,
  );
  const answered: string[] = [];
  while (answered.length < 200) answered.push(...(await writer.line()).split(' '));
  writer.process.kill('SIGKILL');
  await once(writer.process, 'exit');

  const store = await testStore({ dataDir: dir });
  const names = new Set((await store.users.list()).map((user) => user.name));
  expect(answered.filter((name) => !names.has(name))).toEqual([]);
  expect(await store.audit.list({ limit: 1_000_000 })).toHaveLength(names.size);
  const raw = new BetterSqlite(join(dir, 'bastion.db'), { readonly: true });
  expect(raw.pragma('integrity_check', { simple: true })).toBe('ok');
  raw.close();
});
