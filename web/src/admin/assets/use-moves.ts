import { api, queries } from '../../kit/api.ts';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { useBulk } from '../bulk/use-bulk.ts';
import { below, lastOf } from './carried.ts';
import { assetWords } from './words.ts';

export async function assetsChanged(): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['assets'] }),
    queries.invalidateQueries({ queryKey: ['folders'] }),
    queries.invalidateQueries({ queryKey: ['access'] }),
    queries.invalidateQueries({ queryKey: ['health'] }),
  ]);
}

/** Moving assets into folders and folders into folders, each with a way back. */
export function useMoves() {
  const t = useWords(assetWords);
  const tell = useTell();
  const bulk = useBulk();

  const moveAssets = async (assets: readonly { readonly name: string; readonly folder: string }[], to: string) => {
    const moving = assets.filter((asset) => asset.folder !== to);
    const before = new Map(moving.map((asset) => [asset.name, asset.folder]));
    await bulk(
      before.keys(),
      (name) => api.assets.set({ name, folder: to }),
      (n) => t.movedN(n, to),
      (worked) => void back(new Map(worked.map((name) => [name, before.get(name)!]))),
    );
    await assetsChanged();
  };
  const back = async (before: ReadonlyMap<string, string>) => {
    const folders = [...new Set(before.values())];
    await bulk(
      before.keys(),
      (name) => api.assets.set({ name, folder: before.get(name)! }),
      (n) => t.movedN(n, folders.join(', ')),
    );
    await assetsChanged();
  };

  const moveFolder = async (path: string, to: string) => {
    const run = async (from: string, where: string, undo?: () => void) => {
      try {
        await api.folders.move({ path: from, to: where });
        tell.done(t.folderMoved(from, where), undo);
      } catch (error) {
        tell.failed(error);
      }
      void queries.invalidateQueries({ queryKey: ['permissions'] });
      await assetsChanged();
    };
    await run(path, to, () => void run(to, path));
  };
  return {
    moveAssets,
    moveFolder,
    moveFolderInto: (path: string, into: string) => moveFolder(path, below(into, lastOf(path))),
  };
}
