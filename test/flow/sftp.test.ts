import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Action } from '../../src/store/model.ts';
import { sha256OfFile } from '../kit/hash.ts';
import { type Pair, startPair } from '../kit/pair.ts';
import { run } from '../kit/process.ts';
import { lastSession, linesOf, scp, sftp } from '../kit/sftp.ts';

const ALL: readonly Action[] = ['connect', 'upload', 'download', 'delete'];
let pair: Pair & AsyncDisposable;
/** Ours, and the one on the target: the same machine, the same files. */
let dir: string;
let remote: string;

beforeAll(async () => {
  pair = await startPair();
});
afterAll(() => pair?.[Symbol.asyncDispose]());

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'sftp-'));
  remote = join(dir, 'target');
  mkdirSync(remote);
  chmodSync(dir, 0o755);
  chmodSync(remote, 0o777);
  return () => rmSync(dir, { recursive: true, force: true });
});

const through = (commands: readonly string[], flags?: readonly string[]) => sftp(pair, 'through', commands, flags);
const allow = (...actions: Action[]) => pair.house.api.permissions.set({ name: 'alice', actions });
const rows = async () =>
  (await pair.house.api.transfers.list({ session: (await lastSession(pair)).id, limit: 100 })).items;

function local(name: string, content: Buffer | string): string {
  const file = join(dir, name);
  writeFileSync(file, content);
  chmodSync(file, 0o640);
  utimesSync(file, 1_600_000_000, 1_600_000_000);
  return file;
}

test('there and back: the same bytes, mode and time, a row with the hash for each way', async () => {
  const file = local('three megabytes', randomBytes(3_000_001));
  const result = await through([`put -p "${file}" "${remote}/a b"`, `get -p "${remote}/a b" "${dir}/back"`]);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  const hash = sha256OfFile(file);
  for (const copy of [join(remote, 'a b'), join(dir, 'back')]) {
    expect(sha256OfFile(copy)).toBe(hash);
    expect(statSync(copy)).toMatchObject({ mode: 0o100640, mtimeMs: 1_600_000_000_000 });
  }
  const path = `${remote}/a b`;
  const whole = {
    user: 'alice',
    asset: 'web1',
    method: 'sftp',
    path,
    bytes: 3_000_001,
    sha256: hash,
    partial: false,
    result: 'ok',
  };
  expect(await rows()).toMatchObject([
    { direction: 'download', ...whole },
    { direction: 'upload', ...whole },
  ]);
  const session = await lastSession(pair);
  expect(session).toMatchObject({ use: 'files', command: null, exitCode: 0 });
  expect(session.bytesIn).toBeGreaterThan(3_000_001);
  expect(session.bytesOut).toBeGreaterThan(3_000_001);
  const [audit] = (await pair.house.audit({ action: 'transfer' })).filter(({ target }) => target?.id === session.id);
  expect(audit).toMatchObject({ outcome: 'ok', details: { path, sha256: hash } });
});

test('scp of a tree, both ways, is the same as directly', async () => {
  const tree = join(dir, 'tree');
  mkdirSync(join(tree, 'deep', 'er'), { recursive: true });
  for (let i = 0; i < 40; i++) writeFileSync(join(tree, i % 2 ? 'deep' : 'deep/er', `ü${i}`), randomBytes(i * 1000));
  await run('sh', ['-c', `find ${tree} -exec touch -d @1600000000 {} +`]);
  expect(await scp(pair, 'through', ['-rp'], [tree, `@:${remote}/there`])).toMatchObject({ code: 0, stderr: '' });
  expect(await scp(pair, 'through', ['-rp'], [`@:${remote}/there`, join(dir, 'back')])).toMatchObject({
    code: 0,
    stderr: '',
  });
  const listing = async (root: string) =>
    (await run('sh', ['-c', `cd ${root} && find . -printf '%P %m %T@ %s\\n' | sort`])).stdout;
  for (const copy of [join(remote, 'there'), join(dir, 'back')]) {
    expect((await run('diff', ['-r', tree, copy])).code).toBe(0);
    expect(await listing(copy)).toBe(await listing(tree));
  }
  expect(await rows()).toHaveLength(40);
});

test('a resumed transfer is partial, with the hash of what passed', async () => {
  const content = randomBytes(500_000);
  const file = local('whole', content);
  writeFileSync(join(remote, 'half'), content.subarray(0, 200_000));
  chmodSync(join(remote, 'half'), 0o666);
  writeFileSync(join(dir, 'half'), content.subarray(0, 200_000));
  const tail = join(dir, 'tail');
  writeFileSync(tail, content.subarray(200_000));
  expect(await through([`reput ${file} ${remote}/half`, `reget ${remote}/half ${dir}/half`])).toMatchObject({
    code: 0,
  });
  expect(sha256OfFile(join(dir, 'half'))).toBe(sha256OfFile(file));
  const rest = { bytes: 300_000, partial: true, sha256: sha256OfFile(tail), result: 'ok' };
  expect(await rows()).toMatchObject([
    { direction: 'download', ...rest },
    { direction: 'upload', ...rest },
  ]);
  const listed = await pair.house.bastion.ok(['transfer', 'list', '--limit', '2']);
  expect(listed.match(/partial/g)).toHaveLength(2);
});

