import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { newId, type TokenId } from '../kernel/id.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Actor, ApiToken, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { Identity } from './identity.ts';
import { newToken, tokenHash } from './one-time.ts';
import { refuseUser } from './user-state.ts';

/** How often a token in use writes down that it is. */
const TOUCH_EVERY_MS = 60_000;

/** Bearer tokens of the API. Only their hash is kept. */
export class ApiTokens {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(deps: { store: Store; clock: Clock }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
  }

  /** Makes a token that acts as this user; the secret is shown this once. `expiresAt` null: until it is removed. */
  async create(
    user: User,
    name: string,
    expiresAt: number | null,
    actor: Actor,
  ): Promise<{ token: Secret; row: ApiToken }> {
    if (expiresAt !== null && expiresAt <= this.#clock.now()) {
      throw new AppError('invalid', 'The token would have expired already; give a later date.');
    }
    const token = newToken('bst');
    const id = newId<TokenId>(this.#clock.now());
    const row = await this.#store.tokens.create(
      { id, userId: user.id, name, tokenHash: tokenHash('bst', token)!, expiresAt },
      {
        actor,
        action: 'token.create',
        outcome: 'ok',
        target: { kind: 'token', id, name },
        reason: null,
        details: { user: user.name, expiresAt },
      },
    );
    return { token, row };
  }

  /** Who the token speaks for, or undefined: unknown, expired, or a user who may not log in. */
  async bearer(token: Secret, from: { readonly ip: string }): Promise<Identity | undefined> {
    const hash = tokenHash('bst', token);
    const row = hash === undefined ? undefined : await this.#store.tokens.byTokenHash(hash);
    const now = this.#clock.now();
    if (!row || (row.expiresAt !== null && now >= row.expiresAt)) return undefined;
    const user = await this.#store.users.byId(row.userId);
    if (!user || refuseUser(user, now) !== null) return undefined;
    if (row.lastUsedAt === null || now - row.lastUsedAt >= TOUCH_EVERY_MS) await this.#store.tokens.touch(row.id, now);
    const factors = {
      password: false,
      publicKey: null,
      certificate: null,
      totp: 'none',
      token: true,
      tokenId: row.id,
    } as const;
    return Identity.bind(user, factors, { ip: from.ip, via: 'api' }, null, now);
  }
}
