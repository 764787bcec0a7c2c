import { newToken, tokenHash } from '../auth/one-time.ts';
import type { Clock } from '../kernel/clock.ts';
import { newId, type SessionId, type ShareId, type UserId } from '../kernel/id.ts';
import { type Disposer, Emitter } from '../kernel/lifecycle.ts';
import type { Secret } from '../kernel/secret.ts';

/** Links to one session; more are made by nobody who means well. */
export const MOST_SHARES = 100;

/** A link by which others come into a live session. */
export interface Share {
  readonly id: ShareId;
  readonly session: SessionId;
  readonly write: boolean;
  /** Whom it is for; empty means everybody who can log in. */
  readonly users: readonly { readonly id: UserId; readonly name: string }[];
  /** By name. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

interface Entry {
  readonly share: Share;
  readonly hash: string;
  readonly stopTimer: Disposer;
}

/**
 * The links to live sessions. They live in memory, because they end with their session. Only the SHA-256 of a token is
 * kept.
 */
export class Shares {
  readonly #clock: Clock;
  readonly #entries = new Map<ShareId, Entry>();
  readonly #gone = new Emitter<Share>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A share was removed, or has expired, or its session has ended: who came by it has to go. */
  onGone(listener: (share: Share) => void): Disposer {
    return this.#gone.on(listener);
  }

  /** `bsh_…` of 256 random bits, told this once. undefined when the session has as many as it may. */
  add(wish: Omit<Share, 'id' | 'createdAt'>): { readonly share: Share; readonly token: Secret } | undefined {
    if (this.of(wish.session).length >= MOST_SHARES) return undefined;
    const now = this.#clock.now();
    const token = newToken('bsh');
    const share: Share = { ...wish, id: newId<ShareId>(now), createdAt: now };
    const stopTimer = this.#clock.after(Math.max(0, share.expiresAt - now), () => this.remove(share.id));
    this.#entries.set(share.id, { share, hash: tokenHash('bsh', token)!, stopTimer });
    return { share, token };
  }

  /** What a token leads this person to; undefined for whatever reason. */
  find(token: Secret, user: UserId): Share | undefined {
    // looked up by its hash, so that no comparison tells how much of a token is right
    const hash = tokenHash('bsh', token);
    if (hash === undefined) return undefined;
    for (const entry of this.#entries.values()) if (entry.hash === hash) return this.#open(entry.share, user);
    return undefined;
  }

  /** Whether a share by which somebody came still lets them be there. */
  stands(share: Share, user: UserId): boolean {
    return this.#entries.has(share.id) && this.#open(share, user) !== undefined;
  }

  byId(id: string): Share | undefined {
    return this.#entries.get(id as ShareId)?.share;
  }

  /** Of a session, the oldest first. */
  of(session: SessionId): Share[] {
    return [...this.#entries.values()].map(({ share }) => share).filter((share) => share.session === session);
  }

  /** False when it was gone already. */
  remove(id: ShareId): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    entry.stopTimer();
    this.#entries.delete(id);
    this.#gone.emit(entry.share);
    return true;
  }

  /** All of a session: it has ended, or its user may not share it any more. */
  removeOf(session: SessionId): void {
    for (const share of this.of(session)) this.remove(share.id);
  }

  #open(share: Share, user: UserId): Share | undefined {
    const isFor = share.users.length === 0 || share.users.some(({ id }) => id === user);
    return isFor && share.expiresAt > this.#clock.now() ? share : undefined;
  }
}
