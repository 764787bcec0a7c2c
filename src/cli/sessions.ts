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
  if (!/^[0-9a-z]+$/.test(part))
    throw new AppError('usage', `"${part}" is not a session id; "bastion session list" shows them.`);
  const matching = (all: SessionView[]) => all.filter(({ id }) => id.startsWith(part) || id.endsWith(part));
  let matches =
    state === 'live' ? matching(await collect((page) => client.sessions.list({ ...page, live: true }), SEARCHED)) : [];
  if (matches.length === 0) matches = matching(await collect((page) => client.sessions.list(page), SEARCHED));
  if (matches.length > 1) {
    const some = matches.slice(0, 5).map(({ id }) => `  ${id}`);
    throw new AppError(
      'usage',
      `"${part}" is the id of ${matches.length} sessions; write more of it:\n${some.join('\n')}`,
    );
  }
  if (!matches[0]) throw new AppError('not_found', `There is no session ${part}; "bastion session list" shows them.`);
  return matches[0];
}
