import { isRead, type Pages, sayNotBuilt } from './pages.ts';
import { createStaticFiles } from './static-files.ts';

const PREFIX = '/docs';
const INDEX = '/index.html';
const MISSING = '/not-found.html';

/** One stylesheet, one script and pictures, all from here; nothing is set within a page. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** The documentation under `/docs/`, for everybody, as the build rendered it. */
export function createDocs(directory: string): Pages {
  const files = createStaticFiles(directory, { policy: CONTENT_SECURITY_POLICY });
  return {
    async serve(ctx) {
      const { path } = ctx;
      if (!isRead(ctx) || !(path === PREFIX || path.startsWith(`${PREFIX}/`))) return false;
      if (!files.has(INDEX)) {
        sayNotBuilt(ctx, 'pages of the documentation');
        return true;
      }
      // links between the pages are relative to the folder
      if (path === PREFIX) {
        ctx.redirect(`${PREFIX}/`);
        return true;
      }
      const name = path === `${PREFIX}/` ? INDEX : path.slice(PREFIX.length);
      if (files.has(name)) return files.send(ctx, name);
      const sent = await files.send(ctx, MISSING);
      if (ctx.status === 200) ctx.status = 404;
      return sent;
    },
  };
}
