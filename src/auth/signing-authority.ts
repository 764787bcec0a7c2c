import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import { WireReader, wireString, wireUint32, wireUint64 } from '../kernel/wire.ts';
import { type Millis, SIGNING_KINDS, type SigningKind } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { systemActor } from './actor.ts';
import { fingerprintOf } from './public-key.ts';
import { certificateType, parseCertificate } from './ssh-cert.ts';

/** `uint32 type` of PROTOCOL.certkeys. */
const CERTIFICATE_KIND = { user: 1, host: 2 } as const;
const KEY_TYPE = 'ssh-ed25519';
const NONCE_BYTES = 32;
/** As OpenSSH has it (SSHKEY_CERT_MAX_PRINCIPALS); a certificate with more is refused by it. */
const MAX_PRINCIPALS = 256;
/** Of an Ed25519 key in SubjectPublicKeyInfo, what stands before its 32 bytes (RFC 8410 §4). */
const SPKI_PREFIX_BYTES = 12;

export interface CertificateRequest {
  /** The public key to be certified, in wire form. */
  readonly key: Buffer;
  /** What the other side's log shows. */
  readonly keyId: string;
  /** Login names, or host names. Never none: a certificate without principals is good for every name. */
  readonly principals: readonly string[];
  /** Milliseconds since 1970; good from the first up to, not including, the second. */
  readonly validAfter: Millis;
  readonly validBefore: Millis;
  /** Critical options by name. */
  readonly critical?: Readonly<Record<string, string>> | undefined;
  /** Names of extensions, e.g. `permit-pty`. */
  readonly extensions?: readonly string[] | undefined;
}

/** One of the bastion's own certificate authorities; which kind of certificates it makes is fixed. */
export interface SigningAuthority {
  readonly kind: SigningKind;
  /** `ssh-ed25519 AAAA… bastion-user-ca`. */
  readonly publicLine: string;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
  /** The certificate in wire form (OpenSSH's PROTOCOL.certkeys). AppError `invalid` for a request that makes none. */
  sign(request: CertificateRequest): Buffer;
}

/** `host` speaks for machines we stand in for (ProxyJump), `user` for people on targets (accounts of kind certificate). */
export type SigningAuthorities = { readonly [K in SigningKind]: SigningAuthority };

/** What everybody may see of them. */
export type PublicAuthorities = { readonly [K in SigningKind]: Omit<SigningAuthority, 'sign'> };

/**
 * Opens the bastion's two authorities, or makes them where there are none yet. Their keys are sealed by the vault.
 * AppError `internal` when a key does not open: it belongs to another master key.
 */
export async function openSigningAuthority(deps: {
  readonly store: Pick<Store, 'authorities'>;
  readonly vault: Pick<Vault, 'open' | 'seal'>;
}): Promise<SigningAuthorities> {
  const [host, user] = await Promise.all(SIGNING_KINDS.map((kind) => openOne(deps, kind)));
  return { host: host!, user: user! };
}

async function openOne(deps: Parameters<typeof openSigningAuthority>[0], kind: SigningKind): Promise<SigningAuthority> {
  const { store, vault } = deps;
  const { sealed, place } = await store.authorities.signingKey(kind);
  if (sealed) {
    const secret = vault.open(sealed, place);
    const key = createPrivateKey({ key: Buffer.from(secret.expose()), format: 'der', type: 'pkcs8' });
    secret.wipe();
    return signingAuthority(kind, key);
  }
  const { privateKey } = generateKeyPairSync('ed25519');
  const authority = signingAuthority(kind, privateKey);
  const der = privateKey.export({ format: 'der', type: 'pkcs8' });
  const secret = Secret.of(der);
  der.fill(0);
  await store.authorities.keepSigningKey(kind, vault.seal(secret, place), {
    actor: systemActor(),
    action: 'ca.create',
    outcome: 'ok',
    target: { kind: 'ca', id: null, name: `bastion ${kind}` },
    reason: null,
    details: { type: KEY_TYPE, fingerprint: authority.fingerprint },
  });
  secret.wipe();
  return authority;
}

/** An authority with this Ed25519 private key. */
export function signingAuthority(kind: SigningKind, key: KeyObject): SigningAuthority {
  return new Authority(kind, key);
}

class Authority implements SigningAuthority {
  readonly kind: SigningKind;
  readonly publicLine: string;
  readonly fingerprint: string;
  readonly #key: KeyObject;
  readonly #blob: Buffer;

  constructor(kind: SigningKind, key: KeyObject) {
    const point = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES);
    this.kind = kind;
    this.#key = key;
    this.#blob = Buffer.concat([wireString(KEY_TYPE), wireString(point)]);
    this.fingerprint = fingerprintOf(this.#blob);
    this.publicLine = `${KEY_TYPE} ${this.#blob.toString('base64')} bastion-${kind}-ca`;
  }

  sign(request: CertificateRequest): Buffer {
    refuse(request);
    const { key, keyId, principals, validAfter, validBefore, critical = {}, extensions = [] } = request;
    const reader = new WireReader(key);
    const type = certificateType(reader.text());
    const body = Buffer.concat([
      wireString(type),
      wireString(randomBytes(NONCE_BYTES)),
      reader.rest(),
      wireUint64(randomBytes(8).readBigUInt64BE()),
      wireUint32(CERTIFICATE_KIND[this.kind]),
      wireString(keyId),
      wireString(Buffer.concat(principals.map((name) => wireString(name)))),
      wireUint64(BigInt(Math.floor(validAfter / 1000))),
      wireUint64(BigInt(Math.ceil(validBefore / 1000))),
      wireString(options(Object.entries(critical).map(([name, value]) => [name, wireString(value)]))),
      wireString(options(extensions.map((name) => [name, Buffer.alloc(0)]))),
      wireString(''),
      wireString(this.#blob),
    ]);
    const signature = Buffer.concat([wireString(KEY_TYPE), wireString(sign(null, body, this.#key))]);
    const certificate = Buffer.concat([body, wireString(signature)]);
    // what is signed is verified after it is written; a key that is none, or too weak, shows here too
    const parsed = parseCertificate(certificate);
    if (parsed.signed !== true || parsed.fingerprint !== fingerprintOf(key))
      throw new AppError('internal', 'The certificate that was made is not right.');
    return certificate;
  }
}

/** Names of options in the order of their bytes, as PROTOCOL.certkeys wants it. */
function options(entries: readonly (readonly [name: string, value: Buffer])[]): Buffer {
  const sorted = entries.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat(sorted.flatMap(([name, value]) => [wireString(name), wireString(value)]));
}

function refuse({ principals, validAfter, validBefore }: CertificateRequest): void {
  if (principals.length === 0 || principals.length > MAX_PRINCIPALS)
    throw new AppError('invalid', `A certificate needs 1 to ${MAX_PRINCIPALS} names it is good for.`);
  // a comma would make two names of one where the other side writes them as a list
  const bad = principals.find((name) => name === '' || /[\p{Cc},]/u.test(name));
  if (bad !== undefined)
    throw new AppError(
      'invalid',
      `${JSON.stringify(bad)} cannot be named in a certificate: it is empty or holds a comma.`,
    );
  if (!(validAfter >= 0 && validBefore > validAfter))
    throw new AppError('invalid', 'A certificate must be valid for some time after 1970.');
}
