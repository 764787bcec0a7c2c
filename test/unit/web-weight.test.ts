import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const web = join(import.meta.dirname, '../../dist/web');
const page = () => readFileSync(join(web, 'index.html'), 'utf8');
/** What the first page asks for before it runs anything. */
const first = () => [...page().matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]!);

it('the shell of the pages weighs at most 250 KB packed, styles and all', () => {
  const weight = first().reduce((sum, name) => sum + gzipSync(readFileSync(join(web, name)), { level: 9 }).length, 0);
  expect(first().length).toBeGreaterThan(1);
  expect(weight).toBeLessThanOrEqual(250_000);
});

it('the shell holds neither terminal nor player nor charts', () => {
  const text = first()
    .map((name) => readFileSync(join(web, name), 'utf8'))
    .join('\n');
  expect(text).not.toMatch(/xterm-helper-textarea|asciinema|recharts-/);
  // and they are there, so that the search finds what it looks for
  const all = readdirSync(join(web, 'assets')).filter((name) => name.endsWith('.js'));
  const holds = (pattern: RegExp) => all.some((name) => pattern.test(readFileSync(join(web, 'assets', name), 'utf8')));
  expect(holds(/xterm-helper-textarea/) && holds(/asciinema/)).toBe(true);
});

it('the pages bring everything along and need nothing from elsewhere', () => {
  expect(page()).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  expect(page()).not.toMatch(/<script(?![^>]*\ssrc=)/);
  const styles = readdirSync(join(web, 'assets')).filter((name) => name.endsWith('.css'));
  for (const name of styles)
    expect(readFileSync(join(web, 'assets', name), 'utf8')).not.toMatch(/(?:@import|url\()\s*['"]?(?:https?:)?\/\//);
  expect(existsSync(join(web, 'boot.js'))).toBe(true);
});