test('everything sftp can do works, and the recording has a line for it that is found', async () => {
  const file = local('note', 'a note\n');
  const commands = [
    `put ${file} ${remote}/a`,
    `rename ${remote}/a ${remote}/b`,
    `rename -l ${remote}/b ${remote}/c`,
    `ln ${remote}/c ${remote}/hard`,
    `ln -s c ${remote}/soft`,
    `chmod 600 ${remote}/c`,
    `cp ${remote}/c ${remote}/copy`,
    `mkdir ${remote}/d`,
    `df ${remote}`,
    `ls -l ${remote}`,
    `rmdir ${remote}/d`,
    `rm ${remote}/hard`,
  ];
  const result = await through(commands);
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(readFileSync(join(remote, 'copy'), 'utf8')).toBe('a note\n');
  const session = await lastSession(pair);
  expect(await linesOf(pair, session)).toEqual([
    `open ${remote}/a to write`,
    `uploaded ${remote}/a, 7 bytes, sha256 ${sha256OfFile(file)}`,
    `renamed ${remote}/a to ${remote}/b`,
    `renamed ${remote}/b to ${remote}/c`,
    `made the link ${remote}/hard to ${remote}/c`,
    `made the symbolic link ${remote}/soft to c`,
    `changed the attributes of ${remote}/c: mode 0600`,
    `open ${remote}/c to read`,
    `open ${remote}/copy to write`,
    `copied ${remote}/c to ${remote}/copy on the target`,
    `wrote ${remote}/copy, 0 bytes, copied from ${remote}/c on the target`,
    `made the directory ${remote}/d`,
    `list ${remote}/`,
    `removed the directory ${remote}/d`,
    `removed ${remote}/hard`,
    '',
  ]);
  const found = await pair.house.bastion.ok(['session', 'search', `removed ${remote}/hard`]);
  expect(found).toContain(session.id.slice(0, 8));
});

test('a name that would move a cursor does not', async () => {
  const file = local('note', 'x');
  await run('cp', [file, join(dir, 'e\x1b[2Jvil')]);
  expect(await through([`put "${dir}/e\x1b[2Jvil" "${remote}/e\x1b[2Jvil"`])).toMatchObject({ code: 0 });
  const lines = await linesOf(pair, await lastSession(pair));
  expect(lines[0]).toBe(`open ${remote}/e?[2Jvil to write`);
});

const EACH: readonly (readonly [action: Action, command: string, expected: string])[] = [
  ['download', 'get FILE DIR/got', 'open'],
  ['upload', 'put OTHER REMOTE/new', 'open'],
  ['upload', 'mkdir REMOTE/d', 'make the directory'],
  ['upload', 'chmod 600 FILE', 'change the attributes'],
  ['upload', 'ln -s x REMOTE/l', 'make the symbolic link'],
  ['upload', 'ln FILE REMOTE/l', 'make the link'],
  ['upload', 'rename FILE REMOTE/r', 'rename'],
  ['delete', 'rename FILE REMOTE/r', 'rename'],
  ['delete', 'rm FILE', 'remove'],
  ['delete', 'rmdir REMOTE/sub', 'remove the directory'],
];
test.each(EACH)(
  'without %s: "%s" is refused with a reason, and nothing has changed',
  async (action, template, doing) => {
    const file = local('target/file', 'content');
    const other = local('other', 'other');
    mkdirSync(join(remote, 'sub'));
    const command = template
      .replace('FILE', file)
      .replace('OTHER', other)
      .replace('DIR', dir)
      .replaceAll('REMOTE', remote);
    const state = async () => (await run('sh', ['-c', `find ${remote} -printf '%P %m %i %s\\n' | sort`])).stdout;
    const before = await state();
    await allow(...ALL.filter((one) => one !== action));
    try {
      for (const flags of [[], ['-s', '/usr/lib/openssh/sftp-server']]) {
        const result = await through([command], flags);
        expect(result.code).not.toBe(0);
        expect(result.stderr).toMatch(
          new RegExp(`bastion: you may not ${action}.* web1: the action ${action} is missing`),
        );
        expect(result.stderr).toMatch(/denied/i);
        expect(await state()).toBe(before);
        const lines = await linesOf(pair, await lastSession(pair));
        expect(lines.some((line) => line.startsWith(`refused: ${doing}`))).toBe(true);
      }
    } finally {
      await allow(...ALL);
    }
  },
);

test('with upload alone a file goes up under a name of its own first, and replaces nothing', async () => {
  const file = local('note', 'new');
  local('target/there', 'old');
  await allow('connect', 'upload');
  try {
    const commands = [
      `put ${file} ${remote}/x.part`,
      `rename ${remote}/x.part ${remote}/x`,
      `put ${file} ${remote}/y.part`,
      `-rename ${remote}/y.part ${remote}/there`,
    ];
    expect(await through(commands)).toMatchObject({ code: 0 });
  } finally {
    await allow(...ALL);
  }
  expect(readFileSync(join(remote, 'x'), 'utf8')).toBe('new');
  expect(readFileSync(join(remote, 'there'), 'utf8')).toBe('old');
});
