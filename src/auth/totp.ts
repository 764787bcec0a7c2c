import { createHash, randomBytes } from 'node:crypto';
import { Secret as OtpSecret, TOTP } from 'otpauth';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import type { Actor, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Place, Vault } from '../store/vault.ts';
import { userAudit } from './actor.ts';

const ISSUER = 'Bastion';
const STEP_SECONDS = 30;
const SECRET_BYTES = 20; // RFC 4226 §4
/** A clock may be one step off. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
const RECOVERY_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford base 32
const RECOVERY_LENGTH = 16; // 80 bits: not guessed from its SHA-256 either

export interface Enrolment {
  /** `otpauth://totp/…` for a QR code. */
  readonly uri: string;
  /** The same secret in groups of four letters, for typing. */
  readonly secretText: string;
}

/** What a second factor came to: `replayed` was right and had been used before. */
export type CodeResult = 'code' | 'recovery' | 'wrong' | 'replayed';

/** Time-based one-time passwords (RFC 6238: SHA-1, six digits, 30 s) and recovery codes. */
export class Totp {
  readonly #store: Store;
  readonly #vault: Vault;
  readonly #clock: Clock;

  constructor(deps: { store: Store; vault: Vault; clock: Clock }) {
    this.#store = deps.store;
    this.#vault = deps.vault;
    this.#clock = deps.clock;
  }

  /** Makes a new secret that counts once `confirm` has seen a code of it; an older pending one is forgotten. */
  async begin(user: User, actor: Actor): Promise<Enrolment> {
    const bytes = randomBytes(SECRET_BYTES);
    const sealed = this.#vault.seal(Secret.of(bytes), pendingPlace(user));
    await this.#store.users.setTotpPending(user.id, sealed, userAudit(user, actor, 'totp.begin'));
    const totp = generator(user, bytes);
    return { uri: totp.toString(), secretText: totp.secret.base32.replace(/(.{4})(?=.)/g, '$1 ') };
  }

  /** The pending secret becomes the user's; returns the recovery codes, which are shown once. Undefined when the code is wrong. */
  async confirm(user: User, code: Secret, actor: Actor): Promise<string[] | undefined> {
    const pending = (await this.#store.users.credentials(user.id))?.totpPending;
    if (!pending) throw new AppError('conflict', 'There is nothing to confirm: begin the enrolment again.');
    const secret = this.#vault.open(pending, pendingPlace(user));
    const step = matchingStep(generator(user, secret.expose()), code, this.#clock.now());
    if (step === undefined) return undefined;
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const sealed = this.#vault.seal(secret, secretPlace(user));
    const draft = userAudit(user, actor, 'totp.enable');
    const done = await this.#store.users.confirmTotp(user.id, step, codes.map(hashRecoveryCode), sealed, draft);
    if (!done) throw new AppError('conflict', 'There is nothing to confirm: begin the enrolment again.');
    return codes;
  }

  /** Takes the second factor away, with its recovery codes and what keys are remembered for. */
  async reset(user: User, actor: Actor): Promise<void> {
    await this.#store.users.resetTotp(user.id, userAudit(user, actor, 'totp.reset'));
  }

  /** Judges a code or recovery code and uses it up: each works once. */
  async check(user: User, answer: Secret, actor: Actor): Promise<CodeResult> {
    if (isRecoveryShape(answer)) return this.#checkRecovery(user, answer, actor);
    const sealed = (await this.#store.users.credentials(user.id))?.totpSecret;
    if (!sealed) return 'wrong';
    const secret = this.#vault.open(sealed, secretPlace(user));
    const step = matchingStep(generator(user, secret.expose()), answer, this.#clock.now());
    if (step === undefined) return 'wrong';
    return (await this.#store.users.useTotpStep(user.id, step)) === true ? 'code' : 'replayed';
  }

  async #checkRecovery(user: User, answer: Secret, actor: Actor): Promise<CodeResult> {
    const hash = hashRecoveryCode(answer.exposeText());
    const used = await this.#store.users.useRecoveryCode(user.id, hash, userAudit(user, actor, 'totp.recovery'));
    return used === true ? 'recovery' : 'wrong';
  }
}

function generator(user: User, secret: Uint8Array): TOTP {
  // A copy: the pool that small Buffers come from must not be taken for the secret
  const bytes = Uint8Array.from(secret);
  return new TOTP({
    issuer: ISSUER,
    label: user.name,
    algorithm: 'SHA1',
    digits: 6,
    period: STEP_SECONDS,
    secret: new OtpSecret({ buffer: bytes.buffer }),
  });
}

function matchingStep(totp: TOTP, code: Secret, now: number): number | undefined {
  const token = code.exposeText().replace(/\s/g, '');
  if (!/^\d{6}$/.test(token)) return undefined;
  const delta = totp.validate({ token, timestamp: now, window: WINDOW });
  return delta === null ? undefined : TOTP.counter({ period: STEP_SECONDS, timestamp: now }) + delta;
}

function newRecoveryCode(): string {
  const signs = [...randomBytes(RECOVERY_LENGTH)].map((byte) => RECOVERY_ALPHABET[byte & 31]);
  return signs.join('').replace(/(.{4})(?=.)/g, '$1-');
}

function isRecoveryShape(answer: Secret): boolean {
  return recoverySigns(answer.exposeText()).length === RECOVERY_LENGTH;
}

function hashRecoveryCode(code: string): string {
  return createHash('sha256').update(recoverySigns(code)).digest('hex');
}

/** The letters that the alphabet leaves out are read as the digits they look like. */
function recoverySigns(code: string): string {
  return code.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1');
}

function pendingPlace(user: User): Place {
  return { table: 'users', column: 'totp_pending', id: user.id };
}

function secretPlace(user: User): Place {
  return { table: 'users', column: 'totp_secret', id: user.id };
}
