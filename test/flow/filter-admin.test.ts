import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { CommandView, ReviewView, StatisticsView } from '../../src/api/contract/commands.ts';
import type { FilterVerdict, FilterView } from '../../src/api/contract/filters.ts';
import { type House, startHouse } from '../kit/house.ts';
import { eventually } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';

let house: House;
beforeAll(async () => {
  house = await startHouse();
  await house.addUser('bob');
});
afterAll(() => house?.[Symbol.asyncDispose]());
afterEach(async () => {
  for (const { name } of (await house.api.filters.list()).items) await house.api.filters.remove({ name });
});

const ssh = (command: string, options?: Parameters<House['bastion']['ssh']>[3]) =>
  house.bastion.ssh('alice@web1', house.key.file, [command], options);
const ok = (...args: string[]) => house.bastion.ok(args);
const rows = (...args: string[]) => house.bastion.json<CommandView[]>(['command', 'list', ...args]);
const pending = () =>
  eventually('a command that waits', async () => (await house.bastion.json<ReviewView[]>(['review', 'list']))[0]);

test('a filter made on the command line denies from then on, and the log says so', async () => {
  expect(await ssh('echo rm -rf /nowhere')).toMatchObject({ code: 0, stdout: 'rm -rf /nowhere\n' });
  await ok('filter', 'add', 'danger', '--command', 'rm -rf', '--do', 'deny', '--user', 'alice');
  expect(await house.bastion.json<FilterView[]>(['filter', 'list'])).toMatchObject([
    { name: 'danger', users: ['alice'], forAllUsers: false, forAllAssets: true },
  ]);
  expect(
    await house.bastion.json<FilterVerdict>(['filter', 'test', 'danger', 'ls; sudo rm -rf /nowhere']),
  ).toMatchObject({ action: 'deny', filter: 'danger' });

  const denied = await ssh('cd / && rm -r -f /nowhere');
  expect(denied).toMatchObject({ code: 254, stdout: '' });
  expect(denied.stderr).toBe('bastion: Command `rm -r -f /nowhere` is forbidden by the filter "danger".\n');
  expect(await ssh('echo rm -rf /nowhere')).toMatchObject({ code: 0 });

  const [denial] = await eventually('the denial in the log', async () => {
    const found = await rows('--verdict', 'deny');
    return found.length > 0 ? found : undefined;
  });
  expect(denial).toMatchObject({
    user: 'alice',
    asset: 'web1',
    account: TEST_USER.name,
    line: 'cd / && rm -r -f /nowhere',
    confidence: 'exact',
    context: 'exec',
    verdict: 'deny',
    filter: 'danger',
  });
  expect(await rows('--session', denial!.session.slice(-8))).toHaveLength(1);
  expect(await house.bastion.ok(['command', 'list', '--text', 'rm -r -f'])).toContain('deny (danger)');

  await ok('filter', 'set', 'danger', '--inactive');
  expect(await ssh('rm -rf /nowhere')).toMatchObject({ code: 0 });
  await ok('filter', 'set', 'danger', '--active', '--user', 'bob');
  expect(await ssh('rm -rf /nowhere')).toMatchObject({ code: 0 });
});

test('a command waits for review: approved it runs once, denied it does not', async () => {
  await ok('filter', 'add', 'ask', '--regex', 'important', '--do', 'review', '--reviewer', 'bob');
  const first = ssh('echo important one');
  const asked = await pending();
  expect(asked).toMatchObject({ user: 'alice', line: 'echo important one', filter: 'ask', reviewers: ['bob'] });
  const short = asked.id.slice(-8);
  expect(await ok('review', 'list')).toContain('echo important one');
  expect(await ok('review', 'approve', short)).toBe(
    `Approved: \`echo important one\` of alice as ${TEST_USER.name} on web1.\n`,
  );
  const ran = await first;
  expect(ran).toMatchObject({ code: 0, stdout: 'important one\n' });
  expect(ran.stderr).toContain('needs approval by bob');
  expect(ran.stderr).toContain('Approved by');
  expect(await house.bastion.cli(['review', 'approve', short])).toMatchObject({ code: 4 });

  // once: the same line waits again
  const second = ssh('echo important one');
  const { id } = await pending();
  expect(id).not.toBe(asked.id);
  await ok('review', 'deny', id);
  const stopped = await second;
  expect(stopped).toMatchObject({ code: 254, stdout: '' });
  expect(stopped.stderr).toMatch(/Refused by .*; it does not run\.\n$/);
  expect(await ok('review', 'list', '--all')).toMatch(/echo important one .*refused by /);
  await eventually('both in the log', async () => {
    const verdicts = (await rows('--text', 'important')).map(({ verdict }) => verdict);
    return JSON.stringify(verdicts) === '["refused","approved"]' ? true : undefined;
  });
});

test('a reviewer decides with a token of their own; others see nothing', async () => {
  await ok('filter', 'add', 'ask', '--command', 'id', '--do', 'review', '--reviewer', 'bob');
  await house.addUser('eve');
  const as = async (name: string) => {
    const { secret } = await house.api.tokens.add({ user: name });
    return async (method: string, path: string) => {
      const url = `http://127.0.0.1:${house.bastion.httpPort}/api/v1/reviews${path}`;
      const headers = { authorization: `Bearer ${secret}`, 'content-type': 'application/json' };
      const response = await fetch(url, { method, headers, body: method === 'POST' ? '{}' : null });
      return { status: response.status, body: (await response.json()) as { items?: ReviewView[] } };
    };
  };
  const [asBob, asEve, asAlice] = [await as('bob'), await as('eve'), await as('alice')];
  const waiting = ssh('id -u');
  const { id } = await pending();
  for (const other of [asEve, asAlice]) {
    expect((await other('GET', '')).body.items).toEqual([]);
    expect((await other('POST', `/${id}/approve`)).status).toBe(404);
  }
  expect((await asBob('GET', '')).body.items).toMatchObject([{ id }]);
  expect(await asBob('POST', `/${id}/approve`)).toMatchObject({ status: 200, body: { settledBy: 'bob' } });
  expect(await waiting).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
});

test('what was run is counted, and exported as JSON Lines', async () => {
  await ssh('uptime --pretty');
  await eventually('it to be listed', async () => ((await rows('--text', 'uptime')).length > 0 ? true : undefined));
  const numbers = await house.bastion.json<StatisticsView>(['statistics', '--since', '1d']);
  expect(numbers.users).toContainEqual(expect.objectContaining({ name: 'alice' }));
  expect(numbers.topCommands).toContainEqual({ name: 'uptime', count: 1 });
  expect(await ok('statistics')).toMatch(/^DAY +SESSIONS +COMMANDS +DENIED$/m);
  const exported = (await ok('command', 'export', '--to', '-')).trimEnd().split('\n');
  expect(exported.map((line) => JSON.parse(line))).toEqual(await rows('--limit', '1000'));
  expect(await house.audit({ action: 'command.export' })).toHaveLength(1);
});
