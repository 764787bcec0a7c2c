import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, finished, type RunOptions, type RunResult, run, start } from '../kit/process.ts';
import { startTransferHouse, type TransferHouse } from '../kit/transfers.ts';

/** git over SSH through the bastion. */
let at: TransferHouse;
let bare: string;

type Rights = Parameters<TransferHouse['login']>[0];

function options(rights: Rights, cwd: string): RunOptions {
  const identity = {
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  };
  const ssh = ['ssh', ...at.flags(rights)].join(' ');
  return { cwd, env: { ...process.env, ...identity, HOME: at.here, GIT_CONFIG_NOSYSTEM: '1', GIT_SSH_COMMAND: ssh } };
}

function git(args: readonly string[], cwd = at.here, rights?: Rights): Promise<RunResult> {
  return run('git', args, options(rights, cwd));
}

const url = (rights?: Rights) => `${at.login(rights)}@127.0.0.1:${bare}`;

beforeAll(async () => {
  at = await startTransferHouse();
  bare = join(at.there, 'it s.git');
  // as its owner there: git minds whose a repository is
  await run('su', ['bastion-test', '-s', '/bin/sh', '-c', 'git init -q --bare -b main "$1"', 'sh', bare]);
}, 60_000);
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(() => at.mark());

async function commit(dir: string, name: string, content: Buffer | string): Promise<void> {
  await writeFile(join(dir, name), content);
  expect(await git(['add', '.'], dir)).toMatchObject({ code: 0 });
  expect(await git(['commit', '-q', '-m', name], dir)).toMatchObject({ code: 0 });
}

test('push, clone, fetch, a shallow clone, ls-remote and archive', async () => {
  const work = join(at.here, 'work');
  await mkdir(work);
  expect(await git(['init', '-q', '-b', 'main', '.'], work)).toMatchObject({ code: 0 });
  await commit(work, 'big', randomBytes(3_000_000));
  expect(await git(['push', '-q', url(), 'main'], work)).toMatchObject({ code: 0, stderr: '' });
  const clone = join(at.here, 'clone');
  expect(await git(['clone', '-q', url(), clone])).toMatchObject({ code: 0, stderr: '' });
  await commit(work, 'more', 'more');
  expect(await git(['push', '-q', url(), 'main'], work)).toMatchObject({ code: 0 });
  expect(await git(['pull', '-q'], clone)).toMatchObject({ code: 0 });
  const head = (await git(['rev-parse', 'HEAD'], work)).stdout;
  expect((await git(['rev-parse', 'HEAD'], clone)).stdout).toBe(head);
  expect(await git(['fsck', '--full'], clone)).toMatchObject({ code: 0 });
  const shallow = join(at.here, 'shallow');
  expect(
    await git(['clone', '-q', '--depth', '1', `ssh://${at.login().replace('@', '%40')}@127.0.0.1/${bare}`, shallow]),
  ).toMatchObject({ code: 0 });
  expect((await git(['rev-list', '--count', 'HEAD'], shallow)).stdout).toBe('1\n');
  const known = { method: 'git', path: bare, result: 'ok', sha256: null, detail: null };
  const rows = await at.rows(5);
  expect(rows).toMatchObject([
    { ...known, direction: 'upload' },
    { ...known, direction: 'download' },
    { ...known, direction: 'upload' },
    { ...known, direction: 'download' },
    { ...known, direction: 'download', path: expect.stringContaining('it s.git') },
  ]);
  expect(rows[0]!.bytes).toBeGreaterThan(3_000_000);
  expect(rows[1]!.bytes).toBeGreaterThan(3_000_000);
});

test('each direction needs its right', async () => {
  const work = join(at.here, 'work');
  for (const rights of ['upload', 'download', 'none'] as const) {
    const clone = join(at.here, `clone-${rights}`);
    const down = await git(['clone', '-q', url(rights), clone], at.here, rights);
    expect(down.code === 0).toBe(rights === 'download');
    expect(existsSync(clone)).toBe(rights === 'download');
    const up = await git(['push', '-q', url(rights), `main:${rights}`], work, rights);
    expect(up.code === 0).toBe(rights === 'upload');
    if (rights === 'none') expect(up.stderr).toMatch(/^bastion: You may not upload to web1/);
  }
  const refs = (await git(['ls-remote', url()])).stdout;
  expect(refs).toContain('refs/heads/upload');
  expect(refs).not.toMatch(/refs\/heads\/(?:download|none)/);
  const rows = await at.rows(7);
  expect(rows.filter((row) => row.result === 'denied')).toHaveLength(4);
});

test('a repository that is not there: as without us, and the row has failed', async () => {
  const result = await git(['clone', '-q', `${at.login()}@127.0.0.1:/nowhere.git`, join(at.here, 'no')]);
  expect(result.code).toBe(128);
  expect(result.stderr).toMatch(/'\/nowhere.git' does not appear to be a git repository/);
  expect(await at.rows(1)).toMatchObject([{ path: '/nowhere.git', result: 'failed', detail: 'exit 128' }]);
});

test.each(['the target is lost', 'the session is ended'])('%s in the middle', async (how) => {
  // the true beginning of an answer, and then nothing: whoever reads it waits
  const slow = 'sh -c "git-upload-pack \\"\\$1\\" </dev/null 2>/dev/null; exec sleep 1000" git-upload-pack';
  const clone = join(at.here, `cut ${how}`);
  const child = start('git', ['clone', '-q', '-u', slow, url(), clone], options('all', at.here));
  const over = finished(child);
  const session = await at.house.live();
  await eventually('some bytes', async () => {
    const { items } = await at.house.api.sessions.list({ live: true, limit: 10 });
    return items.find((row) => row.id === session.id && row.bytesOut > 0);
  });
  if (how === 'the target is lost') await at.house.sshd.dropConnections();
  else await at.house.bastion.ok(['session', 'end', session.id]);
  expect((await over).code).toBe(128);
  expect(existsSync(clone)).toBe(false);
  expect(await at.rows(1)).toMatchObject([{ direction: 'download', result: 'failed' }]);
});
