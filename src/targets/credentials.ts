import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Account, Actor } from '../store/model.ts';
import type { AgentLogin } from './agent-login.ts';
import { type ShortCertificate, shortCertificate } from './certificate.ts';
import type { TargetDeps } from './deps.ts';

/** What is shown to the target's login. */
export type Credential =
  | { readonly kind: 'password'; readonly secret: Secret }
  | { readonly kind: 'key'; readonly key: ParsedKey }
  | ({ readonly kind: 'certificate' } & ShortCertificate)
  | { readonly kind: 'agent'; readonly login: AgentLogin }
  | { readonly kind: 'none' };

/** Who enters with it, and what for: `grant 01J…`. Stands in the certificate that is made. */
export interface Purpose {
  readonly by: Actor;
  readonly what: string;
}

/**
 * How a stored account is entered without its person: with the vault's secret or a certificate made now. AppError
 * `target_auth` when the account's key cannot be used, `unsupported` for an account that needs the person's own agent.
 */
export async function storedCredential(
  deps: Pick<TargetDeps, 'store' | 'vault' | 'signing' | 'clock'>,
  account: Account,
  purpose: Purpose,
): Promise<Credential> {
  if (account.secretKind === 'certificate')
    return { kind: 'certificate', ...(await shortCertificate(deps, account.login, purpose)) };
  if (account.secretKind === 'agent')
    throw new AppError(
      'unsupported',
      `${account.login} on ${account.assetName} is entered with the person's own key, so only a person can: \`ssh -A USER@${account.login}@${account.assetName}@…\`.`,
    );
  const stored = await deps.store.accounts.secret(account.id);
  if (!stored?.secret) return { kind: 'none' };
  const secret = deps.vault.open(stored.secret, { table: 'accounts', column: 'secret', id: account.id });
  if (stored.kind === 'password') return { kind: 'password', secret };
  const passphrase =
    stored.passphrase &&
    deps.vault.open(stored.passphrase, { table: 'accounts', column: 'passphrase', id: account.id });
  try {
    return { kind: 'key', key: parseKey(secret, passphrase ?? undefined, account) };
  } finally {
    secret.wipe();
    passphrase?.wipe();
  }
}

/** What the audit keeps of how a target was entered, beyond the account: the key or certificate of this one login. */
export function evidenceOf(credential: Credential): Readonly<Record<string, string>> | undefined {
  if (credential.kind === 'certificate') {
    const { serial, keyId } = credential;
    return { with: 'certificate', serial, keyId };
  }
  if (credential.kind !== 'agent' || !credential.login.signed) return undefined;
  const { type, fingerprint, comment } = credential.login.signed;
  return { with: 'agent', keyType: type, fingerprint, comment };
}

function parseKey(secret: Secret, passphrase: Secret | undefined, account: Account): ParsedKey {
  const parsed = ssh2.utils.parseKey(Buffer.from(secret.expose()), passphrase && Buffer.from(passphrase.expose()));
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key && !(key instanceof Error) && key.isPrivateKey()) return key;
  const encrypted = key instanceof Error && /encrypted|passphrase|integrity/i.test(key.message);
  throw new AppError(
    'target_auth',
    encrypted
      ? `The passphrase stored with the key of ${account.login} on ${account.assetName} does not open it: store key and passphrase again with \`bastion account set ${account.assetName} ${account.login} --key-file FILE --passphrase-stdin\`.`
      : `The key stored for ${account.login} on ${account.assetName} is not a private key that can be read: store it again with \`bastion account set ${account.assetName} ${account.login} --key-file FILE\`.`,
  );
}
