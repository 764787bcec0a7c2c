import { AppError } from '../../kernel/errors.ts';
import type { Store } from '../../store/store.ts';
import { done } from './audit-draft.ts';
import { findAsset, quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { iso } from './time.ts';

export function hostKeyHandlers(store: Pick<Store, 'assets' | 'hostKeys'>): Handlers<'hostKeys'> {
  return {
    async list({ query }) {
      const asset = query.asset === undefined ? undefined : await findAsset(store, query.asset);
      return (await store.hostKeys.list(asset?.id)).map((key) => ({
        id: key.id,
        asset: key.assetName,
        endpoint: key.endpoint,
        type: key.type,
        fingerprint: key.fingerprint,
        state: key.state,
        firstSeenAt: iso(key.firstSeenAt),
        lastSeenAt: iso(key.lastSeenAt),
      }));
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
