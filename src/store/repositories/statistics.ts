import { sql } from 'kysely';
import type { Millis } from '../model.ts';
import type { Attention, Counted, Statistics, StatisticsRepository } from '../store.ts';
import { Repository } from '../work.ts';

const DAY_MS = 86_400_000;

export class StatisticsOf extends Repository implements StatisticsRepository {
  async between(since: Millis, until: Millis, top: number): Promise<Statistics> {
    return {
      users: await this.#busiest('user_name', since, until, top),
      assets: await this.#busiest('asset_name', since, until, top),
      days: await this.#days(since, until),
      logins: await this.#logins(since, until),
      topCommands: await this.#topCommands(since, until, top),
      deniedCommands: await this.#deniedCommands(since, until, top),
    };
  }

  async attention(since: Millis): Promise<Attention> {
    const { rows } = await sql<Attention>`select
      (select count(*) from users) as users,
      (select count(*) from assets) as assets,
      (select count(*) from permissions) as permissions,
      (select count(*) from reviews where state = 'pending') as pendingReviews,
      (select count(*) from host_keys where state = 'changed') as changedHostKeys,
      (select coalesce(sum(recording_bytes), 0) from sessions where recording = 'ready') as recordingBytes,
      (select count(*) from sessions where recording = 'failed' and started_at >= ${since}) as failedRecordings
    `.execute(this.db);
    return rows[0]!;
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
    for (const day of daysBetween(since, until)) {
      const from = Math.max(day, since);
      const to = Math.min(day + DAY_MS, until);
      const { rows } = await sql<Omit<Counted, 'name'>>`
        select
          (select count(*) from sessions where started_at >= ${from} and started_at < ${to}) as sessions,
          (select count(*) from commands where at >= ${from} and at < ${to}) as commands,
          (select count(*) from commands where ${denied(from, to)}) as denied
      `.execute(this.db);
      days.push({ name: nameOf(day), ...rows[0]! });
    }
    return days;
  }

  async #logins(since: Millis, until: Millis): Promise<Statistics['logins']> {
    const { rows } = await sql<{ day: number; ok: number; failed: number }>`
      select at / ${sql.lit(DAY_MS)} as day, sum(outcome = 'ok') as ok, sum(outcome <> 'ok') as failed from audit
      where action = 'login' and at >= ${since} and at < ${until} group by day`.execute(this.db);
    const byDay = new Map(rows.map(({ day, ...counts }) => [day, counts]));
    return daysBetween(since, until).map((day) => ({
      name: nameOf(day),
      ...(byDay.get(day / DAY_MS) ?? { ok: 0, failed: 0 }),
    }));
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

/** The beginning of each day in UTC that has a part in the span. */
function daysBetween(since: Millis, until: Millis): Millis[] {
  const days: Millis[] = [];
  for (let day = Math.floor(since / DAY_MS) * DAY_MS; day < until; day += DAY_MS) days.push(day);
  return days;
}

function nameOf(day: Millis): string {
  return new Date(day).toISOString().slice(0, 10);
}

/** Stopped by a rule or by a reviewer. The last condition is what lets SQLite use the index of those a rule minded. */
function denied(since: Millis, until: Millis) {
  return sql`verdict in ('deny', 'refused') and at >= ${since} and at < ${until} and verdict <> 'pass'`;
}
