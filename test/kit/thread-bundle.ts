import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Plugin } from 'vitest/config';

const ROOT = join(import.meta.dirname, '../..');
const STARTER = join(ROOT, 'src/kernel/worker.ts');
const FROM_SOURCES = "new URL('../worker.ts', import.meta.url)";
/** Names the bundle to the processes of the tests. */
const BUNDLE = 'THREAD_BUNDLE';

/**
 * Threads run from one bundle here as they do in the product, made of the sources as they are when the tests begin.
 * From the sources every store that a test opens would load two hundred modules once more, which takes longer than
 * most tests.
 */
export function threadBundle(): Plugin {
  return {
    name: 'thread-bundle',
    enforce: 'pre',
    async configureVitest({ vitest }) {
      // who changes the sources while the tests wait for it is to see the change
      if (!vitest.config.watch) process.env[BUNDLE] = await makeBundle();
    },
    // vitest keeps what comes out of here for later runs: it must hold no path of this one
    transform(code, id) {
      if (id !== STARTER) return undefined;
      if (!code.includes(FROM_SOURCES)) throw new Error(`${STARTER} does not start its threads from ${FROM_SOURCES}`);
      return { code: code.replace(FROM_SOURCES, `process.env.${BUNDLE} ?? ${FROM_SOURCES}`), map: null };
    },
  };
}

async function makeBundle(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-threads-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  symlinkSync(realpathSync(join(ROOT, 'node_modules')), join(dir, 'node_modules'));
  const outfile = join(dir, 'worker.cjs');
  await build({
    entryPoints: [join(ROOT, 'src/worker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'inline',
    logLevel: 'warning',
    // its addon is found from where the package stands
    external: ['better-sqlite3'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
  });
  return outfile;
}
