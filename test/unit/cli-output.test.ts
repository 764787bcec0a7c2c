import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../kit/process.ts';

import { tempDir } from './store-kit.ts';

test('an output that cannot be written whole is not called done', async () => {
  const main = join(import.meta.dirname, 'cli-terminal-main.ts');
  const line = 'exec "$0" "$1" "$2" config show >/dev/full';
  const full = await run('sh', ['-c', line, process.execPath, main, tempDir()]);
  expect(full).toMatchObject({ code: 1, stderr: expect.stringMatching(/^bastion: The output is not whole: ENOSPC/) });
});
