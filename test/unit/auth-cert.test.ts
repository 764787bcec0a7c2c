import { createPrivateKey, sign } from 'node:crypto';
import { utils } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  certificateRestrictions,
  parseCertificate,
  plainType,
  refuseCertificate,
  verifyCertificateProof,
} from '../../src/auth/ssh-cert.ts';
import { blobOf, certificateProofOf, Keys, proofOf, wire } from './auth-support.ts';

const keys = new Keys();
const NOW = ['-n', 'alice', '-V', '-1m:+5m'];

beforeAll(async () => {
  await keys.make('ca', 'ed25519');
  await keys.make('ca_ecdsa', 'ecdsa');
  await keys.make('ca_rsa', 'rsa', 2048);
  await keys.make('stranger', 'ed25519');
  await keys.make('user', 'ed25519');
  await keys.make('user_rsa', 'rsa', 2048);
  await keys.make('user_ecdsa', 'ecdsa', 384);
}, 60_000);
afterAll(() => keys.remove());

function judge(blob: Buffer, over: { userName?: string; ip?: string; now?: number } = {}): string | null {
  const trusted = ['ca', 'ca_ecdsa', 'ca_rsa'].map((name) => blobOf(keys.publicLine(name)));
  try {
    return refuseCertificate(parseCertificate(blob), {
      trusted,
      userName: 'alice',
      now: Date.now(),
      ip: '192.0.2.1',
      ...over,
    });
  } catch (error) {
    return `malformed: ${(error as Error).message}`;
  }
}

describe('user certificates made by ssh-keygen', () => {
  it.each([
    ['ed25519 authority', 'ca', NOW, null],
    ['ecdsa authority', 'ca_ecdsa', NOW, null],
    ['rsa authority, sha2', 'ca_rsa', NOW, null],
    ['rsa authority, sha1', 'ca_rsa', ['-t', 'ssh-rsa', ...NOW], 'signature of the authority is wrong'],
    ['expired', 'ca', ['-n', 'alice', '-V', '20200101:20200102'], 'expired'],
    ['not valid yet', 'ca', ['-n', 'alice', '-V', '+1d:+2d'], 'not valid yet'],
    ['without principals', 'ca', ['-V', '-1m:+5m'], 'not issued for this user'],
    ['for somebody else', 'ca', ['-n', 'bob', '-V', '-1m:+5m'], 'not issued for this user'],
    ['for another case of the name', 'ca', ['-n', 'Alice', '-V', '-1m:+5m'], 'not issued for this user'],
    ['host certificate', 'ca', ['-h', ...NOW], 'not a user certificate'],
    ['untrusted authority', 'stranger', NOW, 'authority not trusted'],
    ['unknown critical option', 'ca', [...NOW, '-O', 'critical:foo@bar=baz'], 'unknown critical option foo@bar'],
    [
      'known critical options',
      'ca',
      [...NOW, '-O', 'force-command=/bin/date', '-O', 'source-address=192.0.2.0/24'],
      null,
    ],
    ['other source address', 'ca', [...NOW, '-O', 'source-address=10.0.0.0/8'], 'not allowed from this address'],
    ['for ever', 'ca', ['-n', 'alice'], null],
    ['several principals', 'ca', ['-n', 'root,alice,bob', '-V', '-1m:+5m'], null],
  ])('%s', async (name, authority, args, expected) => {
    const blob = await keys.certify('user', authority, name.replace(/\W/g, '-'), args);
    expect(judge(blob)).toBe(expected);
  });

  it('tampered, cut short, lengthened', async () => {
    const blob = await keys.certify('user', 'ca', 'tamper', NOW);
    const tampered = Buffer.from(blob);
    tampered[tampered.indexOf('alice')] = 'b'.charCodeAt(0);
    expect(judge(tampered, { userName: 'blice' })).toBe('signature of the authority is wrong');
    expect(judge(blob.subarray(0, blob.length - 3))).toMatch(/^malformed: too short/);
    expect(judge(Buffer.concat([blob, Buffer.alloc(2)]))).toMatch(/^malformed: unexpected bytes/);
    expect(judge(blob)).toBeNull();
  });

  it('validity is from the first second up to, not including, the last', async () => {
    const blob = await keys.certify('user', 'ca', 'validity', NOW);
    const { validAfter, validBefore } = parseCertificate(blob);
    expect(judge(blob, { now: Number(validAfter) * 1000 })).toBeNull();
    expect(judge(blob, { now: Number(validAfter) * 1000 - 1 })).toBe('not valid yet');
    expect(judge(blob, { now: Number(validBefore) * 1000 - 1 })).toBeNull();
    expect(judge(blob, { now: Number(validBefore) * 1000 })).toBe('expired');
  });

  it('a comma inside a principal is part of the name, never a list (CVE-2026-35414)', async () => {
    // ssh-keygen splits at commas, so the name is put into a certificate of equal length and signed anew
    const blob = await keys.certify('user', 'ca', 'comma', ['-n', 'alice-root', '-V', '-1m:+5m']);
    const bent = Buffer.from(blob);
    bent[bent.indexOf('alice-root') + 5] = ','.charCodeAt(0);
    const ca = utils.parseKey(keys.text('ca'));
    if (ca instanceof Error) throw ca;
    const signedLength = bent.length - 4 - wire('ssh-ed25519', Buffer.alloc(64)).length;
    const signature = sign(null, bent.subarray(0, signedLength), createPrivateKey(ca.getPrivatePEM()));
    const resigned = Buffer.concat([bent.subarray(0, signedLength), wire(wire('ssh-ed25519', signature))]);
    expect(parseCertificate(resigned)).toMatchObject({ signed: true, principals: ['alice,root'] });
    expect(judge(resigned)).toBe('not issued for this user');
    expect(judge(resigned, { userName: 'root' })).toBe('not issued for this user');
    expect(judge(resigned, { userName: 'alice,root' })).toBeNull();
  });

  it('a certificate signed by a certificate is refused (CVE-2025-49825)', async () => {
    const inner = await keys.certify('ca', 'stranger', 'inner', ['-n', 'alice']);
    const blob = await keys.certify('user', 'ca', 'nested', NOW);
    const caBlob = blobOf(keys.publicLine('ca'));
    const at = blob.indexOf(wire(caBlob));
    const nested = Buffer.concat([blob.subarray(0, at), wire(inner), blob.subarray(at + 4 + caBlob.length)]);
    expect(judge(nested)).toBe('malformed: signed by a certificate instead of a key');
  });

  it('extensions that are absent forbid, critical options restrict', async () => {
    const full = parseCertificate(await keys.certify('user', 'ca', 'full', NOW));
    expect(certificateRestrictions(full)).toMatchObject({
      pty: true,
      portForwarding: true,
      agentForwarding: true,
      forceCommand: null,
      from: [],
    });
    const bare = parseCertificate(
      await keys.certify('user', 'ca', 'bare', [
        ...NOW,
        '-O',
        'clear',
        '-O',
        'force-command=uptime',
        '-O',
        'source-address=10.0.0.0/8,192.0.2.7',
      ]),
    );
    expect(certificateRestrictions(bare)).toEqual({
      pty: false,
      portForwarding: false,
      agentForwarding: false,
      forceCommand: 'uptime',
      from: ['10.0.0.0/8', '192.0.2.7'],
      expiresAt: null,
      permitOpen: [],
    });
  });

  it('verify-required is known, and a key that cannot verify does not pass it', async () => {
    const blob = await keys.certify('user', 'ca', 'verify', [...NOW, '-O', 'verify-required']);
    expect(judge(blob)).toBeNull();
    expect(parseCertificate(blob).critical.has('verify-required')).toBe(true);
  });

  it('names the key that signs as ssh-keygen prints the plain key', async () => {
    for (const name of ['user', 'user_rsa', 'user_ecdsa']) {
      const certificate = parseCertificate(await keys.certify(name, 'ca', `fp-${name}`, [...NOW, '-z', '42']));
      expect(certificate.fingerprint).toBe(await keys.fingerprint(name));
      expect(certificate.authority.fingerprint).toBe(await keys.fingerprint('ca'));
      expect(certificate).toMatchObject({ keyId: `fp-${name}`, serial: 42n });
    }
  });
});

