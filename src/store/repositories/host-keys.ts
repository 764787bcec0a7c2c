import { AppError } from '../../kernel/errors.ts';
import type { AssetId, HostKeyId } from '../../kernel/id.ts';
import type { HostKey, Millis } from '../model.ts';
import type { Audit, HostKeysRepository } from '../store.ts';
import { Repository } from '../work.ts';
import { missingAsset } from './assets.ts';

type NewHostKey = Omit<HostKey, 'assetName'>;

export class HostKeys extends Repository implements HostKeysRepository {
  async list(assetId?: AssetId): Promise<HostKey[]> {
    const query = this.db
      .selectFrom('host_keys')
      .innerJoin('assets', 'assets.id', 'host_keys.asset_id')
      .selectAll('host_keys')
      .select('assets.name as asset_name')
      .orderBy('assets.name_key')
      .orderBy('host_keys.endpoint')
      .orderBy('host_keys.id');
    const rows = await (assetId === undefined ? query : query.where('host_keys.asset_id', '=', assetId)).execute();
    return rows.map((row) => ({
      id: row.id,
      assetId: row.asset_id,
      assetName: row.asset_name,
      endpoint: row.endpoint,
      type: row.type,
      fingerprint: row.fingerprint,
      blob: row.blob,
      state: row.state,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
    }));
  }

  async pin(key: NewHostKey, audit: Audit): Promise<void> {
    await this.#put(key, 'pinned');
    await this.writeAudit(audit);
  }

  async seen(id: HostKeyId, at: Millis): Promise<void> {
    await this.db.updateTable('host_keys').set({ last_seen_at: at }).where('id', '=', id).execute();
  }

  async noteChanged(key: NewHostKey, audit: Audit): Promise<void> {
    await this.#put(key, 'changed');
    await this.writeAudit(audit);
  }

  async acceptChanged(assetId: AssetId, audit: Audit): Promise<number> {
    const changed = await this.db
      .selectFrom('host_keys')
      .select(['id', 'endpoint', 'type'])
      .where('asset_id', '=', assetId)
      .where('state', '=', 'changed')
      .execute();
    if (changed.length === 0) return 0;
    // a machine has one key of a type, so of two that were presented one is somebody else's
    if (new Set(changed.map((key) => `${key.endpoint} ${key.type}`)).size < changed.length)
      throw new AppError(
        'conflict',
        'Different keys were presented since the pinned one; only one can be right. ' +
          'Compare their fingerprints with the machine (bastion host-key list), then bastion host-key forget ASSET and connect again.',
      );
    for (const endpoint of new Set(changed.map((key) => key.endpoint)))
      await this.db
        .deleteFrom('host_keys')
        .where('asset_id', '=', assetId)
        .where('endpoint', '=', endpoint)
        .where('state', '=', 'pinned')
        .execute();
    await this.db
      .updateTable('host_keys')
      .set({ state: 'pinned' })
      .where('asset_id', '=', assetId)
      .where('state', '=', 'changed')
      .execute();
    await this.writeAudit(audit);
    return changed.length;
  }

  async forget(assetId: AssetId, audit: Audit): Promise<number> {
    const gone = await this.db.deleteFrom('host_keys').where('asset_id', '=', assetId).executeTakeFirst();
    const count = Number(gone.numDeletedRows);
    if (count > 0) await this.writeAudit(audit);
    return count;
  }

  /** A key seen again at the same place keeps its first sighting; a pinned one never becomes `changed`. */
  async #put(key: NewHostKey, state: HostKey['state']): Promise<void> {
    const asset = await this.db.selectFrom('assets').select('id').where('id', '=', key.assetId).executeTakeFirst();
    if (!asset) throw missingAsset();
    await this.db
      .insertInto('host_keys')
      .values({
        id: key.id,
        asset_id: key.assetId,
        endpoint: key.endpoint,
        type: key.type,
        fingerprint: key.fingerprint,
        blob: key.blob,
        state,
        first_seen_at: key.firstSeenAt,
        last_seen_at: key.lastSeenAt,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['asset_id', 'endpoint', 'fingerprint'])
          .doUpdateSet(state === 'pinned' ? { state, last_seen_at: key.lastSeenAt } : { last_seen_at: key.lastSeenAt }),
      )
      .execute();
  }
}
