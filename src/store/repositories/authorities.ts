import { AppError } from '../../kernel/errors.ts';
import type { CaId } from '../../kernel/id.ts';
import type { CertificateAuthority, Sealed, SigningKind } from '../model.ts';
import type { Audit, AuthoritiesRepository } from '../store.ts';
import type { Place } from '../vault.ts';
import { mustBeFree, nameKey, notFound, quoted, Repository } from '../work.ts';
import { mustFitKey, signingRow } from './vault-rows.ts';

export class Authorities extends Repository implements AuthoritiesRepository {
  async list(): Promise<CertificateAuthority[]> {
    const rows = await this.db.selectFrom('authorities').selectAll().orderBy('name_key').execute();
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      type: row.type,
      fingerprint: row.fingerprint,
      blob: row.blob,
      createdAt: row.created_at,
    }));
  }

  async add(ca: CertificateAuthority, audit: Audit): Promise<CertificateAuthority> {
    await mustBeFree(this.work, 'authorities', ca.name);
    const twin = await this.db
      .selectFrom('authorities')
      .select('name')
      .where('fingerprint', '=', ca.fingerprint)
      .executeTakeFirst();
    if (twin) throw new AppError('conflict', `This key is trusted already, under the name ${quoted(twin.name)}.`);
    await this.db
      .insertInto('authorities')
      .values({
        id: ca.id,
        name: ca.name,
        name_key: nameKey(ca.name),
        type: ca.type,
        fingerprint: ca.fingerprint,
        blob: ca.blob,
        created_at: ca.createdAt,
      })
      .execute();
    await this.writeAudit(audit);
    return ca;
  }

  async remove(id: CaId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('authorities').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw notFound('certificate authority', id, 'bastion ca list');
    await this.writeAudit(audit);
  }

  async signingKey(kind: SigningKind): Promise<{ sealed: Sealed | undefined; place: Place }> {
    const id = signingRow(kind);
    const row = await this.db.selectFrom('meta').select('value').where('key', '=', id).executeTakeFirst();
    return { sealed: row?.value, place: { table: 'meta', column: 'value', id } };
  }

  async keepSigningKey(kind: SigningKind, sealed: Sealed, audit: Audit): Promise<void> {
    await mustFitKey(this.work, sealed);
    // a second key would make everything signed by the first one worthless: the row must not stand yet
    await this.db
      .insertInto('meta')
      .values({ key: signingRow(kind), value: sealed })
      .execute();
    await this.writeAudit(audit);
  }
}
