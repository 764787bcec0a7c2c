import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Account } from '../store/model.ts';
import type { TargetDeps } from './deps.ts';

/** What is shown to the target's login. */
export type Credential =
  | { readonly kind: 'password'; readonly secret: Secret }
  | { readonly kind: 'key'; readonly key: ParsedKey }
  | { readonly kind: 'none' };

/** Opens the vault's secret of an account. AppError `target_auth` when the account's key cannot be used. */
export async function storedCredential(
  deps: Pick<TargetDeps, 'store' | 'vault'>,
  account: Account,
): Promise<Credential> {
  const stored = await deps.store.accounts.secret(account.id);
  if (!stored?.secret || stored.kind === 'none') return { kind: 'none' };
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
