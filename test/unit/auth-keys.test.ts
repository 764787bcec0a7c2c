import { createHash, randomBytes } from 'node:crypto';
import { utils } from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  parsePublicKey,
  signatureAlgorithm,
  TOUCH_ONLY,
  verifyPlainProof,
  verifyWireSignature,
} from '../../src/auth/public-key.ts';
import { parsePublicKeyLine } from '../../src/auth/public-key-line.ts';
import { run } from '../kit/process.ts';
import { blobOf, Keys, proofOf, SIGNED_DATA, SK_DUMMY, wire } from './auth-support.ts';

const keys = new Keys();
const KINDS: readonly [name: string, type: string, bits: number | undefined, algorithm: string][] = [
  ['ed25519', 'ed25519', undefined, 'ssh-ed25519'],
  ['ecdsa256', 'ecdsa', 256, 'ecdsa-sha2-nistp256'],
  ['ecdsa384', 'ecdsa', 384, 'ecdsa-sha2-nistp384'],
  ['ecdsa521', 'ecdsa', 521, 'ecdsa-sha2-nistp521'],
  ['rsa2048', 'rsa', 2048, 'rsa-sha2-256'],
  ['rsa3072', 'rsa', 3072, 'rsa-sha2-512'],
];
const SECURITY_KEYS = [
  ['sked25519', 'ed25519-sk'],
  ['skecdsa', 'ecdsa-sk'],
] as const;

beforeAll(async () => {
  for (const [name, type, bits] of KINDS) await keys.make(name, type, bits);
  for (const [name, type] of SECURITY_KEYS) await keys.make(name, type);
  await keys.make('other', 'ed25519');
  await keys.make('rsa1024', 'rsa', 1024);
}, 60_000);
afterAll(() => keys.remove());

describe('public key lines', () => {
  it.each([...KINDS.map(([name]) => name), ...SECURITY_KEYS.map(([name]) => name)])(
    'reads %s and prints the fingerprint of ssh-keygen',
    async (name) => {
      const line = parsePublicKeyLine(keys.publicLine(name));
      expect(line.fingerprint).toBe(await keys.fingerprint(name));
      expect(line).toMatchObject({ comment: name, options: '', type: keys.publicLine(name).split(' ')[0] });
      expect(line.blob.equals(blobOf(keys.publicLine(name)))).toBe(true);
    },
  );

  it('reads options with spaces in quotation marks in front of the key', () => {
    const line = parsePublicKeyLine(`restrict,command="uptime -p" ${keys.publicLine('ed25519')} of the laptop`);
    expect(line.options).toBe('restrict,command="uptime -p"');
    expect(line.meaning.restrictions).toMatchObject({ pty: false, forceCommand: 'uptime -p' });
    expect(line.comment).toBe('ed25519 of the laptop');
  });

  it('strips control characters from the comment', () => {
    const line = parsePublicKeyLine(`${keys.publicLine('ed25519')}\u001b[31mred\u0007`);
    expect(line.comment).toBe('ed25519[31mred');
  });

  it('refuses what is no public key and says what to give', async () => {
    await keys.certify('ed25519', 'other', 'lines', ['-n', 'alice']);
    const [type, base64] = keys.publicLine('ed25519').split(' ');
    const ecdsa = keys.publicLine('ecdsa256').split(' ')[1];
    expect(() => parsePublicKeyLine(keys.text('ed25519'))).toThrow(/private key/);
    expect(() => parsePublicKeyLine('PuTTY-User-Key-File-3: ssh-ed25519')).toThrow(/private key/);
    expect(() => parsePublicKeyLine(keys.text('lines-cert.pub'))).toThrow(/certificate/);
    expect(() => parsePublicKeyLine('---- BEGIN SSH2 PUBLIC KEY ----\nAAAA')).toThrow(/ssh-keygen -i/);
    expect(() => parsePublicKeyLine('ssh-dss AAAA')).toThrow(/DSA/);
    expect(() => parsePublicKeyLine(`${type} ${ecdsa}`)).toThrow(/another type/);
    expect(() => parsePublicKeyLine(`${type} ${base64!.slice(0, 40)}`)).toThrow(/too short/);
    expect(() => parsePublicKeyLine(`${type} !!!!`)).toThrow(/damaged/);
    expect(() => parsePublicKeyLine(`${keys.publicLine('ed25519')}\n${keys.publicLine('other')}`)).toThrow(
      /one public key/,
    );
    expect(() => parsePublicKeyLine(keys.publicLine('rsa1024'))).toThrow(/at least 2048 bits/);
    expect(() => parsePublicKeyLine(`cert-authority ${keys.publicLine('ed25519')}`)).toThrow(/bastion ca add/);
    expect(() => parsePublicKeyLine('hello world')).toThrow(/no public key/);
    expect(() => parsePublicKeyLine('')).toThrow(/no public key/);
  });
});

