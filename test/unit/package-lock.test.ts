import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Locked {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}

// `npm ci` refuses a lock file that lacks a package of another platform, yet npm itself leaves out what it cannot find
it('the lock file names every dependency, those of other platforms too', () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> };
  const missing = Object.entries(packages).flatMap(([path, locked]) =>
    Object.keys({ ...locked.dependencies, ...locked.optionalDependencies })
      .filter((name) => places(path, name).every((place) => !(place in packages)))
      .map((name) => `${path || 'bastion'} → ${name}`),
  );
  expect(missing).toEqual([]);
});

/** Where a package at `path` would find `name`: its own node_modules first, then those around it. */
function places(path: string, name: string): string[] {
  const steps =
    path === '' ? [] : path.split('/node_modules/').map((_, i, all) => all.slice(0, i + 1).join('/node_modules/'));
  return ['', ...steps].map((base) => (base === '' ? `node_modules/${name}` : `${base}/node_modules/${name}`));
}
