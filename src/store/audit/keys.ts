import { createHash, createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import type { Secret } from '../../kernel/secret.ts';

/** What is made of the chain's one secret. */
export interface AuditKeys {
  /** Seals each row. */
  readonly mac: Buffer;
  /** Signs heads. */
  readonly signing: KeyObject;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Buffer;
}

/** DER around an Ed25519 seed (RFC 8410, section 7) and around a public key (section 4). */
const SEED_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Keys for one purpose each. */
export function deriveAuditKeys(secret: Secret): AuditKeys {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secret.expose(), '', `bastion audit ${purpose} 1`, 32));
  const seed = derive('sign');
  const der = Buffer.concat([SEED_PREFIX, seed]);
  const signing = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  seed.fill(0);
  der.fill(0);
  const publicKey = createPublicKey(signing).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length);
  return { mac: derive('mac'), signing, publicKey };
}

/** The name of a chain: the fingerprint of its public key, `SHA256:` and base64 as SSH writes them. */
export function chainName(publicKey: Buffer): string {
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

/** The end of a chain, as it is signed and kept elsewhere. */
export interface AuditHead {
  readonly format: 'bastion-audit-head-1';
  readonly chain: string;
  readonly publicKey: string;
  readonly first: number;
  readonly seq: number;
  readonly at: string | null;
  readonly hash: string;
  readonly signature: string;
}
export const HEAD_FORMAT = 'bastion-audit-head-1';

type Unsigned = Omit<AuditHead, 'signature' | 'format' | 'chain' | 'publicKey'>;

export function signHead(keys: AuditKeys, values: Unsigned): AuditHead {
  const publicKey = keys.publicKey.toString('base64');
  const head = { format: HEAD_FORMAT, chain: chainName(keys.publicKey), publicKey, ...values } as const;
  return { ...head, signature: sign(null, signedText(head), keys.signing).toString('base64') };
}

/** Whether a head was signed by the key it names. Whose key that is, its `chain` says to who knows it. */
export function isHeadGenuine(head: AuditHead): boolean {
  try {
    const raw = Buffer.from(head.publicKey, 'base64');
    if (head.format !== HEAD_FORMAT || raw.length !== 32 || chainName(raw) !== head.chain) return false;
    const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' });
    return verify(null, signedText(head), key, Buffer.from(head.signature, 'base64'));
  } catch {
    // fields of wrong types
    return false;
  }
}

/** What the signature is over: a JSON array without white space, in UTF-8. */
function signedText(head: Omit<AuditHead, 'signature'>): Buffer {
  return Buffer.from(JSON.stringify([head.format, head.chain, head.first, head.seq, head.at, head.hash]), 'utf8');
}
