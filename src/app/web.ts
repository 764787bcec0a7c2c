import { hostname } from 'node:os';
import { join } from 'node:path';

declare const __BUNDLED__: boolean | undefined;

/** Where the build lays the pages and the documentation: beside the bundle. */
export function pagesDir(part: 'web' | 'docs'): string {
  const bundled = typeof __BUNDLED__ === 'boolean' && __BUNDLED__;
  return join(import.meta.dirname, bundled ? part : `../../dist/${part}`);
}

/**
 * Where browsers find the bastion, without a slash at the end: the configured address, else that of the first listener
 * (the machine's name where it listens on every address), else null.
 */
export function webAddress(publicUrl: string | null, listener: string | undefined): string | null {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  return listener?.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, `//${hostname()}`) ?? null;
}
