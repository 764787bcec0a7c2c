import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** In hexadecimal. */
export function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

export function sha256OfFile(path: string | Buffer): string {
  return sha256(readFileSync(path));
}
