import { expect, test } from 'vitest';
import { run } from '../kit/process.ts';

// Elsewhere threads run from a bundle, as in the product; `npm run dev` starts them from the sources.
test('every thread starts from the sources, too', async () => {
  const script = `
    import { once } from 'node:events';
    import { startWorker } from './src/kernel/worker.ts';
    const none = { file: '/nowhere/at-all', role: 'reader', now: 0 };
    for (const [kind, ask] of [['store'], ['texts'], ['password', { cost: 16, blockSize: 8, parallelization: 1, length: 8,
      password: new Uint8Array(1), salt: new Uint8Array(1) }], ['render', { id: 7, job: { kind: 'hash', path: 'package.json' } }]]) {
      const thread = startWorker(kind, none);
      if (ask) thread.postMessage(ask);
      const [answer] = await once(thread, 'message');
      console.log(kind, answer.hash?.length ?? answer.result?.length ?? answer.length > 0);
      await thread.terminate();
    }`;
  const { stdout, stderr, code } = await run(process.execPath, ['--eval', script]);
  expect(stderr).toBe('');
  expect(stdout).toBe('store true\ntexts true\npassword 8\nrender 64\n');
  expect(code).toBe(0);
});
