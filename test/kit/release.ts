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
  edit(join(DIST, 'main.cjs'), join(dir, 'main.cjs'), VERSION, () => `VERSION = true ? ${JSON.stringify(version)}`);
  edit(
    join(DIST, 'worker.cjs'),
    join(dir, 'worker.cjs'),
    LAST_STEP,
    (last) => `${last}, { name: ${JSON.stringify(step.name)}, sql: ${JSON.stringify(step.sql)} }`,
  );
  return join(dir, 'main.cjs');
}

function edit(from: string, to: string, find: RegExp, replace: (found: string) => string): void {
  const text = readFileSync(from, 'utf8');
  if (text.match(new RegExp(find, 'g'))?.length !== 1) throw new Error(`${find} does not stand in ${from} once`);
  writeFileSync(to, text.replace(find, replace));
}
