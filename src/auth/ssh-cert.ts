import { WireError, WireReader, wireString } from '../kernel/wire.ts';
import { addressMatches, checkAddressBlock } from './address-patterns.ts';
import type { KeyRestrictions } from './key-options.ts';
import type { KeyProof } from './login-types.ts';
import {
  fingerprintOf,
  type Presence,
  type PublicKey,
  parsePublicKey,
  readKeyFields,
  signatureAlgorithm,
  TOUCH_ONLY,
  typeOfBlob,
  verifyWireSignature,
} from './public-key.ts';

const SUFFIX = '-cert-v01@openssh.com';
const USER_CERTIFICATE = 1;
const KNOWN_CRITICAL = ['force-command', 'source-address', 'verify-required'];

/** An OpenSSH certificate (PROTOCOL.certkeys), parsed; nothing about it is trusted yet. */
export interface Certificate {
  readonly type: string;
  readonly subject: PublicKey;
  /** Fingerprint of the certified key. */
  readonly fingerprint: string;
  readonly serial: bigint;
  readonly kind: number;
  readonly keyId: string;
  readonly principals: readonly string[];
  /** Seconds since 1970; valid from the first up to, not including, the second. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
  readonly critical: ReadonlyMap<string, Buffer>;
  readonly extensions: ReadonlyMap<string, Buffer>;
  readonly authority: { readonly blob: Buffer; readonly fingerprint: string };
  /** Whether the authority's signature over the certificate is right. */
  readonly signed: boolean;
}

/** Whether a key type or algorithm name is that of a certificate. */
export function isCertificateType(name: string): boolean {
  return name.endsWith(SUFFIX);
}

/** `ssh-ed25519-cert-v01@openssh.com` → `ssh-ed25519`, `sk-…-cert-v01@openssh.com` → `sk-…@openssh.com`. */
export function plainType(name: string): string {
  if (!isCertificateType(name)) return name;
  const base = name.slice(0, -SUFFIX.length);
  return base.startsWith('sk-') ? `${base}@openssh.com` : base;
}

/** `ssh-ed25519` → `ssh-ed25519-cert-v01@openssh.com`: the type of a certificate for a key of this plain type. */
export function certificateType(plain: string): string {
  return `${plain.replace(/@openssh\.com$/, '')}${SUFFIX}`;
}

/** Parses a certificate in wire form and checks its own signature. Throws `WireError` when it is malformed. */
export function parseCertificate(blob: Buffer): Certificate {
  const reader = new WireReader(blob);
  const type = reader.text();
  if (!isCertificateType(type)) throw new WireError('not a certificate');
  reader.string(); // nonce
  const fieldsFrom = reader.position;
  const subject = readKeyFields(reader, plainType(type));
  const fields = blob.subarray(fieldsFrom, reader.position);
  const serial = reader.uint64();
  const kind = reader.uint32();
  const keyId = reader.text();
  const principals = readList(reader.string());
  const validAfter = reader.uint64();
  const validBefore = reader.uint64();
  const critical = readOptions(reader.string());
  const extensions = readOptions(reader.string());
  reader.string(); // reserved
  const authorityBlob = reader.string();
  const signedLength = reader.position;
  const signature = reader.string();
  reader.end();
  if (isCertificateType(typeOfBlob(authorityBlob))) throw new WireError('signed by a certificate instead of a key');
  const authority = parsePublicKey(authorityBlob);
  return {
    type,
    subject,
    fingerprint: fingerprintOf(Buffer.concat([wireString(subject.type), fields])),
    serial,
    kind,
    keyId,
    principals,
    validAfter,
    validBefore,
    critical,
    extensions,
    authority: { blob: authorityBlob, fingerprint: fingerprintOf(authorityBlob) },
    signed: verifyWireSignature(authority, blob.subarray(0, signedLength), signature, TOUCH_ONLY) === true,
  };
}

/** What a user certificate is judged by. */
export interface CertificateCheck {
  /** Wire blobs of the trusted authorities. */
  readonly trusted: readonly Buffer[];
  readonly userName: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly ip: string;
}

