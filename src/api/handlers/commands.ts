import type { SessionId } from '../../kernel/id.ts';
import type { CommandRow } from '../../store/model.ts';
import type { CommandQuery, Store } from '../../store/store.ts';
import type { CommandView, commands } from '../contract/commands.ts';
import type { ParsedQuery } from '../contract/route.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { jsonLines } from './json-lines.ts';
import { pageOf } from './paging.ts';
import { iso, millisOrUndefined } from './time.ts';

export function commandHandlers(store: Pick<Store, 'commands' | 'audit'>): Handlers<'commands'> {
  return {
    async list({ query }) {
      const { after, limit, ...filter } = query;
      const page = pageOf(await store.commands.list({ ...storeQuery(filter), after, limit: limit + 1 }), limit);
      return { items: page.items.map(view), next: page.next };
    },

    async export({ query, actor }) {
      await store.audit.append(done(actor, 'command.export', null, query));
      return jsonLines((page) => store.commands.list({ ...storeQuery(query), ...page }), view);
    },
  };
}

function storeQuery({ session, since, until, ...rest }: ParsedQuery<typeof commands.export>): CommandQuery {
  return {
    ...rest,
    session: session as SessionId | undefined,
    since: millisOrUndefined(since),
    until: millisOrUndefined(until),
  };
}

function view(row: CommandRow): CommandView {
  return {
    id: row.id,
    session: row.sessionId,
    at: iso(row.at),
    seconds: row.offset / 1000,
    user: row.userName,
    userId: row.userId,
    asset: row.assetName,
    assetId: row.assetId,
    account: row.account,
    line: row.line,
    confidence: row.confidence,
    context: row.context,
    verdict: row.verdict,
    filter: row.filter,
    reviewer: row.reviewer,
    exitCode: row.exitCode,
    reported: row.reported,
    cwd: row.cwd,
  };
}
