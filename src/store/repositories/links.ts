import type { LinkId, UserId } from '../../kernel/id.ts';
import type { Link, LinkKind, Millis } from '../model.ts';
import type { Audit, LinksRepository } from '../store.ts';
import { Repository } from '../work.ts';

export class Links extends Repository implements LinksRepository {
  async create(
    link: { id: LinkId; kind: LinkKind; userId: UserId | null; tokenHash: string; expiresAt: Millis },
    audit: Audit,
  ): Promise<void> {
    await this.db
      .insertInto('links')
      .values({
        id: link.id,
        kind: link.kind,
        user_id: link.userId,
        token_hash: link.tokenHash,
        expires_at: link.expiresAt,
        used_at: null,
      })
      .execute();
    await this.writeAudit(audit);
  }

  async byTokenHash(hash: string): Promise<Link | undefined> {
    const row = await this.db.selectFrom('links').selectAll().where('token_hash', '=', hash).executeTakeFirst();
    if (!row) return undefined;
    return { id: row.id, kind: row.kind, userId: row.user_id, expiresAt: row.expires_at, usedAt: row.used_at };
  }

  async use(hash: string, now: Millis): Promise<boolean> {
    const changed = await this.db
      .updateTable('links')
      .set({ used_at: now })
      .where('token_hash', '=', hash)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .executeTakeFirst();
    return changed.numUpdatedRows > 0n;
  }

  async revoke(kind: LinkKind, userId: UserId | null): Promise<void> {
    await this.db
      .deleteFrom('links')
      .where('kind', '=', kind)
      .where('user_id', 'is', userId)
      .where('used_at', 'is', null)
      .execute();
  }
}
