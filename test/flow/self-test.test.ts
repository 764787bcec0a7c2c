import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { run } from '../kit/process.ts';

const DIST = join(import.meta.dirname, '../../dist');
const dir = mkdtempSync(join(tmpdir(), 'bastion-self-test-flow-'));
const place = join(dir, 'place');
mkdirSync(place);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Answer {
  readonly ok: boolean;
  readonly version: string;
  readonly checks: readonly { name: string; ok: boolean; detail: string; milliseconds: number }[];
}

const selfTest = (main: string, ...args: string[]) => run(process.execPath, [main, 'self-test', ...args]);

it('finds everything in order and leaves nothing behind', async () => {
  const { code, stdout, stderr } = await selfTest(join(DIST, 'main.cjs'), '--data', place);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^(?:ok {4}\S.{31} +\d+ ms {2}\S.*\n){9}bastion \d+\.\d+\.\d+ works on this machine\.\n$/);
  expect(stdout).toMatch(/terminal +\d+ ms {2}mlkem768x25519-sha256, /);
  expect(code).toBe(0);
  expect(readdirSync(place)).toEqual([]);
});

it('tells what is missing, tries the rest, and exits with 1', async () => {
  const damaged = join(dir, 'dist');
  cpSync(DIST, damaged, { recursive: true, filter: (path) => !/sshcrypto\.node$|\.map$|dist\/bastion$/.test(path) });
  const { code, stdout } = await selfTest(join(damaged, 'main.cjs'), '--data', place, '--json');
  const answer = JSON.parse(stdout) as Answer;
  expect(answer.ok).toBe(false);
  const failed = answer.checks.filter(({ ok }) => !ok);
  expect(failed.map(({ name }) => name)).toEqual(['ssh2: native ciphers, patches', 'a daemon with its threads']);
  expect(failed[0]!.detail).toContain('sshcrypto.node');
  expect(answer.checks.filter(({ ok }) => ok).map(({ name }) => name)).toEqual([
    'SQLite: WAL, full text search',
    'password hashing in its thread',
  ]);
  expect(code).toBe(1);
  expect(readdirSync(place)).toEqual([]);
});

it('notices pages that are not there', async () => {
  const damaged = join(dir, 'no-pages');
  cpSync(DIST, damaged, { recursive: true, filter: (path) => !/\.map$|dist\/(?:bastion|web)$/.test(path) });
  const { code, stdout } = await selfTest(join(damaged, 'main.cjs'), '--data', place, '--json');
  const failed = (JSON.parse(stdout) as Answer).checks.filter(({ ok }) => !ok);
  expect(failed.map(({ name, detail }) => `${name}: ${detail}`)).toEqual(['the pages over HTTP: / answered 503']);
  expect(code).toBe(1);
});

it('says where it could be tried when there is no place for it', async () => {
  const { code, stderr } = await selfTest(join(DIST, 'main.cjs'), '--data', join(dir, 'nowhere'));
  expect(stderr).toContain('No temporary directory can be made in');
  expect(stderr).toContain('--data');
  expect(code).toBe(2);
});
