import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { CommandId } from '../../kernel/id.ts';
import type { CommandReport, CommandRow, Millis } from '../model.ts';
import type { CommandsTable } from '../schema.ts';
import type { CommandQuery, CommandsRepository } from '../store.ts';
import { anyOf, foldedMatcher, matchExpression, termRange } from '../text-query.ts';
import { given, listOf, nameKey, Repository } from '../work.ts';

const PAGE = 100;
/** A short text that begins more different trigrams is so common that going through the rows finds it soon. */
const MOST_TERMS = 3000;

type Condition = RawBuilder<boolean>;

/** What a query asks of rows. */
interface Scope {
  /** Each has an index in which the time comes next. */
  readonly indexed: readonly Condition[];
  readonly times: readonly Condition[];
  readonly rest: readonly Condition[];
}
type Row = Selectable<CommandsTable>;

/**
 * The command log. Newest first means by the time of the Enter; with a text, by the order of writing, in which the
 * text index holds them: it differs only by what had to wait to be written.
 */
export class Commands extends Repository implements CommandsRepository {
  async add(rows: readonly CommandRow[]): Promise<void> {
    if (rows.length === 0) return;
    // one statement however many rows: a script's come by the hundred
    const columns = Object.keys(toColumns(rows[0]!)) as (keyof CommandsTable)[];
    const values = JSON.stringify(rows.map((row) => Object.values(toColumns(row))));
    await sql`
      insert into commands (${sql.join(columns.map((column) => sql.ref(column)))})
      select ${sql.join(columns.map((_, i) => sql`value ->> ${sql.lit(i)}`))} from json_each(${values}) where true
      on conflict (id) do nothing
    `.execute(this.db);
  }

  async report(id: CommandId, report: CommandReport): Promise<void> {
    const values = given({ exit_code: report.exitCode, reported: report.reported, cwd: report.cwd });
    if (Object.keys(values).length === 0) return;
    await this.db.updateTable('commands').set(values).where('id', '=', id).execute();
  }

  async list(query: CommandQuery): Promise<CommandRow[]> {
    const limit = query.limit ?? PAGE;
    const { after } = query;
    const last =
      after === undefined
        ? { at: Number.MAX_SAFE_INTEGER, seq: Number.MAX_SAFE_INTEGER }
        : await this.db
            .selectFrom('commands')
            .select(['at', 'seq'])
            .where('id', '=', after as CommandId)
            .executeTakeFirst();
    if (!last) return [];
    const scope = await this.#scope(query);
    const rows = query.text
      ? await this.#withText(query.text, query, scope, last.seq, limit)
      : await this.#select(
          sql`commands`,
          [...all(scope), sql`(at, seq) < (${last.at}, ${last.seq})`],
          sql`at desc, seq desc`,
          limit,
        );
    return rows.map(toCommand);
  }

  async removeBefore(before: Millis, limit: number): Promise<number> {
    const gone = await this.db
      .deleteFrom('commands')
      .where('seq', 'in', (eb) =>
        eb.selectFrom('commands').select('seq').where('at', '<', before).orderBy('at').limit(limit),
      )
      .executeTakeFirst();
    return Number(gone.numDeletedRows);
  }

  /** The text index names candidates, the newest first; each is looked at, for it may hold the trigrams in other places. */
  async #withText(text: string, query: CommandQuery, scope: Scope, last: number, limit: number): Promise<Row[]> {
    const expression = matchExpression(text) ?? (await this.#beginningWith(text));
    if (expression === '') return [];
    const matches = foldedMatcher(text);
    const found: Row[] = [];
    let before = last;
    for (let size = limit + 100; ; size *= 4) {
      const rows =
        expression === undefined
          ? await this.#select(sql`commands`, [...all(scope), sql`seq < ${before}`], sql`seq desc`, size)
          : await this.#candidates(expression, query, scope, before, size);
      found.push(...rows.filter((row) => matches(row.line)));
      if (found.length >= limit || rows.length < size) return found.slice(0, limit);
      before = rows.at(-1)!.seq;
    }
  }

  /** Rows with one of the trigrams that begin with the text; undefined when they are too many to be asked for. */
  async #beginningWith(text: string): Promise<string | undefined> {
    const [from, to] = termRange(text);
    const { rows } = await sql<{ term: string }>`
      select term from command_terms where term >= ${from} and term < ${to} limit ${MOST_TERMS}`.execute(this.db);
    return rows.length < MOST_TERMS ? anyOf(rows.map((row) => row.term)) : undefined;
  }

  /**
   * The other conditions are asked of their indexes alone as far as they can be: looking at the row of each candidate
   * costs more than all the rest. The plus signs keep SQLite from going from the rows to the text.
   */
  async #candidates(
    expression: string,
    { since, until }: CommandQuery,
    scope: Scope,
    before: number,
    limit: number,
  ): Promise<Row[]> {
    const within = scope.indexed.map(
      (condition): Condition =>
        sql`+command_text.rowid in (select seq from commands where ${every([condition, ...scope.times])})`,
    );
    if (since !== undefined)
      within.push(sql`command_text.rowid >= (select min(+seq) from commands where at >= ${since})`);
    if (until !== undefined)
      within.push(sql`command_text.rowid <= (select max(+seq) from commands where at <= ${until})`);
    const matching = sql<boolean>`command_text match ${expression} and command_text.rowid < ${before}`;
    return this.#select(
      sql`command_text cross join commands on commands.seq = command_text.rowid`,
      [matching, ...within, ...all(scope)],
      // nothing more, or the rows would be sorted instead of coming in this order
      sql`command_text.rowid desc`,
      limit,
    );
  }

  async #select(
    from: RawBuilder<unknown>,
    conditions: readonly Condition[],
    order: RawBuilder<unknown>,
    limit: number,
  ): Promise<Row[]> {
    const { rows } = await sql<Row>`
      select commands.* from ${from} where ${every(conditions)} order by ${order} limit ${limit}
    `.execute(this.db);
    return rows;
  }

  async #scope({ session, user, asset, account, verdict, since, until }: CommandQuery): Promise<Scope> {
    const indexed: Condition[] = [];
    const rest: Condition[] = [];
    if (session !== undefined) indexed.push(sql`session_id = ${session}`);
    for (const [kind, name] of [
      ['user', user],
      ['asset', asset],
    ] as const) {
      if (name === undefined) continue;
      const { isNow, before } = await this.#namesOf(kind, name);
      if (before.length === 0) indexed.push(sql`${sql.ref(`${kind}_name`)} = ${name}`);
      else {
        indexed.push(sql`${sql.ref(`${kind}_name`)} in ${listOf([name, ...before])}`);
        rest.push(sql`(${sql.ref(`${kind}_name`)} = ${name} or ${sql.ref(`${kind}_id`)} in ${listOf(isNow)})`);
      }
    }
    // most commands are of few accounts: their index is the worst one where there is another
    if (account !== undefined && indexed.length === 0) indexed.push(sql`account = ${account}`);
    else if (account !== undefined) rest.push(sql`+account = ${account}`);
    if (verdict === 'pass') rest.push(sql`verdict = 'pass'`);
    else if (verdict !== undefined) indexed.push(sql`(verdict = ${verdict} and verdict <> 'pass')`);
    const times: Condition[] = [];
    if (since !== undefined) times.push(sql`at >= ${since}`);
    if (until !== undefined) times.push(sql`at <= ${until}`);
    return { indexed, times, rest };
  }

  /** A row is found by the name somebody or something had then or has now: who has it now, and their names of before. */
  async #namesOf(kind: 'user' | 'asset', name: string): Promise<{ isNow: string[]; before: string[] }> {
    const table = kind === 'user' ? 'users' : 'assets';
    const now = await this.db
      .selectFrom(table as 'users')
      .select(['id', 'name'])
      .where('name_key', '=', nameKey(name))
      .execute();
    const isNow = now.map((row) => row.id);
    const { rows } = await sql<{ name: string }>`
      select distinct ${sql.ref(`${kind}_name`)} as name from sessions
      where ${sql.ref(`${kind}_id`)} in ${listOf(isNow)} and ${sql.ref(`${kind}_name`)} <> ${name}`.execute(this.db);
    return { isNow, before: rows.map((row) => row.name) };
  }
}

