import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256OfFile } from './hash.ts';

/** Names that are legal and that no client may trip over. */
const ODD_NAMES = [
  'with space',
  '  both ends ',
  `it's "quoted" \`x\` $HOME ;&|`,
  '-rf',
  '#hash %41 ~tilde*?[a]',
  'grüße-你好-🙂',
];
/** Not UTF-8, or nothing for a line of text, or a path elsewhere; some clients do not take them on any connection. */
const ODDEST_NAMES = [Buffer.from('latin1-gr\xfc\xdfe', 'latin1'), 'two\nlines', 'back\\slash'];

/** When everything in a tree was last changed. */
const AT = new Date('2021-03-04T05:06:07Z');

export interface TreeOptions {
  /** Size of its big file in bytes. */
  readonly big: number;
  readonly oddest?: boolean;
}

/** A directory with a big file, empty ones, deep ones, odd names, links and several modes. */
export function makeTree(dir: string, { big, oddest = false }: TreeOptions): void {
  const bytes = (name: string | Buffer) => Buffer.concat([Buffer.from(name), randomBytes(3000)]);
  const path = (name: string | Buffer) => Buffer.concat([Buffer.from(`${dir}/`), Buffer.from(name)]);
  const deep = join(dir, ...Array.from({ length: 20 }, (_, level) => `level ${level}`));
  mkdirSync(deep, { recursive: true });
  mkdirSync(join(dir, 'empty directory'));
  writeFileSync(join(dir, 'big'), randomBytes(big));
  writeFileSync(join(dir, 'empty'), '');
  writeFileSync(join(deep, 'deepest'), bytes('deepest'));
  writeFileSync(join(dir, 'program'), '#!/bin/sh\n');
  chmodSync(join(dir, 'program'), 0o755);
  writeFileSync(join(dir, 'private'), bytes('private'));
  chmodSync(join(dir, 'private'), 0o600);
  writeFileSync(join(dir, 'read only'), bytes('read only'));
  chmodSync(join(dir, 'read only'), 0o444);
  for (const name of [...ODD_NAMES, ...(oddest ? ODDEST_NAMES : [])]) writeFileSync(path(name), bytes(name));
  symlinkSync('empty', join(dir, 'link'));
  symlinkSync('level 0', join(dir, 'link to a directory'));
  for (const entry of [Buffer.from(dir), ...entries(Buffer.from(dir))].reverse())
    if (!lstatSync(entry).isSymbolicLink()) utimesSync(entry, AT, AT);
}

/** A directory before what is in it. */
function* entries(dir: Buffer): Generator<Buffer> {
  for (const name of readdirSync(dir, { encoding: 'buffer' })) {
    const path = Buffer.concat([dir, Buffer.from('/'), name]);
    yield path;
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) yield* entries(path);
  }
}

/** What stands below a directory, by its path as Latin-1: kind, mode, whether its time was kept, size and hash. */
export function manifest(dir: string): Record<string, string> {
  const root = Buffer.from(dir);
  const found: Record<string, string> = {};
  for (const path of entries(root)) {
    const stats = lstatSync(path);
    const about = `${(stats.mode & 0o7777).toString(8)} ${sameSecond(stats.mtime, AT) ? 'then' : 'later'}`;
    const name = path.subarray(root.length + 1).toString('latin1');
    if (stats.isSymbolicLink()) found[name] = `link ${readlinkSync(path)}`;
    else if (stats.isDirectory()) found[name] = `directory ${about}`;
    else found[name] = `file ${about} ${stats.size} ${sha256OfFile(path)}`;
  }
  return found;
}

/** Every regular file below a directory. */
export function filesBelow(dir: string): Buffer[] {
  return [...entries(Buffer.from(dir))].filter((path) => lstatSync(path, { throwIfNoEntry: false })?.isFile());
}

/** The files alone, with their size and hash. */
export function contents(found: Record<string, string>): Record<string, string> {
  const files = Object.entries(found).filter(([, entry]) => entry.startsWith('file '));
  return Object.fromEntries(files.map(([name, entry]) => [name, entry.split(' ').slice(3).join(' ')]));
}

const sameSecond = (a: Date, b: Date) => Math.floor(a.getTime() / 1000) === Math.floor(b.getTime() / 1000);
