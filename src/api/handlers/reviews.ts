import { may } from '../../access/roles.ts';
import { AppError } from '../../kernel/errors.ts';
import type { ReviewId } from '../../kernel/id.ts';
import type { Registry } from '../../session/types.ts';
import type { Review } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import type { ReviewView } from '../contract/commands.ts';
import { quoted } from './find.ts';
import type { Call, Handlers } from './handler.ts';
import { pageOf } from './paging.ts';
import { iso, isoOrNull } from './time.ts';

export interface ReviewDeps {
  readonly store: Pick<Store, 'reviews'>;
  /** Absent where no daemon runs: then nothing waits. */
  readonly registry: Registry | undefined;
}

export function reviewHandlers({ store, registry }: ReviewDeps): Handlers<'reviews'> {
  /** A review this caller may see; whatever else there is does not exist for them. */
  const find = async (id: string, caller: Caller): Promise<Review> => {
    const review = await store.reviews.byId(id as ReviewId);
    const name = ownName(caller);
    const isListed = (own: string) => review?.reviewers.some((one) => nameKey(one) === nameKey(own));
    if (!review || (name !== undefined && !isListed(name)))
      throw new AppError('not_found', `There is no review ${quoted(id)}. See: bastion review list`);
    return review;
  };
  const settle = (kind: 'approved' | 'refused') => {
    return async ({ params, caller, actor }: Pick<Call<never>, 'caller' | 'actor'> & { params: { id: string } }) => {
      const review = await find(params.id, caller);
      if (!registry) {
        throw new AppError(
          'needs_daemon',
          'No command waits: the daemon is not running. Start it with "bastion serve".',
        );
      }
      if (review.state !== 'pending') throw settledAlready(review);
      const isAdmin = caller.kind === 'machine' || (caller.kind === 'person' && caller.identity.user.role === 'admin');
      return view(await registry.reviews.settle(review.id, kind, { actor, isAdmin }));
    };
  };

  return {
    async list({ query, caller }) {
      const { after, limit, state } = query;
      const rows = await store.reviews.list({
        after,
        limit: limit + 1,
        state: state === 'all' ? undefined : state,
        reviewer: ownName(caller),
      });
      const page = pageOf(rows, limit);
      return { items: page.items.map(view), next: page.next };
    },

    async show({ params, caller }) {
      return view(await find(params.id, caller));
    },

    approve: settle('approved'),
    deny: settle('refused'),
  };
}

/** The name a review must list for this caller to see it; undefined for those who may read the whole audit. */
function ownName(caller: Caller): string | undefined {
  if (caller.kind === 'machine') return undefined;
  if (caller.kind === 'nobody') return '';
  const { role, name } = caller.identity.user;
  return may(role, 'audit.read') ? undefined : name;
}

function settledAlready({ state, settledBy }: Review): AppError {
  const by = settledBy === null ? '' : ` by ${settledBy}`;
  return new AppError('conflict', `This command was ${state}${by} already; nothing is left to decide.`);
}

function view(review: Review): ReviewView {
  return {
    id: review.id,
    session: review.sessionId,
    user: review.userName,
    userId: review.userId,
    asset: review.assetName,
    account: review.account,
    line: review.line,
    filter: review.filter,
    reviewers: [...review.reviewers],
    state: review.state,
    askedAt: iso(review.askedAt),
    settledAt: isoOrNull(review.settledAt),
    settledBy: review.settledBy,
  };
}
