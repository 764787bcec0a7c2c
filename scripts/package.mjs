// Makes dist/bastion, the one executable, of the bundle in dist and of the Node that runs this; downloads nothing.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const dist = join(root, 'dist');
const work = `${dist}.package-${process.pid}`;
const stage = join(work, 'bastion');
const made = join(work, 'made');
const result = join(dist, 'bastion');
/** What the executable may weigh, in bytes: one file that is copied to every machine. */
const MOST_BYTES = 130e6;

/** What lies in dist and is of no use to whoever runs the executable: source maps, the client for other programs. */
const LEFT_OUT = new Set(['sdk', 'bastion', 'package.json', '.stamp']);

if (process.platform !== 'linux') fail('executables are made on Linux, for Linux');
const platform = `linux-${process.arch}`;
const { version, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
if (upToDate()) console.log('· nothing has changed since it was made');
else make();
console.log(`dist/bastion ${version}, ${megabytes(statSync(result).size)}`);

function upToDate() {
  if (!existsSync(result)) return false;
  const made = statSync(result).mtimeMs;
  const sources = ['dist/main.cjs', 'scripts/package.mjs', 'node_modules/.bastion-stamp'].map((name) =>
    join(root, name),
  );
  return sources.every((path) => !existsSync(path) || statSync(path).mtimeMs < made);
}

function make() {
  process.on('exit', () => rmSync(work, { recursive: true, force: true }));
  step(`Node ${process.versions.node} without its symbols`, () => stripNode());
  step('the bundle, the pages, the addons', () => stageBundle());
  step('one file of them', () => makeExecutable());
  const { size } = statSync(made);
  if (size > MOST_BYTES) fail(`it has ${megabytes(size)}, and more than ${megabytes(MOST_BYTES)} is too much`);
  const told = run(made, ['--version'], 'it does not start').stdout.trim();
  if (told !== version) fail(`it says that it is version ${told}, and this is ${version}`);
  step('its self-test', () => run(made, ['self-test', '--data', work], 'it does not work'));
  // renamed, because a running one keeps the file it was started from
  renameSync(made, result);
}

/**
 * pkg takes Node from a cache in the home directory, where it would put what it downloads. So it gets a home of its
 * own with this Node in it; the empty files say that the download is there and was checked.
 */
function stripNode() {
  const cache = join(work, '.pkg-cache/sea');
  const name = `node-${process.version}-${platform}`;
  const node = join(cache, name, 'bin/node');
  mkdirSync(dirname(node), { recursive: true });
  copyFileSync(process.execPath, node);
  chmodSync(node, 0o755);
  // before anything is put in: afterwards it would be lost
  run('strip', [node], 'the symbols cannot be removed');
  for (const mark of [`${node}.ok`, join(cache, `${name}.tar.gz`), join(cache, `${name}.tar.gz.ok`)]) {
    writeFileSync(mark, '');
  }
}

function stageBundle() {
  cpSync(dist, stage, {
    recursive: true,
    filter: (path) => extname(path) !== '.map' && !LEFT_OUT.has(path.slice(dist.length + 1)),
  });
  writeFileSync(
    join(stage, 'package.json'),
    JSON.stringify({
      name: 'bastion',
      version,
      bin: 'main.cjs',
      type: 'commonjs',
      pkg: {
        assets: ['**/*'],
        // The options of `npm start`, and no others: what NODE_OPTIONS says is meant for other programs
        seaConfig: { execArgv: nodeOptions(), execArgvExtension: 'none' },
      },
    }),
  );
}

function nodeOptions() {
  const words = scripts.start.split(' ');
  return words.slice(words.indexOf('node') + 1, words.indexOf('dist/main.cjs'));
}

function makeExecutable() {
  const target = `node${process.versions.node}-${platform}`;
  const pkg = join(root, 'node_modules/@yao-pkg/pkg/lib-es5/bin.js');
  const args = [pkg, '--sea', '-c', join(stage, 'package.json'), '-t', target, '-o', made, join(stage, 'main.cjs')];
  run(process.execPath, args, 'pkg failed', { ...process.env, HOME: work, TMPDIR: work });
}

function step(what, work) {
  const from = performance.now();
  process.stdout.write(`· ${what}`);
  work();
  process.stdout.write(` (${((performance.now() - from) / 1000).toFixed(1)} s)\n`);
}

/** Runs a program with its output kept back unless it fails. */
function run(program, args, wrong, env = process.env) {
  const done = spawnSync(program, args, { env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.error) fail(`${wrong}: ${done.error.message}`);
  if (done.status !== 0) {
    process.stderr.write(`\n${done.stdout}${done.stderr}`);
    fail(wrong);
  }
  return done;
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function fail(message) {
  console.error(`\nbastion: no executable was made: ${message}`);
  process.exit(1);
}
