import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/kit/longest-first.ts';
import { threadBundle } from './test/kit/thread-bundle.ts';

export default defineConfig({
  plugins: [threadBundle()],
  test: {
    include: ['test/**/*.test.ts'],
    // Real servers and clients: generous bounds for slow machines, and files one beside the other on two cores only
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // as the bastion itself is started: see scripts/lib.sh
    execArgv: ['--no-wasm-code-gc'],
  },
});
