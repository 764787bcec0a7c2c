import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as tlsConnect } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorBody, errorCode } from '../../src/api/contract/common.ts';
import { listenTcp } from '../../src/api/listen.ts';
import { selfSigned } from '../../src/api/self-signed.ts';
import { ERROR_CODES } from '../../src/kernel/errors.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

let house: ApiHouse;
let token: string;

beforeAll(async () => {
  house = await openApiHouse({}, { trusted_proxies: ['127.0.0.1'] });
  token = (await house.person('root', 'admin')).token;
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${house.url}${path}`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
  });

/** Sends bytes as they are and gives everything that comes back. */
async function raw(bytes: string): Promise<string> {
  const socket = connect(house.doors.tcp[0]!.port!, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  return text(socket);
}

describe('admin.sock', () => {
  it('can be opened by its owner only', () => {
    expect(statSync(join(house.data, 'admin.sock')).mode & 0o777).toBe(0o600);
  });

  it('speaks for the owner of the machine', async () => {
    expect(await house.owner.system.me()).toMatchObject({ kind: 'machine', role: null });
  });

  it('does not leave its umask behind', () => {
    const umask = process.umask(0o022);
    process.umask(umask);
    expect(umask).not.toBe(0o177);
  });
});

describe('errors', () => {
  it('have one shape, under every path', async () => {
    for (const path of ['/', '/nothing', '/api', '/api/v1', '/api/v1/', '/api/v1/nothing', '/api/v1/users/%ff']) {
      const response = await fetch(house.url + path, { headers: { authorization: `Bearer ${token}` } });
      expect([path, response.status]).toEqual([path, path.endsWith('%ff') ? 400 : 404]);
      errorBody.parse(await response.json());
    }
  });

  it('carry a code the command line knows', () => {
    expect([...errorCode.options].sort()).toEqual(Object.keys(ERROR_CODES).sort());
  });

  it('name the wrong fields and never repeat a secret', async () => {
    const response = await post('/api/v1/users', JSON.stringify({ name: 'a b', role: 'king', password: ['hunter2'] }));
    const answer = await response.text();
    expect(response.status).toBe(400);
    expect(answer).toContain('name: may not hold');
    expect(answer).toContain('role: ');
    expect(answer).not.toContain('hunter2');
    const broken = await (await post('/api/v1/users', '{"password":"hunter2')).text();
    expect(broken).toContain('not valid JSON');
    expect(broken).not.toContain('hunter2');
  });

  it('say what is wrong with a query', async () => {
    const get = (query: string) =>
      fetch(`${house.url}/api/v1/sessions?${query}`, { headers: { authorization: `Bearer ${token}` } });
    expect((await get('limit=0')).status).toBe(400);
    expect((await get('nothing=1')).status).toBe(400);
    expect((await get('limit=1&limit=2')).status).toBe(400);
    expect((await get('limit=1')).status).toBe(200);
  });
});

describe('bodies', () => {
  const padded = (bytes: number) => JSON.stringify({ name: 'x'.repeat(bytes) });

  it('end at 1 MiB, for an import at 8 MiB', async () => {
    expect((await post('/api/v1/groups', padded(1024 * 1024))).status).toBe(413);
    expect((await post('/api/v1/assets/import', padded(2 * 1024 * 1024))).status).toBe(400);
    expect((await post('/api/v1/assets/import', padded(8 * 1024 * 1024))).status).toBe(413);
  });

  it('are counted as they come when no length is announced', async () => {
    const request = `POST /api/v1/groups HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const chunk = `80000\r\n${'x'.repeat(0x80000)}\r\n`;
    expect(await raw(request + chunk.repeat(3))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('are not read from whoever may not make the call', async () => {
    const answer = await raw('POST /api/v1/groups HTTP/1.1\r\nHost: b\r\nContent-Length: 1000000\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toMatch(/\r\nConnection: close\r\n/i);
  });

  it('must be JSON by their type', async () => {
    expect(
      (await post('/api/v1/groups', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' })).status,
    ).toBe(400);
  });

  it('are bounded in their headers', async () => {
    expect(await raw(`GET /healthz HTTP/1.1\r\nHost: b\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    );
  });
});

describe('TCP', () => {
  it('takes loopback for no credential', async () => {
    await expect(house.client(undefined).users.list()).rejects.toMatchObject({ code: 'unauthenticated' });
    const response = await fetch(`${house.url}/api/v1/users`);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('sends headers that keep answers out of caches and frames', async () => {
    const { headers } = await fetch(`${house.url}/api/v1/nothing`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('says that it is alive and ready', async () => {
    expect((await fetch(`${house.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${house.url}/readyz`)).status).toBe(200);
  });

  it('believes a forwarded address only from a configured proxy, and only the last hop', async () => {
    const ask = async (url: string) =>
      fetch(`${url}/api/v1/vault/rotate-key`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': '6.6.6.6, 203.0.113.9' },
      });
    expect((await ask(house.url)).status).toBe(403);
    const { items } = await house.owner.audit.list({ action: 'api.call', limit: 1 });
    expect(items[0]?.actor.ip).toBe('203.0.113.9');

    await using other = await openApiHouse();
    const person = await other.person('root', 'admin');
    const response = await fetch(`${other.url}/api/v1/vault/rotate-key`, {
      method: 'POST',
      headers: { authorization: `Bearer ${person.token}`, 'x-forwarded-for': '203.0.113.9' },
    });
    expect(response.status).toBe(403);
    expect((await other.owner.audit.list({ action: 'api.call', limit: 1 })).items[0]?.actor.ip).toBe('127.0.0.1');
  });

  it('says which address is taken', async () => {
    const port = house.doors.tcp[0]!.port!;
    const again = listenTcp({ host: '127.0.0.1', port }, undefined, () => {});
    await expect(again).rejects.toMatchObject({ code: 'busy', message: expect.stringContaining(`127.0.0.1:${port}`) });
  });

  it('serves TLS with a certificate of its own, kept from start to start', async () => {
    const directory = join(house.data, 'tls-test');
    const names = ['localhost', '127.0.0.1', 'bastion.example', 'fd00::1'];
    const files = selfSigned(directory, names, Date.now());
    expect(selfSigned(directory, names, Date.now())).toEqual(files);
    expect(selfSigned(directory, names, Date.now() + 800 * 86_400_000).cert).not.toBe(files.cert);
    const certificate = new X509Certificate(files.cert);
    expect(certificate.subjectAltName).toContain('DNS:bastion.example');
    expect(certificate.checkIP('fd00::1')).toBe('fd00::1');
    expect(statSync(join(directory, 'self-signed.key')).mode & 0o777).toBe(0o600);

    const listener = await listenTcp({ host: '127.0.0.1', port: 0 }, files, (_request, response) =>
      response.end('hello'),
    );
    const socket = tlsConnect({
      port: listener.port!,
      host: '127.0.0.1',
      ca: files.cert,
      servername: 'bastion.example',
    });
    socket.write('GET / HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n');
    expect(await text(socket)).toContain('hello');
    await listener.close();
  });
});
