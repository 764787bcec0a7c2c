import { createSecretKey } from 'node:crypto';
import { type Selectable, sql } from 'kysely';
import type { AuditId, SessionId } from '../../kernel/id.ts';
import { type AuditArming, arm, prune } from '../audit/arming.ts';
import type { ChainPlace } from '../audit/chain.ts';
import {
  type AuditedRecording,
  auditedRecordings,
  endOf,
  exportLines,
  placeBefore,
  rowAt,
  unauditedRecordings,
  type WalkPage,
  walkPage,
} from '../audit/pages.ts';
import type { AuditQuery, AuditRepository } from '../audit/repository.ts';
import type { WalkState } from '../audit/walk.ts';
import { CHAIN_SECRET } from '../audit/writer.ts';
import type { AuditRow, Millis, Sealed } from '../model.ts';
import type { AuditTable } from '../schema.ts';
import type { Audit } from '../store.ts';
import { Repository } from '../work.ts';

const PAGE = 100;

export class AuditLog extends Repository implements AuditRepository {
  async append(audit: Audit): Promise<void> {
    await this.writeAudit(audit);
  }

  /** `action` takes a whole thing as well (`user` finds `user.create`); `target` is a name or an id. */
  async list(query: AuditQuery): Promise<AuditRow[]> {
    let rows = this.db.selectFrom('audit').selectAll();
    const { after, action, actor, target, outcome, since, until } = query;
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
    if (outcome !== undefined) rows = rows.where('outcome', '=', outcome);
    // by their numbers too, so that rows come in their order and those beyond are not looked at one by one
    if (since !== undefined)
      rows = rows.where(sql<boolean>`+at >= ${since} and seq >= (select min(+seq) from audit where at >= ${since})`);
    if (until !== undefined)
      rows = rows.where(sql<boolean>`+at <= ${until} and seq <= (select max(+seq) from audit where at <= ${until})`);
    return (
      await rows
        .orderBy('seq', 'desc')
        .limit(query.limit ?? PAGE)
        .execute()
    ).map(toRow);
  }

  async chainSecret(): Promise<Sealed | undefined> {
    const row = await this.db.selectFrom('meta').select('value').where('key', '=', CHAIN_SECRET).executeTakeFirst();
    return row?.value;
  }

  async arm(arming: AuditArming): Promise<void> {
    await arm(this.db, this.work.auditWriter, arming, this.now);
  }

  async end(): Promise<{ first: number; last: ChainPlace; at: Millis | null }> {
    return await endOf(this.db);
  }

  async at(seq: number): Promise<{ hash: Buffer | null; at: Millis } | undefined> {
    return await rowAt(this.db, seq);
  }

  async walk(from: WalkState | undefined, key: Buffer, limit: number): Promise<WalkPage> {
    return await walkPage(this.db, from, createSecretKey(key), limit);
  }

  async placeBefore(since: Millis | null): Promise<ChainPlace> {
    return await placeBefore(this.db, since);
  }

  async lines(after: number, through: number, limit: number): Promise<{ text: string; last: number; rows: number }> {
    return await exportLines(this.db, after, through, limit);
  }

  async recordings(after: number, limit: number): Promise<AuditedRecording[]> {
    return await auditedRecordings(this.db, after, limit);
  }

  async unauditedRecordings(after: string, limit: number): Promise<SessionId[]> {
    return await unauditedRecordings(this.db, after, limit);
  }

  async prune(before: Millis, limit: number): Promise<number> {
    return await prune(this.db, this.work.auditWriter, before, limit, this.now);
  }
}

function toRow(row: Selectable<AuditTable>): AuditRow {
  return {
    id: row.id,
    seq: row.seq,
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
    details: row.details_json === null ? null : detailsOf(row.details_json),
  };
}

/** What somebody else wrote there must not hide the other rows. */
function detailsOf(json: string): NonNullable<AuditRow['details']> {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // said below
  }
  return { unreadable: json };
}
