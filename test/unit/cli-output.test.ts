import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Column, formatTable } from '../../src/cli/output/table.ts';
import { run } from '../kit/process.ts';
import { tempDir } from './store-kit.ts';

test('an output that cannot be written whole is not called done', async () => {
  const main = join(import.meta.dirname, 'cli-terminal-main.ts');
  const line = 'exec "$0" "$1" "$2" config show >/dev/full';
  const full = await run('sh', ['-c', line, process.execPath, main, tempDir()]);
  expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/^bastion: The output is not whole: ENOSPC/) });
});

test('on a narrow terminal what says least goes first, and a path keeps its end', () => {
  const columns: Column<readonly string[]>[] = [
    { title: 'ID', value: (row) => row[0]! },
    { title: 'FROM', value: (row) => row[1]!, optional: 'first' },
    { title: 'PATH', value: (row) => row[2]!, flexible: true, least: 10, cut: 'start' },
    { title: 'COMMAND', value: (row) => row[3]!, flexible: true, optional: true },
  ];
  const rows = [['a1', '192.0.2.1', '/srv/files/报告.pdf', 'rsync --server']];
  expect(formatTable(columns, rows, 44)).toBe(
    'ID  FROM       PATH           COMMAND\na1  192.0.2.1  …les/报告.pdf  rsync --server\n',
  );
  expect(formatTable(columns, rows, 30)).toMatch(/^ID {2}PATH +COMMAND\na1 {2}….*\.pdf {2}rsync .*…\n$/);
  expect(formatTable(columns, rows, 16)).toBe('ID  PATH\na1  …es/报告.pdf\n');
  expect(formatTable(columns, rows, undefined)).toContain('/srv/files/报告.pdf  rsync --server');
});
