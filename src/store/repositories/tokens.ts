import type { TokenId, UserId } from '../../kernel/id.ts';
import type { ApiToken, Millis } from '../model.ts';
import type { Audit, TokensRepository } from '../store.ts';
import { notFound, Repository } from '../work.ts';
import { missing } from './credentials.ts';

export class Tokens extends Repository implements TokensRepository {
  async list(): Promise<ApiToken[]> {
    return (await this.#select().orderBy('users.name_key').orderBy('tokens.id').execute()).map(toToken);
  }

  async create(
    token: { id: TokenId; userId: UserId; name: string; tokenHash: string; expiresAt: Millis | null },
    audit: Audit,
  ): Promise<ApiToken> {
    const user = await this.db.selectFrom('users').select('id').where('id', '=', token.userId).executeTakeFirst();
    if (!user) throw missing();
    await this.db
      .insertInto('tokens')
      .values({
        id: token.id,
        user_id: token.userId,
        name: token.name,
        token_hash: token.tokenHash,
        created_at: this.now,
        expires_at: token.expiresAt,
        last_used_at: null,
      })
      .execute();
    await this.writeAudit(audit);
    return toToken(await this.#select().where('tokens.id', '=', token.id).executeTakeFirstOrThrow());
  }

  async byTokenHash(hash: string): Promise<ApiToken | undefined> {
    const row = await this.#select().where('token_hash', '=', hash).executeTakeFirst();
    return row && toToken(row);
  }

  async touch(id: TokenId, at: Millis): Promise<void> {
    await this.db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute();
  }

  async remove(id: TokenId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw notFound('token', id);
    await this.writeAudit(audit);
  }

  #select() {
    return this.db
      .selectFrom('tokens')
      .innerJoin('users', 'users.id', 'tokens.user_id')
      .select([
        'tokens.id',
        'tokens.user_id',
        'users.name as user_name',
        'tokens.name',
        'tokens.created_at',
        'tokens.expires_at',
        'tokens.last_used_at',
      ]);
  }
}

function toToken(row: {
  id: TokenId;
  user_id: UserId;
  user_name: string;
  name: string;
  created_at: Millis;
  expires_at: Millis | null;
  last_used_at: Millis | null;
}): ApiToken {
  return {
    id: row.id,
    userId: row.user_id,
    userName: row.user_name,
    name: row.name,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  };
}
