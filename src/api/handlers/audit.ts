import type { Store } from '../../store/store.ts';
import type { Handlers } from './handler.ts';
import { pageOf } from './paging.ts';
import { iso, millis } from './time.ts';

export function auditHandlers(store: Pick<Store, 'audit'>): Handlers<'audit'> {
  return {
    async list({ query }) {
      const { limit, since, until, ...rest } = query;
      const span = {
        since: since === undefined ? since : millis(since),
        until: until === undefined ? until : millis(until),
      };
      const page = pageOf(await store.audit.list({ ...rest, ...span, limit: limit + 1 }), limit);
      return {
        items: page.items.map((row) => ({
          id: row.id,
          seq: row.seq,
          at: iso(row.at),
          actor: { kind: row.actor.kind, name: row.actor.name, ip: row.actor.ip, via: row.actor.via },
          action: row.action,
          outcome: row.outcome,
          target: row.target,
          reason: row.reason,
          details: row.details === null ? null : { ...row.details },
        })),
        next: page.next,
      };
    },
  };
}
