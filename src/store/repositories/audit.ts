import type { Selectable } from 'kysely';
import type { AuditId } from '../../kernel/id.ts';
import type { AuditRow } from '../model.ts';
import type { AuditTable } from '../schema.ts';
import type { Audit, AuditRepository, Page } from '../store.ts';
import { Repository } from '../work.ts';

const PAGE = 100;

export class AuditLog extends Repository implements AuditRepository {
  async append(audit: Audit): Promise<void> {
    await this.writeAudit(audit);
  }

  /** `action` takes a whole thing as well (`user` finds `user.create`); `target` is a name or an id. */
  async list(
    query: Page & { action?: string | undefined; actor?: string | undefined; target?: string | undefined },
  ): Promise<AuditRow[]> {
    let rows = this.db.selectFrom('audit').selectAll();
    const { after, action, actor, target } = query;
    // by the order of writing, not by id: a clock may be set back
    if (after !== undefined)
      rows = rows.where('seq', '<', (eb) =>
        eb
          .selectFrom('audit')
          .select('seq')
          .where('id', '=', after as AuditId),
      );
    if (action !== undefined)
      // '/' is the character after '.': the range is exactly what starts with "ACTION."
      rows = rows.where((eb) =>
        eb.or([eb('action', '=', action), eb.and([eb('action', '>', `${action}.`), eb('action', '<', `${action}/`)])]),
      );
    if (actor !== undefined) rows = rows.where('actor_name', '=', actor);
    if (target !== undefined)
      rows = rows.where((eb) => eb.or([eb('target_name', '=', target), eb('target_id', '=', target)]));
    return (
      await rows
        .orderBy('seq', 'desc')
        .limit(query.limit ?? PAGE)
        .execute()
    ).map(toRow);
  }
}

function toRow(row: Selectable<AuditTable>): AuditRow {
  return {
    id: row.id,
    at: row.at,
    actor: {
      kind: row.actor_kind,
      userId: row.actor_user_id,
      name: row.actor_name,
      ip: row.actor_ip,
      via: row.actor_via,
    },
    action: row.action,
    outcome: row.outcome,
    target: row.target_kind === null ? null : { kind: row.target_kind, id: row.target_id, name: row.target_name ?? '' },
    reason: row.reason,
    details: row.details_json === null ? null : (JSON.parse(row.details_json) as AuditRow['details']),
  };
}
