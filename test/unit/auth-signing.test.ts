import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSigningAuthority, type SigningAuthorities } from '../../src/auth/signing-authority.ts';
import { certificateRestrictions, parseCertificate, refuseCertificate } from '../../src/auth/ssh-cert.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import type { Store } from '../../src/store/store.ts';
import type { Vault } from '../../src/store/vault.ts';
import { run } from '../kit/process.ts';
import { blobOf, Keys } from './auth-support.ts';
import { draft, tempDir, testStore } from './store-kit.ts';

const keys = new Keys();
const TYPES = [
  ['ed25519', 'ed25519'],
  ['ecdsa', 'ecdsa'],
  ['rsa', 'rsa'],
  ['sk', 'ed25519-sk'],
] as const;
const NOW = Date.parse('2027-03-01T12:00:00.500Z');
const request = {
  keyId: 'alice via bastion',
  principals: ['root'],
  validAfter: NOW - 60_000,
  validBefore: NOW + 300_000,
};

async function house() {
  const dir = tempDir();
  const keyFile = join(dir, 'master.key');
  createMasterKey(keyFile);
  const store = await testStore({ dataDir: dir });
  return { dir, keyFile, store, vault: await openVault({ keyFile, store }) };
}

let store: Store;
let vault: Vault;
let signing: SigningAuthorities;

beforeAll(async () => {
  for (const [name, type] of TYPES) await keys.make(name, type);
});
beforeEach(async () => {
  ({ store, vault } = await house());
  signing = await openSigningAuthority({ store, vault });
});
afterAll(() => keys.remove());

