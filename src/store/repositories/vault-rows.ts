import { AppError } from '../../kernel/errors.ts';
import type { AccountId, UserId } from '../../kernel/id.ts';
import { CHAIN_SECRET } from '../audit/writer.ts';
import { type Sealed, SIGNING_KINDS, type SigningKind } from '../model.ts';
import { keyIdOf, sealedKeyId } from '../sealed.ts';
import type { Audit, VaultReplacement, VaultRepository, VaultRow } from '../store.ts';
import { Repository, type Work } from '../work.ts';

const KEY_CHECK = 'key_check';

/** The row of `meta` that holds the key of one of our own authorities. */
export const signingRow = (kind: SigningKind) => `ca_${kind}`;
const SEALED_META = [CHAIN_SECRET, ...SIGNING_KINDS.map(signingRow)];

export class VaultRows extends Repository implements VaultRepository {
  async keyCheck(): Promise<Buffer | undefined> {
    return await keyCheckOf(this.work);
  }

  async setKeyCheck(value: Buffer): Promise<void> {
    await this.db
      .insertInto('meta')
      .values({ key: KEY_CHECK, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute();
  }

  async all(): Promise<VaultRow[]> {
    const users = await this.db.selectFrom('users').select(['id', 'totp_secret', 'totp_pending']).execute();
    const accounts = await this.db.selectFrom('accounts').select(['id', 'secret', 'passphrase']).execute();
    const own = await this.db.selectFrom('meta').select(['key', 'value']).where('key', 'in', SEALED_META).execute();
    const rows = [
      ...own.map((row) => ({ table: 'meta', column: 'value', id: row.key, sealed: row.value })),
      ...users.map((row) => ({ table: 'users', column: 'totp_secret', id: row.id, sealed: row.totp_secret })),
      ...users.map((row) => ({ table: 'users', column: 'totp_pending', id: row.id, sealed: row.totp_pending })),
      ...accounts.map((row) => ({ table: 'accounts', column: 'secret', id: row.id, sealed: row.secret })),
      ...accounts.map((row) => ({ table: 'accounts', column: 'passphrase', id: row.id, sealed: row.passphrase })),
    ];
    return rows.flatMap(({ sealed, ...place }) => (sealed === null ? [] : [{ ...place, sealed }]));
  }

  async replaceAll(rows: readonly VaultReplacement[], keyCheck: Buffer, audit: Audit): Promise<void> {
    const standing = new Map((await this.all()).map((row) => [placeOf(row), row.sealed]));
    const unchanged = rows.length === standing.size && rows.every((row) => standing.get(placeOf(row))?.equals(row.was));
    if (!unchanged)
      throw new AppError('conflict', 'A secret was changed while the master key was being replaced; try again.');
    for (const row of rows) await this.#replace(row);
    await this.setKeyCheck(keyCheck);
    await this.writeAudit(audit);
  }

  async #replace(row: VaultRow): Promise<void> {
    const { table, column, sealed } = row;
    if (table === 'users' && (column === 'totp_secret' || column === 'totp_pending'))
      await this.db
        .updateTable('users')
        .set({ [column]: sealed })
        .where('id', '=', row.id as UserId)
        .execute();
    else if (table === 'accounts' && (column === 'secret' || column === 'passphrase'))
      await this.db
        .updateTable('accounts')
        .set({ [column]: sealed })
        .where('id', '=', row.id as AccountId)
        .execute();
    else if (table === 'meta' && SEALED_META.includes(row.id))
      await this.db.updateTable('meta').set({ value: sealed }).where('key', '=', row.id).execute();
    else throw new Error(`no sealed column ${table}.${column}`);
  }
}

/**
 * Refuses a value that was sealed before the master key was replaced and comes to be stored only now: nobody could
 * open it again.
 */
export async function mustFitKey(work: Work, ...values: readonly (Sealed | null | undefined)[]): Promise<void> {
  const sealed = values.filter((value) => value !== null && value !== undefined);
  if (sealed.length === 0) return;
  const check = await keyCheckOf(work);
  if (check && !sealed.every((value) => sealedKeyId(value)?.equals(keyIdOf(check))))
    throw new AppError('conflict', 'The master key was replaced in this moment; try again.');
}

async function keyCheckOf(work: Work): Promise<Buffer | undefined> {
  const row = await work.db.selectFrom('meta').select('value').where('key', '=', KEY_CHECK).executeTakeFirst();
  return row?.value;
}

function placeOf(row: VaultRow): string {
  return `${row.table}.${row.column}.${row.id}`;
}
