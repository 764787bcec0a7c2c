import type { ParsedKey } from 'ssh2';
import { parseCertificate } from '../auth/ssh-cert.ts';
import { certified, generateKeyPair, readPrivateKey } from '../kernel/ssh2/keys.ts';
import type { Purpose } from './credentials.ts';
import type { TargetDeps } from './deps.ts';

/** The clock of the target may be a little behind ours, and the login may take a while; the session lasts beyond it. */
const BEFORE_MS = 2 * 60_000;
const AFTER_MS = 5 * 60_000;
/** No agent and no X11 goes with it. */
const EXTENSIONS = ['permit-pty', 'permit-port-forwarding'];

/** A key made for one login and the certificate that makes it good, as ssh2 takes them. */
export interface ShortCertificate {
  readonly key: ParsedKey;
  readonly serial: string;
  readonly keyId: string;
}

/**
 * A fresh key with a certificate of our user authority for this login name, good for minutes. The target's log shows
 * the key id: who came, and for what.
 */
export async function shortCertificate(
  { signing, clock }: Pick<TargetDeps, 'signing' | 'clock'>,
  login: string,
  purpose: Purpose,
): Promise<ShortCertificate> {
  const pair = await generateKeyPair('ed25519', { comment: 'bastion' });
  const key = readPrivateKey(pair.private)!;
  const keyId = `${purpose.by.name} via bastion, ${purpose.what}`;
  const now = clock.now();
  const blob = signing.user.sign({
    key: key.getPublicSSH(),
    keyId,
    principals: [login],
    validAfter: now - BEFORE_MS,
    validBefore: now + AFTER_MS,
    extensions: EXTENSIONS,
  });
  return { key: certified(key, blob), serial: parseCertificate(blob).serial.toString(), keyId };
}