/** What ssh-keygen reads in a certificate. */
async function listed(certificate: Buffer): Promise<string> {
  const file = join(keys.dir, 'listed-cert.pub');
  const type = parseCertificate(certificate).type;
  writeFileSync(file, `${type} ${certificate.toString('base64')}\n`);
  const { code, stdout, stderr } = await run('ssh-keygen', ['-L', '-f', file], { env: { ...process.env, TZ: 'UTC' } });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('a certificate', () => {
  test.each(TYPES.map(([name]) => name))('of a key of type %s is what ssh-keygen and we read', async (name) => {
    const key = blobOf(keys.publicLine(name));
    const made = signing.user.sign({
      ...request,
      key,
      critical: { 'source-address': '10.0.0.0/8', 'force-command': 'true' },
      extensions: ['permit-pty', 'permit-port-forwarding'],
    });
    const text = await listed(made);
    expect(text).toMatch(/Type: \S+ user certificate/);
    expect(text).toContain(`Public key: ${text.match(/Public key: (\S+)/)![1]} ${await keys.fingerprint(name)}`);
    expect(text).toContain(`Signing CA: ED25519 ${signing.user.fingerprint} (using ssh-ed25519)`);
    expect(text).toContain('Key ID: "alice via bastion"');
    expect(text).toContain('Valid: from 2027-03-01T11:59:00 to 2027-03-01T12:05:01');
    expect(text).toMatch(/Principals: \n\s+root\n/);
    expect(text).toMatch(/Critical Options: \n\s+force-command true\n\s+source-address 10.0.0.0\/8\n/);
    expect(text).toMatch(/Extensions: \n\s+permit-port-forwarding\n\s+permit-pty\n/);

    const parsed = parseCertificate(made);
    const trusted = [blobOf(signing.user.publicLine)];
    expect(refuseCertificate(parsed, { trusted, userName: 'root', now: NOW, ip: '10.1.2.3' })).toBeNull();
    expect(refuseCertificate(parsed, { trusted, userName: 'bob', now: NOW, ip: '10.1.2.3' })).not.toBeNull();
    expect(certificateRestrictions(parsed)).toMatchObject({ pty: true, portForwarding: true, forceCommand: 'true' });
  });

  test('of the host authority is for hosts, and each one is another', async () => {
    const key = blobOf(keys.publicLine('ed25519'));
    const one = signing.host.sign({ ...request, key, principals: ['web1', 'web1.example.com'] });
    const two = signing.host.sign({ ...request, key, principals: ['web1', 'web1.example.com'] });
    expect(await listed(one)).toMatch(/ host certificate/);
    expect(parseCertificate(one).serial).not.toBe(parseCertificate(two).serial);
    expect(
      refuseCertificate(parseCertificate(one), {
        trusted: [blobOf(signing.host.publicLine)],
        userName: 'web1',
        now: NOW,
        ip: '::1',
      }),
    ).toBe('not a user certificate');
  });

  test('that would be good for everybody, nobody or no time is not made', () => {
    const key = blobOf(keys.publicLine('ed25519'));
    const sign = (change: object) => () => signing.user.sign({ ...request, key, ...change });
    const many = Array.from({ length: 257 }, (_, index) => `u${index}`);
    for (const principals of [[], [''], ['root,admin'], ['root\n'], many])
      expect(sign({ principals })).toThrow(expect.objectContaining({ code: 'invalid' }));
    for (const times of [{ validBefore: request.validAfter }, { validAfter: -1 }, { validBefore: Number.NaN }])
      expect(sign(times)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  test('is made of no certificate, and of nothing that is no key', () => {
    const key = signing.user.sign({ ...request, key: blobOf(keys.publicLine('ed25519')) });
    expect(() => signing.user.sign({ ...request, key })).toThrow();
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    const field = (text: string) => Buffer.from(text, 'base64url');
    const string = (bytes: Buffer) =>
      Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
    const blob = Buffer.concat([
      string(Buffer.from('ssh-rsa')),
      string(field(weak.e!)),
      string(Buffer.concat([Buffer.of(0), field(weak.n!)])),
    ]);
    expect(() => signing.user.sign({ ...request, key: blob })).toThrow(/2048/);
    expect(() => signing.user.sign({ ...request, key: Buffer.from('junk') })).toThrow();
  });
});

describe('the two keys', () => {
  test('are made once, differ, and stay the same; their making is audited', async () => {
    const again = await openSigningAuthority({ store, vault });
    expect(again.user.publicLine).toBe(signing.user.publicLine);
    expect(again.host.publicLine).toBe(signing.host.publicLine);
    expect(again.user.fingerprint).not.toBe(again.host.fingerprint);
    const made = await store.audit.list({ action: 'ca.create' });
    expect(made.map((row) => row.details?.fingerprint).sort()).toEqual(
      [signing.user.fingerprint, signing.host.fingerprint].sort(),
    );
    const { sealed } = await store.authorities.signingKey('user');
    await expect(store.authorities.keepSigningKey('user', sealed!, draft('x'))).rejects.toThrow();
    expect((await openSigningAuthority({ store, vault })).user.fingerprint).toBe(signing.user.fingerprint);
  });

  test('are sealed anew when the master key is replaced, and open with the new one only', async () => {
    const { dir, keyFile, store, vault } = await house();
    const before = await openSigningAuthority({ store, vault });
    const old = await store.authorities.signingKey('user');
    expect(await vault.rotateKey(draft('vault.rotate-key'))).toBe(2);
    expect(() => vault.open(old.sealed!, old.place)).toThrow(/another master key/);
    await store.close();
    const reopened = await testStore({ dataDir: dir });
    const after = await openSigningAuthority({ store: reopened, vault: await openVault({ keyFile, store: reopened }) });
    expect(after.user.publicLine).toBe(before.user.publicLine);
    expect(after.host.publicLine).toBe(before.host.publicLine);
  });

  test('do not open under another master key or in each other’s place, and nothing of them stands in the clear', async () => {
    const { dir, store, vault } = await house();
    await openSigningAuthority({ store, vault });
    const user = await store.authorities.signingKey('user');
    const host = await store.authorities.signingKey('host');
    expect(() => vault.open(user.sealed!, host.place)).toThrow(/changed or moved/);
    const seed = Buffer.from(vault.open(user.sealed!, user.place).expose()).subarray(-32);
    await store.close();
    expect(readFileSync(join(dir, 'bastion.db')).includes(seed)).toBe(false);
    const other = await house();
    await expect(
      openSigningAuthority({
        store: { authorities: { ...other.store.authorities, signingKey: async () => user } },
        vault: other.vault,
      }),
    ).rejects.toThrow(/another master key/);
  });
});
