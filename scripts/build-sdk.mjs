// What others import as `bastion/sdk`: one ES module for Node and browsers, and the types of the contract.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bareContract } from './bare-contract.mjs';

/** Everything the SDK is made of, as paths from the root. */
export const SDK_SOURCES = [
  'src/api/contract',
  'src/sdk',
  'scripts/build-sdk.mjs',
  'scripts/bare-contract.mjs',
  'tsconfig.sdk.json',
];

/** Builds it into `out`, which is there already. */
export async function buildSdk(root, out) {
  await build({
    entryPoints: [join(root, 'src/sdk/index.ts')],
    outfile: join(out, 'index.js'),
    bundle: true,
    platform: 'neutral',
    target: 'es2022',
    format: 'esm',
    logLevel: 'warning',
    plugins: [
      {
        name: 'bare-contract',
        setup(b) {
          b.onLoad({ filter: /contract[\\/]routes\.ts$/ }, () => ({ contents: bareContract(), loader: 'js' }));
        },
      },
    ],
  });
  // the bundle beside it is CommonJS
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }\n');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const types = ['-p', join(root, 'tsconfig.sdk.json'), '--outDir', join(out, 'types')];
  if (spawnSync(process.execPath, [tsc, ...types], { stdio: 'inherit' }).status !== 0)
    throw new Error('the types of the SDK could not be made');
}
