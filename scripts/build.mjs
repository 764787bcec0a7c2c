// Builds what `npm start` runs and the executable will hold: dist/main.cjs, dist/worker.cjs, dist/native/*.node and the
// pages in dist/web, the documentation in dist/docs; and dist/sdk, which others import.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { buildDocs, DOCS_SOURCES } from './build-docs.mjs';
import { buildSdk, SDK_SOURCES } from './build-sdk.mjs';
import { bundledFiles, thirdPartyLicences } from './licences.mjs';

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

/** Imports of addons become calls of the one loader, which knows where they lie: beside the bundle or in the data directory. */
const load = (name) => `require(${JSON.stringify(join(root, 'src/kernel/addons.ts'))}).loadAddon(${name})`;

/** Every addon is loaded by its name in dist/native; two packages compute the path and get their one loader module replaced. */
const addons = {
  name: 'addons',
  setup(b) {
    b.onResolve({ filter: /\.node$/ }, (args) => ({ path: basename(args.path), namespace: 'addon' }));
    b.onLoad({ filter: /.*/, namespace: 'addon' }, (args) => {
      if (!(args.path in ADDONS)) throw new Error(`the bundle needs an addon nobody copies: ${args.path}`);
      return { contents: `module.exports = ${load(JSON.stringify(args.path))};`, loader: 'js', resolveDir: root };
    });
    b.onLoad({ filter: /node-pty[\\/]lib[\\/]utils\.js$/ }, () => ({
      contents: `exports.assign = Object.assign; exports.loadNativeModule = (name) => ({ dir: '.', module: ${load("name + '.node'")} });`,
      loader: 'js',
    }));
    b.onLoad({ filter: /better-sqlite3[\\/]lib[\\/]binding\.js$/ }, () => ({
      contents: `exports.getBinding = () => ${load("'better_sqlite3.node'")};`,
      loader: 'js',
    }));
  },
};

/** Runs before every bundled module: the one Node it is made for. */
const banner = `if (Number.parseInt(process.versions.node) < 24) {
  console.error('bastion: Node 24 or newer is needed, this is ' + process.version + '. ./scripts/bastion and "npm start" use the one that npm installed.');
  process.exit(2);
}`;

rmSync(out, { recursive: true, force: true });
mkdirSync(join(out, 'native'), { recursive: true });
for (const [name, from] of Object.entries(ADDONS)) cpSync(join(modules, from), join(out, 'native', name));
const { metafile } = await build({
  entryPoints: { main: join(root, 'src/main.ts'), worker: join(root, 'src/worker.ts') },
  outdir: out,
  outExtension: { '.js': '.cjs' },
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  sourcemap: 'linked',
  // a third less to read, to hold and to carry; names stay, so that a stack in a log can be read
  minifyWhitespace: true,
  minifySyntax: true,
  metafile: true,
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
startsWithoutAddons(metafile);
writeFileSync(join(out, 'package.json'), '{ "type": "commonjs" }\n');
buildPages();
buildDocumentation();
await buildClient();
writeLicences();
// Two renames in a row: between them lies less time than a command takes to start
const old = `${out}.old`;
if (existsSync(final)) renameSync(final, old);
renameSync(out, final);
rmSync(old, { recursive: true, force: true });

/**
 * A command that only talks to the daemon must not load an addon: the executable would have to write it to a disk
 * first. So what uses one is imported where it is needed, and a plain import on the way there fails the build.
 */
function startsWithoutAddons({ inputs }) {
  const from = new Map([['src/main.ts', undefined]]);
  for (const [file] of from) {
    if (file.startsWith('addon:')) {
      const way = [];
      for (let at = file; at !== undefined; at = from.get(at)) way.unshift(at);
      rmSync(out, { recursive: true, force: true });
      throw new Error(`the start of every command would load a native addon: ${way.join(' → ')}`);
    }
    for (const { path, kind, external } of inputs[file]?.imports ?? []) {
      if (!external && kind !== 'dynamic-import' && !from.has(path)) from.set(path, file);
    }
  }
}

/** Of everything that is in the bundle and in the pages, by what their builds say. */
function writeLicences() {
  const files = [...bundledFiles(metafile), ...JSON.parse(readFileSync(join(out, 'web/.modules'), 'utf8'))];
  try {
    writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), thirdPartyLicences(root, files));
  } catch (error) {
    rmSync(out, { recursive: true, force: true });
    throw error;
  }
}

/** What others import as `bastion/sdk`; taken from the last build like the pages. */
async function buildClient() {
  const sdk = join(out, 'sdk');
  const stamp = fingerprint([...SDK_SOURCES, 'package-lock.json']);
  if (kept(join(final, 'sdk'), sdk, stamp)) return;
  mkdirSync(sdk);
  await buildSdk(root, sdk);
  writeFileSync(join(sdk, '.stamp'), stamp);
}

/** What people read at /docs; taken from the last build like the pages. */
function buildDocumentation() {
  const docs = join(out, 'docs');
  const stamp = fingerprint(DOCS_SOURCES);
  if (kept(join(final, 'docs'), docs, stamp)) return;
  try {
    buildDocs(join(root, 'docs'), docs, version);
  } catch (error) {
    rmSync(out, { recursive: true, force: true });
    throw error;
  }
  compress(docs);
  writeFileSync(join(docs, '.stamp'), stamp);
}

/** Whether a part of the last build was made of the same and could be taken from there. */
function kept(last, part, stamp) {
  if (!existsSync(join(last, '.stamp')) || readFileSync(join(last, '.stamp'), 'utf8') !== stamp) return false;
  cpSync(last, part, { recursive: true });
  return true;
}

/** The pages, which are taken from the last build when nothing they are made of has changed. */
function buildPages() {
  const pages = join(out, 'web');
  const stamp = fingerprint([
    'web',
    'src/api/contract',
    'src/sdk',
    'package-lock.json',
    'scripts/build.mjs',
    'scripts/bare-contract.mjs',
  ]);
  if (kept(join(final, 'web'), pages, stamp)) return;
  const vite = spawnSync(process.execPath, [join(modules, 'vite/bin/vite.js'), 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    env: { ...process.env, BASTION_WEB_OUT: pages, NODE_ENV: 'production' },
    stdio: 'inherit',
  });
  if (vite.status !== 0) {
    rmSync(out, { recursive: true, force: true });
    throw new Error('the pages could not be built');
  }
  compress(pages);
  writeFileSync(join(pages, '.stamp'), stamp);
}

/** Beside each text the same packed, so that nothing is packed while somebody waits. */
function compress(directory) {
  for (const name of filesIn(directory)) {
    if (!/\.(?:html|js|css|svg|json|wasm)$/.test(name)) continue;
    const bytes = readFileSync(join(directory, name));
    const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
    writeFileSync(join(directory, `${name}.br`), brotliCompressSync(bytes, best));
    writeFileSync(join(directory, `${name}.gz`), gzipSync(bytes, { level: 9 }));
  }
}

function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const full = join(root, path);
    const names = path.includes('.') ? [''] : filesIn(full);
    for (const name of names) hash.update(`${path}/${name}\0`).update(readFileSync(join(full, name)));
  }
  return hash.digest('hex');
}

function filesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
