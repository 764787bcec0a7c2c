import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { Visitor } from './web-visitor.ts';

const INDEX = '<!doctype html><title>Bastion</title><script type="module" src="/assets/main-abc123.js"></script>';
const SCRIPT = 'export const answer = 42;'.repeat(100);
const SECRET = 'nobody may read this';

let dir: string;
let house: ApiHouse;
let visitor: Visitor;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-pages-'));
  const web = join(dir, 'web');
  mkdirSync(join(web, 'assets'), { recursive: true });
  writeFileSync(join(dir, 'secret.txt'), SECRET);
  writeFileSync(join(web, '.stamp'), SECRET);
  writeFileSync(join(web, 'index.html'), INDEX);
  writeFileSync(join(web, 'favicon.svg'), '<svg/>');
  writeFileSync(join(web, 'assets/main-abc123.js'), SCRIPT);
  writeFileSync(join(web, 'assets/main-abc123.js.br'), brotliCompressSync(SCRIPT));
  writeFileSync(join(web, 'assets/main-abc123.js.gz'), gzipSync(SCRIPT));
  house = await openApiHouse({}, {}, undefined, web);
  visitor = new Visitor(house.url);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const get: Visitor['visit'] = (...address) => visitor.visit(...address);

describe('pages', () => {
  it('have one document for every address of theirs', async () => {
    for (const path of ['/', '/index.html', '/login', '/luna?asset=web1', '/admin/users/a.b', '/api/docs', '/invite']) {
      const { status, text, headers } = await get(path);
      expect([path, status, text]).toEqual([path, 200, INDEX]);
      expect(headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    }
  });

  it('leave to programs what is no page: other paths, other methods, other kinds of answer', async () => {
    for (const path of ['/api', '/api/v1', '/api/v1/nothing', '/api/v2', '/ws/terminal', '/assets/gone-1.js']) {
      const { status, body } = await get(path);
      expect([path, status]).toEqual([path, 404]);
      expect(body).toMatchObject({ error: { code: 'not_found' } });
    }
    expect((await get('/luna', { accept: 'application/json' })).status).toBe(404);
    expect((await get('/luna', {}, 'POST')).status).toBe(404);
    expect((await get('/luna', {}, 'DELETE')).status).toBe(404);
  });

  it('run scripts from here alone, in no frame, and send nothing elsewhere', async () => {
    const { headers } = await get('/');
    const policy = String(headers['content-security-policy']);
    const directives = new Map(policy.split('; ').map((one) => [one.split(' ')[0], one.split(' ').slice(1).join(' ')]));
    expect(Object.fromEntries(directives)).toMatchObject({
      'default-src': "'none'",
      'script-src': "'self' 'wasm-unsafe-eval'",
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'self'",
    });
    expect(directives.get('script-src')).not.toContain('inline');
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
    // the certificate is our own or there is none: nobody is bound to it for a year
    expect(headers['strict-transport-security']).toBeUndefined();
  });

  it('say that they are not built where they are not', async () => {
    await using bare = await openApiHouse();
    const answer = await new Visitor(bare.url).call('GET', '/login', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('node scripts/build.mjs');
  });
});

describe('parts of pages', () => {
  it('are kept for ever where their name holds their hash, and asked for again elsewhere', async () => {
    expect((await get('/assets/main-abc123.js')).headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
    });
    expect((await get('/favicon.svg')).headers).toMatchObject({
      'cache-control': 'no-cache',
      'content-type': 'image/svg+xml',
    });
  });

  it('come packed as the browser takes them', async () => {
    for (const [accepted, encoding] of [
      ['gzip, deflate, br', 'br'],
      ['gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip'],
      ['identity', undefined],
    ] as const) {
      const { headers } = await get('/assets/main-abc123.js', { 'accept-encoding': accepted });
      expect([accepted, headers['content-encoding']]).toEqual([accepted, encoding]);
      expect(headers.vary).toBe('Accept-Encoding');
    }
    const response = await fetch(`${house.url}/assets/main-abc123.js`);
    expect(await response.text()).toBe(SCRIPT);
  });

  it('are not sent again when the browser has them, and HEAD tells what GET would', async () => {
    const first = await get('/favicon.svg');
    const again = await get('/favicon.svg', { 'if-none-match': String(first.headers.etag) });
    expect([again.status, again.text]).toEqual([304, '']);
    const head = await get('/favicon.svg', {}, 'HEAD');
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '6']);
  });
});

describe('path traversal', () => {
  it('leads nowhere: only names that were there at the start are files', async () => {
    writeFileSync(join(dir, 'web/assets/later-abc.js'), SECRET);
    for (const path of [
      '/../secret.txt',
      '/assets/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/assets/..%5c..%5csecret.txt',
      '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
      '//secret.txt',
      `/${join(dir, 'secret.txt')}`,
      '/.stamp',
      '/assets/main-abc123.js/../../.stamp',
      '/assets/later-abc.js',
      '/assets/main-abc123.js.br',
      '/assets/main-abc123.js%00.txt',
      '/assets/',
      '/%',
      '/%ff',
      'http://127.0.0.1/../secret.txt',
    ]) {
      const { text } = await get(path);
      expect([path, text.includes(SECRET)]).toEqual([path, false]);
      expect([path, text === INDEX || text.includes('"error"')]).toEqual([path, true]);
    }
  });
});
