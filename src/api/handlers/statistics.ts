import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Counted, Store } from '../../store/store.ts';
import type { Handlers } from './handler.ts';
import { iso, millis } from './time.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;
/** Each day is counted on its own. */
const MOST_DAYS = 3 * 366;

export function statisticsHandlers(store: Pick<Store, 'statistics'>, clock: Clock): Handlers<'statistics'> {
  return {
    async show({ query }) {
      const until = query.until === undefined ? clock.now() : millis(query.until);
      const since = query.since === undefined ? until - USUAL_DAYS * DAY_MS : millis(query.since);
      if (since >= until) throw new AppError('invalid', 'The span is empty: "since" must be earlier than "until".');
      if (until - since > MOST_DAYS * DAY_MS)
        throw new AppError('invalid', 'Ask for three years at most: choose a later "since" or an earlier "until".');
      const { users, assets, days, topCommands, deniedCommands, logins } = await store.statistics.between(
        since,
        until,
        query.top,
      );
      return {
        since: iso(since),
        until: iso(until),
        users: users.map(counted),
        assets: assets.map(counted),
        days: days.map(counted),
        logins: logins.map(({ name, ok, failed }) => ({ name, ok, failed })),
        topCommands: topCommands.map(({ name, count }) => ({ name, count })),
        deniedCommands: deniedCommands.map(({ line, filter, count }) => ({ line, filter, count })),
      };
    },
  };
}

function counted({ name, sessions, commands, denied }: Counted): Counted {
  return { name, sessions, commands, denied };
}
