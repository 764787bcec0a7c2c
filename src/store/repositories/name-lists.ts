import { type RawBuilder, sql } from 'kysely';
import { idsOf, type Work } from '../work.ts';

/** What a list names, and the column of its table that does. */
const LISTS = {
  users: { named: 'users', column: 'user_id' },
  groups: { named: 'groups', column: 'group_id' },
  assets: { named: 'assets', column: 'asset_id' },
  reviewers: { named: 'users', column: 'user_id' },
} as const;
type List = keyof typeof LISTS;

/** Which owners are meant: a list of ids as SQL, undefined for all. */
export type Chosen = RawBuilder<unknown> | undefined;

/**
 * Lists that people write as names and that are kept by reference, so that a new name holds at once and what is removed
 * leaves every list: `filter_users` has a row for each user a filter names, and so on.
 */
export class NameLists<Id extends string> {
  readonly #work: Work;
  readonly #owner: 'permission' | 'filter';

  constructor(work: Work, owner: 'permission' | 'filter') {
    this.#work = work;
    this.#owner = owner;
  }

  /** Names these from now on; as it was when undefined. AppError `not_found` when one does not exist. */
  async replace(id: Id, list: List, names: readonly string[] | undefined): Promise<void> {
    if (!names) return;
    const { named, column } = LISTS[list];
    const owner = sql.ref(`${this.#owner}_id`);
    const table = sql.table(`${this.#owner}_${list}`);
    const ids = JSON.stringify(await idsOf(this.#work, named, names));
    await sql`delete from ${table} where ${owner} = ${id}`.execute(this.#work.db);
    await sql`insert into ${table} (${owner}, ${sql.ref(column)}) select ${id}, value from json_each(${ids})`.execute(
      this.#work.db,
    );
  }

  /** The names of one list, by owner. */
  async names(list: List, ids: Chosen): Promise<(id: Id) => string[]> {
    const { named, column } = LISTS[list];
    const owner = sql.ref(`link.${this.#owner}_id`);
    const { rows } = await sql<Named<Id>>`
      select ${owner} as owner, named.name as name
      from ${sql.table(`${this.#owner}_${list}`)} as link
      join ${sql.table(named)} as named on named.id = ${sql.ref(`link.${column}`)}
      where ${amongst(owner, ids)} order by named.name_key`.execute(this.#work.db);
    return byOwner(rows);
  }
}

/** The condition that a column holds one of these. */
export function amongst(column: RawBuilder<unknown>, ids: Chosen): RawBuilder<boolean> {
  return ids ? sql<boolean>`${column} in (${ids})` : sql<boolean>`1`;
}

interface Named<Id> {
  readonly owner: Id;
  readonly name: string;
}

export function byOwner<Id>(rows: readonly Named<Id>[]): (id: Id) => string[] {
  const groups = Map.groupBy(rows, (row) => row.owner);
  return (id) => (groups.get(id) ?? []).map((row) => row.name);
}
