import type { ReachableAsset } from '../../../access/access.ts';
import type { Protocol } from '../../../store/model.ts';
import { clean } from './width.ts';

const DATABASES: readonly Protocol[] = ['mysql', 'mariadb', 'postgresql', 'redis'];

/** An asset as the menu shows and searches it: every text made fit for the screen once. */
export interface Entry {
  readonly reachable: ReachableAsset;
  readonly name: string;
  readonly address: string;
  readonly platform: string;
  readonly comment: string;
  readonly folder: string;
  readonly isDatabase: boolean;
  /** Everything a search looks at, in lower case, one part a line. */
  readonly haystack: string;
}

export interface FolderNode {
  readonly path: string;
  readonly name: string;
  /** 0 for the root. */
  readonly depth: number;
  /** Assets in it and below it. */
  readonly count: number;
}

const searchable = (text: string) => text.normalize('NFC').toLowerCase();

export function entryOf(reachable: ReachableAsset): Entry {
  const { asset } = reachable;
  const [name, address, platform, comment, folder] = [
    asset.name,
    asset.address,
    asset.platform,
    asset.comment,
    asset.folder,
  ].map(clean) as [string, string, string, string, string];
  const labels = Object.entries(asset.labels).map(([key, value]) => `${key}=${value}`);
  return {
    reachable,
    name,
    address,
    platform,
    comment,
    folder,
    isDatabase: reachable.protocols.some((protocol) => DATABASES.includes(protocol)),
    haystack: searchable([name, address, platform, comment, folder, ...labels].join('\n')),
  };
}

/** Entries in which every word of the text occurs; those whose name begins with it come first, then those whose name has it. */
export function search(entries: readonly Entry[], text: string): readonly Entry[] {
  const whole = searchable(text.trim());
  const words = whole.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return entries;
  const ranked: [Entry[], Entry[], Entry[], Entry[]] = [[], [], [], []];
  for (const entry of entries) {
    if (!words.every((word) => entry.haystack.includes(word))) continue;
    const name = searchable(entry.name);
    const rank = name === whole ? 0 : name.startsWith(whole) ? 1 : name.includes(whole) ? 2 : 3;
    ranked[rank].push(entry);
  }
  return ranked.flat();
}

/** The one entry a text names: the only match, or the only one whose name, else whose address, equals it. */
export function exactly(matches: readonly Entry[], text: string): Entry | undefined {
  if (matches.length === 1) return matches[0];
  const wanted = searchable(text.trim());
  const named = matches.filter((entry) => searchable(entry.name) === wanted);
  if (named.length === 1) return named[0];
  const addressed = matches.filter((entry) => searchable(entry.address) === wanted);
  return named.length === 0 && addressed.length === 1 ? addressed[0] : undefined;
}

export function inFolder(entries: readonly Entry[], path: string): readonly Entry[] {
  return path === '/' ? entries : entries.filter(({ folder }) => folder === path || folder.startsWith(`${path}/`));
}

/** The folders that hold these entries, parents before children. */
export function folderTree(entries: readonly Entry[]): FolderNode[] {
  const counts = new Map<string, number>([['/', 0]]);
  for (const { folder } of entries) {
    const parts = folder.split('/').filter((part) => part !== '');
    for (let depth = 0; depth <= parts.length; depth++) {
      const path = `/${parts.slice(0, depth).join('/')}`;
      counts.set(path, (counts.get(path) ?? 0) + 1);
    }
  }
  // compared part by part, so that /a/b comes before /a-b
  const parts = (path: string) => path.split('/').filter((part) => part !== '');
  return [...counts]
    .map(([path, count]) => ({ path, name: parts(path).at(-1) ?? '/', depth: parts(path).length, count }))
    .sort((a, b) => comparePaths(parts(a.path), parts(b.path)));
}

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = byName.compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** What Tab makes of a text: the longest beginning that all names starting with it share. */
export function complete(entries: readonly Entry[], text: string): string {
  const wanted = searchable(text);
  const names = entries.map((entry) => entry.name).filter((name) => searchable(name).startsWith(wanted));
  const first = names[0];
  if (wanted === '' || first === undefined) return text;
  let length = first.length;
  for (const name of names) {
    while (searchable(name.slice(0, length)) !== searchable(first.slice(0, length))) length--;
  }
  return length > text.length ? first.slice(0, length) : text;
}
