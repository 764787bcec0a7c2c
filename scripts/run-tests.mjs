// Runs vitest and closes with the one line CI reads: `N passed, N failed`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const dir = mkdtempSync(join(tmpdir(), 'bastion-tests-'));
const report = join(dir, 'report.json');
const run = spawnSync(
  'vitest',
  ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      // the bundle is started a thousand times and more: it is compiled once
      NODE_COMPILE_CACHE: join(dir, 'compiled'),
      ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }),
    },
  },
);
let passed = 0;
let failed = 1;
try {
  const result = JSON.parse(readFileSync(report, 'utf8'));
  passed = result.numPassedTests;
  // A skipped test, or a file that could not be loaded, is not a passed one
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  failed = result.numFailedTests + result.numPendingTests + result.numTodoTests + broken;
  if (failed === 0 && (run.status !== 0 || passed === 0)) failed = 1;
} catch (error) {
  console.error(`no test report: ${error.message}`);
}
rmSync(dir, { recursive: true, force: true });
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
