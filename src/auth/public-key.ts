import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';
import { WireError, WireReader } from '../kernel/wire.ts';
import type { KeyProof } from './login-types.ts';

const CURVES = {
  nistp256: { jwk: 'P-256', bytes: 32, hash: 'sha256' },
  nistp384: { jwk: 'P-384', bytes: 48, hash: 'sha384' },
  nistp521: { jwk: 'P-521', bytes: 66, hash: 'sha512' },
} as const;
type Curve = (typeof CURVES)[keyof typeof CURVES];

const RSA_HASHES: Readonly<Record<string, string>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' };
const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16384;

/** Plain key types a user may have. RSA keys sign with SHA-2 only. */
export const KEY_TYPES: readonly string[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
];

export interface PublicKey {
  /** Plain key type, one of `KEY_TYPES`. */
  readonly type: string;
  readonly key: KeyObject;
  /** Set for ECDSA keys, also those of security keys. */
  readonly curve: Curve | null;
  /** The FIDO application (usually `ssh:`) of a security key. */
  readonly application: string | null;
}

/** What a security key must have confirmed when it signed (OpenSSH's PROTOCOL.u2f). */
export interface Presence {
  readonly touch: boolean;
  readonly verified: boolean;
}
export const TOUCH_ONLY: Presence = { touch: true, verified: false };

/** `SHA256:…` as ssh-keygen prints it. */
export function fingerprintOf(blob: Buffer): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The type a key or certificate blob names first. */
export function typeOfBlob(blob: Buffer): string {
  return new WireReader(blob).text();
}

/** Parses a plain public key in wire form. Throws `WireError` when it is malformed, too weak or of a type not taken. */
export function parsePublicKey(blob: Buffer): PublicKey {
  const reader = new WireReader(blob);
  const key = readKeyFields(reader, reader.text());
  reader.end();
  return key;
}

/** Reads the fields that follow the type name; a certificate has the same ones after its nonce. */
export function readKeyFields(reader: WireReader, type: string): PublicKey {
  if (!KEY_TYPES.includes(type)) throw new WireError(`key type ${type} is not supported`);
  if (type === 'ssh-rsa') return readRsa(reader);
  const fields = type.includes('ed25519') ? readEd25519(reader) : readEcdsa(reader, type);
  const application = type.startsWith('sk-') ? reader.text() : null;
  return { type, ...fields, application };
}

function readEd25519(reader: WireReader): { key: KeyObject; curve: null } {
  const point = reader.string();
  if (point.length !== 32) throw new WireError('an ed25519 key has 32 bytes');
  return { key: keyFromJwk({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }), curve: null };
}

function readEcdsa(reader: WireReader, type: string): { key: KeyObject; curve: Curve } {
  const name = reader.text();
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name as keyof typeof CURVES] : undefined;
  if (!curve || !type.replace(/@openssh\.com$/, '').endsWith(`-${name}`))
    throw new WireError('the curve is not the one the key type names');
  const point = reader.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4)
    throw new WireError('the point is not in uncompressed form');
  const x = point.subarray(1, 1 + curve.bytes).toString('base64url');
  const y = point.subarray(1 + curve.bytes).toString('base64url');
  return { key: keyFromJwk({ kty: 'EC', crv: curve.jwk, x, y }), curve };
}

function readRsa(reader: WireReader): PublicKey {
  const exponent = reader.unsigned();
  const modulus = reader.unsigned();
  const bits = modulus.length === 0 ? 0 : modulus.length * 8 - (Math.clz32(modulus[0]!) - 24);
  if (bits < MIN_RSA_BITS) throw new WireError(`an RSA key needs at least ${MIN_RSA_BITS} bits, this one has ${bits}`);
  if (bits > MAX_RSA_BITS) throw new WireError(`an RSA key may have at most ${MAX_RSA_BITS} bits`);
  if (
    exponent.length === 0 ||
    exponent.length > 8 ||
    (exponent.at(-1)! & 1) === 0 ||
    (exponent.length === 1 && exponent[0] === 1)
  ) {
    throw new WireError('the RSA exponent is not usable');
  }
  const jwk = { kty: 'RSA', e: exponent.toString('base64url'), n: modulus.toString('base64url') };
  return { type: 'ssh-rsa', key: keyFromJwk(jwk), curve: null, application: null };
}

function keyFromJwk(key: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key, format: 'jwk' });
  } catch {
    throw new WireError('not a valid public key');
  }
}

/**
 * Whether the signature algorithm of a request fits a plain key type, and which it is. For RSA, ssh2 turns the name
 * `rsa-sha2-512` into `ssh-rsa` plus a hash; a bare `ssh-rsa` is SHA-1 and refused. Undefined when it does not fit.
 */
