import type { KeyId, UserId } from '../kernel/id.ts';
import type { User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { addressMatches } from './address-patterns.ts';
import { parseAuthorizedOptions } from './authorized-options.ts';
import type { KeyRestrictions } from './key-options.ts';
import type { KeyProof } from './login-types.ts';
import { fingerprintOf, parsePublicKey, signatureAlgorithm, typeOfBlob, verifyPlainProof } from './public-key.ts';
import {
  certificateRestrictions,
  certificateSignatureAlgorithm,
  isCertificateType,
  parseCertificate,
  refuseCertificate,
  verifyCertificateProof,
} from './ssh-cert.ts';

/** A key or certificate this user may use from there now. Holding the key is proven only when `verify` says true. */
export interface UsableKey {
  /** The row of a plain key; null for a certificate. */
  readonly id: KeyId | null;
  /** Of the key that signs, also under a certificate. */
  readonly fingerprint: string;
  /** Key id of the certificate. */
  readonly certificate: string | null;
  /** Fingerprint of the certificate's authority. */
  readonly authority: string | null;
  readonly restrictions: KeyRestrictions;
  readonly totpExempt: boolean;
  verify(proof: KeyProof): boolean;
}

export type Judgement = { readonly key: UsableKey } | { readonly refused: string };

export interface Presented {
  readonly algorithm: string;
  readonly hashAlgorithm: string | undefined;
  readonly key: Buffer;
}

const NOBODY = '' as UserId;

/**
 * Whether a presented key or certificate lets this user in, apart from the proof. An unknown user costs the same
 * look-ups. The reason of a refusal is for the audit only.
 */
export async function judgeKey(
  store: Store,
  user: User | undefined,
  presented: Presented,
  from: { readonly ip: string; readonly now: number },
): Promise<Judgement> {
  try {
    const type = typeOfBlob(presented.key);
    return isCertificateType(type)
      ? await judgeCertificate(store, user, type, presented, from)
      : await judgePlain(store, user, type, presented, from);
  } catch (error) {
    return { refused: `unusable key: ${(error as Error).message}` };
  }
}

/** Whether a judged key is still the user's, or its authority still trusted. */
export async function keyStands(store: Store, user: User, key: UsableKey): Promise<boolean> {
  if (key.authority === null) return (await store.keys.byFingerprint(user.id, key.fingerprint))?.id === key.id;
  return (await store.authorities.list()).some((authority) => authority.fingerprint === key.authority);
}

async function judgePlain(
  store: Store,
  user: User | undefined,
  type: string,
  presented: Presented,
  from: { readonly ip: string; readonly now: number },
): Promise<Judgement> {
  const { algorithm, hashAlgorithm } = presented;
  if (signatureAlgorithm(type, algorithm, hashAlgorithm) === undefined)
    return { refused: 'algorithm does not fit the key' };
  const fingerprint = fingerprintOf(presented.key);
  const row = await store.keys.byFingerprint(user?.id ?? NOBODY, fingerprint);
  if (!user) return { refused: 'no such user' };
  if (!row || row.type !== type || !row.blob.equals(presented.key)) return { refused: 'key not known' };
  const key = parsePublicKey(presented.key);
  const { restrictions, presence } = parseAuthorizedOptions(row.options);
  if (restrictions.expiresAt !== null && from.now >= restrictions.expiresAt) return { refused: 'key expired' };
  if (restrictions.from.length > 0 && !addressMatches(restrictions.from, from.ip)) {
    return { refused: 'key not allowed from this address' };
  }
  return {
    key: {
      id: row.id,
      fingerprint,
      certificate: null,
      authority: null,
      restrictions,
      totpExempt: row.totpExempt && restrictions.from.length > 0,
      verify: (proof) => proof.key.equals(presented.key) && verifyPlainProof(key, proof, presence) === true,
    },
  };
}

async function judgeCertificate(
  store: Store,
  user: User | undefined,
  type: string,
  presented: Presented,
  from: { readonly ip: string; readonly now: number },
): Promise<Judgement> {
  if (certificateSignatureAlgorithm(type, presented.algorithm) === undefined) {
    return { refused: 'algorithm does not fit the certificate' };
  }
  const trusted = (await store.authorities.list()).map((authority) => authority.blob);
  const certificate = parseCertificate(presented.key);
  if (!user) return { refused: 'no such user' };
  const why = refuseCertificate(certificate, { trusted, userName: user.name, now: from.now, ip: from.ip });
  if (why) return { refused: `certificate: ${why}` };
  return {
    key: {
      id: null,
      fingerprint: certificate.fingerprint,
      certificate: certificate.keyId,
      authority: certificate.authority.fingerprint,
      restrictions: certificateRestrictions(certificate),
      totpExempt: false,
      verify: (proof) => proof.key.equals(presented.key) && verifyCertificateProof(certificate, proof) === true,
    },
  };
}
