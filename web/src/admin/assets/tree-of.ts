import { lastOf, parentOf } from './carried.ts';

export interface FolderNode {
  readonly path: string;
  readonly name: string;
  /** Of the whole subtree. */
  readonly assets: number;
  readonly children: readonly FolderNode[];
}

interface Row {
  readonly path: string;
  readonly assets: number;
}

/** The folders below the root, nested, in the order of their names; `total` counts every asset. */
export function treeOf(
  rows: readonly Row[],
  compare: (a: string, b: string) => number,
): {
  readonly children: readonly FolderNode[];
  readonly total: number;
} {
  const inside = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.path === '/') continue;
    const parent = parentOf(row.path);
    inside.set(parent, [...(inside.get(parent) ?? []), row]);
  }
  const build = (path: string): FolderNode[] =>
    (inside.get(path) ?? [])
      .map((row): FolderNode => {
        const children = build(row.path);
        const assets = children.reduce((sum, child) => sum + child.assets, row.assets);
        return { path: row.path, name: lastOf(row.path), assets, children };
      })
      .sort((a, b) => compare(a.name, b.name));
  return { children: build('/'), total: rows.reduce((sum, row) => sum + row.assets, 0) };
}

export interface ShownFolder {
  readonly node: FolderNode;
  readonly level: number;
  readonly open: boolean;
}

/** What of the tree is to be seen, from the top down. */
export function shownOf(nodes: readonly FolderNode[], open: ReadonlySet<string>, level = 1): ShownFolder[] {
  return nodes.flatMap((node) => {
    const opened = open.has(node.path) && node.children.length > 0;
    return [{ node, level, open: opened }, ...(opened ? shownOf(node.children, open, level + 1) : [])];
  });
}
