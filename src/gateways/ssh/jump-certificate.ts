import type { ParsedKey } from 'ssh2';
import type { SigningAuthority } from '../../auth/signing-authority.ts';
import { plain } from '../../kernel/printable.ts';
import { certified } from '../../kernel/ssh2/keys.ts';
import type { Jump } from './jump.ts';

/** Bastion and client may disagree about the time by so much. */
const SKEW_MS = 5 * 60_000;
/** Longer than any connection needs to renew its keys once; nothing has to be revoked for long. */
const VALID_MS = 24 * 60 * 60_000;
/** OpenSSH reads the names in a host certificate as patterns and lists. */
const NO_PRINCIPAL = /[\p{C}\s,*?!]/u;

/**
 * A certificate that says this key is the machine the client asked for: by the name it used (OpenSSH looks for the
 * lower-case one), and by the asset's own name and address.
 */
export function certifiedFor(jump: Jump, key: ParsedKey, authority: SigningAuthority, now: number): ParsedKey {
  const { host, asset } = jump;
  const names = [host, host.toLowerCase(), asset.name, asset.address].filter((name) => !NO_PRINCIPAL.test(name));
  const certificate = authority.sign({
    key: key.getPublicSSH(),
    keyId: `bastion for ${plain(asset.name)}`,
    principals: [...new Set(names)],
    validAfter: now - SKEW_MS,
    validBefore: now + VALID_MS,
  });
  return certified(key, certificate);
}
