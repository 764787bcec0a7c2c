import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord } from './shell-word.ts';

declare const __BUNDLED__: boolean | undefined;

/** Whether this is the bundle of the build, and not its sources. */
export const bundled: boolean = typeof __BUNDLED__ !== 'undefined' && __BUNDLED__;

/** Whether this is the one executable, which holds the bundle. Threads never ask: see `workerData` in `worker.ts`. */
export const inExecutable: boolean = bundled && 'pkg' in process;

/**
 * Where something lies that the build made: beside the bundle, which may itself lie in the executable, or in `dist`
 * for the sources. In the executable such a path can be read whole, streamed, listed and asked for its state; it
 * cannot be opened for a descriptor, and nothing there can be written or loaded.
 */
export function inside(...names: string[]): string {
  return join(import.meta.dirname, ...(bundled ? [] : ['../../dist']), ...names);
}

/** How a person calls the command line, ready for a shell: the executable as it was called itself, else `bastion`. */
export function calledAs(): string {
  return inExecutable ? shellWord(process.argv0) : 'bastion';
}

/** The files below a directory, such as `a.css` and `assets/b.js`. By the plain calls: in the executable others fail. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    return statSync(path).isDirectory() ? filesBelow(path).map((below) => `${name}/${below}`) : [name];
  });
}
