import { AppError } from '../../kernel/errors.ts';
import type { HostKey } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { done } from './audit-draft.ts';
import { findAsset, quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { iso } from './time.ts';

const LISTING: Listing<HostKey, 'asset' | 'firstSeenAt' | 'lastSeenAt'> = {
  id: (key) => key.id,
  texts: (key) => [key.assetName, key.endpoint, key.type, key.fingerprint],
  order: {
    asset: (key) => [key.assetName, key.endpoint, key.type],
    firstSeenAt: (key) => [key.firstSeenAt],
    lastSeenAt: (key) => [key.lastSeenAt],
  },
};

export function hostKeyHandlers(store: Pick<Store, 'assets' | 'hostKeys'>): Handlers<'hostKeys'> {
  return {
    async list({ query }) {
      const asset = query.asset === undefined ? undefined : await findAsset(store, query.asset);
      const keys = await store.hostKeys.list(asset?.id);
      const wanted = query.state === undefined ? keys : keys.filter(({ state }) => state === query.state);
      const { items, ...page } = countedPage(wanted, query, LISTING);
      return { ...page, items: items.map(view) };
    },

    async accept({ params, actor }) {
      const asset = await findAsset(store, params.asset);
      const keys = await store.hostKeys.list(asset.id);
      const fingerprints = (state: 'pinned' | 'changed') =>
        keys.filter((key) => key.state === state).map((key) => `${key.endpoint} ${key.fingerprint}`);
      if (fingerprints('changed').length === 0) {
        throw new AppError('not_found', `No changed host key of ${quoted(asset.name)} waits to be accepted.`);
      }
      const details = { before: fingerprints('pinned'), after: fingerprints('changed') };
      const target = { kind: 'asset', id: asset.id, name: asset.name };
      const accepted = await store.hostKeys.acceptChanged(asset.id, done(actor, 'host-key.accept', target, details));
      return { accepted };
    },

    async forget({ params, actor }) {
      const asset = await findAsset(store, params.asset);
      const target = { kind: 'asset', id: asset.id, name: asset.name };
      return { forgotten: await store.hostKeys.forget(asset.id, done(actor, 'host-key.forget', target)) };
    },
  };
}

function view(key: HostKey) {
  return {
    id: key.id,
    asset: key.assetName,
    endpoint: key.endpoint,
    type: key.type,
    fingerprint: key.fingerprint,
    state: key.state,
    firstSeenAt: iso(key.firstSeenAt),
    lastSeenAt: iso(key.lastSeenAt),
  };
}