describe('signatures of plain keys', () => {
  it.each(KINDS)('%s: right proof yes, every changed one no', (name, _type, _bits, algorithm) => {
    const blob = blobOf(keys.publicLine(name));
    const key = parsePublicKey(blob);
    const proof = proofOf(keys.text(name), blob, algorithm);
    expect(verifyPlainProof(key, proof, TOUCH_ONLY)).toBe(true);
    expect(verifyPlainProof(key, { ...proof, signedData: randomBytes(64) }, TOUCH_ONLY)).toBe(false);
    const bent = Buffer.from(proof.signature);
    bent[bent.length - 1]! ^= 1;
    expect(verifyPlainProof(key, { ...proof, signature: bent }, TOUCH_ONLY)).toBe(false);
    expect(verifyPlainProof(key, { ...proof, signature: Buffer.alloc(0) }, TOUCH_ONLY)).toBe(false);
    for (const [, , , wrong] of KINDS) {
      if (wrong !== algorithm && !(algorithm.startsWith('rsa') && wrong.startsWith('rsa'))) {
        expect(verifyPlainProof(key, { ...proof, algorithm: wrong }, TOUCH_ONLY)).toBe(false);
      }
    }
  });

  it('DESIGN §7.1: where ssh2 verify() returns an Error, which is truthy, the proof is refused', () => {
    const blob = blobOf(keys.publicLine('ed25519'));
    const proof = {
      algorithm: 'rsa-sha2-256',
      hashAlgorithm: 'sha256',
      key: blob,
      signature: Buffer.from('junk'),
      signedData: SIGNED_DATA,
    };
    const parsed = utils.parseKey(keys.publicLine('ed25519'));
    if (parsed instanceof Error) throw parsed;
    expect(parsed.verify(SIGNED_DATA, proof.signature, 'sha256')).toBeInstanceOf(Error);
    expect(verifyPlainProof(parsePublicKey(blob), proof, TOUCH_ONLY)).toBe(false);
    expect(verifyPlainProof(parsePublicKey(blob), { ...proof, algorithm: 'ssh-rsa' }, TOUCH_ONLY)).toBe(false);
    expect(verifyPlainProof(parsePublicKey(blob), { ...proof, algorithm: 'ssh-ed25519' }, TOUCH_ONLY)).toBe(false);
  });

  it('refuses RSA with SHA-1 and hashes that the algorithm does not name', () => {
    expect(signatureAlgorithm('ssh-rsa', 'ssh-rsa', undefined)).toBeUndefined();
    expect(signatureAlgorithm('ssh-rsa', 'rsa-sha2-256', 'sha512')).toBeUndefined();
    expect(signatureAlgorithm('ssh-rsa', 'rsa-sha2-512', 'sha512')).toBe('rsa-sha2-512');
    expect(signatureAlgorithm('ssh-rsa', 'ssh-rsa', 'sha256')).toBe('rsa-sha2-256');
    expect(signatureAlgorithm('ssh-rsa', 'ssh-rsa', 'sha1')).toBeUndefined();
    expect(signatureAlgorithm('ssh-ed25519', 'ssh-ed25519', 'sha256')).toBeUndefined();
    const sha1 = utils.parseKey(keys.text('rsa2048'));
    if (sha1 instanceof Error) throw sha1;
    const blob = blobOf(keys.publicLine('rsa2048'));
    const signature = sha1.sign(SIGNED_DATA, 'sha1') as Buffer;
    const proof = { algorithm: 'ssh-rsa', hashAlgorithm: undefined, key: blob, signature, signedData: SIGNED_DATA };
    expect(verifyPlainProof(parsePublicKey(blob), proof, TOUCH_ONLY)).toBe(false);
  });

  it('takes an RSA signature whose leading zero bytes were dropped', () => {
    const blob = blobOf(keys.publicLine('rsa2048'));
    const parsed = utils.parseKey(keys.text('rsa2048'));
    if (parsed instanceof Error) throw parsed;
    for (let i = 0; ; i++) {
      const signedData = Buffer.from(`try ${i}`);
      const signature = parsed.sign(signedData, 'sha512') as Buffer;
      if (signature[0] !== 0) continue;
      const proof = {
        algorithm: 'rsa-sha2-512',
        hashAlgorithm: 'sha512',
        key: blob,
        signature: signature.subarray(1),
        signedData,
      };
      expect(verifyPlainProof(parsePublicKey(blob), proof, TOUCH_ONLY)).toBe(true);
      return;
    }
  });

  it('refuses blobs with bytes at the end and points off the curve', () => {
    const blob = blobOf(keys.publicLine('ed25519'));
    expect(() => parsePublicKey(Buffer.concat([blob, Buffer.alloc(1)]))).toThrow(/end/);
    const point = Buffer.alloc(65, 7);
    point[0] = 4;
    expect(() => parsePublicKey(wire('ecdsa-sha2-nistp256', 'nistp256', point))).toThrow(/valid public key/);
    expect(() => parsePublicKey(wire('ecdsa-sha2-nistp256', 'nistp384', point))).toThrow(/curve/);
    expect(() => parsePublicKey(wire('ssh-dss', 'x'))).toThrow(/not supported/);
  });
});

