import type { Millis, Ticket } from '../model.ts';
import type { Audit, TicketsRepository } from '../store.ts';
import { Repository } from '../work.ts';

export class Tickets extends Repository implements TicketsRepository {
  async create(ticket: Ticket & { readonly tokenHash: string }, audit: Audit): Promise<void> {
    await this.db.deleteFrom('tickets').where('expires_at', '<=', this.now).execute();
    await this.db
      .insertInto('tickets')
      .values({
        token_hash: ticket.tokenHash,
        user_id: ticket.userId,
        web_session_id: ticket.webSessionId,
        token_id: ticket.tokenId,
        asset_id: ticket.assetId,
        account: ticket.account,
        protocol: ticket.protocol,
        use: ticket.use,
        created_at: ticket.createdAt,
        expires_at: ticket.expiresAt,
        used_at: null,
      })
      .execute();
    await this.writeAudit(audit);
  }

  async use(hash: string, now: Millis): Promise<Ticket | undefined> {
    const row = await this.db
      .updateTable('tickets')
      .set({ used_at: now })
      .where('token_hash', '=', hash)
      .where('used_at', 'is', null)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    if (!row) return undefined;
    return {
      userId: row.user_id,
      webSessionId: row.web_session_id,
      tokenId: row.token_id,
      assetId: row.asset_id,
      account: row.account,
      protocol: row.protocol,
      use: row.use,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
  }
}
