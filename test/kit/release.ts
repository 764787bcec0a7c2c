import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const DIST = join(import.meta.dirname, '../../dist');
/** The bundler writes the version where it is used. */
const OUR_VERSION = JSON.stringify(
  (JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string }).version,
);
const LAST_STEP = /\{name:"\d{4}-[\w-]+",sql:\w+\}(?=\])/;

/** Of the running test: a bundle as a later release would have it, with this version and one more step of the database. */
export function laterRelease(version: string, step: { readonly name: string; readonly sql: string }): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-release-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const part of ['native', 'web']) symlinkSync(join(DIST, part), join(dir, part));
  cpSync(join(DIST, 'package.json'), join(dir, 'package.json'));
  const oneMore = (last: string) => `${last},{name:${JSON.stringify(step.name)},sql:${JSON.stringify(step.sql)}}`;
  // the daemon's thread has the steps, and what looks at the data without changing them
  edit('main.cjs', dir, oneMore, (text) => text.replaceAll(OUR_VERSION, JSON.stringify(version)));
  edit('worker.cjs', dir, oneMore);
  return join(dir, 'main.cjs');
}

type Change = (text: string) => string;

function edit(name: string, dir: string, step: Change, whole: Change = (text) => text): void {
  const text = readFileSync(join(DIST, name), 'utf8');
  if (text.match(new RegExp(LAST_STEP, 'g'))?.length !== 1) throw new Error(`${LAST_STEP} is not once in ${name}`);
  writeFileSync(join(dir, name), whole(text.replace(LAST_STEP, step)));
}
