import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describePackage, packageFolders, permissive } from '../../scripts/licences.mjs';
import { tempDir } from './store-kit.ts';

const dist = join(import.meta.dirname, '../../dist');

describe('a licence', () => {
  test.each(['MIT', 'Apache-2.0', '(MIT OR GPL-3.0-only)', 'MIT AND ISC', 'CC0-1.0'])('%s may be', (expression) => {
    expect(permissive(expression)).toBe(true);
  });
  test.each([
    'GPL-3.0-only',
    'MIT AND GPL-2.0-only',
    'UNLICENSED',
    '',
    'SEE LICENSE IN x',
    'MIT OR',
    'LGPL-3.0',
    'none',
  ])('%j may not, unless there is another choice', (expression) => {
    expect(permissive(expression.replace(/ OR$/, ''))).toBe(expression === 'MIT OR');
  });
});

function fakePackage(json: object, files: Readonly<Record<string, string>>): string {
  const folder = join(tempDir(), 'node_modules/left');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'left', version: '1.0.0', ...json }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('a package that may not be handed on, or whose text is missing, fails the build by its name', () => {
  expect(() => describePackage(fakePackage({ license: 'AGPL-3.0' }, { LICENSE: 'x' }))).toThrow(/left 1\.0\.0.*AGPL/);
  expect(() => describePackage(fakePackage({}, { LICENSE: 'x' }))).toThrow(/left 1\.0\.0.*none/);
  expect(() => describePackage(fakePackage({ license: 'ISC' }, { 'readme.md': 'x' }))).toThrow(/no text/);
  expect(describePackage(fakePackage({ licenses: [{ type: 'MIT' }] }, { 'LICENSE.md': 'my words' }))).toEqual({
    name: 'left',
    version: '1.0.0',
    licence: 'MIT',
    text: 'my words',
  });
});

test('the package of a file is the innermost one', () => {
  expect(
    packageFolders(['src/a.ts', '/x/node_modules/a/node_modules/@b/c/d.js?used', 'node_modules/a/b/c.js']),
  ).toEqual(['/x/node_modules/a/node_modules/@b/c', 'node_modules/a']);
});

test('the bundle names every package it holds, by what its source maps say, and what comes in no package', () => {
  const told = readFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  const listed = new Set([...told.matchAll(/^(\S+) \S+ {2,}\S/gm)].map(([, name]) => name));
  for (const part of ['main', 'worker']) {
    const { sources } = JSON.parse(readFileSync(join(dist, `${part}.cjs.map`), 'utf8')) as { sources: string[] };
    const names = packageFolders(sources).map((folder) => folder.slice(folder.lastIndexOf('node_modules/') + 13));
    expect(names.length).toBeGreaterThan(part === 'main' ? 10 : 1);
    expect(names.filter((name) => !listed.has(name))).toEqual([]);
  }
  // pages, their dependencies' own dependencies, addons, and the runtime with what it is made of
  for (const name of ['react', 'scheduler', '@xterm/xterm', 'ssh2', 'nan', 'SQLite', 'Node.js', '@yao-pkg/pkg']) {
    expect(listed.has(name), name).toBe(true);
  }
  expect(told).toMatch(/OpenSSL/);
  expect(told).toMatch(/Permission is hereby granted/);
});
