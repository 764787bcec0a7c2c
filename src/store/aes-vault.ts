import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync } from 'node:fs';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import { createMasterKey, deriveKey, readMasterKey, removeMasterKey, replaceMasterKey } from './master-key.ts';
import type { AuditDraft, Sealed } from './model.ts';
import { HEADER_BYTES, KEY_ID_BYTES, keyIdOf, NONCE_BYTES, SEALED_VERSION, sealedKeyId, TAG_BYTES } from './sealed.ts';
import type { Store, VaultRow } from './store.ts';
import type { Place, Vault } from './vault.ts';

const CIPHER = 'aes-256-gcm';
const ROTATE_TRIES = 3;

/**
 * Opens the vault with its master key file and finishes a key rotation that a crash cut short. AppError `config` when
 * the file is missing, open to others, or not the key of this database. A `credential` is the service manager's file:
 * it is only read, and cannot be replaced from here.
 */
export async function openVault(options: {
  keyFile: string;
  credential?: boolean | undefined;
  store: Pick<Store, 'vaultRows'>;
}): Promise<Vault> {
  const { keyFile, credential = false, store } = options;
  const key = await readCurrentKey(keyFile, credential, store);
  return new AesVault(keyFile, credential, store, key);
}

/** The file of the master key; a `credential` is kept by the service manager. */
export interface KeyPlace {
  readonly file: string;
  readonly credential: boolean;
}

export interface VaultTrial {
  /** False: it is the key of another database. */
  readonly fits: boolean;
  readonly opened: readonly Secret[];
  /** Why the others do not open. */
  readonly damaged: readonly string[];
}

/** Opens these secrets and changes nothing. AppError `config` when the key file is missing, open to others, or no key. */
export function tryVault(place: KeyPlace, check: Buffer | undefined, rows: readonly VaultRow[]): VaultTrial {
  const { file: keyFile, credential } = place;
  const files = [keyFile, newFileOf(keyFile)].filter((file, i) => i === 0 || existsSync(file));
  const keys = files.map((file, i) => (i === 0 ? readKey(file, credential) : readLeftover(file)));
  const key = keys.find((one) => one && check && timingSafeEqual(one.check, check));
  if (!key) return { fits: check === undefined, opened: [], damaged: [] };
  const opened: Secret[] = [];
  const damaged: string[] = [];
  for (const row of rows) {
    try {
      opened.push(openWith(key, row.sealed, row));
    } catch (error) {
      damaged.push((error as AppError).message);
    }
  }
  return { fits: true, opened, damaged };
}

/** One master key, ready for use. */
interface Key {
  readonly seal: Buffer;
  /** Tells whether a database belongs to this key; stored in it. */
  readonly check: Buffer;
}

function readKey(file: string, credential = false): Key {
  const master = readMasterKey(file, credential);
  const key = { seal: deriveKey(master, 'seal'), check: deriveKey(master, 'check') };
  master.fill(0);
  return key;
}

/**
 * A rotation writes `master.key.new`, commits the database, then renames. So the check value in the database says
 * which of the two files is the key, at whatever moment the process died.
 */
async function readCurrentKey(keyFile: string, credential: boolean, store: Pick<Store, 'vaultRows'>): Promise<Key> {
  const newFile = newFileOf(keyFile);
  const check = await store.vaultRows.keyCheck();
  if (!credential && existsSync(newFile) && check) {
    const next = readLeftover(newFile);
    if (next && timingSafeEqual(next.check, check)) {
      replaceMasterKey(newFile, keyFile);
      return next;
    }
  }
  const key = readKey(keyFile, credential);
  if (!check) await store.vaultRows.setKeyCheck(key.check);
  else if (!timingSafeEqual(key.check, check))
    throw new AppError(
      'config',
      `The master key ${keyFile} does not belong to this database. Put back the key that was used with it, or the database that was used with this key.`,
    );
  if (!credential) removeMasterKey(newFile);
  return key;
}

