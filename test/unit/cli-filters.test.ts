import { expect, test } from 'vitest';
import { reviewRow } from '../kit/rows.ts';
import { cli, realData } from './cli-kit.ts';
import { fakeDaemon } from './cli-terminal-kit.ts';
import { draft, newUser } from './store-kit.ts';

test('a filter is added, listed, shown, changed, tested and removed', async () => {
  const { backend, store } = await realData();
  const run = async (...args: string[]) => {
    const result = await cli(backend, args);
    expect(result, args.join(' ')).toMatchObject({ code: 0 });
    return result.stdout;
  };
  await run('user', 'add', 'carol');
  await run('group', 'add', 'ops');
  await run('asset', 'add', 'web1', '--address', '192.0.2.1');
  const added = await run('filter', 'add', "it's bad", '--command', 'rm -rf,mkfs', '--command', 'dd', '--do', 'deny');
  expect(added).toBe(`Filter it's bad added. Try it: bastion filter test 'it'\\''s bad' 'COMMAND LINE'\n`);
  await run('filter', 'set', "it's bad", '--rename', 'danger', '--priority', '5', '--match-case');
  await run(
    ...['filter', 'add', 'reboots', '--regex', 're(boot|start)', '--do', 'review', '--reviewer', 'CAROL'],
    ...['--group', 'ops', '--asset', 'web1', '--account', 'root', '--comment', 'ask first'],
  );
  expect(await store.filters.byName('danger')).toMatchObject({
    words: ['rm -rf', 'mkfs', 'dd'],
    priority: 5,
    matchCase: true,
    forAllUsers: true,
  });
  expect(await run('filter', 'list')).toMatchInlineSnapshot(`
    "NAME     PRIORITY  DOES    COMMANDS          WHO        WHAT         ACCOUNTS  REVIEWERS  STATE
    danger          5  deny    rm -rf, mkfs, dd  everybody  every asset                       active
    reboots        50  review  /re(boot|start)/  group ops  web1         root      carol      active
    "
  `);
  const shown = await run('filter', 'show', 'reboots');
  for (const line of [/^does +review$/m, /^regex +re\(boot\|start\)$/m, /^who +group ops$/m, /^reviewers +carol$/m])
    expect(shown).toMatch(line);
  await run('filter', 'set', 'reboots', '--clear', 'groups,accounts,reviewers,comment', '--inactive', '--ignore-case');
  expect(await store.filters.byName('reboots')).toMatchObject({
    forAllUsers: true,
    accounts: [],
    reviewers: [],
    comment: '',
    active: false,
    regex: 're(boot|start)',
  });
  expect(await run('filter', 'show', 'reboots')).toMatch(/^reviewers +every administrator$/m);
  await run('filter', 'remove', 'reboots');
  expect(JSON.parse(await run('filter', 'list', '--json'))).toMatchObject([{ name: 'danger' }]);
});

test('a test says in words what becomes of a line, and what was found in it', async () => {
  const { backend } = await realData();
  const run = async (...args: string[]) => {
    const result = await cli(backend, args);
    expect(result, args.join(' ')).toMatchObject({ code: 0, stderr: '' });
    return result.stdout;
  };
  await run('user', 'add', 'alice');
  await run('asset', 'add', 'web1', '--address', '192.0.2.1');
  await run('filter', 'add', 'danger', '--command', 'rm', '--do', 'deny');
  await run('filter', 'add', 'ask', '--command', 'reboot', '--do', 'review', '--reviewer', 'alice', '--inactive');
  await run('filter', 'add', 'mind', '--command', 'reboot', '--do', 'warn', '--user', 'alice');

  expect(await run('filter', 'test', 'danger', 'ls')).toBe('Runs. The filter "danger" does not mind it.\n');
  expect(await run('filter', 'test', 'danger', 'rm x')).toBe('Denied: the filter "danger" forbids `rm x`.\n');
  expect(await run('filter', 'test', 'ask', 'reboot')).toBe(
    'Waits for approval by alice: the filter "ask" reviews `reboot`.\nThe filter "ask" is inactive: for now it does nothing.\n',
  );
  expect(await run('filter', 'test', 'danger', 'cd /tmp && sudo rm -rf $x; ls')).toMatchInlineSnapshot(`
    "Denied: the filter "danger" forbids \`rm -rf $x\`.

    COMMAND         IN    RULING  FILTER  CANNOT TELL
    cd /tmp               runs
    sudo rm -rf $x        runs            $x
    rm -rf $x       sudo  denied  danger  $x
    ls                    runs
    "
  `);
  const hostile = await run('filter', 'test', 'danger', 'rm \u001b[2J; ls');
  expect(hostile).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  expect(JSON.parse(await run('filter', 'test', 'danger', 'rm x', '--json'))).toMatchObject({
    action: 'deny',
    filter: 'danger',
    command: 'rm x',
  });
  expect(await run('filter', 'explain', 'alice', 'web1', 'root', 'reboot')).toBe(
    'Runs, with a warning: the filter "mind" warns about `reboot`.\nFilters for alice as root on web1, in the order they are asked: danger, mind\n',
  );
});

