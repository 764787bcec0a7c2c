import { hostname } from 'node:os';

/**
 * Where browsers find the bastion, without a slash at the end: the configured address, else that of the first listener
 * (the machine's name where it listens on every address), else null.
 */
export function webAddress(publicUrl: string | null, listener: string | undefined): string | null {
  if (publicUrl !== null) return publicUrl.replace(/\/+$/, '');
  return listener?.replace(/\/\/(?:0\.0\.0\.0|\[::\])(?=:|$)/, `//${hostname()}`) ?? null;
}