/** Why this certificate does not let this user in from there now, or null when it does (the proof aside). */
export function refuseCertificate(certificate: Certificate, check: CertificateCheck): string | null {
  if (certificate.kind !== USER_CERTIFICATE) return 'not a user certificate';
  if (!check.trusted.some((blob) => blob.equals(certificate.authority.blob))) return 'authority not trusted';
  if (certificate.signed !== true) return 'signature of the authority is wrong';
  const seconds = BigInt(Math.floor(check.now / 1000));
  if (seconds < certificate.validAfter) return 'not valid yet';
  if (seconds >= certificate.validBefore) return 'expired';
  if (!certificate.principals.includes(check.userName)) return 'not issued for this user';
  for (const name of certificate.critical.keys()) {
    if (!KNOWN_CRITICAL.includes(name)) return `unknown critical option ${name}`;
  }
  return refuseCriticalValues(certificate, check.ip);
}

function refuseCriticalValues(certificate: Certificate, ip: string): string | null {
  try {
    certificateRestrictions(certificate);
    if (certificate.critical.get('verify-required')?.length) return 'verify-required carries a value';
  } catch (error) {
    return `malformed critical option: ${(error as Error).message}`;
  }
  const from = sourceAddresses(certificate);
  return from.length > 0 && !addressMatches(from, ip) ? 'not allowed from this address' : null;
}

/**
 * What the certificate allows and forbids. Its validity is judged at login only, as sshd does: a certificate of five
 * minutes may open a session of an hour.
 */
export function certificateRestrictions(certificate: Certificate): KeyRestrictions {
  const command = certificate.critical.get('force-command');
  return {
    from: sourceAddresses(certificate),
    expiresAt: null,
    pty: certificate.extensions.has('permit-pty'),
    portForwarding: certificate.extensions.has('permit-port-forwarding'),
    agentForwarding: certificate.extensions.has('permit-agent-forwarding'),
    permitOpen: [],
    forceCommand: command === undefined ? null : optionText(command),
  };
}

/** `source-address`: addresses and CIDR blocks without wildcards or negation. */
function sourceAddresses(certificate: Certificate): string[] {
  const value = certificate.critical.get('source-address');
  if (value === undefined) return [];
  const blocks = optionText(value).split(',');
  for (const block of blocks) {
    if (!checkAddressBlock(block)) throw new WireError(`${JSON.stringify(block)} is not an address`);
  }
  return blocks;
}

/**
 * Whether the certified key signed this request (RFC 4252 §7). ssh2 hands the signature of a certificate over
 * whole, with its algorithm name, which must be the one the request announced. Only `true` means proven.
 */
export function verifyCertificateProof(certificate: Certificate, proof: KeyProof): boolean {
  const algorithm = certificateSignatureAlgorithm(certificate.type, proof.algorithm);
  if (algorithm === undefined) return false;
  const presence: Presence = {
    touch: !certificate.extensions.has('no-touch-required'),
    verified: certificate.critical.has('verify-required'),
  };
  return verifyWireSignature(certificate.subject, proof.signedData, proof.signature, presence, algorithm) === true;
}

/** The signature algorithm behind a request's algorithm name for this certificate type; undefined when they do not fit. */
export function certificateSignatureAlgorithm(type: string, algorithm: string): string | undefined {
  if (!isCertificateType(algorithm)) return undefined;
  return signatureAlgorithm(plainType(type), plainType(algorithm), undefined);
}

function readList(bytes: Buffer): string[] {
  const reader = new WireReader(bytes);
  const list: string[] = [];
  while (reader.left > 0) list.push(reader.text());
  return list;
}

function readOptions(bytes: Buffer): Map<string, Buffer> {
  const reader = new WireReader(bytes);
  const options = new Map<string, Buffer>();
  while (reader.left > 0) {
    const name = reader.text();
    if (options.has(name)) throw new WireError(`option ${name} stands twice`);
    options.set(name, reader.string());
  }
  return options;
}

/** The value of an option is a string within the string. */
function optionText(value: Buffer): string {
  const reader = new WireReader(value);
  const text = reader.text();
  reader.end();
  return text;
}