/** The file of a rotation that died may hold half a key: then it never reached the database. */
function readLeftover(newFile: string): Key | undefined {
  try {
    return readKey(newFile);
  } catch {
    return undefined;
  }
}

const newFileOf = (keyFile: string) => `${keyFile}.new`;

class AesVault implements Vault {
  readonly #keyFile: string;
  readonly #credential: boolean;
  readonly #store: Pick<Store, 'vaultRows'>;
  #key: Key;
  #rotating: Promise<unknown> = Promise.resolve();

  constructor(keyFile: string, credential: boolean, store: Pick<Store, 'vaultRows'>, key: Key) {
    this.#keyFile = keyFile;
    this.#credential = credential;
    this.#store = store;
    this.#key = key;
  }

  seal(secret: Secret, place: Place): Sealed {
    return sealWith(this.#key, secret, place);
  }

  open(sealed: Sealed, place: Place): Secret {
    return openWith(this.#key, sealed, place);
  }

  rotateKey(audit: AuditDraft): Promise<number> {
    // one at a time: two at once would share master.key.new
    const mine = this.#rotating.then(() => this.#rotate(audit));
    this.#rotating = mine.catch(() => undefined);
    return mine;
  }

  async #rotate(audit: AuditDraft): Promise<number> {
    if (this.#credential)
      throw new AppError(
        'unsupported',
        `The master key is a credential of the service (${this.#keyFile}), which is not replaced from here. Stop the daemon, move the key to master.key in the data directory, and run this again without the credential; then make the new key the credential.`,
      );
    const newFile = newFileOf(this.#keyFile);
    removeMasterKey(newFile);
    createMasterKey(newFile);
    const next = readKey(newFile);
    const count = await this.#resealAll(next, audit).catch(async (error) => {
      // the answer may have been lost after the commit: only when the database still has the old key is the new one waste
      const check = await this.#store.vaultRows.keyCheck().catch(() => undefined);
      if (check && timingSafeEqual(check, this.#key.check)) removeMasterKey(newFile);
      throw error;
    });
    replaceMasterKey(newFile, this.#keyFile);
    return count;
  }

  /** Secrets that are stored while we work make it start over. */
  async #resealAll(next: Key, audit: AuditDraft): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const rows = (await this.#store.vaultRows.all()).map((row) => {
        const secret = openWith(this.#key, row.sealed, row);
        const sealed = sealWith(next, secret, row);
        secret.wipe();
        return { ...row, sealed, was: row.sealed };
      });
      try {
        await this.#store.vaultRows.replaceAll(rows, next.check, audit);
        this.#key = next;
        return rows.length;
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'conflict' || attempt === ROTATE_TRIES) throw error;
      }
    }
  }
}

function sealWith(key: Key, secret: Secret, place: Place): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.seal, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(place));
  const body = cipher.update(secret.expose());
  return Buffer.concat([
    Buffer.of(SEALED_VERSION),
    keyIdOf(key.check),
    nonce,
    body,
    cipher.final(),
    cipher.getAuthTag(),
  ]);
}

function openWith(key: Key, sealed: Sealed, place: Place): Secret {
  const where = `${place.table}.${place.column} of ${place.id}`;
  const keyId = sealedKeyId(sealed);
  if (!keyId) throw new AppError('internal', `The secret in ${where} is damaged; store it anew.`);
  if (!keyId.equals(keyIdOf(key.check)))
    throw new AppError('internal', `The secret in ${where} was sealed under another master key; store it anew.`);
  const nonce = sealed.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
  const decipher = createDecipheriv(CIPHER, key.seal, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(boundTo(place));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const body = decipher.update(sealed.subarray(HEADER_BYTES, sealed.length - TAG_BYTES));
  try {
    decipher.final();
  } catch (cause) {
    throw new AppError('internal', `The secret in ${where} was changed or moved outside the bastion; store it anew.`, {
      cause,
    });
  }
  const secret = Secret.of(body);
  body.fill(0);
  return secret;
}

function boundTo(place: Place): Buffer {
  return Buffer.from(`${place.table}\0${place.column}\0${place.id}`, 'utf8');
}
