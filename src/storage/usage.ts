import { readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on the disk that holds the data directory, and what takes them. Recordings are counted by their rows. */
export interface StorageUse {
  readonly diskTotal: number;
  /** As much as an unprivileged writer may still use. */
  readonly diskFree: number;
  readonly spool: number;
  readonly database: number;
  readonly searchIndex: number;
}

/** What stands on the disk now. Files that come and go while they are counted count for nothing. */
export async function storageUse(data: string): Promise<StorageUse> {
  const [disk, spool, database, searchIndex] = await Promise.all([
    statfs(data),
    directorySize(join(data, 'spool')),
    databaseSize(join(data, 'bastion.db')),
    databaseSize(join(data, 'search.db')),
  ]);
  return { diskTotal: disk.blocks * disk.bsize, diskFree: disk.bavail * disk.bsize, spool, database, searchIndex };
}

async function databaseSize(file: string): Promise<number> {
  const sizes = await Promise.all([file, `${file}-wal`].map(fileSize));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function directorySize(path: string): Promise<number> {
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => fileSize(join(path, name))));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function fileSize(file: string): Promise<number> {
  return stat(file).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
}
