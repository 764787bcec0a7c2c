import { sql } from 'kysely';
import { AppError } from '../../kernel/errors.ts';
import type { FilterId } from '../../kernel/id.ts';
import type { CommandFilter } from '../model.ts';
import type { Audit, FilterPatch, FiltersRepository, NewFilter } from '../store.ts';
import { flag, given, mustBeFree, mustBeVersion, nameKey, nextVersion, Repository } from '../work.ts';
import { amongst, type Chosen, NameLists } from './name-lists.ts';

/**
 * Users, groups, assets and reviewers are kept by reference and handed out by name. A filter made without people is
 * for everybody; one whose last person, group or asset is removed later is for nobody, so that it never grows by
 * itself. Without reviewers every administrator may approve, so too when the last one is removed.
 */
export class Filters extends Repository implements FiltersRepository {
  readonly #lists = new NameLists<FilterId>(this.work, 'filter');

  async list(): Promise<CommandFilter[]> {
    return this.#load();
  }

  async byName(name: string): Promise<CommandFilter | undefined> {
    return (await this.#load(sql`select id from filters where name_key = ${nameKey(name)}`))[0];
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
    await this.#setLists(filter.id, filter);
    await this.writeAudit(audit);
    return this.#existing(filter.id);
  }

  async update(id: FilterId, patch: FilterPatch, audit: Audit): Promise<CommandFilter> {
    const before = await this.#existing(id);
    mustBeVersion(before.name, patch.version, before.version);
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
      version: nextVersion,
    });
    await this.db.updateTable('filters').set(values).where('id', '=', id).execute();
    await this.#setLists(id, patch);
    await this.writeAudit(audit);
    return this.#existing(id);
  }

  async remove(id: FilterId, audit: Audit): Promise<void> {
    const gone = await this.db.deleteFrom('filters').where('id', '=', id).executeTakeFirst();
    if (gone.numDeletedRows === 0n) throw missingFilter();
    await this.writeAudit(audit);
  }

  async #setLists(id: FilterId, { users, groups, assets, reviewers }: FilterPatch): Promise<void> {
    await this.#lists.replace(id, 'users', users);
    await this.#lists.replace(id, 'groups', groups);
    await this.#lists.replace(id, 'assets', assets);
    await this.#lists.replace(id, 'reviewers', reviewers);
  }

  async #existing(id: FilterId): Promise<CommandFilter> {
    const [filter] = await this.#load(sql`select ${id}`);
    if (!filter) throw missingFilter();
    return filter;
  }

  /** The filters whose ids the subquery gives, or all, in the order they are asked; five statements however many there are. */
  async #load(ids?: Chosen): Promise<CommandFilter[]> {
    const rows = await this.db
      .selectFrom('filters')
      .selectAll()
      .where(amongst(sql.ref('id'), ids))
      .orderBy('priority')
      .orderBy('name_key')
      .execute();
    // the usual house has no filters, and every connection asks
    if (rows.length === 0) return [];
    const usersOf = await this.#lists.names('users', ids);
    const groupsOf = await this.#lists.names('groups', ids);
    const assetsOf = await this.#lists.names('assets', ids);
    const reviewersOf = await this.#lists.names('reviewers', ids);
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
      version: row.version,
    }));
  }
}

function missingFilter(): AppError {
  return new AppError('not_found', 'This command filter does not exist any more.');
}
