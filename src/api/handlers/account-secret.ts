import ssh2 from 'ssh2';
import { AppError } from '../../kernel/errors.ts';
import type { AccountId } from '../../kernel/id.ts';
import { Secret } from '../../kernel/secret.ts';
import { generateKeyPair } from '../../kernel/ssh2/keys.ts';
import type { SecretKind } from '../../store/model.ts';
import type { NewAccount } from '../../store/store.ts';
import type { Vault } from '../../store/vault.ts';

/** The ways a request can give the secret of an account. */
export interface SecretInput {
  readonly password?: string | undefined;
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly generateKey?: boolean | undefined;
  /** Entered with the person's own forwarded agent. */
  readonly agent?: boolean | undefined;
  /** Entered with a certificate made for each login. */
  readonly certificate?: boolean | undefined;
  readonly noSecret?: boolean | undefined;
}

export type SealedSecret = Pick<NewAccount, 'secretKind' | 'secret' | 'passphrase' | 'publicKey'>;

/**
 * Checks and seals the secret of a request; undefined when the request holds none.
 * @throws AppError `invalid` when several are given or a key cannot be read.
 */
export async function sealSecret(
  input: SecretInput,
  id: AccountId,
  comment: string,
  vault: Vault,
): Promise<SealedSecret | undefined> {
  const { password, privateKey, generateKey, agent, certificate, noSecret } = input;
  const given = [password !== undefined, privateKey !== undefined, generateKey, agent, certificate, noSecret];
  if (given.filter(Boolean).length > 1)
    throw new AppError(
      'invalid',
      'Give only one of password, private key, generated key, agent, certificate and no secret.',
    );
  if (input.passphrase !== undefined && input.privateKey === undefined) {
    throw new AppError('invalid', 'A passphrase belongs to a private key: give the key too.');
  }
  const seal = (column: 'secret' | 'passphrase', text: string) =>
    vault.seal(Secret.of(text), { table: 'accounts', column, id });
  const sealed = (kind: SecretKind, secret: string | null, passphrase: string | null, publicKey: string | null) => ({
    secretKind: kind,
    secret: secret === null ? null : seal('secret', secret),
    passphrase: passphrase === null ? null : seal('passphrase', passphrase),
    publicKey,
  });

  if (input.password !== undefined) return sealed('password', input.password, null, null);
  if (input.privateKey !== undefined) {
    const publicKey = publicKeyOf(input.privateKey, input.passphrase, comment);
    return sealed('key', input.privateKey, input.passphrase ?? null, publicKey);
  }
  if (input.generateKey) {
    const pair = await generateKeyPair('ed25519', { comment });
    return sealed('key', pair.private, null, pair.public.trim());
  }
  if (input.agent) return sealed('agent', null, null, null);
  if (input.certificate) return sealed('certificate', null, null, null);
  return input.noSecret ? sealed('none', null, null, null) : undefined;
}

/** The OpenSSH public key line of a private key in OpenSSH, PEM or PuTTY format. */
function publicKeyOf(privateKey: string, passphrase: string | undefined, comment: string): string {
  const parsed: unknown = ssh2.utils.parseKey(privateKey, passphrase);
  const key: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) {
    const encrypted = /encrypted|passphrase/i.test(key.message);
    if (encrypted && passphrase === undefined) {
      throw new AppError('invalid', 'The private key is encrypted: give its passphrase too (--passphrase-stdin).');
    }
    const hint = passphrase === undefined ? '' : ' with this passphrase';
    throw new AppError(
      'invalid',
      `The private key cannot be read${hint}: it must be an OpenSSH, PEM or PuTTY key file.`,
    );
  }
  const { type, comment: own, isPrivateKey, getPublicSSH } = key as ssh2.ParsedKey;
  if (!isPrivateKey.call(key)) throw new AppError('invalid', 'This is a public key: give the private one.');
  return [type, getPublicSSH.call(key).toString('base64'), own || comment].join(' ').trim();
}
