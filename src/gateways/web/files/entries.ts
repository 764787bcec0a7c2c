import type { FileEntry } from '../../../api/contract/files.ts';
import { type Attributes, KIND } from '../../../kernel/sftp/attributes.ts';
import { isName, joined, textOf } from './names.ts';
import { type Listed, type SftpClient, SftpFailure } from './sftp-client.ts';

/** A folder is told up to so many entries, and so many bytes of names. */
export const MOST_ENTRIES = 20_000;
const MOST_NAME_BYTES = 8 * 1024 * 1024;
/** Links that are followed at once. */
const AT_ONCE = 32;

export type Kind = FileEntry['kind'];

export function kindOf({ mode }: Attributes): Kind {
  switch ((mode ?? 0) & KIND.mask) {
    case KIND.folder:
      return 'folder';
    case KIND.file:
      return 'file';
    case KIND.link:
      return 'link';
    default:
      return 'other';
  }
}

export interface Folder {
  readonly entries: FileEntry[];
  readonly truncated: boolean;
}

/** What is in a folder, by name. Names that lead somewhere else are left out. */
export async function listed(client: SftpClient, folder: Buffer): Promise<Folder> {
  const { found, truncated } = await read(client, folder);
  const entries = await withTargets(client, folder, found);
  entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  return { entries, truncated };
}

/** One file, folder or link by its path; `name` is the last step of it. */
export async function entryAt(client: SftpClient, path: Buffer, name: Buffer): Promise<FileEntry> {
  const attributes = await client.lstat(path);
  const target = kindOf(attributes) === 'link' ? await followed(client, path) : undefined;
  return view({ name, line: Buffer.alloc(0), attributes }, target);
}

/** The names in a folder with what is told of each; all of them unless there are more than `most`. */
export async function read(
  client: SftpClient,
  folder: Buffer,
  most = MOST_ENTRIES,
): Promise<{ found: Listed[]; truncated: boolean }> {
  const handle = await client.opendir(folder);
  const found: Listed[] = [];
  let seen = 0;
  let bytes = 0;
  let truncated = false;
  try {
    for (let some = await client.readdir(handle); some && !truncated; some = await client.readdir(handle)) {
      for (const one of some) {
        seen++;
        bytes += one.name.length;
        if (isName(one.name)) found.push({ ...one, name: Buffer.from(one.name), line: Buffer.from(one.line) });
      }
      truncated = seen >= most + 2 || bytes > MOST_NAME_BYTES;
    }
  } finally {
    await client.close(handle).catch(() => {});
  }
  if (found.length > most) found.length = most;
  return { found, truncated };
}

async function withTargets(client: SftpClient, folder: Buffer, found: readonly Listed[]): Promise<FileEntry[]> {
  const entries: FileEntry[] = [];
  for (let at = 0; at < found.length; at += AT_ONCE) {
    const views = found.slice(at, at + AT_ONCE).map(async (one) => {
      if (kindOf(one.attributes) !== 'link') return view(one, undefined);
      return view(one, await followed(client, joined(folder, one.name)));
    });
    entries.push(...(await Promise.all(views)));
  }
  return entries;
}

/** What a link leads to; undefined when that is nothing, or nothing one may look at. */
async function followed(client: SftpClient, path: Buffer): Promise<Attributes | undefined> {
  try {
    return await client.stat(path);
  } catch (error) {
    if (error instanceof SftpFailure && error.code >= 0) return undefined;
    throw error;
  }
}

function view({ name, line, attributes }: Listed, target: Attributes | undefined): FileEntry {
  const kind = kindOf(attributes);
  const { modified, uid, gid, mode } = attributes;
  const [owner, group] = namesIn(line) ?? [uid?.toString() ?? null, gid?.toString() ?? null];
  return {
    name: textOf(name),
    kind,
    size: (kind === 'link' ? target?.size : attributes.size) ?? null,
    toFolder: target !== undefined && kindOf(target) === 'folder',
    mode: modeText(mode ?? 0),
    owner,
    group,
    modifiedAt: modified === undefined ? null : new Date(modified * 1000).toISOString(),
  };
}

const LINE = /^[-a-zA-Z?][-rwxsStT?]{9}[+.@]? +\S+ +(\S{1,64}) +(\S{1,64}) +\S/;

/** The names of owner and group in a line of `ls -l`. */
function namesIn(line: Buffer): [string, string] | undefined {
  const found = LINE.exec(line.toString('utf8', 0, 400));
  return found ? [found[1]!, found[2]!] : undefined;
}

/** `rwxr-xr-x`, with `s` and `t` as `ls -l` shows them. */
export function modeText(mode: number): string {
  const special = [0o4000, 0o2000, 0o1000].map((bit) => (mode & bit) !== 0);
  return ['s', 's', 't']
    .map((letter, who) => {
      const bits = (mode >> (6 - 3 * who)) & 7;
      const runs = (bits & 1) !== 0;
      const last = special[who] ? (runs ? letter : letter.toUpperCase()) : runs ? 'x' : '-';
      return `${bits & 4 ? 'r' : '-'}${bits & 2 ? 'w' : '-'}${last}`;
    })
    .join('');
}
