import type { Selectable } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { AssetId } from '../../kernel/id.ts';
import type { Asset } from '../model.ts';
import type { AssetsTable } from '../schema.ts';
import type { AssetPatch, AssetsRepository, Audit, NewAsset } from '../store.ts';
import { flag, given, mustBeFree, mustBeVersion, nameKey, nextVersion, quoted, Repository } from '../work.ts';
import { ensureFolder } from './folders.ts';

export class Assets extends Repository implements AssetsRepository {
  async list(): Promise<Asset[]> {
    return (await this.#select().orderBy('name_key').execute()).map(toAsset);
  }

  async byId(id: AssetId): Promise<Asset | undefined> {
    const row = await this.#select().where('id', '=', id).executeTakeFirst();
    return row && toAsset(row);
  }

  async byName(name: string): Promise<Asset | undefined> {
    const row = await this.#select().where('name_key', '=', nameKey(name)).executeTakeFirst();
    return row && toAsset(row);
  }

  async byAddress(address: string): Promise<Asset[]> {
    return (await this.#select().where('address', '=', address).orderBy('name_key').execute()).map(toAsset);
  }

  async create(asset: NewAsset, audit: Audit): Promise<Asset> {
    return (await this.createMany([asset], audit))[0]!;
  }

  async createMany(assets: readonly NewAsset[], audit: Audit): Promise<Asset[]> {
    for (const asset of assets) await this.#insert(asset);
    // only now: an asset may come before the one it is reached through
    for (const asset of assets) if (asset.viaId !== null) await this.#setVia(asset.id, asset.viaId);
    await this.writeAudit(audit);
    const made: Asset[] = [];
    for (const asset of assets) made.push(await this.#existing(asset.id));
    return made;
  }

  async update(id: AssetId, patch: AssetPatch, audit: Audit): Promise<Asset> {
    const before = await this.#existing(id);
    mustBeVersion(before.name, patch.version, before.version);
    if (patch.name !== undefined) await mustBeFree(this.work, 'assets', patch.name, id);
    if (patch.folder !== undefined) await ensureFolder(this.work, patch.folder);
    if (patch.platform !== undefined) await this.#mustBePlatform(patch.platform);
    const values = given({
      name: patch.name,
      name_key: patch.name === undefined ? undefined : nameKey(patch.name),
      address: patch.address,
      protocols_json: patch.protocols && JSON.stringify(patch.protocols),
      platform: patch.platform,
      folder: patch.folder,
      labels_json: patch.labels && JSON.stringify(patch.labels),
      comment: patch.comment,
      active: patch.active === undefined ? undefined : flag(patch.active),
      charset: patch.charset,
      version: nextVersion,
    });
    await this.db.updateTable('assets').set(values).where('id', '=', id).execute();
    if (patch.viaId !== undefined) await this.#setVia(id, patch.viaId);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: AssetId, audit: Audit): Promise<void> {
    const asset = await this.#existing(id);
    const behind = await this.db
      .selectFrom('assets')
      .select('name')
      .where('via_id', '=', id)
      .orderBy('name_key')
      .execute();
    if (behind.length > 0)
      throw new AppError(
        'conflict',
        `${quoted(asset.name)} is the way to ${behind.length === 1 ? '' : `${behind.length} assets, among them `}${quoted(behind[0]!.name)}; ` +
          'give that another --via first.',
      );
    await this.db.deleteFrom('assets').where('id', '=', id).execute();
    await this.writeAudit(audit);
  }

  async #insert(asset: NewAsset): Promise<void> {
    await mustBeFree(this.work, 'assets', asset.name);
    await this.#mustBePlatform(asset.platform);
    await ensureFolder(this.work, asset.folder);
    await this.db
      .insertInto('assets')
      .values({
        id: asset.id,
        name: asset.name,
        name_key: nameKey(asset.name),
        address: asset.address,
        protocols_json: JSON.stringify(asset.protocols),
        platform: asset.platform,
        folder: asset.folder,
        labels_json: JSON.stringify(asset.labels),
        comment: asset.comment,
        active: flag(asset.active),
        charset: asset.charset,
        via_id: null,
        created_at: this.now,
      })
      .execute();
  }

  /** AppError `invalid` when the way to the asset would lead through itself. */
  async #setVia(id: AssetId, viaId: AssetId | null): Promise<void> {
    for (let hop = viaId; hop !== null; ) {
      if (hop === id) throw new AppError('invalid', 'An asset cannot be reached through itself; choose another --via.');
      const row = await this.db.selectFrom('assets').select('via_id').where('id', '=', hop).executeTakeFirst();
      if (!row) throw new AppError('not_found', 'The asset named by --via does not exist any more.');
      hop = row.via_id;
    }
    await this.db.updateTable('assets').set({ via_id: viaId }).where('id', '=', id).execute();
  }

  async #mustBePlatform(name: string): Promise<void> {
    const row = await this.db.selectFrom('platforms').select('name').where('name', '=', name).executeTakeFirst();
    if (!row) throw new AppError('not_found', `There is no platform ${quoted(name)}; see bastion platform list.`);
  }

  async #existing(id: AssetId): Promise<Asset> {
    const asset = await this.byId(id);
    if (!asset) throw missingAsset();
    return asset;
  }

  #select() {
    return this.db.selectFrom('assets').selectAll();
  }
}

export function missingAsset(): AppError {
  return new AppError('not_found', 'This asset does not exist any more.');
}

function toAsset(row: Selectable<AssetsTable>): Asset {
  return {
    id: row.id,
    name: row.name,
    address: row.address,
    protocols: JSON.parse(row.protocols_json) as Asset['protocols'],
    platform: row.platform,
    folder: row.folder,
    labels: JSON.parse(row.labels_json) as Asset['labels'],
    comment: row.comment,
    active: row.active === 1,
    charset: row.charset,
    viaId: row.via_id,
    createdAt: row.created_at,
    version: row.version,
  };
}
