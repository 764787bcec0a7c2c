import { AppError } from '../../kernel/errors.ts';
import type { Folder } from '../model.ts';
import type { Audit, FoldersRepository } from '../store.ts';
import { listOf, nextVersion, notFound, quoted, Repository, type Work } from '../work.ts';

export class Folders extends Repository implements FoldersRepository {
  async list(): Promise<Folder[]> {
    return await this.db.selectFrom('folders').select(['path', 'comment']).orderBy('path').execute();
  }

  async add(path: string, comment: string, audit: Audit): Promise<Folder> {
    await ensureFolder(this.work, path);
    await this.db.updateTable('folders').set({ comment }).where('path', '=', path).execute();
    await this.writeAudit(audit);
    return { path, comment };
  }

  async move(path: string, to: string, audit: Audit): Promise<Folder> {
    mustBePath(to);
    const folder = await this.#existing(path);
    if (path === '/') throw new AppError('invalid', 'The root folder cannot be moved.');
    if (to === path || isBelow(to, path)) throw new AppError('invalid', `${quoted(path)} cannot be moved into itself.`);
    if (await this.#find(to))
      throw new AppError('conflict', `There is already a folder ${quoted(to)}; choose another path.`);
    await ensureFolder(this.work, parentOf(to));
    // assets and permissions follow by "on update cascade"
    for (const row of await this.#inside(path))
      await this.db
        .updateTable('folders')
        .set({ path: to + row.path.slice(path.length) })
        .where('path', '=', row.path)
        .execute();
    await this.#touch(to);
    await this.writeAudit(audit);
    return { path: to, comment: folder.comment };
  }

  async remove(path: string, audit: Audit): Promise<void> {
    await this.#existing(path);
    if (path === '/') throw new AppError('invalid', 'The root folder cannot be removed.');
    const inside = await this.#inside(path);
    if (inside.length > 1)
      throw new AppError(
        'conflict',
        `${quoted(path)} still holds the folder ${quoted(inside[1]!.path)}; remove or move it first.`,
      );
    const asset = await this.db.selectFrom('assets').select('name').where('folder', '=', path).executeTakeFirst();
    if (asset)
      throw new AppError(
        'conflict',
        `${quoted(path)} still holds the asset ${quoted(asset.name)}; remove it or move it to another folder first.`,
      );
    await this.db.deleteFrom('folders').where('path', '=', path).execute();
    await this.writeAudit(audit);
  }

  /** What names a folder that moved has changed with it: an edit made before would bring the old path back. */
  async #touch(path: string): Promise<void> {
    const inside = (await this.#inside(path)).map((folder) => folder.path);
    await this.db.updateTable('assets').set({ version: nextVersion }).where('folder', 'in', listOf(inside)).execute();
    await this.db
      .updateTable('permissions')
      .set({ version: nextVersion })
      .where('id', 'in', (eb) =>
        eb.selectFrom('permission_folders').select('permission_id').where('folder', 'in', listOf(inside)),
      )
      .execute();
  }

  /** The folder and all below it, itself first. */
  async #inside(path: string): Promise<{ path: string }[]> {
    // '0' is the character after '/': the range is exactly what starts with "PATH/"
    return await this.db
      .selectFrom('folders')
      .select('path')
      .where((eb) => eb.or([eb('path', '=', path), eb.and([eb('path', '>', `${path}/`), eb('path', '<', `${path}0`)])]))
      .orderBy('path')
      .execute();
  }

  async #find(path: string): Promise<Folder | undefined> {
    return await this.db.selectFrom('folders').select(['path', 'comment']).where('path', '=', path).executeTakeFirst();
  }

  async #existing(path: string): Promise<Folder> {
    const folder = await this.#find(path);
    if (!folder) throw notFound('folder', path);
    return folder;
  }
}

/** Makes the folder and its parents where they are missing. */
export async function ensureFolder(work: Work, path: string): Promise<void> {
  mustBePath(path);
  for (let at = path; at !== '/'; at = parentOf(at)) {
    const made = await work.db
      .insertInto('folders')
      .values({ path: at, comment: '' })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n) return;
  }
}

function mustBePath(path: string): void {
  const parts = path.split('/').slice(1);
  const good =
    path === '/' || (path.startsWith('/') && parts.every((part) => part !== '' && part !== '.' && part !== '..'));
  if (!good) throw new AppError('invalid', `${quoted(path)} is no folder path; write it like /prod/web.`);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}
