import { afterAll, beforeAll, expect, test } from 'vitest';
import { type House, PROMPT, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';

let house: House;

beforeAll(async () => {
  house = await startHouse({ config: { session: { idle_timeout: '2s', max_time: '6s' } } });
});
afterAll(() => house?.[Symbol.asyncDispose]());

test('an idle terminal is disconnected, one that is typed at reaches its time limit; both are told', async () => {
  using idle = house.terminal('alice@web1');
  await idle.shows(PROMPT);
  const idleRow = await house.live();
  using busy = house.terminal('alice@web1');
  await busy.shows(PROMPT);
  const busyRow = await house.live(({ id }) => id !== idleRow.id);
  const typing = setInterval(() => busy.type('x'), 300);
  try {
    expect(await idle.exit).toMatchObject({ exitCode: 254 });
    expect(idle.screen()).toContain('Disconnected: idle for 2 seconds.');
    expect(busy.ended).toBe(false);
    expect(await busy.exit).toMatchObject({ exitCode: 254 });
  } finally {
    clearInterval(typing);
  }
  expect(busy.screen()).toContain('Disconnected: the time limit of 6 seconds is reached. Connect again to go on.');
  expect(await house.settled(idleRow.id)).toMatchObject({ endCause: 'idle' });
  expect(await house.settled(busyRow.id)).toMatchObject({ endCause: 'max-time' });
});

test('a command without a terminal is not idle, but has its time limit', async () => {
  const quiet = await house.bastion.ssh('alice@web1', house.key.file, ['sleep 3; echo done']);
  expect(quiet).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
  const long = await house.bastion.ssh('alice@web1', house.key.file, ['sleep 60']);
  expect(long.code).toBe(254);
  expect(long.stderr).toBe('bastion: Disconnected: the time limit of 6 seconds is reached. Connect again to go on.\n');
});

test('the program on the target ends with its session', async () => {
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  terminal.enter('echo "pid=$$"');
  await terminal.shows(/\npid=\d+\n/);
  const pid = Number(/\npid=(\d+)\n/.exec(terminal.screen())![1]);
  expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  await eventually('the shell on the target to end', () => {
    try {
      process.kill(pid, 0);
      return undefined;
    } catch {
      return true;
    }
  });
});

test('a permission that expires while connected ends the session then, and not before', async () => {
  const until = Date.now() + 2000;
  await house.api.permissions.set({ name: 'alice', until: new Date(until).toISOString() });
  using terminal = house.terminal('alice@web1');
  await terminal.shows(PROMPT);
  const row = await house.live();
  const typing = setInterval(() => terminal.type('x'), 300);
  try {
    expect(await terminal.exit).toMatchObject({ exitCode: 254 });
  } finally {
    clearInterval(typing);
  }
  expect(terminal.screen()).toContain('Disconnected: your permission expired for web1.');
  const settled = await house.settled(row.id);
  expect(settled).toMatchObject({ endCause: 'expired' });
  expect(Date.parse(settled.endedAt!)).toBeGreaterThanOrEqual(until);

  // a new one is refused, without telling what there is; an administrator learns why
  const refused = await house.bastion.ssh('alice@web1', house.key.file, ['true']);
  expect(refused).toMatchObject({ code: 254, stdout: '' });
  expect(refused.stderr).toMatch(/^bastion: No asset named "web1" is open to you/);
  expect((await house.bastion.cli(['access', 'explain', 'alice', 'web1'])).stdout).toMatch(/expired|ended/);
});
