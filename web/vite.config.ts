import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { bareContract } from '../scripts/bare-contract.mjs';

/** Pages know how calls are made, not how their values are checked. */
function withoutSchemas(): Plugin {
  const file = fileURLToPath(new URL('../src/api/contract/routes.ts', import.meta.url));
  return { name: 'bare-contract', load: (id) => (id === file ? bareContract() : undefined) };
}

/** Tells the build which packages are in the pages, for their licences: by the paths of their files. */
function tellModules(): Plugin {
  return {
    name: 'tell-modules',
    apply: 'build',
    generateBundle() {
      const source = JSON.stringify([...this.getModuleIds()].filter((id) => id.includes('/node_modules/')).sort());
      this.emitFile({ type: 'asset', fileName: '.modules', source });
    },
  };
}

const daemon = process.env.BASTION_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), withoutSchemas(), tellModules()],
  build: {
    outDir: process.env.BASTION_WEB_OUT ?? '../dist/web',
    emptyOutDir: true,
    // the first ones that know light-dark(): for older ones it would be rewritten into something that is never dark
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    // text a validator of the page's security policy would refuse as `data:` stays a file
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // one file of what pages are made of: left alone it is sixty, of half a KB each, which a browser fetches six at a time
          groups: [
            { name: 'kit', test: /node_modules[\\/](?:@mantine[\\/](?:core|hooks)|@tabler)[\\/]/, minShareCount: 4 },
          ],
        },
      },
    },
    license: false,
  },
  server: {
    // `npm run dev`: pages from here, everything else from a daemon that takes them for its own
    proxy: Object.fromEntries(
      ['/api/v1', '/docs', '/ws', '/healthz'].map((path) => [
        path,
        { target: daemon, ws: path === '/ws', headers: { origin: daemon }, changeOrigin: true },
      ]),
    ),
  },
});
