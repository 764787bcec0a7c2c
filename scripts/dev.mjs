// `npm run dev`: the demo daemon from its sources, started again when they change, and the pages with hot reloading in
// front of it. Arguments are passed on to `bastion serve --demo`.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (...args) => spawn(process.execPath, args, { cwd: root, stdio: 'inherit' });
const serve = () => run('--no-wasm-code-gc', 'src/main.ts', 'serve', '--demo', ...process.argv.slice(2));

const pages = run('node_modules/vite/bin/vite.js', 'web');
let daemon = serve();
let stopping = false;

// Node's own --watch speaks over the channels of worker threads, which the store needs for itself
let pause;
const sources = watch(join(root, 'src'), { recursive: true }, () => {
  clearTimeout(pause);
  pause = setTimeout(() => {
    const again = () => {
      if (!stopping) daemon = serve();
    };
    if (daemon.exitCode !== null) return again();
    daemon.once('exit', again);
    daemon.kill();
    // a second signal: nobody waits for the sessions of a try
    daemon.kill('SIGINT');
  }, 200);
});

function stop() {
  if (stopping) return;
  stopping = true;
  sources.close();
  pages.kill();
  daemon.kill();
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
pages.on('exit', stop);
