import type { ReachableView } from '../../../src/api/contract/me.ts';

export type TreeRow =
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly name: string;
      readonly depth: number;
      readonly open: boolean;
      /** Assets below it. */
      readonly count: number;
    }
  | {
      readonly kind: 'asset';
      readonly asset: ReachableView;
      readonly depth: number;
      /** The folder, where the row does not stand in it. */
      readonly where: string | null;
    };

interface Folder {
  readonly path: string;
  readonly name: string;
  readonly folders: Map<string, Folder>;
  readonly assets: ReachableView[];
  count: number;
}

/** With more assets than this folders begin closed. */
const FEW = 40;
const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The rows of the tree that are visible, folders first. `folders`: what was opened or closed by hand. */
export function treeRows(assets: readonly ReachableView[], folders: Readonly<Record<string, boolean>>): TreeRow[] {
  const root: Folder = { path: '/', name: '', folders: new Map(), assets: [], count: 0 };
  for (const asset of assets) {
    let folder = root;
    folder.count++;
    for (const name of asset.folder.split('/').filter(Boolean)) {
      let inner = folder.folders.get(name);
      if (!inner) {
        const path = `${folder.path === '/' ? '' : folder.path}/${name}`;
        inner = { path, name, folders: new Map(), assets: [], count: 0 };
        folder.folders.set(name, inner);
      }
      folder = inner;
      folder.count++;
    }
    folder.assets.push(asset);
  }
  const rows: TreeRow[] = [];
  const walk = (folder: Folder, depth: number): void => {
    for (const inner of [...folder.folders.values()].sort((a, b) => compare(a.name, b.name))) {
      const open = folders[inner.path] ?? assets.length <= FEW;
      rows.push({ kind: 'folder', path: inner.path, name: inner.name, depth, open, count: inner.count });
      if (open) walk(inner, depth + 1);
    }
    for (const asset of folder.assets.sort((a, b) => compare(a.name, b.name)))
      rows.push({ kind: 'asset', asset, depth, where: null });
  };
  walk(root, 0);
  return rows;
}

const flat = (asset: ReachableView): TreeRow => ({ kind: 'asset', asset, depth: 0, where: asset.folder });

/** Assets in the order of `ids`. */
export function listedRows(assets: readonly ReachableView[], ids: readonly string[]): TreeRow[] {
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  return ids.flatMap((id) => byId.get(id) ?? []).map(flat);
}

/** What holds every word of `text`, names that begin with it first. */
export function foundRows(assets: readonly ReachableView[], text: string): TreeRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const begins = (asset: ReachableView) => (asset.name.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return assets
    .filter((asset) => {
      const { name, address, folder, comment, platform, labels } = asset;
      const labelText = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
      const hay = [name, address, folder, comment, platform, ...labelText].join('\n').toLowerCase();
      return words.every((word) => hay.includes(word));
    })
    .sort((a, b) => begins(a) - begins(b) || compare(a.name, b.name))
    .map(flat);
}
