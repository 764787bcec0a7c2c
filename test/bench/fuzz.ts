import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Row } from './measure.ts';

const TIMES = 20;

/** The fuzz tests of the unit tests, many times as long. */
export async function fuzz(): Promise<Row[]> {
  const root = join(import.meta.dirname, '../..');
  const files = readdirSync(join(root, 'test/unit')).filter(
    (name) => name.includes('fuzz') && name.endsWith('.test.ts'),
  );
  const { status, stdout } = spawnSync(
    'vitest',
    ['run', '--testTimeout=600000', ...files.map((name) => `test/unit/${name}`)],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, BASTION_FUZZ: String(TIMES), NO_COLOR: '1' },
    },
  );
  const tests = /Tests\s+(.*)/.exec(stdout)?.[1]?.trim() ?? 'nothing ran';
  const names = files.map((name) => name.replace('.test.ts', '')).join(', ');
  return [
    {
      measure: `fuzz, ${TIMES} times the usual rounds`,
      goal: 'no crash, no hang',
      reached: status === 0 ? 'none' : 'failed',
      met: status === 0,
      detail: `${names}: ${tests}`,
    },
  ];
}
