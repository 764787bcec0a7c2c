import type { SessionId } from '../../kernel/id.ts';
import type { TransferRow } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import type { TransferView, transfers } from '../contract/commands.ts';
import type { ParsedQuery } from '../contract/route.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { jsonLines } from './json-lines.ts';
import { pageOf } from './paging.ts';
import { iso, millisOrUndefined } from './time.ts';

export function transferHandlers(store: Pick<Store, 'transfers' | 'audit'>): Handlers<'transfers'> {
  return {
    async list({ query }) {
      const { after, limit, ...filter } = query;
      const page = pageOf(await store.transfers.list({ ...storeQuery(filter), after, limit: limit + 1 }), limit);
      return { items: page.items.map(view), next: page.next };
    },

    async export({ query, actor }) {
      await store.audit.append(done(actor, 'transfer.export', null, query));
      return jsonLines((page) => store.transfers.list({ ...storeQuery(query), ...page }), view);
    },
  };
}

function storeQuery({ session, since, until, ...rest }: ParsedQuery<typeof transfers.export>) {
  return {
    ...rest,
    session: session as SessionId | undefined,
    since: millisOrUndefined(since),
    until: millisOrUndefined(until),
  };
}

function view(row: TransferRow): TransferView {
  return {
    id: row.id,
    session: row.sessionId,
    user: row.userName,
    userId: row.userId,
    asset: row.assetName,
    assetId: row.assetId,
    account: row.account,
    method: row.method,
    direction: row.direction,
    path: row.path,
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    bytes: row.bytes,
    sha256: row.sha256,
    partial: row.partial,
    result: row.result,
    detail: row.detail,
  };
}
