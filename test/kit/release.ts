import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const DIST = join(import.meta.dirname, '../../dist');
const VERSION = /VERSION = true \? "[^"]+"/;
const LAST_STEP = /\{ name: "\d{4}-[\w-]+", sql: \w+ \}(?=\s*\])/;

/** Of the running test: a bundle as a later release would have it, with this version and one more step of the database. */
export function laterRelease(version: string, step: { readonly name: string; readonly sql: string }): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-release-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const part of ['native', 'web']) symlinkSync(join(DIST, part), join(dir, part));
  cpSync(join(DIST, 'package.json'), join(dir, 'package.json'));
  const isVersion = () => `VERSION = true ? ${JSON.stringify(version)}`;
  const oneMore = (last: string) => `${last}, { name: ${JSON.stringify(step.name)}, sql: ${JSON.stringify(step.sql)} }`;
  // the daemon's thread has the steps, and what looks at the data without changing them
  edit('main.cjs', dir, [VERSION, isVersion], [LAST_STEP, oneMore]);
  edit('worker.cjs', dir, [LAST_STEP, oneMore]);
  return join(dir, 'main.cjs');
}

type Edit = readonly [find: RegExp, replace: (found: string) => string];

function edit(name: string, dir: string, ...edits: readonly Edit[]): void {
  let text = readFileSync(join(DIST, name), 'utf8');
  for (const [find, replace] of edits) {
    if (text.match(new RegExp(find, 'g'))?.length !== 1) throw new Error(`${find} does not stand in ${name} once`);
    text = text.replace(find, replace);
  }
  writeFileSync(join(dir, name), text);
}
