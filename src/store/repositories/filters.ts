import { sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { AssetId, FilterId, GroupId, UserId } from '../../kernel/id.ts';
import type { CommandFilter } from '../model.ts';
import type { Audit, FilterPatch, FiltersRepository, NewFilter } from '../store.ts';
import { flag, given, idsOf, mustBeFree, nameKey, Repository } from '../work.ts';

/**
 * Users, groups, assets and reviewers are kept by reference and handed out by name. A filter made without people is
 * for everybody; one whose last person, group or asset is removed later is for nobody, so that it never grows by
 * itself. Without reviewers every administrator may approve, so too when the last one is removed.
 */
export class Filters extends Repository implements FiltersRepository {
  async list(): Promise<CommandFilter[]> {
    return this.#load();
  }

  async byName(name: string): Promise<CommandFilter | undefined> {
    const row = await this.db
      .selectFrom('filters')
      .select('id')
      .where('name_key', '=', nameKey(name))
      .executeTakeFirst();
    return row && this.#existing(row.id);
  }

  async create(filter: NewFilter, audit: Audit): Promise<CommandFilter> {
    await mustBeFree(this.work, 'filters', filter.name);
    await this.db
      .insertInto('filters')
      .values({
        id: filter.id,
        name: filter.name,
        name_key: nameKey(filter.name),
        comment: filter.comment,
        active: flag(filter.active),
        priority: filter.priority,
        action: filter.action,
        words_json: JSON.stringify(filter.words),
        regex: filter.regex,
        match_case: flag(filter.matchCase),
        accounts_json: JSON.stringify(filter.accounts),
        for_all_users: flag(filter.users.length === 0 && filter.groups.length === 0),
        for_all_assets: flag(filter.assets.length === 0),
        created_at: this.now,
      })
      .execute();
    await this.#setReferences(filter.id, filter);
    await this.writeAudit(audit);
    return this.#existing(filter.id);
  }

  async update(id: FilterId, patch: FilterPatch, audit: Audit): Promise<CommandFilter> {
    const before = await this.#existing(id);
    if (patch.name !== undefined) await mustBeFree(this.work, 'filters', patch.name, id);
    const { users, groups, assets } = patch;
    const people = users || groups ? [...(users ?? before.users), ...(groups ?? before.groups)] : undefined;
    const values = given({
      name: patch.name,
      name_key: patch.name === undefined ? undefined : nameKey(patch.name),
      comment: patch.comment,
      active: patch.active === undefined ? undefined : flag(patch.active),
      priority: patch.priority,
      action: patch.action,
      words_json: patch.words && JSON.stringify(patch.words),
      regex: patch.regex,
      match_case: patch.matchCase === undefined ? undefined : flag(patch.matchCase),
      accounts_json: patch.accounts && JSON.stringify(patch.accounts),
      for_all_users: people && flag(people.length === 0),
      for_all_assets: assets && flag(assets.length === 0),
    });
    if (Object.keys(values).length > 0) await this.db.updateTable('filters').set(values).where('id', '=', id).execute();
    await this.#setReferences(id, patch);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: FilterId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('filters').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw missingFilter();
    await this.writeAudit(audit);
  }

  /** Replaces each list that is given. */
  async #setReferences(id: FilterId, { users, groups, assets, reviewers }: FilterPatch): Promise<void> {
    if (users) {
      await this.db.deleteFrom('filter_users').where('filter_id', '=', id).execute();
      for (const userId of await idsOf<UserId>(this.work, 'users', users))
        await this.db.insertInto('filter_users').values({ filter_id: id, user_id: userId }).execute();
    }
    if (groups) {
      await this.db.deleteFrom('filter_groups').where('filter_id', '=', id).execute();
      for (const groupId of await idsOf<GroupId>(this.work, 'groups', groups))
        await this.db.insertInto('filter_groups').values({ filter_id: id, group_id: groupId }).execute();
    }
    if (assets) {
      await this.db.deleteFrom('filter_assets').where('filter_id', '=', id).execute();
      for (const assetId of await idsOf<AssetId>(this.work, 'assets', assets))
        await this.db.insertInto('filter_assets').values({ filter_id: id, asset_id: assetId }).execute();
    }
    if (reviewers) {
      await this.db.deleteFrom('filter_reviewers').where('filter_id', '=', id).execute();
      for (const userId of await idsOf<UserId>(this.work, 'users', reviewers))
        await this.db.insertInto('filter_reviewers').values({ filter_id: id, user_id: userId }).execute();
    }
  }

  async #existing(id: FilterId): Promise<CommandFilter> {
    const [filter] = await this.#load(id);
    if (!filter) throw missingFilter();
    return filter;
  }

  /** One filter, or all of them: five statements however many there are. */
  async #load(id?: FilterId): Promise<CommandFilter[]> {
    const chosen = (column: string) => (id === undefined ? sql<boolean>`1` : sql<boolean>`${sql.ref(column)} = ${id}`);
    const rows = await this.db
      .selectFrom('filters')
      .selectAll()
      .where(chosen('id'))
      .orderBy('priority')
      .orderBy('name_key')
      .execute();
    // the usual house has no filters, and every connection asks
    if (rows.length === 0) return [];
    const users = await this.db
      .selectFrom('filter_users as link')
      .innerJoin('users', 'users.id', 'link.user_id')
      .select(['link.filter_id', 'users.name'])
      .where(chosen('link.filter_id'))
      .orderBy('users.name_key')
      .execute();
    const groups = await this.db
      .selectFrom('filter_groups as link')
      .innerJoin('groups', 'groups.id', 'link.group_id')
      .select(['link.filter_id', 'groups.name'])
      .where(chosen('link.filter_id'))
      .orderBy('groups.name_key')
      .execute();
    const assets = await this.db
      .selectFrom('filter_assets as link')
      .innerJoin('assets', 'assets.id', 'link.asset_id')
      .select(['link.filter_id', 'assets.name'])
      .where(chosen('link.filter_id'))
      .orderBy('assets.name_key')
      .execute();
    const reviewers = await this.db
      .selectFrom('filter_reviewers as link')
      .innerJoin('users', 'users.id', 'link.user_id')
      .select(['link.filter_id', 'users.name'])
      .where(chosen('link.filter_id'))
      .orderBy('users.name_key')
      .execute();

    const usersOf = byFilter(users);
    const groupsOf = byFilter(groups);
    const assetsOf = byFilter(assets);
    const reviewersOf = byFilter(reviewers);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      comment: row.comment,
      active: row.active === 1,
      priority: row.priority,
      action: row.action,
      words: JSON.parse(row.words_json) as CommandFilter['words'],
      regex: row.regex,
      matchCase: row.match_case === 1,
      forAllUsers: row.for_all_users === 1,
      forAllAssets: row.for_all_assets === 1,
      users: usersOf(row.id),
      groups: groupsOf(row.id),
      assets: assetsOf(row.id),
      accounts: JSON.parse(row.accounts_json) as CommandFilter['accounts'],
      reviewers: reviewersOf(row.id),
      createdAt: row.created_at,
    }));
  }
}

function byFilter(rows: readonly { filter_id: FilterId; name: string }[]): (id: FilterId) => string[] {
  const groups = Map.groupBy(rows, (row) => row.filter_id);
  return (id) => (groups.get(id) ?? []).map((row) => row.name);
}

function missingFilter(): AppError {
  return new AppError('not_found', 'This command filter does not exist any more.');
}
