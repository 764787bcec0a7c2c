import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiHouse, openApiHouse } from './api-house.ts';
import { Visitor } from './web-visitor.ts';

const INDEX = '<!doctype html><title>Documentation</title>';
const PAGE = '<!doctype html><title>First hour</title>'.repeat(50);
const MISSING = '<!doctype html><title>No such page</title>';
const SECRET = 'nobody may read this';

let dir: string;
let house: ApiHouse;
let visitor: Visitor;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'bastion-docs-'));
  const docs = join(dir, 'docs');
  mkdirSync(docs);
  writeFileSync(join(dir, 'secret.html'), SECRET);
  writeFileSync(join(docs, '.stamp'), SECRET);
  writeFileSync(join(docs, 'index.html'), INDEX);
  writeFileSync(join(docs, 'not-found.html'), MISSING);
  writeFileSync(join(docs, 'first-hour.html'), PAGE);
  writeFileSync(join(docs, 'first-hour.html.br'), brotliCompressSync(PAGE));
  writeFileSync(join(docs, 'search.json'), '[]');
  house = await openApiHouse({}, {}, undefined, undefined, docs);
  visitor = new Visitor(house.url);
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const get: Visitor['visit'] = (...address) => visitor.visit(...address);

describe('the documentation', () => {
  it('is there for everybody, under /docs/', async () => {
    const bare = await get('/docs');
    expect([bare.status, bare.headers.location]).toEqual([302, '/docs/']);
    for (const [path, text] of [
      ['/docs/', INDEX],
      ['/docs/index.html', INDEX],
      ['/docs/first-hour.html', PAGE],
    ] as const) {
      const answer = await get(path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, text]);
      expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' });
    }
    expect((await get('/docs/search.json', { accept: '*/*' })).headers['content-type']).toMatch(/^application\/json/);
  });

  it('runs nothing but its own files, in no frame', async () => {
    const { headers } = await get('/docs/');
    expect(String(headers['content-security-policy']).split('; ')).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
  });

  it('comes packed, and is not sent twice', async () => {
    const packed = await get('/docs/first-hour.html', { 'accept-encoding': 'br' });
    expect(packed.headers['content-encoding']).toBe('br');
    const etag = String(packed.headers.etag);
    const again = await get('/docs/first-hour.html', { 'accept-encoding': 'br', 'if-none-match': etag });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('says so when a page is not there, and takes nothing but reading', async () => {
    const gone = await get('/docs/gone.html');
    expect([gone.status, gone.text]).toEqual([404, MISSING]);
    expect((await get('/docs/', {}, 'POST')).status).toBe(404);
    expect((await get('/docsome')).text).not.toBe(MISSING);
  });

  it('shows no other file', async () => {
    for (const path of [
      '/docs/../secret.html',
      '/docs/%2e%2e/secret.html',
      '/docs/..%2fsecret.html',
      '/docs//secret.html',
      `/docs/${join(dir, 'secret.html')}`,
      '/docs/.stamp',
      '/docs/first-hour.html.br',
      '/docs/first-hour.html/../.stamp',
      '/docs/first-hour.html%00',
      '/docs/%ff',
    ]) {
      const { status, text } = await get(path);
      expect([path, text.includes(SECRET), text.includes('First hour')]).toEqual([path, false, false]);
      expect([path, status >= 400 || text.includes('not built')]).toEqual([path, true]);
    }
  });

  it('says that it is not built where it is not', async () => {
    await using bare = await openApiHouse();
    const answer = await new Visitor(bare.url).call('GET', '/docs/', { headers: { accept: 'text/html' } });
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('documentation are not built');
  });
});
