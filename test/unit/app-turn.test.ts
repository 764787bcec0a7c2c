import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { COMMAND_PURPOSE, inTurn } from '../../src/app/turn.ts';
import { acquireLock } from '../../src/store/lock.ts';

function dataDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-turn-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

test('whoever opens the data waits for a command that holds it', async () => {
  const dir = dataDir();
  const command = acquireLock(dir, COMMAND_PURPOSE);
  let tries = 0;
  const release = await inTurn(async () => {
    // the command is done between the second try and the third
    if (++tries === 3) command();
    return acquireLock(dir, 'bastion serve');
  });
  expect(tries).toBe(3);
  release();
});

test('and is told at once of a daemon, which does not let go', async () => {
  const dir = dataDir();
  onTestFinished(acquireLock(dir, 'bastion serve'));
  let tries = 0;
  const second = inTurn(async () => {
    tries++;
    return acquireLock(dir, 'bastion serve');
  });
  await expect(second).rejects.toMatchObject({ code: 'busy' });
  expect(tries).toBe(1);
});

test('whoever has not said yet who it is is waited for, too', async () => {
  const dir = dataDir();
  const command = acquireLock(dir, COMMAND_PURPOSE);
  // the moment between taking the lock and writing down who has it
  rmSync(join(dir, 'bastion.lock.json'));
  let tries = 0;
  const release = await inTurn(async () => {
    if (++tries === 2) command();
    return acquireLock(dir, 'bastion serve');
  });
  expect(tries).toBe(2);
  release();
});
