import { AppError } from '../../../kernel/errors.ts';
import { kindOf, read } from './entries.ts';
import { joined } from './names.ts';
import type { SftpClient } from './sftp-client.ts';

/** A tree that is deeper or has more in it is not removed from here. */
const DEEPEST = 256;
const MOST_REMOVED = 200_000;
const READ_AT_ONCE = 200;

interface Level {
  readonly path: Buffer;
  /** Names of folders in it that are still to be removed, of what was read last. */
  folders: Buffer[];
  /** What was read last was not all. */
  more: boolean;
}

/**
 * Removes a file, a link (never what it leads to), or a folder with all that is in it; gives how many they were. What
 * was removed before something could not be stays removed. Of a folder no more is kept in mind than was read at once:
 * what is gone makes room for what comes after it in the next listing.
 */
export async function removeTree(client: SftpClient, path: Buffer, stopped: () => boolean): Promise<number> {
  if (kindOf(await client.lstat(path)) !== 'folder') {
    await client.remove(path);
    return 1;
  }
  let removed = 0;
  const levels: Level[] = [{ path, folders: [], more: true }];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    if (stopped()) throw new AppError('conflict', `Stopped after ${removed} files and folders.`);
    if (removed > MOST_REMOVED) throw tooMuch(removed, 'more in it than can be removed from here');
    const inside = level.folders.pop();
    if (inside) {
      if (levels.length > DEEPEST)
        throw tooMuch(removed, 'more folders within each other than can be removed from here');
      levels.push({ path: joined(level.path, inside), folders: [], more: true });
    } else if (level.more) {
      const { found, truncated } = await read(client, level.path, READ_AT_ONCE);
      if (truncated && found.length === 0) throw tooMuch(removed, 'names in it that no file can have');
      level.more = truncated;
      for (const { name, attributes } of found) {
        if (kindOf(attributes) === 'folder') level.folders.push(name);
        else {
          await client.remove(joined(level.path, name));
          removed++;
        }
      }
    } else {
      await client.rmdir(level.path);
      levels.pop();
      removed++;
    }
  }
  return removed;
}

function tooMuch(removed: number, what: string): AppError {
  return new AppError(
    'too_large',
    `The folder has ${what}; ${removed} files and folders of it are gone. Remove the rest in a terminal.`,
  );
}
