import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../kit/hash.ts';
import { eventually, finished, type RunResult, run, start } from '../kit/process.ts';
import { filesBelow, openDirectory, startTransferHouse, type TransferHouse } from '../kit/transfers.ts';

/** rsync through the bastion: the real one on both sides. */
let at: TransferHouse;
let tree: string;

beforeAll(async () => {
  at = await startTransferHouse();
  tree = join(at.here, 'tree');
  for (let n = 0; n < 400; n++) {
    const dir = join(tree, `d${n % 20}`, `e${n % 3}`);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, `file ${n} ünï`), randomBytes(n * 7));
  }
  await writeFile(join(tree, 'big'), randomBytes(2_000_000));
  await symlink('big', join(tree, 'link'));
}, 60_000);
afterAll(() => at[Symbol.asyncDispose]());
beforeEach(() => at.mark());

type Rights = Parameters<TransferHouse['login']>[0];

function rsyncArgs(rights: Rights, args: readonly string[]): string[] {
  return ['-e', `ssh ${at.flags(rights).join(' ')}`, ...args];
}

function rsync(args: readonly string[], rights?: Rights): Promise<RunResult> {
  return run('rsync', rsyncArgs(rights, args));
}

const remote = (path: string, rights?: Rights) => `${at.login(rights)}@127.0.0.1:${path}`;

test.each([['-a'], ['-az'], ['-as'], ['-a', '--old-args'], ['-a', '-c', '--inplace']])(
  'a big tree both ways with %s %s',
  async (...options) => {
    const there = join(at.there, `t ${options.join('')}`);
    const back = join(at.here, `b ${options.join('')}`);
    const named = options.includes('--old-args') ? there.replaceAll(' ', '\\ ') : there;
    expect(await rsync([...options, `${tree}/`, remote(named)])).toMatchObject({ code: 0, stderr: '' });
    expect(await filesBelow(there)).toEqual(await filesBelow(tree));
    expect(await rsync([...options, remote(`${named}/`), back])).toMatchObject({ code: 0, stderr: '' });
    expect(await filesBelow(back)).toEqual(await filesBelow(tree));
    expect((await stat(join(back, 'big'))).mtimeMs).toBe((await stat(join(tree, 'big'))).mtimeMs);
    const known = { method: 'rsync', sha256: null, result: 'ok', detail: null };
    const rows = await at.rows(2);
    expect(rows).toMatchObject([
      { ...known, direction: 'upload', path: there },
      { ...known, direction: 'download', path: `${there}/` },
    ]);
    for (const row of rows) expect(row.bytes).toBeGreaterThan(2_000_000);
  },
);

test('--partial --append-verify goes on where it was cut', async () => {
  const there = join(at.there, 'partial');
  await writeFile(there, (await readFile(join(tree, 'big'))).subarray(0, 1_500_000));
  await run('chmod', ['666', there]);
  expect(await rsync(['--partial', '--append-verify', join(tree, 'big'), remote(there)])).toMatchObject({ code: 0 });
  expect(sha256(await readFile(there))).toBe(sha256(await readFile(join(tree, 'big'))));
  const [row] = await at.rows(1);
  expect(row!.bytes).toBeLessThan(600_000);
});

test.each([['--delete'], ['--delete', '-s']])('%s %s needs the right to delete', async (...options) => {
  const there = await openDirectory(join(at.there, `del${options.length}`));
  const source = join(at.here, 'del');
  await mkdir(source, { recursive: true });
  await writeFile(join(source, 'new'), 'new');
  await run('install', ['-m', '666', '/dev/null', join(there, 'old')]);
  const refused = await rsync(['-r', ...options, `${source}/`, remote(`${there}/`, 'upload')], 'upload');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/bastion: .*delete/);
  expect(existsSync(join(there, 'old'))).toBe(true);
  expect(await rsync(['-r', ...options, `${source}/`, remote(`${there}/`)])).toMatchObject({ code: 0 });
  expect(existsSync(join(there, 'old'))).toBe(false);
  expect(existsSync(join(there, 'new'))).toBe(true);
  const rows = await at.rows(2);
  expect(rows[0]!.result).toBe(options.includes('-s') ? 'failed' : 'denied');
  expect(rows[1]).toMatchObject({ result: 'ok', path: `${there}/` });
});

test('--remove-source-files of a download needs it too', async () => {
  const file = join(at.there, 'moved');
  await writeFile(file, 'x');
  const refused = await rsync(['--remove-source-files', remote(file, 'download'), at.here], 'download');
  expect(refused.stderr).toMatch(/^bastion: You may not delete files on web1/);
  expect(existsSync(file)).toBe(true);
});

test('each direction needs its right', async () => {
  const file = join(at.there, 'rights');
  await writeFile(file, 'x');
  for (const rights of ['upload', 'download', 'none'] as const) {
    const up = await rsync([file, remote(join(at.there, rights), rights)], rights);
    expect(up.code === 0).toBe(rights === 'upload');
    expect(existsSync(join(at.there, rights))).toBe(rights === 'upload');
    const got = join(at.here, `got-${rights}`);
    const down = await rsync([remote(file, rights), got], rights);
    expect(down.code === 0).toBe(rights === 'download');
    expect(existsSync(got)).toBe(rights === 'download');
    const words = (rights === 'upload' ? down : up).stderr;
    expect(words).toMatch(
      /^bastion: You may not (?:upload to|download from) web1, and this command does: the action \w+ is missing; ask/,
    );
  }
  const rows = await at.rows(6);
  expect(rows.filter((row) => row.result === 'denied')).toHaveLength(4);
});

test('some files that cannot be read: as without us, and the row has failed', async () => {
  const result = await rsync(['-r', remote('/root/'), join(at.here, 'root')]);
  expect(result.code).toBe(23);
  expect(await at.rows(1)).toMatchObject([{ path: '/root/', result: 'failed', detail: 'exit 23' }]);
});

test.each(['the target is lost', 'the session is ended', 'the bastion goes down'])('%s in the middle', async (how) => {
  const source = join(at.here, 'slow');
  const file = await open(source, 'w');
  await file.truncate(2 * 1024 ** 3);
  await file.close();
  const target = join(at.there, 'cut');
  await rm(target, { force: true });
  const client = start('rsync', rsyncArgs('upload', ['--bwlimit=20M', '-W', source, remote(target, 'upload')]));
  const over = finished(client);
  const session = await at.house.live((row) => row.user === 'upload');
  await eventually('some bytes', async () => {
    const { items } = await at.house.api.sessions.list({ live: true, limit: 10 });
    return items.find((row) => row.id === session.id && row.bytesIn > 1_000_000);
  });
  if (how === 'the target is lost') await at.house.sshd.dropConnections();
  else if (how === 'the session is ended') await at.house.bastion.ok(['session', 'end', session.id]);
  else await at.house.bastion.stop();
  expect((await over).code).not.toBe(0);
  expect(existsSync(target)).toBe(false);
  if (how === 'the bastion goes down') return;
  expect(await at.rows(1)).toMatchObject([{ path: target, direction: 'upload', result: 'failed' }]);
});
