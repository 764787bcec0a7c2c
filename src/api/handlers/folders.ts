import { AppError } from '../../kernel/errors.ts';
import type { Asset, Folder } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { done } from './audit-draft.ts';
import { quoted } from './find.ts';
import type { Handlers } from './handler.ts';

export function folderHandlers(store: Pick<Store, 'folders' | 'assets'>): Handlers<'folders'> {
  const target = (path: string) => ({ kind: 'folder', id: null, name: path });
  return {
    async list() {
      const [folders, assets] = await Promise.all([store.folders.list(), store.assets.list()]);
      return folders.map((folder) => view(folder, assets));
    },
    async add({ body, actor }) {
      const folder = await store.folders.add(
        body.path,
        body.comment,
        done(actor, 'folder.create', target(body.path), { comment: body.comment }),
      );
      return view(folder, await store.assets.list());
    },
    async move({ body, actor }) {
      if (body.path === '/') throw new AppError('invalid', 'The root folder cannot be moved.');
      if (body.to === '/' || `${body.to}/`.startsWith(`${body.path}/`)) {
        throw new AppError(
          'invalid',
          `${quoted(body.path)} cannot be moved to ${quoted(body.to)}: name the new full path.`,
        );
      }
      const audit = done(actor, 'folder.move', target(body.path), { to: body.to });
      const folder = await store.folders.move(body.path, body.to, audit);
      return view(folder, await store.assets.list());
    },
    async remove({ query, actor }) {
      if (query.path === '/') throw new AppError('invalid', 'The root folder cannot be removed.');
      await store.folders.remove(query.path, done(actor, 'folder.remove', target(query.path)));
      return {};
    },
  };
}

function view(folder: Folder, assets: readonly Asset[]) {
  return { ...folder, assets: assets.filter((asset) => asset.folder === folder.path).length };
}

export function platformHandlers(store: Pick<Store, 'platforms'>): Handlers<'platforms'> {
  return {
    list: () => store.platforms.list(),
    async show({ params }) {
      const platform = await store.platforms.byName(params.name);
      if (!platform) {
        throw new AppError('not_found', `There is no platform ${quoted(params.name)}. See: bastion platform list`);
      }
      return platform;
    },
  };
}
