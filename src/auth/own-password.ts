import { AppError } from '../kernel/errors.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Store } from '../store/store.ts';
import { actorOf, userAudit } from './actor.ts';
import { networkOf } from './address-patterns.ts';
import type { Identity } from './identity.ts';
import type { Lockout } from './lockout.ts';
import type { Passwords } from './password.ts';
import { lockedOut } from './sign-in.ts';

/** Asks who is logged in for their password once more. Wrong ones count like those of a login. */
export class OwnPassword {
  readonly #store: Store;
  readonly #passwords: Passwords;
  readonly #lockout: Lockout;

  constructor(deps: { store: Store; passwords: Passwords; lockout: Lockout }) {
    this.#store = deps.store;
    this.#passwords = deps.passwords;
    this.#lockout = deps.lockout;
  }

  /** AppError `conflict` for who has none, `rate_limited` when locked out, `invalid` when it is wrong. */
  async prove(who: Identity, password: Secret): Promise<void> {
    const { user, from } = who;
    const hash = (await this.#store.users.credentials(user.id))?.passwordHash ?? null;
    if (hash === null) {
      throw new AppError(
        'conflict',
        'You have no password: you log in with keys alone. An administrator can give you a link to set one (bastion user invite NAME).',
        { details: { password: 'none' } },
      );
    }
    if (await this.#lockout.isLocked(user.name, user, from.ip)) throw lockedOut();
    const right = await this.#passwords.verify(password, hash, networkOf(from.ip));
    // Guesses made at once count like guesses in turn
    if (await this.#lockout.isLocked(user.name, user, from.ip)) throw lockedOut();
    if (right === true) return;
    const draft = {
      ...userAudit(user, actorOf(who), 'password.prove'),
      outcome: 'failed',
      reason: 'wrong password',
    } as const;
    await this.#lockout.fail(user.name, user, from.ip, draft);
    throw new AppError('invalid', 'Your current password is not right. Type it again.', {
      details: { password: 'wrong' },
    });
  }
}