describe('proofs of certified keys', () => {
  it.each([
    ['user', 'ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519'],
    ['user_rsa', 'rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-512'],
    ['user_rsa', 'rsa-sha2-256-cert-v01@openssh.com', 'rsa-sha2-256'],
  ])('%s with %s', async (name, algorithm, inner) => {
    const blob = await keys.certify(name, 'ca', `proof-${name}-${inner}`, NOW);
    const certificate = parseCertificate(blob);
    const proof = certificateProofOf(keys.text(name), blob, algorithm, inner);
    expect(verifyCertificateProof(certificate, proof)).toBe(true);
    expect(verifyCertificateProof(certificate, { ...proof, signedData: Buffer.from('other') })).toBe(false);
    expect(verifyCertificateProof(certificate, { ...proof, algorithm: inner })).toBe(false);
    // a bare signature without its name, as plain keys have it
    expect(
      verifyCertificateProof(certificate, { ...proof, signature: proofOf(keys.text(name), blob, inner).signature }),
    ).toBe(false);
  });

  it('the signature must carry the algorithm that the request announced', async () => {
    const blob = await keys.certify('user_rsa', 'ca', 'announced', NOW);
    const proof = certificateProofOf(keys.text('user_rsa'), blob, 'rsa-sha2-512-cert-v01@openssh.com', 'rsa-sha2-256');
    expect(verifyCertificateProof(parseCertificate(blob), proof)).toBe(false);
    const sha1 = { ...proof, algorithm: 'ssh-rsa-cert-v01@openssh.com' };
    expect(verifyCertificateProof(parseCertificate(blob), sha1)).toBe(false);
  });

  it('another key with the same certificate is refused', async () => {
    const blob = await keys.certify('user', 'ca', 'stolen', NOW);
    const proof = certificateProofOf(keys.text('stranger'), blob, 'ssh-ed25519-cert-v01@openssh.com', 'ssh-ed25519');
    expect(verifyCertificateProof(parseCertificate(blob), proof)).toBe(false);
  });

  it('tells plain types from certificate types', () => {
    expect(plainType('ssh-ed25519-cert-v01@openssh.com')).toBe('ssh-ed25519');
    expect(plainType('sk-ssh-ed25519-cert-v01@openssh.com')).toBe('sk-ssh-ed25519@openssh.com');
    expect(plainType('ssh-ed25519')).toBe('ssh-ed25519');
  });
});
