import type { Clock } from '../kernel/clock.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import { newId, type ReviewId, type SessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Actor, AuditDraft, CommandRule, Review, SessionRow } from '../store/model.ts';
import { nameKey } from '../store/name-key.ts';
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
  readonly store: Pick<Store, 'reviews' | 'users' | 'filters'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Longer lines are not put before anybody: what is approved must have been read. */
const LONGEST_LINE = 8 * 1024;

interface Waiting {
  readonly review: Review;
  /** As it stood when it was asked. */
  readonly rule: CommandRule;
  readonly session: SessionRow;
  settle(outcome: ReviewOutcome): void;
}

/**
 * Commands that wait for somebody's word, of all sessions. Who comes first at the store decides, but for the user: who
 * gives up does so at once, and an approval that was on its way comes to nothing.
 */
export class Reviews {
  readonly #deps: ReviewDeps;
  readonly #pending = new Map<ReviewId, Waiting>();
  /** Sessions whose question is being written; true once the session has ended. */
  readonly #asking = new Map<ReviewId, { readonly session: SessionId; ended: boolean }>();

  constructor(deps: ReviewDeps) {
    this.#deps = deps;
  }

  /** Rejects with an AppError when the question cannot be put: the line is too long, or nothing can be stored. */
  async ask(session: SessionRow, line: string, rule: CommandRule): Promise<PendingReview> {
    if (line.length > LONGEST_LINE) {
      throw new AppError('too_large', 'The command is too long to be reviewed; put it into a script and run that.');
    }
    const { store, clock } = this.#deps;
    const now = clock.now();
    const named = rule.reviewers.length > 0;
    const id = newId<ReviewId>(now);
    const asking = { session: session.id, ended: false };
    this.#asking.set(id, asking);
    try {
      const reviewers = named ? rule.reviewers : await this.#administrators(now);
      const review: Review = {
        id,
        sessionId: session.id,
        userId: session.userId,
        userName: session.userName,
        assetName: session.assetName,
        account: session.account,
        line,
        filter: rule.name,
        reviewers: reviewers.filter((name) => nameKey(name) !== nameKey(session.userName)),
        state: 'pending',
        askedAt: now,
        settledAt: null,
        settledBy: null,
      };
      await store.reviews.create(review, reviewAudit(review, 'review.ask', ownActor(session)));
      const { promise, resolve } = Promise.withResolvers<ReviewOutcome>();
      this.#pending.set(id, { review, rule, session, settle: resolve });
      if (asking.ended) this.#cancel(id);
      return { id, reviewers: review.reviewers, settled: promise, cancel: () => this.#cancel(id) };
    } finally {
      this.#asking.delete(id);
    }
  }

  /**
   * `not_found` when nothing waits under this id, `forbidden` when it is not theirs to decide (any more), `conflict`
   * when somebody else was quicker, the user gave up, or the filter forbids the command meanwhile.
   */
  async settle(id: ReviewId, kind: 'approved' | 'refused', by: Reviewer): Promise<Review> {
    const { store, clock } = this.#deps;
    const waiting = this.#pending.get(id);
    if (!waiting) {
      throw new AppError('not_found', 'No command waits under this id any more. See: bastion review list');
    }
    const { review } = waiting;
    const rule = await this.#today(waiting.rule);
    if (!this.#pending.has(id)) throw tooLate(review);
    mustBeReviewer(review, rule.reviewers, by);
    if (kind === 'approved' && rule.action === 'deny')
      throw new AppError(
        'conflict',
        `The filter ${rule.name} forbids this command by now: deny it, or change the filter.`,
      );
    const state = { state: kind, at: clock.now(), by: by.actor.name };
    const audit = reviewAudit(review, kind === 'approved' ? 'review.approve' : 'review.refuse', by.actor);
    const settled = await store.reviews.settle(id, state, audit);
    if (!this.#pending.delete(id)) throw tooLate(review);
    waiting.settle({ kind, by: by.actor.name });
    return settled;
  }

  /** Nothing of an ended session waits any longer. */
  sessionEnded(session: SessionId): void {
    for (const asking of this.#asking.values()) if (asking.session === session) asking.ended = true;
    for (const [id, waiting] of this.#pending) if (waiting.review.sessionId === session) this.#cancel(id);
  }

  #cancel(id: ReviewId): void {
    const waiting = this.#pending.get(id);
    if (!waiting) return;
    this.#pending.delete(id);
    waiting.settle({ kind: 'cancelled' });
    const { store, clock, log } = this.#deps;
    const state = { state: 'cancelled' as const, at: clock.now(), by: null };
    const audit = reviewAudit(waiting.review, 'review.cancel', ownActor(waiting.session));
    store.reviews.settle(id, state, audit).catch((err: unknown) => {
      // a refusal that was on its way may stand; what could not be written is closed at the next start
      if (toAppError(err).code !== 'conflict')
        log.error({ review: id, err }, 'a command that was given up cannot be closed');
    });
  }

  /** The filter as it is now; as it was when it is gone or does not count any more. */
  async #today(rule: CommandRule): Promise<Pick<CommandRule, 'name' | 'action' | 'reviewers'>> {
    const filters = await this.#deps.store.filters.list();
    return filters.find(({ id, active }) => id === rule.id && active) ?? rule;
  }

  async #administrators(now: number): Promise<string[]> {
    const users = await this.#deps.store.users.list();
    return users
      .filter(
        ({ role, disabled, validUntil }) => role === 'admin' && !disabled && (validUntil === null || now < validUntil),
      )
      .map(({ name }) => name);
  }
}

function tooLate({ userName }: Review): AppError {
  return new AppError(
    'conflict',
    `${userName} gave up at the same moment, or somebody was quicker; see: bastion review list --all`,
  );
}

/** Four eyes: nobody approves what they typed themselves. The machine's owner may always. Without names any administrator may. */
function mustBeReviewer(review: Review, names: readonly string[], { actor, isAdmin }: Reviewer): void {
  if (actor.kind === 'machine') return;
  if (actor.userId === review.userId) {
    throw new AppError('forbidden', 'Somebody else has to decide about your own command.');
  }
  const named = names.length > 0;
  if (named ? names.some((name) => nameKey(name) === nameKey(actor.name)) : isAdmin) return;
  const who = (named ? names : review.reviewers).join(', ') || 'an administrator';
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
