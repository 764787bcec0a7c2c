import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node-pty';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandView } from '../../src/api/contract/commands.ts';
import { type Case, loadCorpus } from '../commands/corpus.ts';
import { type Database, startDatabase } from '../commands/database.ts';
import { furnish, perform } from '../commands/driver.ts';
import { judge } from '../commands/judge.ts';
import { commandLine, endServers, SHELLS } from '../commands/shells.ts';
import { User } from '../commands/user.ts';
import { type Pair, startPair } from '../kit/pair.ts';
import { run } from '../kit/process.ts';
import { TEST_USER } from '../kit/sshd.ts';

/** One interaction with each kind of shell, the hardest that is quick. */
const CHOSEN: Readonly<Record<string, string>> = {
  bash: 'reverse search',
  zsh: 'a right prompt',
  'zsh-autosuggestions': 'a suggestion ignored',
  fish: 'a suggestion taken whole',
  dash: 'corrected letters, words and lines',
  python: 'a list over several lines',
  mariadb: 'a statement over several lines',
  sqlite: 'a statement over several lines',
  device: 'enable and configure',
  programs: 'vim, a file written',
};
const cases = loadCorpus().filter((one) => CHOSEN[one.group] === one.name);

let pair: Pair & AsyncDisposable;
let database: Database;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-corpus-'));
  await run('chmod', ['711', dir]);
  [pair, database] = await Promise.all([startPair(), startDatabase(dir)]);
});
afterAll(async () => {
  await pair?.[Symbol.asyncDispose]();
  await database?.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Plays a case with OpenSSH's ssh through the daemon to a real sshd; gives the id of its session. */
async function play(one: Case): Promise<string> {
  const home = join(dir, one.group);
  furnish(home, one);
  await run('chown', ['-R', TEST_USER.name, home]);
  const command = commandLine(SHELLS[one.shell]!, home, { ...one.env, SOCKET: database.socket });
  const { cols, rows } = one.size;
  const pty = spawn('ssh', [...pair.args('through'), '-tt', command], {
    name: 'xterm-256color',
    cols,
    rows,
    encoding: null,
  });
  const ended = new Promise((resolve) => pty.onExit(resolve));
  const user = new User(one.size);
  user.attach({
    data: (chunk) => pty.write(chunk.toString()),
    resize: (size) => pty.resize(size.cols, size.rows),
    drain() {},
    eof() {},
    signal() {},
    closed() {},
  });
  // with encoding null node-pty hands out Buffers; its types know only strings
  pty.onData((data) => user.write(data as unknown as Buffer));
  try {
    await perform(user, one);
    const { id } = await pair.house.live((row) => row.command === command);
    return id;
  } finally {
    pty.kill('SIGKILL');
    await ended;
    user.dispose();
    await endServers(home);
  }
}

describe('through ssh, the daemon and sshd', () => {
  test('there is a case for every kind of shell', () => {
    expect(cases.map((one) => one.group).sort()).toEqual(Object.keys(CHOSEN).sort());
  });

  test.each(cases)('$group: $name', async (one) => {
    const id = await play(one);
    await pair.house.settled(id);
    const rows = (await pair.house.bastion.json<CommandView[]>(['command', 'list', '--session', id])).toReversed();
    // the request that started the shell, and then what was typed into it
    expect(rows[0]).toMatchObject({ confidence: 'exact', context: 'exec', user: 'alice', asset: 'web1' });
    expect(judge(one, rows.slice(1)).wrong, JSON.stringify(rows, undefined, 2)).toBe(0);
    for (const row of rows) expect(row.seconds).toBeGreaterThanOrEqual(0);
    expect(rows.map((row) => row.seconds)).toEqual(rows.map((row) => row.seconds).toSorted((a, b) => a - b));
  });
});
