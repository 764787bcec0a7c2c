import { AppError } from '../../../kernel/errors.ts';
import { kindOf, MOST_ENTRIES, read } from './entries.ts';
import { joined } from './names.ts';
import type { SftpClient } from './sftp-client.ts';

/** A tree that is deeper or has more in it is not removed from here. */
const DEEPEST = 256;
const MOST_REMOVED = 200_000;

interface Level {
  readonly path: Buffer;
  readonly depth: number;
  /** What was in it is gone. */
  emptied: boolean;
}

/**
 * Removes a file, a link (never what it leads to), or a folder with all that is in it; gives how many they were. What
 * was removed before something could not be stays removed.
 */
export async function removeTree(client: SftpClient, path: Buffer, stopped: () => boolean): Promise<number> {
  if (kindOf(await client.lstat(path)) !== 'folder') {
    await client.remove(path);
    return 1;
  }
  let removed = 0;
  const levels: Level[] = [{ path, depth: 0, emptied: false }];
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    if (stopped()) throw new AppError('conflict', `Stopped after ${removed} files and folders.`);
    if (removed > MOST_REMOVED) throw tooMuch(removed, 'more in it');
    if (level.emptied) {
      await client.rmdir(level.path);
      levels.pop();
      removed++;
      continue;
    }
    if (level.depth > DEEPEST) throw tooMuch(removed, 'more folders within each other');
    const { found, truncated } = await read(client, level.path);
    const inside: Level[] = [];
    for (const one of found) {
      const below = joined(level.path, one.name);
      if (kindOf(one.attributes) === 'folder') inside.push({ path: below, depth: level.depth + 1, emptied: false });
      else {
        await client.remove(below);
        removed++;
      }
    }
    // of more than one listing tells there is more to be read when these are gone
    level.emptied = !truncated;
    if (truncated && found.length === 0) throw tooMuch(removed, 'names in it that cannot be removed from here');
    levels.push(...inside);
  }
  return removed;
}

function tooMuch(removed: number, what: string): AppError {
  return new AppError(
    'too_large',
    `The folder has ${what} than can be removed from here (${removed} of it are gone; ${MOST_ENTRIES} are read at once). Remove it in a terminal.`,
  );
}
