import type { Selectable } from 'kysely';
import type { SessionId, TransferId } from '../../kernel/id.ts';
import type { Millis, TransferRow } from '../model.ts';
import type { TransfersTable } from '../schema.ts';
import type { Audit, Page, TransfersRepository } from '../store.ts';
import { foldedMatcher } from '../text-query.ts';
import { nameKey, Repository } from '../work.ts';

const PAGE = 100;
/** Rows looked through at a time for a text in their path. */
const LOOKED_THROUGH = 1000;

export class Transfers extends Repository implements TransfersRepository {
  async add(transfers: readonly TransferRow[], audit: Audit): Promise<void> {
    await this.db.insertInto('transfers').values(transfers.map(toColumns)).execute();
    await this.writeAudit(audit);
  }

  async list(
    query: Page & {
      readonly session?: SessionId | undefined;
      readonly user?: string | undefined;
      readonly asset?: string | undefined;
      readonly text?: string | undefined;
      readonly since?: Millis | undefined;
      readonly until?: Millis | undefined;
    },
  ): Promise<TransferRow[]> {
    const limit = query.limit ?? PAGE;
    if (!query.text) return this.#page(query, query.after, limit);
    // there are few enough to look through: no index of their text
    const matches = foldedMatcher(query.text);
    const found: TransferRow[] = [];
    let after = query.after;
    while (found.length < limit) {
      const page = await this.#page(query, after, LOOKED_THROUGH);
      found.push(...page.filter((row) => matches(row.path)));
      if (page.length < LOOKED_THROUGH) break;
      after = page.at(-1)!.id;
    }
    return found.slice(0, limit);
  }

  async #page(
    query: Parameters<Transfers['list']>[0],
    after: string | undefined,
    limit: number,
  ): Promise<TransferRow[]> {
    let rows = this.db.selectFrom('transfers').selectAll();
    const { session, user, asset, since, until } = query;
    if (after !== undefined) rows = rows.where('id', '<', after as TransferId);
    if (session !== undefined) rows = rows.where('session_id', '=', session);
    if (since !== undefined) rows = rows.where('started_at', '>=', since);
    if (until !== undefined) rows = rows.where('started_at', '<', until);
    // by the name it had then or has now, as for sessions
    if (user !== undefined)
      rows = rows.where((eb) =>
        eb.or([
          eb('user_name', '=', user),
          eb('user_id', 'in', eb.selectFrom('users').select('users.id').where('name_key', '=', nameKey(user))),
        ]),
      );
    if (asset !== undefined)
      rows = rows.where((eb) =>
        eb.or([
          eb('asset_name', '=', asset),
          eb('asset_id', 'in', eb.selectFrom('assets').select('assets.id').where('name_key', '=', nameKey(asset))),
        ]),
      );
    return (await rows.orderBy('id', 'desc').limit(limit).execute()).map(toTransfer);
  }
}

function toColumns(transfer: TransferRow): TransfersTable {
  return {
    id: transfer.id,
    session_id: transfer.sessionId,
    user_id: transfer.userId,
    user_name: transfer.userName,
    asset_id: transfer.assetId,
    asset_name: transfer.assetName,
    account: transfer.account,
    method: transfer.method,
    direction: transfer.direction,
    path: transfer.path,
    started_at: transfer.startedAt,
    ended_at: transfer.endedAt,
    bytes: transfer.bytes,
    sha256: transfer.sha256,
    partial: transfer.partial ? 1 : 0,
    result: transfer.result,
    detail: transfer.detail,
  };
}

function toTransfer(row: Selectable<TransfersTable>): TransferRow {
  return {
    id: row.id,
    sessionId: row.session_id,
    userId: row.user_id,
    userName: row.user_name,
    assetId: row.asset_id,
    assetName: row.asset_name,
    account: row.account,
    method: row.method,
    direction: row.direction,
    path: row.path,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    bytes: row.bytes,
    sha256: row.sha256,
    partial: row.partial === 1,
    result: row.result,
    detail: row.detail,
  };
}
