import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandId, SessionId } from '../../src/kernel/id.ts';
import { commandRow, sessionRow, transferRow } from '../kit/rows.ts';
import { cli, realData } from './cli-kit.ts';
import { fakeDaemon, onTerminal } from './cli-terminal-kit.ts';
import { actor, draft, newAsset, newUser, tempDir } from './store-kit.ts';

const SESSION = '01k8h4qj5n9w7c2v6x0y3zabcd' as SessionId;

test('what was run is listed with how it is known, and what to give to a replay', async () => {
  const { backend, store } = await realData();
  expect(await cli(backend, ['command', 'list'])).toEqual({ code: 0, stdout: '', stderr: 'No command was run yet.\n' });
  const user = await store.users.create(newUser('alice'), draft('user.create'));
  const asset = await store.assets.create(newAsset('web1'), draft('asset.create'));
  const session = sessionRow({ id: SESSION, userId: user.id, assetId: asset.id });
  await store.sessions.create(session, { ...draft('session.start'), actor });
  const now = Date.now();
  await store.commands.add([
    commandRow({ at: now - 10 * 86_400_000, line: 'ancient' }),
    commandRow({ at: now - 3000, line: 'cat <<E\nhi\u001b[31m\nE', context: 'stdin', confidence: 'typed' }),
    commandRow({
      at: now - 2000,
      sessionId: SESSION,
      line: 'rm -rf /',
      verdict: 'deny',
      filter: 'danger',
      offset: 83_900,
    }),
    commandRow({ at: now - 1000, line: 'reboot', verdict: 'approved', filter: 'ask', reviewer: 'bob', exitCode: 0 }),
  ]);
  const lines = (await cli(backend, ['command', 'list', '--since', '7d'])).stdout.split('\n');
  expect(lines).toHaveLength(5);
  expect(lines[0]).toMatch(/^TIME +USER +ASSET +ACCOUNT +COMMAND +VERDICT +HOW +REPLAY +EXIT$/);
  expect(lines[1]).toMatch(
    /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d +alice +web1 +root +reboot +approved by bob +screen .* 0$/,
  );
  expect(lines[2]).toMatch(/rm -rf \/ +deny \(danger\) +screen +01k8h4qj5n9w7c2v6x0y3zabcd --at 83$/);
  expect(lines[3]).toMatch(/cat <<E hi\[31m E +pass +typed \(stdin\) /);

  for (const [args, many] of [
    [['--text', 'RM -rf'], 1],
    [['--verdict', 'deny'], 1],
    [['--session', 'abcd'], 1],
    [['--user', 'alice', '--asset', 'web1', '--account', 'root', '--until', '7d'], 1],
    [['--limit', '2'], 2],
    [[], 4],
  ] as const) {
    const found = await cli(backend, ['command', 'list', ...args, '--json']);
    expect(JSON.parse(found.stdout), args.join(' ')).toHaveLength(many);
  }
  expect(await cli(backend, ['command', 'list', '--user', 'nobody'])).toMatchObject({ stderr: 'No command fits.\n' });
  expect((await cli(backend, ['command', 'list', '--session', 'zzzz'])).code).toBe(3);
  for (const wrong of ['tomorrow', 'none', '', '+7d', '2026-02-31'])
    expect(await cli(backend, ['command', 'list', '--since', wrong]), wrong).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/is not a time\. Use .* 7d, 12h back\./),
    });
});

test('an export is JSON Lines for its owner only, safe to look at', async () => {
  const { backend, store } = await realData();
  const ids = ['a', 'b', 'c'].map((end) => `01k8h4qj5n9w7c2v6x0y3zabc${end}` as CommandId);
  await store.commands.add(
    ids.map((id, i) => commandRow({ id, line: `echo ${i}\u009b31m`, userName: i ? 'bob' : 'alice' })),
  );
  const file = join(tempDir(), 'commands.jsonl');
  expect((await cli(backend, ['command', 'export', '--to', file])).stdout).toMatch(/: 3 commands, 1\.\d KiB\.\n$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(rows.map((row) => JSON.parse(row).id)).toEqual(ids.toReversed());
  const shown = await cli(backend, ['command', 'export', '--user', 'bob', '--to', '-']);
  expect(shown.stdout).toBe(`${rows.slice(0, 2).join('\n')}\n`);
  expect(shown.stdout).toContain('\\u009b31m');
  expect((await cli(backend, ['command', 'export'])).code).toBe(2);
  expect((await cli(backend, ['command', 'export', '--to', join(file, 'x')])).code).toBe(2);
});

test('transfers are listed and exported', async () => {
  const { backend, store } = await realData();
  expect((await cli(backend, ['transfer', 'list'])).stderr).toBe('No file was transferred yet.\n');
  const sha256 = 'ab'.repeat(32);
  await store.transfers.add([transferRow({ path: '/tmp/a\u001bb', bytes: 2048, sha256 })], draft('transfer.end'));
  await store.transfers.add(
    [transferRow({ method: 'zmodem', direction: 'download', result: 'failed', detail: 'connection lost' })],
    draft('transfer.end'),
  );
  const listed = await cli(backend, ['transfer', 'list']);
  expect(listed.stdout).toMatch(new RegExp(`alice +web1 +root +upload, sftp +/tmp/ab +2\\.0 KiB +ok +${sha256}\n`));
  expect(listed.stdout).toMatch(/download, zmodem +\/tmp\/report\.pdf +7 B +failed: connection lost\n/);
  expect(JSON.parse((await cli(backend, ['transfer', 'list', '--text', 'REPORT', '--json'])).stdout)).toHaveLength(1);
  const lines = await cli(backend, ['transfer', 'export', '--to', '-', '--since', '2023-01-01']);
  expect(
    lines.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).method),
  ).toEqual(expect.arrayContaining(['sftp', 'zmodem']));
});

