import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type Koa from 'koa';
import { filesBelow } from '../kernel/inside.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};
/** As the build packs them, the smallest first. */
const PACKED = [
  { encoding: 'br', suffix: '.br' },
  { encoding: 'gzip', suffix: '.gz' },
] as const;

interface Sent {
  readonly bytes: Buffer;
  readonly etag: string;
}

export interface StaticFilesOptions {
  /** The Content-Security-Policy of every answer. */
  readonly policy: string;
  /** Files below this address hold a hash of their content in their name and never change. */
  readonly hashed?: string;
}

/** The files that a build has left in a directory, by their addresses: `/index.html`, `/assets/main-abc123.js`. */
export interface StaticFiles {
  has(name: string): boolean;
  /** True when the file was sent, or the browser has it already. */
  send(ctx: Koa.Context, name: string): Promise<boolean>;
}

/**
 * What may be asked for is known from here on: no path of a request ever touches the disk. Contents are read when they
 * are first asked for and kept, so that a new build in the same place does not tear a page that is open.
 */
export function createStaticFiles(directory: string, { policy, hashed }: StaticFilesOptions): StaticFiles {
  const known = new Set(filesIn(directory));
  const held = new Map<string, Promise<Sent | undefined>>();
  const load = (name: string): Promise<Sent | undefined> => {
    const sent = held.get(name) ?? read(join(directory, name));
    held.set(name, sent);
    return sent;
  };

  return {
    has: (name) => known.has(name) && extname(name) in TYPES,
    async send(ctx, name) {
      const packed = PACKED.find(({ encoding, suffix }) => known.has(name + suffix) && ctx.acceptsEncodings(encoding));
      const file = await load(name + (packed?.suffix ?? ''));
      if (!file) return false;
      ctx.set({
        'Content-Security-Policy': policy,
        'Cache-Control': hashed && name.startsWith(hashed) ? 'public, max-age=31536000, immutable' : 'no-cache',
        ETag: file.etag,
        Vary: 'Accept-Encoding',
      });
      ctx.status = 200;
      if (ctx.fresh) {
        ctx.status = 304;
        return true;
      }
      ctx.type = TYPES[extname(name)]!;
      if (packed) ctx.set('Content-Encoding', packed.encoding);
      ctx.body = file.bytes;
      return true;
    },
  };
}

/** As addresses. What begins with a dot is not for anybody. */
function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return filesBelow(directory)
    .filter((name) => !basename(name).startsWith('.'))
    .map((name) => `/${name}`);
}

async function read(file: string): Promise<Sent | undefined> {
  try {
    const bytes = await readFile(file);
    return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"` };
  } catch {
    // the build was taken away under the running daemon
    return undefined;
  }
}
