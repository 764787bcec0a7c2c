import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { fill, mountSmall } from '../kit/small-disk.ts';
import { TEST_USER } from '../kit/sshd.ts';

const REFUSED = /This session must be recorded and cannot be: .*Ask an administrator to make room on the bastion\./;

let house: House;
let dir: string;
let spool: string;
let disk: AsyncDisposable;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-disk-'));
  spool = join(dir, 'data', 'spool');
  mkdirSync(join(dir, 'data'), { mode: 0o700 });
  disk = await mountSmall(spool, 8);
  house = await startHouse({ dir });
});
afterAll(async () => {
  await house?.[Symbol.asyncDispose]();
  await disk?.[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

test('a disk that fills up ends the running session and refuses new ones, until there is room again', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const { id } = await house.live();
  await fill(spool);
  terminal.enter('seq 1 200000');
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  expect(terminal.screen()).toContain('this session must be recorded and cannot be any more. Ask an administrator');
  const row = await house.settled(id);
  expect(row).toMatchObject({ state: 'ended', endCause: 'recording-failed', endDetail: 'ENOSPC' });

  const refused = await house.bastion.ssh('alice@web1', house.key.file, ['echo never']);
  expect(refused).toMatchObject({ code: 254, stdout: '' });
  expect(refused.stderr).toMatch(REFUSED);
  expect(refused.stderr).toMatch(/has 0 MiB free and must keep 1 MiB/);
  const menu = house.terminal('alice');
  using _ = menu;
  await menu.shows(/web1/);
  menu.enter('web1');
  await menu.shows(/must be recorded and cannot be/);
  menu.enter('q');
  await menu.exit;
  const audit = await house.audit({ action: 'session.start' });
  expect(audit.filter(({ outcome }) => outcome === 'failed').length).toBe(2);

  rmSync(join(spool, 'filler'));
  // what was recorded before the disk was full is there
  const replay = await house.bastion.cli(['session', 'replay', id, '--speed', 'max']);
  expect(replay.stdout).toMatch(/bastion-test@/);
  expect(await house.bastion.ssh('alice@web1', house.key.file, ['echo again'])).toMatchObject({ stdout: 'again\n' });
});

test('whoever has a best-effort permission gets in on a full disk to free it, and that is audited', async () => {
  const key = await house.addUser('breaker');
  await house.bastion.ok([
    ...['permission', 'add', 'break-glass', '--user', 'breaker', '--asset', 'web1'],
    ...['--account', TEST_USER.name, '--record', 'best-effort'],
  ]);
  using running = house.terminal('breaker@web1', { key });
  await running.shows(PROMPT);
  await fill(spool);
  running.enter('seq 1 20000; echo still" here"');
  await running.shows(/\nstill here\n/);
  const unrecorded = await eventually('the audit of the loss', async () => {
    const rows = await house.audit({ action: 'session.unrecorded' });
    return rows.length > 0 ? rows : undefined;
  });
  expect(unrecorded[0]).toMatchObject({ actor: { name: 'breaker' } });

  const free = await house.bastion.ssh('breaker@web1', key.file, ['echo in']);
  expect(free).toMatchObject({ code: 0, stdout: 'in\n' });
  const { items } = await house.api.sessions.list({ user: 'breaker', limit: 1 });
  expect(items[0]).toMatchObject({ recording: 'none', permission: 'break-glass' });
  const started = (await house.audit({ action: 'session.start' })).find(({ target }) => target?.id === items[0]!.id);
  expect(started?.details).toMatchObject({ recorded: false });
  expect((await house.bastion.cli(['session', 'replay', items[0]!.id])).stderr).toMatch(/has no recording/);
  rmSync(join(spool, 'filler'));
});

test('a spool directory that is missing or cannot be written refuses sessions, and says so', async () => {
  const data = join(dir, 'data');
  await disk[Symbol.asyncDispose]();
  renameSync(spool, join(data, 'spool.away'));
  const missing = await house.bastion.ssh('alice@web1', house.key.file, ['echo never']);
  expect(missing).toMatchObject({ code: 254, stdout: '' });
  expect(missing.stderr).toMatch(/the recording directory is missing or may not be written/);
  // a file where the directory should be
  writeFileSync(spool, '');
  const wrong = await house.bastion.ssh('alice@web1', house.key.file, ['echo never']);
  expect(wrong).toMatchObject({ code: 254, stdout: '' });
  expect(wrong.stderr).toMatch(REFUSED);
  rmSync(spool);
  renameSync(join(data, 'spool.away'), spool);
  chmodSync(spool, 0o700);
  expect(await house.bastion.ssh('alice@web1', house.key.file, ['echo again'])).toMatchObject({ stdout: 'again\n' });
});

test('when the database has no room either, nothing runs unseen, and afterwards all is as it should be', async () => {
  const full = mkdtempSync(join(tmpdir(), 'bastion-full-'));
  const data = join(full, 'data');
  {
    await using _mount = await mountSmall(data, 24);
    await using all = await startHouse({ dir: full });
    using terminal = all.terminal('alice@web1');
    await terminal.shows(PROMPT);
    const { id } = await all.live();
    await fill(data);
    terminal.enter('seq 1 200000');
    expect(await terminal.exit).toMatchObject({ exitCode: 254 });
    expect(terminal.screen()).toContain('this session must be recorded and cannot be any more');
    const refused = await all.bastion.ssh('alice@web1', all.key.file, ['echo never']);
    expect(refused).toMatchObject({ code: 255, stdout: '' });
    expect(refused.stderr).toContain('The bastion cannot carry out logins just now; its log says why');

    rmSync(join(data, 'filler'));
    expect(await all.bastion.ssh('alice@web1', all.key.file, ['echo again'])).toMatchObject({ stdout: 'again\n' });
    // the end that could not be written is written
    expect(await all.settled(id)).toMatchObject({ state: 'ended', endCause: 'recording-failed' });
    expect(all.bastion.process.exitCode).toBe(null);
  }
  rmSync(full, { recursive: true, force: true });
});
