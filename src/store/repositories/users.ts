import type { Selectable } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { GroupId, UserId } from '../../kernel/id.ts';
import type { Millis, User } from '../model.ts';
import type { UsersTable } from '../schema.ts';
import type { Audit, NewUser, UserPatch, UsersRepository } from '../store.ts';
import { flag, given, idsOf, mustBeFree, mustBeVersion, nameKey, nextVersion } from '../work.ts';
import { Credentials, missing } from './credentials.ts';

export class Users extends Credentials implements UsersRepository {
  async list(): Promise<User[]> {
    return (await this.#select().orderBy('name_key').execute()).map(toUser);
  }

  async byId(id: UserId): Promise<User | undefined> {
    const row = await this.#select().where('id', '=', id).executeTakeFirst();
    return row && toUser(row);
  }

  async byName(name: string): Promise<User | undefined> {
    const row = await this.#select().where('name_key', '=', nameKey(name)).executeTakeFirst();
    return row && toUser(row);
  }

  async countAdmins(now: Millis): Promise<number> {
    return (await this.#activeAdmins(now)).length;
  }

  async groupsOf(id: UserId): Promise<string[]> {
    const rows = await this.db
      .selectFrom('group_members')
      .innerJoin('groups', 'groups.id', 'group_members.group_id')
      .select('groups.name')
      .where('group_members.user_id', '=', id)
      .orderBy('groups.name_key')
      .execute();
    return rows.map((row) => row.name);
  }

  async create(user: NewUser, audit: Audit): Promise<User> {
    await mustBeFree(this.work, 'users', user.name);
    await this.db
      .insertInto('users')
      .values({
        id: user.id,
        name: user.name,
        name_key: nameKey(user.name),
        display_name: user.displayName,
        email: user.email,
        comment: user.comment,
        role: user.role,
        disabled: 0,
        valid_until: user.validUntil,
        password_hash: user.passwordHash,
        totp_secret: null,
        totp_pending: null,
        totp_last_step: null,
        created_at: this.now,
        last_login_at: null,
      })
      .execute();
    for (const groupId of await idsOf<GroupId>(this.work, 'groups', user.groups))
      await this.db.insertInto('group_members').values({ group_id: groupId, user_id: user.id }).execute();
    await this.writeAudit(audit);
    return this.#existing(user.id);
  }

  async update(id: UserId, patch: UserPatch, audit: Audit): Promise<User> {
    const before = await this.#existing(id);
    mustBeVersion(before.name, patch.version, before.version);
    if (patch.name !== undefined) await mustBeFree(this.work, 'users', patch.name, id);
    const { passwordHash, version: _version, ...visible } = patch;
    const values = given({
      name: patch.name,
      name_key: patch.name === undefined ? undefined : nameKey(patch.name),
      display_name: patch.displayName,
      email: patch.email,
      comment: patch.comment,
      role: patch.role,
      disabled: patch.disabled === undefined ? undefined : flag(patch.disabled),
      valid_until: patch.validUntil,
      password_hash: passwordHash,
      // a password is nothing that another edit could overwrite unseen
      version: passwordHash !== undefined && Object.keys(given(visible)).length === 0 ? undefined : nextVersion,
    });
    await this.#keepingAnAdmin(async () => {
      await this.db.updateTable('users').set(values).where('id', '=', id).execute();
    });
    if (patch.disabled) await this.endSignIns(id);
    if (passwordHash !== undefined) await this.passwordSet(id, passwordHash);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: UserId, audit: Audit): Promise<void> {
    const { name } = await this.#existing(id);
    await this.#keepingAnAdmin(async () => {
      await this.db.deleteFrom('users').where('id', '=', id).execute();
    });
    await this.db.deleteFrom('lockouts').where('user_key', '=', nameKey(name)).execute();
    await this.writeAudit(audit);
  }

  /**
   * Makes the change, unless it takes away the last active administrator, or the last one who has a password or a key
   * while there was one: an invited colleague who never came does not count as somebody who can log in.
   */
  async #keepingAnAdmin(change: () => Promise<void>): Promise<void> {
    const before = await this.#activeAdmins(this.now);
    await change();
    const after = await this.#activeAdmins(this.now);
    const able = (admins: typeof before) => admins.filter((admin) => admin.able === 1).length;
    const lostLast = before.length > 0 && after.length === 0;
    const lostLastAble = able(before) > 0 && able(after) === 0;
    if (lostLast || lostLastAble)
      throw new AppError(
        'conflict',
        'This is the last administrator who can log in. Make another user an administrator first: bastion user set NAME --role admin',
      );
  }

  async #activeAdmins(now: Millis): Promise<{ id: UserId; able: number }[]> {
    return await this.db
      .selectFrom('users')
      .select('id')
      .select((eb) =>
        eb
          .or([
            eb('password_hash', 'is not', null),
            eb.exists(eb.selectFrom('user_keys').select('user_keys.id').whereRef('user_keys.user_id', '=', 'users.id')),
          ])
          .$castTo<number>()
          .as('able'),
      )
      .where('role', '=', 'admin')
      .where('disabled', '=', 0)
      .where((eb) => eb.or([eb('valid_until', 'is', null), eb('valid_until', '>', now)]))
      .execute();
  }

  async #existing(id: UserId): Promise<User> {
    const user = await this.byId(id);
    if (!user) throw missing();
    return user;
  }

  #select() {
    return this.db.selectFrom('users').selectAll();
  }
}

function toUser(row: Selectable<UsersTable>): User {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    email: row.email,
    comment: row.comment,
    role: row.role,
    disabled: row.disabled === 1,
    validUntil: row.valid_until,
    hasPassword: row.password_hash !== null,
    totpEnabled: row.totp_secret !== null,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    version: row.version,
  };
}
