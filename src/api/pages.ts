import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import type Koa from 'koa';

/** Where the build lays the pages' parts whose names hold a hash of what is in them. */
const HASHED = '/assets/';
const INDEX = '/index.html';
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

/** Scripts only from here; the player's decoder is WebAssembly, the terminal and the kit set styles. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const NOT_BUILT = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bastion</title>
<p>The pages are not built. Run "node scripts/build.mjs" and start the bastion again. SSH and the REST API work without them.</p></html>`;

interface Sent {
  readonly bytes: Buffer;
  readonly etag: string;
}

/** Serves the files that a build has left in a directory, and the first page for every address that is none of them. */
export interface Pages {
  /** True when the request was answered. */
  serve(ctx: Koa.Context): Promise<boolean>;
}

/**
 * What may be asked for is known from here on: no path of a request ever touches the disk. Contents are read when they
 * are first asked for and kept, so that a new build in the same place does not tear a page that is open.
 */
export function createPages(directory: string): Pages {
  const known = new Set(filesIn(directory));
  const held = new Map<string, Promise<Sent | undefined>>();
  const load = (name: string): Promise<Sent | undefined> => {
    const sent = held.get(name) ?? read(join(directory, name));
    held.set(name, sent);
    return sent;
  };

  const send = async (ctx: Koa.Context, name: string): Promise<boolean> => {
    const packed = PACKED.find(({ encoding, suffix }) => known.has(name + suffix) && ctx.acceptsEncodings(encoding));
    const file = await load(name + (packed?.suffix ?? ''));
    if (!file) return false;
    ctx.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'Cache-Control': name.startsWith(HASHED) ? 'public, max-age=31536000, immutable' : 'no-cache',
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
  };

  return {
    async serve(ctx) {
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return false;
      const { path } = ctx;
      if (known.has(path) && extname(path) in TYPES) return send(ctx, path);
      if (!isPage(path) || !wantsPage(ctx)) return false;
      if (known.has(INDEX)) return send(ctx, INDEX);
      ctx.status = 503;
      ctx.type = 'html';
      ctx.body = NOT_BUILT;
      return true;
    },
  };
}

/** Whether a browser may have been sent there to see a page: not for what programs ask, nor for a part that is missing. */
function isPage(path: string): boolean {
  if (path === '/api/docs') return true;
  return !/^\/(?:api|ws|assets)(?:\/|$)/.test(path);
}

/**
 * Whether a page is asked for in so many words, as browsers do when somebody goes to an address: the path does not tell,
 * since that of `web1.example.com` ends like a file's.
 */
function wantsPage(ctx: Koa.Context): boolean {
  return ctx.get('accept').includes('text/html');
}

/** As addresses: `/index.html`, `/assets/main-abc123.js`. What begins with a dot is not for anybody. */
function filesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length).replaceAll(sep, '/'));
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
