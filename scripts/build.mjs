// Builds what `npm start` runs and the executable will hold: dist/main.cjs, dist/worker.cjs and dist/native/*.node.
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const modules = join(root, 'node_modules');
const final = join(root, 'dist');
// Built aside and moved into place, so that a running command never sees half a bundle
const out = `${final}.${process.pid}`;

/** Addon name in dist/native → where its package has it. */
const ADDONS = {
  'better_sqlite3.node': `better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`,
  'pty.node': 'node-pty/build/Release/pty.node',
  'sshcrypto.node': 'ssh2/lib/protocol/crypto/build/Release/sshcrypto.node',
  'cpufeatures.node': 'cpu-features/build/Release/cpufeatures.node',
};

const load = (name) => `process.bastionAddon(${JSON.stringify(name)})`;

/** Every addon is loaded by name from dist/native; two packages compute the path and get their one loader module replaced. */
const addons = {
  name: 'addons',
  setup(b) {
    b.onResolve({ filter: /\.node$/ }, (args) => ({ path: basename(args.path), namespace: 'addon' }));
    b.onLoad({ filter: /.*/, namespace: 'addon' }, (args) => {
      if (!(args.path in ADDONS)) throw new Error(`the bundle needs an addon nobody copies: ${args.path}`);
      return { contents: `module.exports = ${load(args.path)};`, loader: 'js' };
    });
    b.onLoad({ filter: /node-pty[\\/]lib[\\/]utils\.js$/ }, () => ({
      contents: `exports.assign = Object.assign; exports.loadNativeModule = (name) => ({ dir: '.', module: process.bastionAddon(name + '.node') });`,
      loader: 'js',
    }));
    b.onLoad({ filter: /better-sqlite3[\\/]lib[\\/]binding\.js$/ }, () => ({
      contents: `exports.getBinding = () => ${load('better_sqlite3.node')};`,
      loader: 'js',
    }));
  },
};

/** Runs before every bundled module: the one Node it is made for, and how addons are found beside the bundle. */
const banner = `if (Number.parseInt(process.versions.node) < 24) {
  console.error('bastion: Node 24 or newer is needed, this is ' + process.version + '. ./scripts/bastion and "npm start" use the one that npm installed.');
  process.exit(2);
}
process.bastionAddon ??= (() => { const loaded = new Map(); const { join } = require('node:path'); return (name) => {
  let held = loaded.get(name);
  if (!held) { held = { exports: {} }; process.dlopen(held, join(__dirname, 'native', name)); loaded.set(name, held); }
  return held.exports; }; })();`;

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'native'), { recursive: true });
for (const [name, from] of Object.entries(ADDONS)) cpSync(join(modules, from), join(out, 'native', name));
await build({
  entryPoints: { main: join(root, 'src/main.ts'), worker: join(root, 'src/worker.ts') },
  outdir: out,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  sourcemap: 'linked',
  logLevel: 'warning',
  plugins: [addons],
  banner: { js: banner },
  define: {
    __BUNDLED__: 'true',
    __VERSION__: JSON.stringify(version),
    'import.meta.dirname': '__dirname',
    'import.meta.url': '__filename',
  },
});
writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n');
// Two renames in a row: between them lies less time than a command takes to start
const old = `${out}.old`;
if (existsSync(final)) renameSync(final, old);
renameSync(out, final);
rmSync(old, { recursive: true, force: true });