function all({ indexed, times, rest }: Scope): Condition[] {
  return [...indexed, ...times, ...rest];
}

function every(conditions: readonly Condition[]): Condition {
  return sql`${sql.join(conditions, sql` and `)}`;
}

/**
 * What was run, for counting: the first word without its directory, in lower case. Assignments before it (`A=1 make`)
 * and `sudo` are passed over, unless there is nothing else.
 */
export function firstWord(line: string): string {
  const words = line.trim().split(/\s+/, 12);
  const word = words.find((one) => !/^\w+=/.test(one) && one !== 'sudo') ?? words[0]!;
  return (word.slice(word.lastIndexOf('/') + 1) || word).toLowerCase();
}

function toColumns(command: CommandRow): Omit<CommandsTable, 'seq'> {
  return {
    id: command.id,
    session_id: command.sessionId,
    at: command.at,
    user_id: command.userId,
    user_name: command.userName,
    asset_id: command.assetId,
    asset_name: command.assetName,
    account: command.account,
    line: command.line.toWellFormed(),
    // what stands there instead of a line that is not known is no command
    word: command.confidence === 'unparsed' ? '' : firstWord(command.line),
    confidence: command.confidence,
    context: command.context,
    verdict: command.verdict,
    filter: command.filter,
    reviewer: command.reviewer,
    exit_code: command.exitCode,
    reported: command.reported,
    cwd: command.cwd,
    offset_ms: command.offset,
  };
}

function toCommand(row: Selectable<CommandsTable>): CommandRow {
  return {
    id: row.id,
    sessionId: row.session_id,
    at: row.at,
    userId: row.user_id,
    userName: row.user_name,
    assetId: row.asset_id,
    assetName: row.asset_name,
    account: row.account,
    line: row.line,
    confidence: row.confidence,
    context: row.context,
    verdict: row.verdict,
    filter: row.filter,
    reviewer: row.reviewer,
    exitCode: row.exit_code,
    reported: row.reported,
    cwd: row.cwd,
    offset: row.offset_ms,
  };
}
