import { AppError } from '../../kernel/errors.ts';
import type { GroupId, UserId } from '../../kernel/id.ts';
import type { Group } from '../model.ts';
import type { Audit, GroupPatch, GroupsRepository } from '../store.ts';
import { given, listOf, mustBeFree, mustBeVersion, nameKey, nextVersion, Repository } from '../work.ts';
import { missing } from './credentials.ts';

export class Groups extends Repository implements GroupsRepository {
  async list(): Promise<Group[]> {
    const groups = await this.db.selectFrom('groups').selectAll().orderBy('name_key').execute();
    const rows = await this.#memberNames().execute();
    const members = Map.groupBy(rows, (row) => row.group_id);
    return groups.map((group) => ({
      id: group.id,
      name: group.name,
      comment: group.comment,
      members: (members.get(group.id) ?? []).map((row) => row.name),
      version: group.version,
    }));
  }

  async byName(name: string): Promise<Group | undefined> {
    const row = await this.db
      .selectFrom('groups')
      .select('id')
      .where('name_key', '=', nameKey(name))
      .executeTakeFirst();
    return row && (await this.#existing(row.id));
  }

  async create(group: { id: GroupId; name: string; comment: string }, audit: Audit): Promise<Group> {
    await mustBeFree(this.work, 'groups', group.name);
    await this.db
      .insertInto('groups')
      .values({ id: group.id, name: group.name, name_key: nameKey(group.name), comment: group.comment })
      .execute();
    await this.writeAudit(audit);
    return this.#existing(group.id);
  }

  async update(id: GroupId, patch: GroupPatch, audit: Audit): Promise<Group> {
    const before = await this.#existing(id);
    mustBeVersion(before.name, patch.version, before.version);
    if (patch.name !== undefined) await mustBeFree(this.work, 'groups', patch.name, id);
    const values = given({
      name: patch.name,
      name_key: patch.name === undefined ? undefined : nameKey(patch.name),
      comment: patch.comment,
      version: nextVersion,
    });
    await this.db.updateTable('groups').set(values).where('id', '=', id).execute();
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: GroupId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('groups').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw missingGroup();
    await this.writeAudit(audit);
  }

  async join(id: GroupId, userIds: readonly UserId[], audit: Audit): Promise<Group> {
    await this.#existing(id);
    const known = await this.db.selectFrom('users').select('id').where('id', 'in', listOf(userIds)).execute();
    if (known.length < new Set(userIds).size) throw missing();
    for (const { id: userId } of known)
      await this.db
        .insertInto('group_members')
        .values({ group_id: id, user_id: userId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    await this.#changed(id);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async leave(id: GroupId, userIds: readonly UserId[], audit: Audit): Promise<Group> {
    await this.db
      .deleteFrom('group_members')
      .where('group_id', '=', id)
      .where('user_id', 'in', listOf(userIds))
      .execute();
    await this.#changed(id);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async #changed(id: GroupId): Promise<void> {
    await this.db.updateTable('groups').set({ version: nextVersion }).where('id', '=', id).execute();
  }

  async #existing(id: GroupId): Promise<Group> {
    const row = await this.db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst();
    if (!row) throw missingGroup();
    const members = await this.#memberNames().where('group_members.group_id', '=', id).execute();
    const { name, comment, version } = row;
    return { id, name, comment, members: members.map((member) => member.name), version };
  }

  #memberNames() {
    return this.db
      .selectFrom('group_members')
      .innerJoin('users', 'users.id', 'group_members.user_id')
      .select(['group_members.group_id', 'users.name'])
      .orderBy('users.name_key');
  }
}

function missingGroup(): AppError {
  return new AppError('not_found', 'This group does not exist any more.');
}
