import type { ReachableLogins } from '../../../access/access.ts';
import type { Asset, Millis, Protocol } from '../../../store/model.ts';

/**
 * Names and paths of the tree are text in which each character is one byte: paths of targets need not be UTF-8.
 */
export type Bytes = string;

export const bytesOf = (text: string): Bytes => Buffer.from(text).toString('latin1');
export const textOf = (bytes: Bytes): string => Buffer.from(bytes, 'latin1').toString();

export interface FolderEntry {
  readonly kind: 'folder';
  readonly children: ReadonlyMap<Bytes, FolderEntry | AssetEntry>;
  readonly time: Millis;
}
export interface AssetEntry {
  readonly kind: 'asset';
  readonly children: ReadonlyMap<Bytes, AccountEntry>;
  readonly time: Millis;
}
export interface AccountEntry {
  readonly kind: 'account';
  readonly asset: Asset;
  readonly login: string;
  readonly protocol: Protocol;
  /** The same for the same account of the same asset, wherever it stands. */
  readonly key: string;
  /** Where it stands in the tree, without a slash at the end. */
  readonly path: Bytes;
  readonly time: Millis;
}
export type Entry = FolderEntry | AssetEntry | AccountEntry;

/** What a path of the tree leads to. */
export type Spot =
  | { readonly kind: 'folder' | 'asset'; readonly entry: FolderEntry | AssetEntry; readonly path: Bytes }
  /** `inside` is absolute on the target, or below the home directory of the account. */
  | { readonly kind: 'account'; readonly account: AccountEntry; readonly inside: Bytes; readonly home: boolean }
  /** `parent`: it would stand in a folder or an asset. */
  | { readonly kind: 'nothing'; readonly parent: boolean; readonly path: Bytes };

/** In an account's directory, its home. */
const HOME = '~';

interface Unnamed {
  readonly folders: Map<string, Unnamed>;
  readonly assets: ReachableLogins[];
}

/** The tree of folders, assets and accounts; folders in which there is nothing for this person do not exist. */
export function treeOf(reachable: readonly ReachableLogins[]): FolderEntry {
  const root: Unnamed = { folders: new Map(), assets: [] };
  for (const logins of reachable) {
    let folder = root;
    for (const step of logins.asset.folder.split('/').filter((part) => part !== '')) {
      const known = folder.folders.get(step) ?? { folders: new Map(), assets: [] };
      folder.folders.set(step, known);
      folder = known;
    }
    folder.assets.push(logins);
  }
  return named(root, '');
}

function named(folder: Unnamed, path: Bytes): FolderEntry {
  const children = new Map<Bytes, FolderEntry | AssetEntry>();
  for (const [name, step] of unique([...folder.folders.keys()], children))
    children.set(name, named(folder.folders.get(step)!, `${path}/${name}`));
  const assets = new Map(folder.assets.map((logins) => [logins.asset.name, logins]));
  for (const [name, own] of unique([...assets.keys()], children))
    children.set(name, assetEntry(assets.get(own)!, `${path}/${name}`));
  return { kind: 'folder', children, time: Math.max(0, ...[...children.values()].map(({ time }) => time)) };
}

function assetEntry({ asset, accounts }: ReachableLogins, path: Bytes): AssetEntry {
  const children = new Map<Bytes, AccountEntry>();
  const protocols = new Map(accounts.map(({ login, protocol }) => [login, protocol]));
  for (const [name, login] of unique([...protocols.keys()], children)) {
    children.set(name, {
      kind: 'account',
      asset,
      login,
      protocol: protocols.get(login)!,
      key: `${asset.id}/${login}`,
      path: `${path}/${name}`,
      time: asset.createdAt,
    });
  }
  return { kind: 'asset', children, time: asset.createdAt };
}

/**
 * File names for these names, none of them taken: a slash becomes `_`, and a name that is no file name or is taken
 * already (an asset's by a folder) gains as many `_` as it needs. Names that can stay as they are come first.
 */
function unique(names: readonly string[], taken: ReadonlyMap<Bytes, unknown>): [Bytes, string][] {
  const used = new Set(taken.keys());
  const given: [Bytes, string][] = [];
  const give = (file: Bytes, name: string) => {
    used.add(file);
    given.push([file, name]);
  };
  const later: string[] = [];
  for (const name of names) {
    if (fileName(name) === bytesOf(name) && !used.has(bytesOf(name))) give(bytesOf(name), name);
    else later.push(name);
  }
  for (const name of later) {
    let file = fileName(name);
    while (used.has(file)) file += '_';
    give(file, name);
  }
  return given;
}

function fileName(name: string): Bytes {
  const file = bytesOf(name).replace(/[/\0]/g, '_');
  return file === '.' || file === '..' || file === '' ? `${file}_` : file;
}

/**
 * Where a path leads. `.`, `..` and doubled slashes are resolved as text before anything else, so no text leads from one
 * account into another; relative paths begin at the top.
 */
export function locate(root: FolderEntry, path: Bytes): Spot {
  const { steps, slash } = resolved(path);
  let entry: FolderEntry | AssetEntry = root;
  for (const [at, step] of steps.entries()) {
    const next: Entry | undefined = entry.children.get(step);
    if (!next) return { kind: 'nothing', parent: at === steps.length - 1, path: `/${steps.join('/')}` };
    if (next.kind === 'account') {
      const home = steps[at + 1] === HOME;
      const rest = steps.slice(at + (home ? 2 : 1));
      const inside = rest.length === 0 ? '' : `/${rest.join('/')}${slash ? '/' : ''}`;
      return { kind: 'account', account: next, inside, home };
    }
    entry = next;
  }
  return { kind: entry.kind, entry, path: `/${steps.join('/')}` };
}

/** The steps of a path from the top, and whether it says that it is a directory. */
export function resolved(path: Bytes): { readonly steps: Bytes[]; readonly slash: boolean } {
  const steps: Bytes[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return { steps, slash: /(?:^|\/)\.{0,2}$/.test(path) };
}

/** An absolute path as a target gave it, which never leads above its root. */
export function tamed(path: Bytes): Bytes {
  return /(?:^|\/)\.\.(?:\/|$)/.test(path) ? `/${resolved(path).steps.join('/')}` : path;
}

/**
 * A relative link that stands at this path of a target, made so that it cannot climb past the target's root: there `..`
 * leads nowhere, in the tree it would lead to the next account. Nothing climbs after a name either: that may be a link.
 */
export function tamedLink(link: Bytes, standsAt: Bytes): Bytes {
  const depth = Math.max(0, resolved(standsAt).steps.length - 1);
  const steps = link.split('/');
  const names = steps.findIndex((step) => step !== '..');
  const climbs = names < 0 ? steps.length : names;
  if (climbs <= depth && !steps.slice(climbs).includes('..')) return link;
  const kept: Bytes[] = [];
  let up = 0;
  for (const step of steps) {
    if (step === '' || step === '.') continue;
    if (step !== '..') kept.push(step);
    else if (kept.pop() === undefined && up < depth) up++;
  }
  return [...Array<Bytes>(up).fill('..'), ...kept].join('/') || '.';
}