export function signatureAlgorithm(
  type: string,
  algorithm: string,
  hashAlgorithm: string | undefined,
): string | undefined {
  if (type !== 'ssh-rsa') return algorithm === type && hashAlgorithm === undefined ? type : undefined;
  const name = algorithm === 'ssh-rsa' && hashAlgorithm ? `rsa-sha2-${hashAlgorithm.replace(/^sha/, '')}` : algorithm;
  if (!Object.hasOwn(RSA_HASHES, name)) return undefined;
  return hashAlgorithm === undefined || RSA_HASHES[name] === hashAlgorithm ? name : undefined;
}

/**
 * Verifies the signature of a plain key as ssh2 hands it over: the algorithm name and outer length are cut off, an
 * ECDSA signature is DER, a security key's is `body ‖ flags ‖ counter`. Only `true` means proven.
 */
export function verifyPlainProof(key: PublicKey, proof: KeyProof, presence: Presence): boolean {
  const algorithm = signatureAlgorithm(key.type, proof.algorithm, proof.hashAlgorithm);
  if (algorithm === undefined) return false;
  if (key.application === null) return verifyBody(key, algorithm, proof.signedData, proof.signature, 'der');
  const split = proof.signature.length - 5;
  if (split <= 0) return false;
  return verifySecurityKey(
    key,
    proof.signedData,
    proof.signature.subarray(0, split),
    proof.signature.subarray(split),
    presence,
  );
}

/**
 * Verifies a signature in wire form: `string algorithm, string body [, byte flags, uint32 counter]`. `algorithm`
 * is the only name that is taken; undefined takes any that fits the key. Only `true` means proven.
 */
export function verifyWireSignature(
  key: PublicKey,
  data: Buffer,
  signature: Buffer,
  presence: Presence,
  algorithm?: string,
): boolean {
  try {
    const reader = new WireReader(signature);
    const name = reader.text();
    const body = reader.string();
    const tail = reader.rest();
    if (signatureAlgorithm(key.type, name, undefined) !== name || (algorithm !== undefined && name !== algorithm))
      return false;
    if (key.application !== null) return verifySecurityKey(key, data, body, tail, presence);
    return tail.length === 0 && verifyBody(key, name, data, body, 'ssh');
  } catch {
    return false;
  }
}

function verifyBody(key: PublicKey, algorithm: string, data: Buffer, body: Buffer, form: 'ssh' | 'der'): boolean {
  try {
    if (key.type === 'ssh-rsa') return verify(RSA_HASHES[algorithm], data, key.key, padRsa(key.key, body)) === true;
    if (key.curve === null) return body.length === 64 && verify(null, data, key.key, body) === true;
    if (form === 'der') return verify(key.curve.hash, data, { key: key.key, dsaEncoding: 'der' }, body) === true;
    return (
      verify(key.curve.hash, data, { key: key.key, dsaEncoding: 'ieee-p1363' }, fixedWidth(body, key.curve)) === true
    );
  } catch {
    return false;
  }
}

/** A security key signs `SHA256(application) ‖ flags ‖ counter ‖ SHA256(data)` (OpenSSH's PROTOCOL.u2f). */
function verifySecurityKey(key: PublicKey, data: Buffer, body: Buffer, tail: Buffer, presence: Presence): boolean {
  if (key.application === null || tail.length !== 5) return false;
  const flags = tail[0]!;
  if (presence.touch && (flags & 0x01) === 0) return false;
  if (presence.verified && (flags & 0x04) === 0) return false;
  const signed = Buffer.concat([sha256(key.application), tail, sha256(data)]);
  return verifyBody(key, key.type, signed, body, 'ssh');
}

/** Some clients drop leading zero bytes of an RSA signature; sshd takes those too. */
function padRsa(key: KeyObject, body: Buffer): Buffer {
  const length = Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  return body.length >= length ? body : Buffer.concat([Buffer.alloc(length - body.length), body]);
}

/** `mpint r, mpint s` (RFC 5656 §3.1.2) as r and s in the width of the curve. */
function fixedWidth(body: Buffer, curve: Curve): Buffer {
  const reader = new WireReader(body);
  const [r, s] = [reader.unsigned(), reader.unsigned()];
  reader.end();
  if (r.length > curve.bytes || s.length > curve.bytes) throw new WireError('the signature is too long');
  const out = Buffer.alloc(2 * curve.bytes);
  r.copy(out, curve.bytes - r.length);
  s.copy(out, 2 * curve.bytes - s.length);
  return out;
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
