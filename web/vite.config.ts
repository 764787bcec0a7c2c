import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import type { RouteSpec } from '../src/api/contract/route.ts';
import { routes } from '../src/api/contract/routes.ts';

/**
 * The page needs of a route how it is called, not how its values are checked: the contract is put in without its
 * schemas, and the page comes without a validator. Types are still those of the contract.
 */
function bareContract(): Plugin {
  const bare = (spec: RouteSpec) => ({
    method: spec.method,
    path: spec.path,
    ...(spec.body && { body: true }),
    ...(spec.stream && { stream: spec.stream }),
    ...(spec.upload && { upload: true }),
  });
  const table = Object.fromEntries(
    Object.entries(routes).map(([resource, calls]) => [
      resource,
      Object.fromEntries(Object.entries(calls as Record<string, RouteSpec>).map(([name, spec]) => [name, bare(spec)])),
    ]),
  );
  const file = fileURLToPath(new URL('../src/api/contract/routes.ts', import.meta.url));
  return {
    name: 'bare-contract',
    load: (id) => (id === file ? `export const routes = ${JSON.stringify(table)};` : undefined),
  };
}

const daemon = process.env.BASTION_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), bareContract()],
  build: {
    outDir: process.env.BASTION_WEB_OUT ?? '../dist/web',
    emptyOutDir: true,
    // the first ones that know light-dark(): for older ones it would be rewritten into something that is never dark
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // text a validator of the page's security policy would refuse as `data:` stays a file
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    license: false,
  },
  server: {
    // `npm run dev`: pages from here, everything else from a daemon that takes them for its own
    proxy: Object.fromEntries(
      ['/api/v1', '/ws', '/healthz'].map((path) => [
        path,
        { target: daemon, ws: path === '/ws', headers: { origin: daemon }, changeOrigin: true },
      ]),
    ),
  },
});
