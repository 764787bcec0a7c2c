import type { ReviewView } from '../api/contract/commands.ts';
import type { SessionView } from '../api/contract/sessions.ts';
import { AppError } from '../kernel/errors.ts';
import { isId } from '../kernel/id.ts';
import type { Client } from '../sdk/client.ts';

const PAGE = 1000;
/** How far back an abbreviated id is looked for. */
const SEARCHED = 10_000;
/** Ids begin with their time, so it is their end that tells sessions of one day apart. */
const SHORT = 8;

export const shortId = (id: string) => id.slice(-SHORT);

/** The first `limit` items of a paged list. */
export async function collect<T>(
  fetch: (page: { after?: string | undefined; limit: number }) => Promise<{ items: T[]; next: string | null }>,
  limit: number,
): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  while (items.length < limit) {
    const page = await fetch({ after, limit: Math.min(PAGE, limit - items.length) });
    items.push(...page.items);
    if (page.next === null) break;
    after = page.next;
  }
  return items;
}

/**
 * The session a person means by an id or by a beginning or end of one that is unique among the last 10,000. With
 * `live` one that has ended is a `conflict`, and among several matches the live one is meant.
 */
export async function findSession(client: Client, text: string, state?: 'live'): Promise<SessionView> {
  const id = text.toLowerCase();
  const found = isId(id) ? await client.sessions.show({ id }) : await search(client, id, state);
  if (state === 'live' && found.state !== 'live') {
    throw new AppError(
      'conflict',
      `Session ${shortId(found.id)} has ended. Play it: bastion session replay ${shortId(found.id)}`,
    );
  }
  return found;
}

async function search(client: Client, part: string, state: 'live' | undefined): Promise<SessionView> {
  const kind = { noun: 'session', see: 'session list' };
  const matching = (all: readonly SessionView[]) => all.filter((one) => matches(one, part));
  checkPart(part, kind);
  let found =
    state === 'live' ? matching(await collect((page) => client.sessions.list({ ...page, live: true }), SEARCHED)) : [];
  if (found.length === 0) found = matching(await collect((page) => client.sessions.list(page), SEARCHED));
  return onlyOne(found, part, kind);
}

/** The review a person means by an id or by a beginning or end of one, as for sessions. */
export async function findReview(client: Client, text: string): Promise<ReviewView> {
  const id = text.toLowerCase();
  const kind = { noun: 'review', see: 'review list' };
  if (isId(id)) return client.reviews.show({ id });
  checkPart(id, kind);
  const matching = async (state: 'pending' | 'all') =>
    (await collect((page) => client.reviews.list({ ...page, state }), SEARCHED)).filter((one) => matches(one, id));
  const pending = await matching('pending');
  return onlyOne(pending.length > 0 ? pending : await matching('all'), id, kind);
}

interface Kind {
  readonly noun: string;
  readonly see: string;
}

const matches = ({ id }: { readonly id: string }, part: string) => id.startsWith(part) || id.endsWith(part);

function checkPart(part: string, { noun, see }: Kind): void {
  if (!/^[0-9a-z]+$/.test(part))
    throw new AppError('usage', `"${part}" is not a ${noun} id; "bastion ${see}" shows them.`);
}

function onlyOne<T extends { readonly id: string }>(found: readonly T[], part: string, { noun, see }: Kind): T {
  if (found.length > 1) {
    const some = found.slice(0, 5).map(({ id }) => `  ${id}`);
    throw new AppError(
      'usage',
      `"${part}" is the id of ${found.length} ${noun}s; write more of it:\n${some.join('\n')}`,
    );
  }
  if (!found[0]) throw new AppError('not_found', `There is no ${noun} ${part}; "bastion ${see}" shows them.`);
  return found[0];
}

/** Filters of a list whose session may be named by a part of its id. */
export async function withWholeSession<F extends { session?: string }>(client: Client, filters: F): Promise<F> {
  const { session } = filters;
  return session === undefined ? filters : { ...filters, session: (await findSession(client, session)).id };
}
