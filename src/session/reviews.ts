import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { newId, type ReviewId } from '../kernel/id.ts';
import type { Actor, AuditDraft, CommandRule, Review, SessionRow } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { auditTarget } from './rows.ts';

export type ReviewOutcome =
  | { readonly kind: 'approved' | 'refused'; readonly by: string }
  /** The user gave up, or the session ended. */
  | { readonly kind: 'cancelled' };

/** A command that is held until somebody decides. */
export interface PendingReview {
  readonly id: ReviewId;
  /** Who may decide, by name. */
  readonly reviewers: readonly string[];
  readonly settled: Promise<ReviewOutcome>;
  /** The user does not want to wait any longer. */
  cancel(): void;
}

/** Who settles a review, and what decides whether they may. */
export interface Reviewer {
  readonly actor: Actor;
  readonly isAdmin: boolean;
}

export interface ReviewDeps {
  readonly store: Pick<Store, 'reviews' | 'users'>;
  readonly clock: Clock;
}

/** Commands that wait for somebody's word, of all sessions. */
export class Reviews {
  readonly #deps: ReviewDeps;
  readonly #pending = new Map<ReviewId, { review: Review; named: boolean; settle(outcome: ReviewOutcome): void }>();

  constructor(deps: ReviewDeps) {
    this.#deps = deps;
  }

  async ask(session: SessionRow, line: string, rule: CommandRule): Promise<PendingReview> {
    const { store, clock } = this.#deps;
    const now = clock.now();
    const reviewers = rule.reviewers.length > 0 ? rule.reviewers : await this.#administrators(now);
    const review: Review = {
      id: newId<ReviewId>(now),
      sessionId: session.id,
      userId: session.userId,
      userName: session.userName,
      assetName: session.assetName,
      account: session.account,
      line,
      filter: rule.name,
      reviewers: reviewers.filter((name) => name !== session.userName),
      state: 'pending',
      askedAt: now,
      settledAt: null,
      settledBy: null,
    };
    await store.reviews.create(review, reviewAudit(review, 'review.ask', ownActor(session)));
    const { promise, resolve } = Promise.withResolvers<ReviewOutcome>();
    this.#pending.set(review.id, { review, named: rule.reviewers.length > 0, settle: resolve });
    return {
      id: review.id,
      reviewers: review.reviewers,
      settled: promise,
      cancel: () => void this.#cancel(review, session),
    };
  }

  /** `not_found` when nothing waits under this id, `forbidden` when it is not theirs to decide. */
  async settle(id: ReviewId, kind: 'approved' | 'refused', by: Reviewer): Promise<Review> {
    const { store, clock } = this.#deps;
    const waiting = this.#pending.get(id);
    if (!waiting) {
      throw new AppError('not_found', 'No command waits under this id any more. See: bastion review list');
    }
    const { review, named } = waiting;
    mustBeReviewer(review, named, by);
    const state = { state: kind, at: clock.now(), by: by.actor.name };
    const audit = reviewAudit(review, kind === 'approved' ? 'review.approve' : 'review.refuse', by.actor);
    const settled = await store.reviews.settle(id, state, audit);
    this.#pending.delete(id);
    waiting.settle({ kind, by: by.actor.name });
    return settled;
  }

  async #cancel(review: Review, session: SessionRow): Promise<void> {
    const waiting = this.#pending.get(review.id);
    if (!waiting) return;
    this.#pending.delete(review.id);
    waiting.settle({ kind: 'cancelled' });
    const state = { state: 'cancelled' as const, at: this.#deps.clock.now(), by: null };
    // a review that could not be closed is closed at the next start
    await this.#deps.store.reviews
      .settle(review.id, state, reviewAudit(review, 'review.cancel', ownActor(session)))
      .catch(() => {});
  }

  async #administrators(now: number): Promise<string[]> {
    const users = await this.#deps.store.users.list();
    return users
      .filter(({ role, disabled, validUntil }) => role === 'admin' && !disabled && (validUntil ?? now) >= now)
      .map(({ name }) => name);
  }
}

/** Four eyes: nobody approves what they typed themselves. The machine's owner may always. */
function mustBeReviewer(review: Review, named: boolean, { actor, isAdmin }: Reviewer): void {
  if (actor.kind === 'machine') return;
  if (actor.userId === review.userId) {
    throw new AppError('forbidden', 'Somebody else has to decide about your own command.');
  }
  const listed = review.reviewers.some((name) => name.toLowerCase() === actor.name.toLowerCase());
  if (named ? listed : isAdmin) return;
  const who = review.reviewers.join(', ') || 'an administrator';
  throw new AppError('forbidden', `This command is for ${who} to decide.`);
}

function ownActor(session: SessionRow): Actor {
  return { kind: 'user', userId: session.userId, name: session.userName, ip: session.clientIp, via: session.via };
}

function reviewAudit(review: Review, action: string, actor: Actor): AuditDraft {
  return {
    actor,
    action,
    outcome: 'ok',
    target: auditTarget({ id: review.sessionId, account: review.account, assetName: review.assetName }),
    reason: null,
    details: { review: review.id, user: review.userName, line: review.line, filter: review.filter },
  };
}
