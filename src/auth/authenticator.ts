import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import type { WebSessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Actor, ApiToken, Link, LinkKind, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { ApiTokens } from './api-tokens.ts';
import type { Identity } from './identity.ts';
import { Links, type NewCredentials } from './links.ts';
import { Lockout } from './lockout.ts';
import { ConnectionLogin } from './login.ts';
import type { Login } from './login-types.ts';
import { OwnPassword } from './own-password.ts';
import { Passwords } from './password.ts';
import { checkPassword, type PasswordOwner } from './password-policy.ts';
import { SignIns } from './sign-in.ts';
import { TicketLogin } from './ticket-login.ts';
import { Tickets } from './tickets.ts';
import { type Enrolment, Totp } from './totp.ts';
import { WebSessions } from './web-sessions.ts';

/** Who are you: everything that proves a person, and everything that gives a person something to prove it with. */
export interface Authenticator {
  /** One connection's login. `ip` is the person's address, `via` the door they came to. Over SSH a ticket may stand for it. */
  beginLogin(from: { readonly ip: string; readonly via: 'ssh' | 'web' }): Login;
  /** Logins over single requests of a browser. */
  readonly signIns: Pick<SignIns, 'begin' | 'answer'>;
  /** Browsers that are signed in. */
  readonly webSessions: Pick<WebSessions, 'open' | 'find' | 'seen' | 'list' | 'end' | 'endOf' | 'endOthers'>;
  /** One-time tickets for one use of one asset. */
  readonly tickets: Pick<Tickets, 'create' | 'redeem'>;
  /** Who an API token (`bst_…`) speaks for; undefined when it is unknown, expired, or its user may not log in. */
  bearer(token: Secret, from: { readonly ip: string }): Promise<Identity | undefined>;
  /** A new API token; the secret is shown this once. `expiresAt` in milliseconds, null for no end. */
  createApiToken(
    user: User,
    name: string,
    expiresAt: number | null,
    actor: Actor,
  ): Promise<{ token: Secret; row: ApiToken }>;
  /** A one-time link token (`bsl_…`): set-up 1 h, invite 72 h unless `validMs` says otherwise. Earlier ones stop working. */
  createLink(
    kind: LinkKind,
    user: User | null,
    actor: Actor,
    validMs?: number,
  ): Promise<{ token: Secret; expiresAt: number }>;
  /** Uses a link: `setup` makes the first administrator, `invite` sets a user's password or keys. AppError `expired`, `invalid`, `conflict`. */
  redeemLink(token: Secret, kind: LinkKind, credentials: NewCredentials, actor: Actor): Promise<User>;
  /** What a link is for, without using it up; AppError `expired` when it is no (longer) good. */
  showLink(token: Secret): Promise<{ link: Link; user: User | null }>;
  /** Policy and hash for a new user's row. AppError `invalid` says what to change. */
  hashPassword(password: Secret, owner: PasswordOwner, actor: Actor): Promise<string>;
  /**
   * Sets (or with null takes away) a user's password. What keys are remembered for is forgotten, and every browser but
   * `keep` signed out.
   */
  setPassword(user: User, password: Secret | null, actor: Actor, keep?: WebSessionId): Promise<void>;
  /** Before somebody changes how they log in. AppError `invalid` when it is wrong, `rate_limited` when locked out. */
  proveOwnPassword(who: Identity, password: Secret): Promise<void>;
  /** A new TOTP secret, which counts after `confirmTotp`. */
  beginTotp(user: User, actor: Actor): Promise<Enrolment>;
  /** The recovery codes, shown once; undefined when the code is wrong. AppError `conflict` when nothing was begun. */
  confirmTotp(user: User, code: Secret, actor: Actor): Promise<string[] | undefined>;
  resetTotp(user: User, actor: Actor): Promise<void>;
  /** Ends the password threads; logins that wait for them fail with `shutting_down`. */
  close(): Promise<void>;
}

export interface AuthenticatorDeps {
  readonly store: Store;
  readonly vault: Vault;
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts the room together. */
export function createAuthenticator(deps: AuthenticatorDeps): Authenticator {
  const { store, vault, clock, log } = deps;
  const config = deps.config.auth;
  const passwords = new Passwords();
  const totp = new Totp({ store, vault, clock });
  const lockout = new Lockout({ store, clock, config: config.lockout });
  const tokens = new ApiTokens({ store, clock });
  const webSessions = new WebSessions({ store, clock, config: config.web_session });
  const tickets = new Tickets({ store, clock });
  const own = new OwnPassword({ store, passwords, lockout });
  const links = new Links({ store, clock, passwords, config });

  const hashPassword = async (password: Secret, owner: PasswordOwner, actor: Actor): Promise<string> => {
    checkPassword(password, owner, config.password_min_length);
    return passwords.hash(password, actor.ip ?? actor.kind);
  };

  const beginLogin = (from: { readonly ip: string; readonly via: 'ssh' | 'web' }) =>
    new ConnectionLogin({ store, passwords, totp, lockout, clock, config, log }, from);

  return {
    beginLogin: (from) => {
      const login = beginLogin(from);
      return from.via === 'ssh' ? new TicketLogin({ store, tickets }, login, from) : login;
    },
    signIns: new SignIns({ begin: ({ ip }) => beginLogin({ ip, via: 'web' }), clock }),
    webSessions,
    tickets,
    bearer: (token, from) => tokens.bearer(token, from),
    createApiToken: (user, name, expiresAt, actor) => tokens.create(user, name, expiresAt, actor),
    createLink: (kind, user, actor, validMs) => links.create(kind, user, actor, validMs),
    redeemLink: (token, kind, credentials, actor) => links.redeem(token, kind, credentials, actor),
    showLink: (token) => links.show(token),
    hashPassword,
    proveOwnPassword: (who, password) => own.prove(who, password),
    async setPassword(user, password, actor, keep) {
      const hash = password === null ? null : await hashPassword(password, user, actor);
      const target = { kind: 'user', id: user.id, name: user.name };
      const details = { removed: hash === null };
      const draft = { actor, action: 'user.password', outcome: 'ok', target, reason: null, details } as const;
      await store.users.setPassword(user.id, hash, draft, keep);
    },
    beginTotp: (user, actor) => totp.begin(user, actor),
    confirmTotp: (user, code, actor) => totp.confirm(user, code, actor),
    resetTotp: (user, actor) => totp.reset(user, actor),
    close: () => passwords.close(),
  };
}
