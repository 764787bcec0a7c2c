import type { Clock } from '../../kernel/clock.ts';
import { type AssetId, newId } from '../../kernel/id.ts';
import type { Asset } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { AssetPatch, Store } from '../../store/store.ts';
import type { AssetView } from '../contract/assets.ts';
import { accountView } from './accounts.ts';
import { judgeImport } from './asset-import.ts';
import { assetContext, checkAsset } from './asset-values.ts';
import { difference, done } from './audit-draft.ts';
import { findAsset } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { type TargetTester, testWith } from './target-test.ts';
import { iso } from './time.ts';

const LISTING: Listing<Asset, 'name' | 'address' | 'platform' | 'folder' | 'createdAt'> = {
  id: (asset) => asset.id,
  texts: ({ name, address, folder, platform, comment, labels, protocols }) => [
    ...[name, address, folder, platform, comment],
    ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
    ...protocols.map((protocol) => protocol.name),
  ],
  order: {
    name: (asset) => [asset.name],
    address: (asset) => [asset.address, asset.name],
    platform: (asset) => [asset.platform, asset.name],
    folder: (asset) => [asset.folder, asset.name],
    createdAt: (asset) => [asset.createdAt],
  },
};

export interface AssetDeps {
  readonly store: Pick<Store, 'assets' | 'accounts' | 'platforms' | 'audit'>;
  readonly clock: Clock;
  readonly testTarget: TargetTester | undefined;
  readonly localTargets: boolean;
}

export function assetHandlers({ store, clock, testTarget, localTargets }: AssetDeps): Handlers<'assets'> {
  const context = async () => {
    const [platforms, assets] = await Promise.all([store.platforms.list(), store.assets.list()]);
    return assetContext(platforms, assets, localTargets);
  };
  const withVia = async (asset: Asset): Promise<AssetView> => {
    const [via, accounts] = await Promise.all([
      asset.viaId === null ? undefined : store.assets.byId(asset.viaId),
      store.accounts.list(asset.id),
    ]);
    return view(asset, via?.name ?? null, accounts.length);
  };

  return {
    async list({ query }) {
      const [all, counts] = await Promise.all([store.assets.list(), store.accounts.counts()]);
      const { folder, platform } = query;
      const wanted = all.filter(
        (asset) => inFolder(asset, folder) && (platform === undefined || isNamed(asset.platform, platform)),
      );
      const { items, ...page } = countedPage(wanted, query, LISTING);
      const names = new Map(all.map((asset) => [asset.id, asset.name]));
      const accountsOf = new Map(counts.map(({ assetId, accounts }) => [assetId, accounts]));
      const via = ({ viaId }: Asset) => (viaId === null ? null : (names.get(viaId) ?? null));
      return { ...page, items: items.map((asset) => view(asset, via(asset), accountsOf.get(asset.id) ?? 0)) };
    },

    async add({ body, actor }) {
      const id = newId<AssetId>(clock.now());
      const { via: _via, ...values } = body;
      const { protocols, platform, viaId } = checkAsset(body, id, await context());
      const asset = { ...values, id, protocols: protocols!, platform: platform!, viaId: viaId ?? null };
      const { id: _id, ...after } = asset;
      return withVia(await store.assets.create(asset, done(actor, 'asset.create', target(asset), { after })));
    },

    async import({ body, actor }) {
      const assets = judgeImport(body.rows, await context());
      if (body.dryRun) return { added: assets.length };
      const audits = assets.map((asset) => {
        const { id: _id, ...after } = asset;
        return done(actor, 'asset.create', target(asset), { after, import: true });
      });
      if (assets.length > 0) await store.assets.createMany(assets, audits);
      return { added: assets.length };
    },

    async show({ params }) {
      const asset = await findAsset(store, params.name);
      const accounts = await store.accounts.list(asset.id);
      return { ...(await withVia(asset)), accounts: accounts.map(accountView) };
    },

    async set({ params, body, actor }) {
      const asset = await findAsset(store, params.name);
      const { protocols, platform, viaId } = checkAsset(body, asset.id, await context());
      const patch: AssetPatch = {
        name: body.rename,
        address: body.address,
        protocols,
        platform,
        folder: body.folder,
        labels: body.labels,
        comment: body.comment,
        active: body.active,
        charset: body.charset,
        viaId,
      };
      const audit = done(actor, 'asset.update', target(asset), difference(asset, patch));
      return withVia(await store.assets.update(asset.id, { ...patch, version: body.version }, audit));
    },

    async remove({ params, actor }) {
      const asset = await findAsset(store, params.name);
      const { id: _id, ...before } = await withVia(asset);
      await store.assets.remove(asset.id, done(actor, 'asset.remove', target(asset), { before }));
      return {};
    },

    async test({ params, actor }) {
      const asset = await findAsset(store, params.name);
      const test = { asset: asset.name, login: undefined, by: actor };
      return testWith(testTarget, test, store, done(actor, 'asset.test', target(asset)));
    },
  };
}

function view({ viaId: _viaId, ...asset }: Asset, via: string | null, accountCount: number): AssetView {
  return {
    ...asset,
    protocols: asset.protocols.map((protocol) => ({ ...protocol })),
    labels: { ...asset.labels },
    via,
    accountCount,
    createdAt: iso(asset.createdAt),
  };
}

function target(asset: { readonly id: AssetId; readonly name: string }) {
  return { kind: 'asset', id: asset.id, name: asset.name };
}

function inFolder(asset: Asset, folder: string | undefined): boolean {
  return folder === undefined || folder === '/' || `${asset.folder}/`.startsWith(`${folder}/`);
}

function isNamed(name: string, wanted: string): boolean {
  return nameKey(name) === nameKey(wanted);
}