describe('signatures of security keys', () => {
  /** The wire signature and the data it covers, out of the file that `ssh-keygen -Y sign` writes (PROTOCOL.sshsig). */
  async function sign(name: string): Promise<{ data: Buffer; signature: Buffer }> {
    const env = { ...process.env, SSH_SK_PROVIDER: SK_DUMMY };
    const made = await run('ssh-keygen', ['-Y', 'sign', '-q', '-n', 'test', '-f', keys.file(name)], {
      stdin: 'message',
      env,
    });
    expect(made.code, made.stderr).toBe(0);
    const armoured = Buffer.from(made.stdout.replace(/-----.*-----/g, ''), 'base64');
    const fields: Buffer[] = [];
    for (let at = 'SSHSIG'.length + 4; at < armoured.length; ) {
      const end = at + 4 + armoured.readUInt32BE(at);
      fields.push(armoured.subarray(at + 4, end));
      at = end;
    }
    const hash = fields[3]!.toString();
    const data = Buffer.concat([
      Buffer.from('SSHSIG'),
      wire('test', '', hash, createHash(hash).update('message').digest()),
    ]);
    return { data, signature: fields[4]! };
  }

  it.each(SECURITY_KEYS)(
    '%s: touch is demanded unless the key says otherwise, verification when it says so',
    async (name) => {
      const blob = blobOf(keys.publicLine(name));
      const key = parsePublicKey(blob);
      const { data, signature } = await sign(name);
      expect(key.application).toBe('ssh:');
      expect(verifyWireSignature(key, data, signature, TOUCH_ONLY)).toBe(true);
      expect(verifyWireSignature(key, data, signature, { touch: true, verified: true })).toBe(false);

      // as ssh2 hands it over: without algorithm name and outer length
      const stripped = signature.subarray(4 + key.type.length + 4);
      const proof = { algorithm: key.type, hashAlgorithm: undefined, key: blob, signature: stripped, signedData: data };
      expect(verifyPlainProof(key, proof, TOUCH_ONLY)).toBe(true);
      expect(verifyPlainProof(key, { ...proof, signedData: SIGNED_DATA }, TOUCH_ONLY)).toBe(false);
      const untouched = Buffer.from(stripped);
      untouched[untouched.length - 5] = 0;
      expect(verifyPlainProof(key, { ...proof, signature: untouched }, TOUCH_ONLY)).toBe(false);
      expect(verifyPlainProof(key, { ...proof, signature: untouched }, { touch: false, verified: false })).toBe(false);
    },
  );
});
