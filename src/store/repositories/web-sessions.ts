import type { Selectable } from 'kysely';
import type { UserId, WebSessionId } from '../../kernel/id.ts';
import type { Millis, WebSession } from '../model.ts';
import type { WebSessionsTable } from '../schema.ts';
import type { Audit, NewWebSession, WebSessionsRepository } from '../store.ts';
import { listOf, notFound, Repository } from '../work.ts';

export class WebSessions extends Repository implements WebSessionsRepository {
  async listOf(userId: UserId, now: Millis): Promise<WebSession[]> {
    const rows = await this.db
      .selectFrom('web_sessions')
      .selectAll()
      .where('user_id', '=', userId)
      .where('expires_at', '>', now)
      .where('idle_until', '>', now)
      .orderBy('last_seen_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
    return rows.map(toWebSession);
  }

  async byId(id: WebSessionId): Promise<WebSession | undefined> {
    const row = await this.db.selectFrom('web_sessions').selectAll().where('id', '=', id).executeTakeFirst();
    return row && toWebSession(row);
  }

  async byTokenHash(hash: string): Promise<WebSession | undefined> {
    const row = await this.db.selectFrom('web_sessions').selectAll().where('token_hash', '=', hash).executeTakeFirst();
    return row && toWebSession(row);
  }

  async create(session: NewWebSession, most: number, audit: Audit): Promise<WebSession> {
    const { now } = this;
    await this.db
      .deleteFrom('web_sessions')
      .where((eb) => eb.or([eb('expires_at', '<=', now), eb('idle_until', '<=', now)]))
      .execute();
    const kept = (await this.listOf(session.userId, now)).slice(0, most - 1);
    await this.db
      .deleteFrom('web_sessions')
      .where('user_id', '=', session.userId)
      .where('id', 'not in', listOf(kept.map(({ id }) => id)))
      .execute();
    const row = {
      id: session.id,
      user_id: session.userId,
      token_hash: session.tokenHash,
      created_at: session.createdAt,
      last_seen_at: session.createdAt,
      idle_until: session.idleUntil,
      expires_at: session.expiresAt,
      ip: session.ip,
      user_agent: session.userAgent,
      factors_json: session.factors,
    };
    await this.db.insertInto('web_sessions').values(row).execute();
    await this.writeAudit(audit);
    return toWebSession(row);
  }

  async touch(id: WebSessionId, at: Millis, idleUntil: Millis): Promise<void> {
    await this.db
      .updateTable('web_sessions')
      .set({ last_seen_at: at, idle_until: idleUntil })
      .where('id', '=', id)
      .where('idle_until', '>', at)
      .execute();
  }

  async remove(userId: UserId, id: WebSessionId, audit: Audit): Promise<void> {
    const gone = await this.db
      .deleteFrom('web_sessions')
      .where('id', '=', id)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw notFound('sign-in', id, 'GET /api/v1/me/sign-ins');
    await this.writeAudit(audit);
  }

  async removeOthers(userId: UserId, keep: WebSessionId | null, audit: Audit): Promise<number> {
    const gone = await this.db
      .deleteFrom('web_sessions')
      .where('user_id', '=', userId)
      .where('id', '!=', keep ?? ('' as WebSessionId))
      .executeTakeFirst();
    await this.writeAudit(audit);
    return Number(gone.numDeletedRows);
  }
}

function toWebSession(row: Selectable<WebSessionsTable>): WebSession {
  return {
    id: row.id,
    userId: row.user_id,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    idleUntil: row.idle_until,
    expiresAt: row.expires_at,
    ip: row.ip,
    userAgent: row.user_agent,
    factors: row.factors_json,
  };
}
