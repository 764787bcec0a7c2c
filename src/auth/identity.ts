import type { TokenId, WebSessionId } from '../kernel/id.ts';
import type { User } from '../store/model.ts';
import type { KeyRestrictions } from './key-options.ts';

const proof = Symbol('identity');

/** Which factor proved what: kept with the identity and written into the audit row of the login. */
export interface Factors {
  readonly password: boolean;
  /** Fingerprint of the key or certificate key that signed. */
  readonly publicKey: string | null;
  /** Key id of the certificate, when one was used. */
  readonly certificate: string | null;
  /** Fingerprint of the authority that signed the certificate: without that authority the login no longer stands. */
  readonly authority?: string | null | undefined;
  readonly totp: 'code' | 'recovery' | 'remembered' | 'exempt' | 'none';
  readonly token: boolean;
  /** The API token that speaks: without it the login no longer stands. */
  readonly tokenId?: TokenId | undefined;
  /** The signed-in browser that speaks: signed out, the login no longer stands. */
  readonly webSession?: WebSessionId | undefined;
}

/**
 * A proven person. Only `auth` can make one, at the final success of a login; holding an `Identity` is the proof.
 * It says who, not what they may: that is `access`. The user's row is as it was at login; whoever needs today's
 * state asks the store.
 */
export class Identity {
  readonly user: User;
  readonly factors: Factors;
  readonly from: { readonly ip: string; readonly via: 'ssh' | 'web' | 'api' };
  /** What the key that was used forbids (`restrict`, `no-pty`, …); null without restrictions. */
  readonly restrictions: KeyRestrictions | null;
  readonly loggedInAt: number;
  readonly #proof = proof;

  private constructor(
    user: User,
    factors: Factors,
    from: Identity['from'],
    restrictions: KeyRestrictions | null,
    at: number,
  ) {
    this.user = user;
    this.factors = factors;
    this.from = from;
    this.restrictions = restrictions;
    this.loggedInAt = at;
  }

  /** Only for `auth`: `test/architecture.test.ts` checks that no other room calls it. */
  static bind(
    user: User,
    factors: Factors,
    from: Identity['from'],
    restrictions: KeyRestrictions | null,
    at: number,
  ): Identity {
    return new Identity(user, factors, from, restrictions, at);
  }

  static isIdentity(value: unknown): value is Identity {
    return typeof value === 'object' && value !== null && #proof in value && (value as Identity).#proof === proof;
  }
}
