import type { Access } from '../../access/access.ts';
import type { Reach } from '../../access/reach.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Store } from '../../store/store.ts';
import { findAsset, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';

const LISTING: Listing<Reach, 'user'> = {
  id: ({ user, asset }) => `${user.id} ${asset.id}`,
  texts: () => [],
  order: { user: ({ user, asset }) => [user.name, asset.name] },
};

export function accessHandlers(
  access: Pick<Access, 'explain' | 'reach'>,
  store: Pick<Store, 'users' | 'assets'>,
): Handlers<'access'> {
  return {
    async reach({ query }) {
      if (query.user === undefined && query.asset === undefined)
        throw new AppError('invalid', 'Say whose reach you want to see: give a user, an asset or both.');
      const user = query.user === undefined ? undefined : await findUser(store, query.user);
      const asset = query.asset === undefined ? undefined : await findAsset(store, query.asset);
      const { items, ...page } = countedPage(await access.reach({ user, asset }), { ...query, sort: 'user' }, LISTING);
      return { ...page, items: items.map(reachView) };
    },

    async explain({ query }) {
      const { accounts, actions, permissions, trace, ...rest } = await access.explain(query);
      return {
        ...rest,
        accounts: [...accounts],
        actions: [...actions],
        permissions: [...permissions],
        trace: [...trace],
      };
    },
  };
}

function reachView({ user, asset, protocols, accounts, permissions }: Reach) {
  return {
    user: user.name,
    asset: asset.name,
    folder: asset.folder,
    protocols: [...protocols],
    accounts: [...accounts],
    permissions: [...permissions],
  };
}
