import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { newId, type WebSessionId } from '../kernel/id.ts';
import { printable } from '../kernel/printable.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Actor, AuditDraft, User, WebSession } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { actorOf } from './actor.ts';
import { type Factors, Identity } from './identity.ts';
import { newToken, tokenHash } from './one-time.ts';
import { refuseUser } from './user-state.ts';

/** How often a session in use writes down that it is. */
const TOUCH_EVERY_MS = 60_000;
/** Browsers of one person at once; the one that was used least lately goes. */
const MAX_PER_USER = 50;
/** Sessions of which it is known when they were last written down. */
const REMEMBERED = 10_000;

/** Browsers that are signed in. Only the hash of their cookie is kept. */
export class WebSessions {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #config: Config['auth']['web_session'];
  readonly #seenAt = new Map<WebSessionId, number>();

  constructor(deps: { store: Store; clock: Clock; config: Config['auth']['web_session'] }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#config = deps.config;
  }

  /** What a finished login becomes: the value of the cookie, always a new one, and when it ends at the latest. */
  async open(who: Identity, userAgent: string): Promise<{ token: Secret; expiresAt: number }> {
    const now = this.#clock.now();
    const token = newToken('bsw');
    const id = newId<WebSessionId>(now);
    const expiresAt = now + this.#config.max;
    await this.#store.webSessions.create(
      {
        id,
        userId: who.user.id,
        tokenHash: tokenHash('bsw', token)!,
        createdAt: now,
        idleUntil: this.#idleUntil(now),
        expiresAt,
        ip: who.from.ip,
        userAgent: printable(userAgent, 256),
        factors: JSON.stringify(who.factors),
      },
      MAX_PER_USER,
      signInAudit(actorOf(who), 'sign-in.open', id, who.user, { expiresAt }),
    );
    return { token, expiresAt };
  }

  /** Whose cookie this is, or undefined: unknown, over, or of a user who may not log in. */
  async find(token: Secret, from: { readonly ip: string }): Promise<Identity | undefined> {
    const hash = tokenHash('bsw', token);
    const row = hash === undefined ? undefined : await this.#store.webSessions.byTokenHash(hash);
    const now = this.#clock.now();
    if (!row || now >= row.expiresAt || now >= row.idleUntil) return undefined;
    const user = await this.#store.users.byId(row.userId);
    if (!user || refuseUser(user, now) !== null) return undefined;
    const factors: Factors = { ...(JSON.parse(row.factors) as Factors), webSession: row.id };
    return Identity.bind(user, factors, { ip: from.ip, via: 'web' }, null, row.createdAt);
  }

  /** A sign of life of who is signed in: what a request or a key press is. Written down at most once a minute. */
  async seen(who: Identity): Promise<void> {
    const id = who.factors.webSession;
    const now = this.#clock.now();
    if (id === undefined || now - (this.#seenAt.get(id) ?? 0) < TOUCH_EVERY_MS) return;
    if (this.#seenAt.size >= REMEMBERED) this.#seenAt.clear();
    this.#seenAt.set(id, now);
    await this.#store.webSessions.touch(id, now, this.#idleUntil(now));
  }

  list(user: User): Promise<WebSession[]> {
    return this.#store.webSessions.listOf(user.id, this.#clock.now());
  }

  /** When the session of who is signed in ends at the latest; null for others. */
  async endOf(who: Identity): Promise<number | null> {
    const id = who.factors.webSession;
    return id === undefined ? null : ((await this.#store.webSessions.byId(id))?.expiresAt ?? null);
  }

  /** Signs one out. AppError `not_found` when it is not one of this user. */
  async end(user: User, id: WebSessionId, actor: Actor): Promise<void> {
    await this.#store.webSessions.remove(user.id, id, signInAudit(actor, 'sign-in.end', id, user));
  }

  /** Signs out everywhere but there; returns how many browsers that were. */
  endOthers(user: User, keep: WebSessionId | null, actor: Actor): Promise<number> {
    return this.#store.webSessions.removeOthers(user.id, keep, signInAudit(actor, 'sign-in.end-others', keep, user));
  }

  #idleUntil(now: number): number {
    return now + this.#config.idle;
  }
}

function signInAudit(
  actor: Actor,
  action: string,
  id: WebSessionId | null,
  user: User,
  details: Readonly<Record<string, unknown>> = {},
): AuditDraft {
  const target = { kind: 'sign-in', id, name: user.name };
  return { actor, action, outcome: 'ok', target, reason: null, details };
}
