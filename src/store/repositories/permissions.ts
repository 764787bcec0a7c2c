import { sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { PermissionId, UserId } from '../../kernel/id.ts';
import type { Permission } from '../model.ts';
import type { Audit, NewPermission, PermissionPatch, PermissionsRepository } from '../store.ts';
import { flag, given, mustBeFree, mustBeVersion, nameKey, nextVersion, Repository } from '../work.ts';
import { ensureFolder } from './folders.ts';
import { amongst, byOwner, type Chosen, NameLists } from './name-lists.ts';

/**
 * Users, groups, assets and folders are kept by reference and handed out by name. When the last of a list is removed
 * the list is empty, which names nobody and nothing: a removal can only take rights away.
 */
export class Permissions extends Repository implements PermissionsRepository {
  readonly #lists = new NameLists<PermissionId>(this.work, 'permission');

  async list(): Promise<Permission[]> {
    return this.#load();
  }

  async byName(name: string): Promise<Permission | undefined> {
    return (await this.#load(sql`select id from permissions where name_key = ${nameKey(name)}`))[0];
  }

  async forUser(userId: UserId): Promise<Permission[]> {
    return this.#load(sql`
      select id from permissions where active = 1 and id in (
        select permission_id from permission_users where user_id = ${userId}
        union
        select permission_id from permission_groups join group_members using (group_id) where user_id = ${userId}
      )`);
  }

  async create(permission: NewPermission, audit: Audit): Promise<Permission> {
    await mustBeFree(this.work, 'permissions', permission.name);
    await this.db
      .insertInto('permissions')
      .values({
        id: permission.id,
        name: permission.name,
        name_key: nameKey(permission.name),
        comment: permission.comment,
        active: flag(permission.active),
        labels_json: JSON.stringify(permission.labels),
        accounts_json: JSON.stringify(permission.accounts),
        protocols_json: JSON.stringify(permission.protocols),
        actions_json: JSON.stringify(permission.actions),
        forward_to_json: JSON.stringify(permission.forwardTo),
        valid_from: permission.from,
        valid_until: permission.until,
        record: permission.record,
        created_at: this.now,
      })
      .execute();
    await this.#setLists(permission.id, permission);
    await this.writeAudit(audit);
    return this.#existing(permission.id);
  }

  async update(id: PermissionId, patch: PermissionPatch, audit: Audit): Promise<Permission> {
    const before = await this.#existing(id);
    mustBeVersion(before.name, patch.version, before.version);
    if (patch.name !== undefined) await mustBeFree(this.work, 'permissions', patch.name, id);
    const values = given({
      name: patch.name,
      name_key: patch.name === undefined ? undefined : nameKey(patch.name),
      comment: patch.comment,
      active: patch.active === undefined ? undefined : flag(patch.active),
      labels_json: patch.labels && JSON.stringify(patch.labels),
      accounts_json: patch.accounts && JSON.stringify(patch.accounts),
      protocols_json: patch.protocols && JSON.stringify(patch.protocols),
      actions_json: patch.actions && JSON.stringify(patch.actions),
      forward_to_json: patch.forwardTo && JSON.stringify(patch.forwardTo),
      valid_from: patch.from,
      valid_until: patch.until,
      record: patch.record,
      version: nextVersion,
    });
    await this.db.updateTable('permissions').set(values).where('id', '=', id).execute();
    await this.#setLists(id, patch);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: PermissionId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('permissions').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw missingPermission();
    await this.writeAudit(audit);
  }

  /** Replaces each list that is given. */
  async #setLists(id: PermissionId, lists: PermissionPatch): Promise<void> {
    const { users, groups, assets, folders } = lists;
    await this.#lists.replace(id, 'users', users);
    await this.#lists.replace(id, 'groups', groups);
    await this.#lists.replace(id, 'assets', assets);
    if (folders) {
      await this.db.deleteFrom('permission_folders').where('permission_id', '=', id).execute();
      for (const folder of new Set(folders)) {
        await ensureFolder(this.work, folder);
        await this.db.insertInto('permission_folders').values({ permission_id: id, folder }).execute();
      }
    }
  }

  async #existing(id: PermissionId): Promise<Permission> {
    const [permission] = await this.#load(sql`select ${id}`);
    if (!permission) throw missingPermission();
    return permission;
  }

  /** The permissions whose ids the subquery gives, or all, by name; five statements however many there are. */
  async #load(ids?: Chosen): Promise<Permission[]> {
    const rows = await this.db
      .selectFrom('permissions')
      .selectAll()
      .where(amongst(sql.ref('id'), ids))
      .orderBy('name_key')
      .execute();
    const folders = await this.db
      .selectFrom('permission_folders')
      .select(['permission_id as owner', 'folder as name'])
      .where(amongst(sql.ref('permission_id'), ids))
      .orderBy('folder')
      .execute();
    const usersOf = await this.#lists.names('users', ids);
    const groupsOf = await this.#lists.names('groups', ids);
    const assetsOf = await this.#lists.names('assets', ids);
    const foldersOf = byOwner(folders);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      comment: row.comment,
      active: row.active === 1,
      users: usersOf(row.id),
      groups: groupsOf(row.id),
      assets: assetsOf(row.id),
      folders: foldersOf(row.id),
      labels: JSON.parse(row.labels_json) as Permission['labels'],
      accounts: JSON.parse(row.accounts_json) as Permission['accounts'],
      protocols: JSON.parse(row.protocols_json) as Permission['protocols'],
      actions: JSON.parse(row.actions_json) as Permission['actions'],
      from: row.valid_from,
      until: row.valid_until,
      forwardTo: JSON.parse(row.forward_to_json) as Permission['forwardTo'],
      record: row.record,
      createdAt: row.created_at,
      version: row.version,
    }));
  }
}

function missingPermission(): AppError {
  return new AppError('not_found', 'This permission does not exist any more.');
}
