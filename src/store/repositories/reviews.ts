import { type Selectable, sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { ReviewId } from '../../kernel/id.ts';
import type { Millis, Review, ReviewState } from '../model.ts';
import type { ReviewsTable } from '../schema.ts';
import type { Audit, Page, ReviewsRepository } from '../store.ts';
import { Repository } from '../work.ts';

const PAGE = 100;

export class ReviewRows extends Repository implements ReviewsRepository {
  async create(review: Review, audit: Audit): Promise<void> {
    await this.db.insertInto('reviews').values(toColumns(review)).execute();
    await this.writeAudit(audit);
  }

  async settle(
    id: ReviewId,
    outcome: { readonly state: ReviewState; readonly at: Millis; readonly by: string | null },
    audit: Audit,
  ): Promise<Review> {
    // the first word stands, whoever else decides at the same moment; what the user gave up did not run
    const open: ReviewState[] = outcome.state === 'cancelled' ? ['pending', 'approved'] : ['pending'];
    const changed = await this.db
      .updateTable('reviews')
      .set({ state: outcome.state, settled_at: outcome.at, settled_by: outcome.by })
      .where('id', '=', id)
      .where('state', 'in', open)
      .executeTakeFirst();
    const review = await this.byId(id);
    if (!review) throw new AppError('not_found', 'There is no such review. See: bastion review list');
    if (changed.numUpdatedRows === 0n) throw settledAlready(review);
    await this.writeAudit(audit);
    return review;
  }

  async byId(id: ReviewId): Promise<Review | undefined> {
    const row = await this.db.selectFrom('reviews').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toReview(row);
  }

  async list(
    query: Page & { readonly state?: ReviewState | undefined; readonly reviewer?: string | undefined },
  ): Promise<Review[]> {
    let rows = this.db.selectFrom('reviews').selectAll();
    if (query.after !== undefined) rows = rows.where('id', '<', query.after as ReviewId);
    if (query.state !== undefined) rows = rows.where('state', '=', query.state);
    if (query.reviewer !== undefined)
      rows = rows.where(
        sql<boolean>`exists (select 1 from json_each(reviewers_json) where value = ${query.reviewer} collate nocase)`,
      );
    return (
      await rows
        .orderBy('id', 'desc')
        .limit(query.limit ?? PAGE)
        .execute()
    ).map(toReview);
  }

  async cancelPending(at: Millis): Promise<number> {
    const changed = await this.db
      .updateTable('reviews')
      .set({ state: 'cancelled', settled_at: at })
      .where('state', '=', 'pending')
      .executeTakeFirst();
    return Number(changed.numUpdatedRows);
  }
}

function settledAlready({ state, settledBy }: Review): AppError {
  const by = settledBy === null ? '' : ` by ${settledBy}`;
  return new AppError('conflict', `This command was ${state}${by} already; nothing is left to decide.`);
}

function toColumns(review: Review): ReviewsTable {
  return {
    id: review.id,
    session_id: review.sessionId,
    user_id: review.userId,
    user_name: review.userName,
    asset_name: review.assetName,
    account: review.account,
    line: review.line,
    filter: review.filter,
    reviewers_json: JSON.stringify(review.reviewers),
    state: review.state,
    asked_at: review.askedAt,
    settled_at: review.settledAt,
    settled_by: review.settledBy,
  };
}

function toReview(row: Selectable<ReviewsTable>): Review {
  return {
    id: row.id,
    sessionId: row.session_id,
    userId: row.user_id,
    userName: row.user_name,
    assetName: row.asset_name,
    account: row.account,
    line: row.line,
    filter: row.filter,
    reviewers: JSON.parse(row.reviewers_json) as Review['reviewers'],
    state: row.state,
    askedAt: row.asked_at,
    settledAt: row.settled_at,
    settledBy: row.settled_by,
  };
}