test('statistics: days from the first on which something happened, the busiest, the denied', async () => {
  const { backend, store } = await realData();
  const nothing = await cli(backend, ['statistics']);
  expect(nothing).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/^No session and no command from /),
  });
  const day = (n: number) => Date.UTC(2026, 4, n, 12);
  const run = (n: number, line: string, more = {}) => commandRow({ at: day(n), line, ...more });
  await store.commands.add([
    ...Array.from({ length: 8 }, () => run(10, 'ls -l')),
    run(12, 'git pull', { userName: 'bob' }),
    run(12, 'rm -rf /', { verdict: 'deny', filter: 'danger' }),
  ]);
  const span = ['--since', '2026-05-01T00:00Z', '--until', '2026-05-13T00:00Z'];
  const shown = (await cli(backend, ['statistics', ...span])).stdout;
  expect(shown.split('\n').slice(1).join('\n')).toMatchInlineSnapshot(`
    "
    DAY         SESSIONS  COMMANDS  DENIED
    2026-05-10         0         8       0  ████████████████████████
    2026-05-11         0         0       0
    2026-05-12         0         2       1  ██████

    USER   SESSIONS  COMMANDS  DENIED
    alice         0         9       1  ████████████████████████
    bob           0         1       0  ██▋

    ASSET  SESSIONS  COMMANDS  DENIED
    web1          0        10       1  ████████████████████████

    COMMAND  TIMES
    ls           8  ████████████████████████
    git          1  ███
    rm           1  ███

    DENIED COMMAND  FILTER  TIMES
    rm -rf /        danger      1
    "
  `);
  expect(shown).toMatch(/^0 sessions, 10 commands, 1 denied, from 2026-0\d-\d\d \d\d:\d\d to /);
  expect(JSON.parse((await cli(backend, ['statistics', ...span, '--top', '1', '--json'])).stdout)).toMatchObject({
    users: [{ name: 'alice' }],
    topCommands: [{ name: 'ls', count: 8 }],
  });
  // a long span is told by month
  const long = (await cli(backend, ['statistics', '--since', '2026-03-01T00:00Z', '--until', '2026-08-31T00:00Z']))
    .stdout;
  expect(long).toMatch(/^MONTH +SESSIONS +COMMANDS +DENIED\n2026-05 +0 +10 +1 +█{24}\n2026-06 +0 +0 +0\n/m);
  expect((await cli(backend, ['statistics', '--since', '2026-05-02', '--until', '2026-05-01'])).code).toBe(2);
});

test('on a narrow terminal the command is cut, and how to see it stays whole', async () => {
  const { sessionId, userName, userId, assetName, assetId, at, offset, ...row } = commandRow({
    at: Date.now(),
    sessionId: SESSION,
    line: `find / -name '*.log' -newermt 2026-01-01 -exec gzip {} +`,
    offset: 4_083_900,
  });
  const daemon = await fakeDaemon({
    'GET /commands': {
      items: [
        {
          ...row,
          session: sessionId,
          at: new Date(at).toISOString(),
          seconds: offset / 1000,
          user: userName,
          userId,
          asset: assetName,
          assetId,
        },
      ],
      next: null,
    },
  });
  const terminal = onTerminal(daemon.data, ['command', 'list'], { cols: 90, rows: 24 });
  expect((await terminal.exit).exitCode).toBe(0);
  expect(terminal.screen()).toMatch(
    /^\d\d-\d\d \d\d:\d\d:\d\d {2}alice {2}web1 {3}root {5}find \/ -name '\*.log'.*… {2}screen {2}0y3zabcd --at 4083$/m,
  );
  expect(terminal.screen()).toMatch(/^See one: bastion .*session replay REPLAY$/m);
});
