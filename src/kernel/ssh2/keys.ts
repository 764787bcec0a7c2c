import ssh2, { type ParsedKey } from 'ssh2';
import { WireReader } from '../wire.ts';

export interface KeyPair {
  /** OpenSSH's private key format, without a passphrase. */
  readonly private: string;
  /** One authorized_keys line. */
  readonly public: string;
}

export type GeneratedType = 'ed25519' | 'ecdsa' | 'rsa';

/** The private key in a file's bytes, undefined when there is none that opens without a passphrase. */
export function readPrivateKey(file: Buffer | string): ParsedKey | undefined {
  const result = ssh2.utils.parseKey(file);
  const key = Array.isArray(result) ? result[0] : result;
  return key === undefined || key instanceof Error || !key.isPrivateKey() ? undefined : key;
}

/** A host key as ssh2's server takes one that was read already. */
export interface HostKey {
  readonly key: ParsedKey;
}

/**
 * The key with a certificate for it (wire form, PROTOCOL.certkeys) in the place of its public half: who trusts the
 * authority takes it. Not for RSA, whose certificates name the hash.
 */
export function certified(key: ParsedKey, certificate: Buffer): ParsedKey {
  const type = new WireReader(certificate).text();
  // inherits the private symbols by which ssh2 knows its own keys
  return Object.create(key, {
    type: { value: type, enumerable: true },
    getPublicSSH: { value: () => certificate },
  }) as ParsedKey;
}

/**
 * A new key pair, made off the main thread (RSA takes some hundred milliseconds). One in 256 ed25519 keys of ssh2 is
 * broken (it cuts a zero off the start of the public half), so only a key that can be read back counts.
 */
export async function generateKeyPair(
  type: GeneratedType,
  options: { readonly bits?: number; readonly comment: string },
): Promise<KeyPair> {
  for (;;) {
    const pair = await new Promise<KeyPair>((resolve, reject) => {
      const done = (error: Error | null, made: KeyPair) => (error ? reject(error) : resolve(made));
      (ssh2.utils.generateKeyPair as (t: string, o: object, cb: typeof done) => void)(type, options, done);
    });
    if (readPrivateKey(pair.private)) return pair;
  }
}
