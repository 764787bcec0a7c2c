import { type Selectable, sql } from 'kysely';
import type { CommandId } from '../../kernel/id.ts';
import type { CommandReport, CommandRow, Millis } from '../model.ts';
import type { CommandsTable } from '../schema.ts';
import type { CommandQuery, CommandsRepository } from '../store.ts';
import { foldedMatcher } from '../text-query.ts';
import { given, Repository } from '../work.ts';

const PAGE = 100;

export class Commands extends Repository implements CommandsRepository {
  async add(rows: readonly CommandRow[]): Promise<void> {
    for (const row of rows)
      await this.db
        .insertInto('commands')
        .values(toColumns(row))
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
  }

  async report(id: CommandId, report: CommandReport): Promise<void> {
    const values = given({ exit_code: report.exitCode, reported: report.reported, cwd: report.cwd });
    if (Object.keys(values).length === 0) return;
    await this.db.updateTable('commands').set(values).where('id', '=', id).execute();
  }

  async list(query: CommandQuery): Promise<CommandRow[]> {
    let rows = this.db.selectFrom('commands').selectAll();
    const { after, session, user, asset, account, verdict, since, until } = query;
    if (after !== undefined)
      rows = rows.where('seq', '<', (eb) =>
        eb
          .selectFrom('commands')
          .select('seq')
          .where('id', '=', after as CommandId),
      );
    if (session !== undefined) rows = rows.where('session_id', '=', session);
    if (user !== undefined) rows = rows.where('user_name', '=', user);
    if (asset !== undefined) rows = rows.where('asset_name', '=', asset);
    if (account !== undefined) rows = rows.where('account', '=', account);
    if (verdict !== undefined) rows = rows.where('verdict', '=', verdict);
    if (since !== undefined) rows = rows.where('at', '>=', since);
    if (until !== undefined) rows = rows.where('at', '<=', until);
    const found = await rows.orderBy('seq', 'desc').execute();
    const matches = query.text ? foldedMatcher(query.text) : () => true;
    return found
      .filter((row) => matches(row.line))
      .slice(0, query.limit ?? PAGE)
      .map(toCommand);
  }

  async removeBefore(before: Millis, limit: number): Promise<number> {
    const gone = await sql`
      delete from commands where seq in (select seq from commands where at < ${before} order by at limit ${limit})
    `.execute(this.db);
    return Number(gone.numAffectedRows ?? 0n);
  }
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
    line: command.line,
    word: firstWord(command.line),
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
