import type Koa from 'koa';
import { createStaticFiles } from './static-files.ts';

/** Where the build lays the pages' parts whose names hold a hash of what is in them. */
const HASHED = '/assets/';
const INDEX = '/index.html';

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

/** What a browser makes addresses for: the application, the documentation. */
export interface Pages {
  /** True when the request was answered. */
  serve(ctx: Koa.Context): Promise<boolean>;
}

/** Serves the files that a build has left in a directory, and the first page for every address that is none of them. */
export function createPages(directory: string): Pages {
  const files = createStaticFiles(directory, { policy: CONTENT_SECURITY_POLICY, hashed: HASHED });
  return {
    async serve(ctx) {
      if (!isRead(ctx)) return false;
      const { path } = ctx;
      if (files.has(path)) return files.send(ctx, path);
      if (!isPage(path) || !wantsPage(ctx)) return false;
      if (files.has(INDEX)) return files.send(ctx, INDEX);
      sayNotBuilt(ctx, 'pages');
      return true;
    },
  };
}

export function isRead(ctx: Koa.Context): boolean {
  return ctx.method === 'GET' || ctx.method === 'HEAD';
}

export function sayNotBuilt(ctx: Koa.Context, what: 'pages' | 'pages of the documentation'): void {
  ctx.status = 503;
  ctx.type = 'html';
  ctx.body = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bastion</title>
<p>The ${what} are not built. Run "node scripts/build.mjs" and start the bastion again. SSH and the REST API work without them.</p></html>`;
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