test('what is missing or wrong is told before anything is made', async () => {
  const { backend } = await realData();
  await cli(backend, ['filter', 'add', 'there', '--command', 'rm', '--do', 'deny']);
  for (const [code, text, args] of [
    [2, 'Say which commands', ['add', 'x', '--do', 'deny']],
    [2, 'Say what to do', ['add', 'x', '--command', 'rm']],
    [2, 'Choose one of: allow, warn, review, deny', ['add', 'x', '--command', 'rm', '--do', 'forbid']],
    [2, 'from 1 to 100', ['add', 'x', '--command', 'rm', '--do', 'deny', '--priority', '101']],
    [2, 'from 1 to 100', ['add', 'x', '--command', 'rm', '--do', 'deny', '--priority', '0']],
    [2, 'not both', ['add', 'x', '--command', 'rm', '--regex', 'rm', '--do', 'deny']],
    [2, 'not both', ['set', 'there', '--command', 'rm', '--regex', 'rm']],
    [2, 'regular expression', ['add', 'x', '--regex', '(', '--do', 'deny']],
    [2, 'has reviewers', ['add', 'x', '--command', 'rm', '--do', 'deny', '--reviewer', 'nobody']],
    [3, '"nobody"', ['add', 'x', '--command', 'rm', '--do', 'review', '--reviewer', 'nobody']],
    [2, 'Say what to change', ['set', 'there']],
    [3, 'bastion filter list', ['set', 'x', '--active']],
    [3, 'bastion filter list', ['test', 'x', 'ls']],
    [3, 'bastion filter list', ['remove', 'x']],
    [4, '', ['add', 'there', '--command', 'rm', '--do', 'deny']],
  ] as const) {
    const result = await cli(backend, ['filter', ...args]);
    expect(result, args.join(' ')).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
  }
  expect(JSON.parse((await cli(backend, ['filter', 'list', '--json'])).stdout)).toHaveLength(1);
});

test('reviews are listed and shown without a daemon, and decided only with one', async () => {
  const { backend, store } = await realData();
  await store.users.create(newUser('bob'), draft('user.create'));
  const waiting = reviewRow({ line: 'reboot\u001b[2J', reviewers: ['bob', 'carol'] });
  const decided = reviewRow({ line: 'halt', state: 'approved', settledAt: 1_700_000_060_000, settledBy: 'bob' });
  await store.reviews.create(decided, draft('review.ask'));
  expect(await cli(backend, ['review', 'list'])).toEqual({
    code: 0,
    stdout: '',
    stderr: 'No command waits for approval.\n',
  });
  await store.reviews.create(waiting, draft('review.ask'));
  const listed = await cli(backend, ['review', 'list']);
  expect(listed.stdout).toMatch(/alice +web1 +root +reboot\[2J +pending +careful +bob, carol$/m);
  expect(listed.stdout).not.toContain('halt');
  const everything = await cli(backend, ['review', 'list', '--all', '--json']);
  expect(JSON.parse(everything.stdout)).toHaveLength(2);
  const shown = await cli(backend, ['review', 'show', decided.id.slice(-8)]);
  expect(shown.stdout).toMatch(/^state +approved by bob$/m);
  expect((await cli(backend, ['review', 'show', 'zzzz'])).code).toBe(3);
  expect((await cli(backend, ['review', 'show', 'no id'])).code).toBe(2);
  const alone = await cli(backend, ['review', 'approve', waiting.id]);
  expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('bastion serve') });
});

test('a review is approved and denied by the end of its id', async () => {
  const review = { ...view(), id: '01k8h4qj5n9w7c2v6x0y3zabcd' };
  const daemon = await fakeDaemon({
    'GET /reviews': { items: [review], next: null },
    'POST /reviews/01k8h4qj5n9w7c2v6x0y3zabcd/approve': { ...review, state: 'approved', settledBy: 'root' },
    'POST /reviews/01k8h4qj5n9w7c2v6x0y3zabcd/deny': { ...review, state: 'refused', settledBy: 'root' },
  });
  const { backend } = await realData();
  const online = { ...backend, dataDir: async () => daemon.data };
  expect(await cli(online, ['review', 'approve', 'ABCD'])).toEqual({
    code: 0,
    stdout: 'Approved: `reboot` of alice as root on web1.\n',
    stderr: '',
  });
  expect((await cli(online, ['review', 'deny', 'abcd'])).stdout).toBe('Refused: `reboot` of alice as root on web1.\n');
  expect(JSON.parse((await cli(online, ['review', 'deny', 'abcd', '--json'])).stdout)).toMatchObject({
    state: 'refused',
  });
});

function view() {
  const { sessionId, userName, assetName, askedAt, ...row } = reviewRow();
  return { ...row, session: sessionId, user: userName, asset: assetName, askedAt: new Date(askedAt).toISOString() };
}
