import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { DoctorReport } from '../../src/cli/backend.ts';
import { startBastion } from '../kit/bastion.ts';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { type RunResult, run } from '../kit/process.ts';
import { laterRelease } from '../kit/release.ts';

const BUNDLE = join(import.meta.dirname, '../../dist/main.cjs');

let house: House;
beforeAll(async () => {
  house = await startHouse();
});
afterAll(() => house?.[Symbol.asyncDispose]());

const state = ({ checks }: DoctorReport) => Object.fromEntries(checks.map((one) => [one.name, one.state]));
const report = (result: RunResult) => JSON.parse(result.stdout) as DoctorReport & { ok: boolean };

function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-doctor-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** The doctor with the configuration the daemon was started with. */
const doctor = (dir: string, args: readonly string[] = [], main = BUNDLE) =>
  run(process.execPath, [main, '--config', join(dir, 'config.yml'), 'doctor', ...args]);

test('before the first start it says what will be, makes nothing, and exits with 0', async () => {
  const dir = freshDir();
  const free = { listen: '127.0.0.1:0' };
  writeFileSync(join(dir, 'config.yml'), JSON.stringify({ data: join(dir, 'data'), ssh: free, http: free }));
  const result = await doctor(dir);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(result.stdout).toMatch(/^bastion \S+, data in \S+, daemon stopped\n\nok {4}configuration /);
  expect(result.stdout).toMatch(/ok {4}data {11}\S+ is not there yet: bastion serve makes it\./);
  expect(result.stdout).toMatch(/\n\nNothing is to be done\.\n$/);
  expect(readdirSync(dir)).toEqual(['config.yml']);
});

test('beside the running daemon all is well, sessions go on, and the log is as it was', async () => {
  const { bastion } = house;
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const live = await house.live();
  const before = (await house.audit()).length;
  const result = await bastion.cli(['doctor', '--json', '--deep']);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const told = report(result);
  expect(told).toMatchObject({ ok: true, daemon: 'running', data: bastion.data });
  expect(told.checks.filter((one) => one.state !== 'ok')).toEqual([]);
  expect(told.checks.find(({ name }) => name === 'daemon')!.text).toBe(
    `It runs as process ${bastion.pid}, with 1 live session.`,
  );
  expect(told.checks.find(({ name }) => name === 'listeners')!.text).toContain(`ssh 127.0.0.1:${bastion.sshPort}`);
  expect((await house.audit()).length).toBe(before);
  terminal.enter('exit');
  await terminal.exit;
  expect((await house.settled(live.id)).recording).toBe('ready');
});

test('what is to be repaired stands out, with what to do, and makes it exit with 1', async () => {
  const key = join(house.bastion.data, 'master.key');
  chmodSync(key, 0o640);
  onTestFinished(() => chmodSync(key, 0o600));
  const result = await doctor(house.bastion.dir);
  expect(result.code).toBe(1);
  expect(result.stdout).toMatch(/\nFAIL {2}files {10}master\.key may be read by others\..*\n {21}chmod -R u=rwX,go= /);
  expect(result.stdout).toMatch(/\n\n2 to repair\.\n$/);
  expect(report(await house.bastion.cli(['doctor', '--json']))).toMatchObject({ ok: false });
});

test('a daemon of another release, and one that hangs, are told', async () => {
  const later = laterRelease('9.8.7', { name: '9999-later', sql: 'create table later (x);' });
  const { bastion } = house;
  const other = report(await doctor(bastion.dir, ['--json'], later));
  expect(state(other)).toMatchObject({ daemon: 'warn', database: 'warn' });
  expect(other.checks.find(({ name }) => name === 'daemon')!.text).toMatch(
    /^It is bastion \S+, and this is 9\.8\.7\.$/,
  );

  bastion.process.kill('SIGSTOP');
  try {
    const hung = await doctor(bastion.dir, ['--json']);
    expect(hung.code).toBe(1);
    expect(report(hung).daemon).toBe('silent');
    const { text } = report(hung).checks.find(({ name }) => name === 'daemon')!;
    expect(text).toContain(`bastion serve (pid ${bastion.pid}`);
  } finally {
    bastion.process.kill('SIGCONT');
  }
  expect(report(await doctor(bastion.dir, ['--json'])).daemon).toBe('running');
});

test('on a stopped daemon’s data it looks, holds off no start, and newer data are told', async () => {
  const dir = freshDir();
  const later = laterRelease('9.8.7', { name: '9999-later', sql: 'create table later (x);' });
  {
    await using bastion = await startBastion({ dir });
    await bastion.ok(['user', 'add', 'alice']);
    await bastion.stop();
  }
  const files = readdirSync(join(dir, 'data')).sort();
  const sound = await doctor(dir, ['--json']);
  expect(sound).toMatchObject({ code: 0, stderr: '' });
  expect(report(sound)).toMatchObject({ ok: true, daemon: 'stopped' });
  expect(readdirSync(join(dir, 'data')).sort()).toEqual(files);
  {
    await using bastion = await startBastion({ dir, main: later });
    await bastion.stop();
  }
  const newer = await doctor(dir);
  expect(newer.code).toBe(1);
  expect(newer.stdout).toMatch(/FAIL {2}database .*written by a newer bastion, 9\.8\.7/);
});

test('another user is refused in a sentence, and root works as the owner of the data', async () => {
  const dir = freshDir();
  chmodSync(dir, 0o755);
  {
    await using bastion = await startBastion({ dir });
    await bastion.stop();
  }
  chmodSync(join(dir, 'config.yml'), 0o644);
  const as = (uid: string) =>
    run('setpriv', [
      ...[`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'],
      ...[process.execPath, BUNDLE, '--config', join(dir, 'config.yml'), 'doctor'],
    ]);
  const refused = await as('65534');
  expect(refused).toMatchObject({ code: 1, stdout: '' });
  expect(refused.stderr).toMatch(
    /^bastion: The data in \S+ belong to user 0, and you are \S+\. Run this as their owner, or as root\.\n$/,
  );
  await run('chown', ['-R', '65534:65534', join(dir, 'data')]);
  expect(await as('65534')).toMatchObject({ code: 0 });
  expect(await doctor(dir)).toMatchObject({ code: 0 });
  const owners = await run('find', [join(dir, 'data'), '!', '-user', '65534']);
  expect(owners.stdout).toBe('');
});
