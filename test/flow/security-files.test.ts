import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBastion } from '../kit/bastion.ts';
import { run } from '../kit/process.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.cjs');
const NOBODY = 65534;
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-files-'));
  chmodSync(dir, 0o755);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const serve = (data: string) => run('timeout', ['10', process.execPath, MAIN, 'serve', '--data', data], { cwd: dir });

function everything(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
}

test('whatever the umask, nothing in the data directory is for others', async () => {
  const before = process.umask(0);
  try {
    await using bastion = await startBastion();
    await bastion.ok(['user', 'add', 'alice', '--password-stdin'], { stdin: 'three blind mice run' });
    await bastion.stop();
    await bastion.ok(['user', 'list']);
    expect(statSync(bastion.data).mode & 0o077).toBe(0);
    // public halves of host keys may be read
    const open = everything(bastion.data).filter(
      (file) => (statSync(file).mode & 0o077) !== 0 && !file.endsWith('.pub'),
    );
    expect(open).toEqual([]);
  } finally {
    process.umask(before);
  }
});

test('serve does not work in a directory of somebody else, who could put links into it', async () => {
  const data = join(dir, 'theirs');
  mkdirSync(data, { mode: 0o700 });
  chownSync(data, NOBODY, NOBODY);
  const victim = join(dir, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(data, 'demo-password'));
  const result = await serve(data);
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^bastion: The data directory .* belongs to .*\n$/);
  expect(existsSync(join(data, 'master.key'))).toBe(false);
});

test('the command line as root works as the owner of the data, and reads nothing more', async () => {
  await using bastion = await startBastion();
  await bastion.ok(['user', 'add', 'alice', '--password-stdin'], { stdin: 'three blind mice run' });
  await bastion.stop();
  for (const file of [bastion.dir, bastion.data, ...everything(bastion.data)]) chownSync(file, NOBODY, NOBODY);
  const listed = await bastion.cli(['user', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject([{ name: 'alice' }]);
  expect(everything(bastion.data).filter((file) => statSync(file).uid !== NOBODY)).toEqual([]);
  // a key that only root may read stays unread
  chownSync(join(bastion.data, 'master.key'), 0, 0);
  expect(await bastion.cli(['user', 'list'])).toMatchObject({ code: 2 });
});
