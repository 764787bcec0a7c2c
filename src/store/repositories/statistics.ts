import { sql } from 'kysely';
import type { Millis } from '../model.ts';
import type { Counted, Statistics, StatisticsRepository } from '../store.ts';
import { Repository } from '../work.ts';

const DAY_MS = 86_400_000;

export class StatisticsOf extends Repository implements StatisticsRepository {
  async between(since: Millis, until: Millis, top: number): Promise<Statistics> {
    return {
      users: await this.#busiest('user_name', since, until, top),
      assets: await this.#busiest('asset_name', since, until, top),
      days: await this.#days(since, until),
      topCommands: await this.#topCommands(since, until, top),
      deniedCommands: await this.#deniedCommands(since, until, top),
    };
  }

  /** Each part has an index that answers it alone, in the order it is grouped by: a month is a million rows. */
  async #busiest(column: 'user_name' | 'asset_name', since: Millis, until: Millis, top: number): Promise<Counted[]> {
    const name = sql.ref(column);
    const { rows } = await sql<Counted>`
      select min(name) as name, sum(sessions) as sessions, sum(commands) as commands, sum(denied) as denied from (
        select ${name} as name, count(*) as sessions, 0 as commands, 0 as denied from sessions
        where started_at >= ${since} and started_at < ${until} group by ${name}
        union all
        select ${name}, 0, count(*), 0 from commands where +at >= ${since} and +at < ${until} group by ${name}
        union all
        select ${name}, 0, 0, count(*) from commands where ${denied(since, until)} group by ${name}
      ) group by name collate nocase order by commands desc, sessions desc, name limit ${top}`.execute(this.db);
    return rows;
  }

  async #days(since: Millis, until: Millis): Promise<Counted[]> {
    const days: Counted[] = [];
    for (let day = Math.floor(since / DAY_MS) * DAY_MS; day < until; day += DAY_MS) {
      const from = Math.max(day, since);
      const to = Math.min(day + DAY_MS, until);
      const { rows } = await sql<Omit<Counted, 'name'>>`
        select
          (select count(*) from sessions where started_at >= ${from} and started_at < ${to}) as sessions,
          (select count(*) from commands where at >= ${from} and at < ${to}) as commands,
          (select count(*) from commands where ${denied(from, to)}) as denied
      `.execute(this.db);
      days.push({ name: new Date(day).toISOString().slice(0, 10), ...rows[0]! });
    }
    return days;
  }

  async #topCommands(since: Millis, until: Millis, top: number): Promise<Statistics['topCommands']> {
    const { rows } = await sql<{ name: string; count: number }>`
      select word as name, count(*) as count from commands where +at >= ${since} and +at < ${until} and word <> ''
      group by word order by count desc, word limit ${top}`.execute(this.db);
    return rows;
  }

  async #deniedCommands(since: Millis, until: Millis, top: number): Promise<Statistics['deniedCommands']> {
    const { rows } = await sql<{ line: string; filter: string; count: number }>`
      select line, coalesce(filter, '') as filter, count(*) as count from commands where ${denied(since, until)}
      group by line, filter order by count desc, line, filter limit ${top}`.execute(this.db);
    return rows;
  }
}

/** Stopped by a rule or by a reviewer. The last condition is what lets SQLite use the index of those a rule minded. */
function denied(since: Millis, until: Millis) {
  return sql`verdict in ('deny', 'refused') and at >= ${since} and at < ${until} and verdict <> 'pass'`;
}
