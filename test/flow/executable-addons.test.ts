import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { EXECUTABLE } from '../kit/clean-root.ts';
import { finished, type RunResult, run, seen, start } from '../kit/process.ts';

/** What the executable lays into the data directory, because the system loads code from files only. */
const dir = mkdtempSync(join(tmpdir(), 'bastion-addons-'));
const data = join(dir, 'data');
const native = join(data, 'native');
const env = { BASTION_SSH__LISTEN: '127.0.0.1:0', BASTION_HTTP__LISTEN: '127.0.0.1:0', BASTION_LOG__FORMAT: 'json' };
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Any command on the stopped daemon's data: it needs the addons. */
const list = (): Promise<RunResult> => run(EXECUTABLE, ['--data', data, 'user', 'list'], { env });

async function whileServing(body: () => Promise<void>): Promise<RunResult> {
  const daemon = start(EXECUTABLE, ['serve', '--data', data], { env });
  const ended = finished(daemon);
  try {
    await seen(daemon.stderr!, /"msg":"ready"/);
    await body();
  } finally {
    daemon.kill('SIGTERM');
  }
  return ended;
}

let names: string[];
beforeAll(async () => {
  const { code } = await whileServing(async () => {
    names = readdirSync(native);
  });
  expect(code).toBe(0);
});
beforeEach(async () => {
  rmSync(native, { recursive: true, force: true });
  expect(await list()).toMatchObject({ code: 0 });
});

it('keeps them to the user, under the hash of their content', () => {
  expect(lstatSync(native).mode & 0o7777).toBe(0o700);
  expect(names.map((name) => name.replace(/-[0-9a-f]{64}\.node$/, ''))).toEqual([
    'better_sqlite3',
    'cpufeatures',
    'pty',
    'sshcrypto',
  ]);
  for (const name of names) expect(lstatSync(join(native, name)).mode & 0o7777).toBe(0o500);
});

it('replaces what was changed, and what is a link, without following it', async () => {
  const [sqlite, cpu] = names.map((name) => join(native, name)) as [string, string];
  const genuine = readFileSync(sqlite);
  const elsewhere = join(dir, 'elsewhere');
  writeFileSync(elsewhere, genuine, { mode: 0o500 });
  rmSync(sqlite);
  symlinkSync(elsewhere, sqlite);
  appendFileSync(cpu, 'more');
  expect(await list()).toMatchObject({ code: 0, stderr: expect.stringMatching(/^There are no users yet/) });
  expect(lstatSync(sqlite).isFile()).toBe(true);
  expect(readFileSync(sqlite).equals(genuine)).toBe(true);
  expect(readFileSync(cpu).subarray(-4).toString()).not.toBe('more');
  expect(readdirSync(native)).toEqual(names);
});

it('replaces what others could write', async () => {
  const file = join(native, names[0]!);
  const { ino } = lstatSync(file);
  chmodSync(file, 0o777);
  expect(await list()).toMatchObject({ code: 0 });
  expect(lstatSync(file).mode & 0o7777).toBe(0o500);
  expect(lstatSync(file).ino).not.toBe(ino);
});

it.each([
  ['others can enter', () => chmodSync(native, 0o755)],
  [
    'is a link',
    () => {
      renameSync(native, `${native}.real`);
      symlinkSync(`${native}.real`, native);
    },
  ],
])('loads nothing from a folder that %s', async (_, spoil) => {
  spoil();
  const { code, stderr } = await list();
  expect(stderr).toContain(`${native} must be a directory of this user alone, because code is loaded from it.`);
  expect(code).toBe(2);
});

it('says what to do where nothing may be executed', async () => {
  const mounted = join(dir, 'noexec');
  mkdirSync(mounted);
  const script = 'mount -t tmpfs -o noexec,mode=0700 none "$1" && exec "$2" serve --data "$1/data"';
  const { code, stderr } = await run('unshare', ['--mount', 'sh', '-c', script, 'sh', mounted, EXECUTABLE], { env });
  expect(stderr).toBe(
    `bastion: Nothing may be executed in ${mounted}/data/native: its file system is mounted with noexec, or a policy forbids it. Mount it with exec, or choose another data directory with --data.\n`,
  );
  expect(code).toBe(2);
});

it('removes what other versions left once it serves, and not before', async () => {
  const old = join(native, `pty-${'0'.repeat(64)}.node`);
  writeFileSync(old, 'of another version', { mode: 0o500 });
  await list();
  expect(existsSync(old)).toBe(true);
  await whileServing(async () => {});
  expect(readdirSync(native)).toEqual(names);
});

it('needs none for a command that only speaks with the daemon', async () => {
  await whileServing(async () => {
    rmSync(native, { recursive: true });
    expect(await list()).toMatchObject({ code: 0 });
    expect(existsSync(native)).toBe(false);
  });
});

it('does not listen to options that are meant for Node', async () => {
  const asked = join(dir, 'asked.cjs');
  writeFileSync(asked, 'console.log("loaded");');
  const { code, stdout, stderr } = await run(EXECUTABLE, ['--version'], {
    env: { ...env, NODE_OPTIONS: `--require ${asked} --no-such-option` },
  });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(code).toBe(0);
});
