import type { Client } from '../../sdk/client.ts';
import type { NameKind } from '../outline.ts';
import { clean } from '../output/text.ts';
import { shortId } from '../sessions.ts';

/** A name, and what tells it from others of its kind. */
export interface Candidate {
  readonly name: string;
  readonly text: string;
}

/** The most that a person would look through. */
const LIMIT = 200;
const limit = LIMIT;

/** The names of a kind that the daemon knows; those of many assets are looked up by what is typed already. */
export async function namesOf(
  client: Client,
  kind: NameKind,
  typed: string,
  signal: AbortSignal,
): Promise<Candidate[]> {
  const options = { signal };
  switch (kind) {
    case 'users': {
      const { items } = await client.users.list({ text: typed, limit }, options);
      return items.map((one) => ({ name: one.name, text: one.displayName }));
    }
    case 'groups': {
      const { items } = await client.groups.list({ text: typed, limit }, options);
      return items.map((one) => ({ name: one.name, text: one.comment }));
    }
    case 'assets': {
      const { items } = await client.assets.list({ text: typed, limit }, options);
      return items.map((one) => ({ name: one.name, text: one.address }));
    }
    case 'logins': {
      const { items } = await client.accounts.list({ text: typed, limit }, options);
      const logins = new Set(items.map((one) => one.login));
      return [...logins].map((name) => ({ name, text: '' }));
    }
    case 'folders':
      return (await client.folders.list({}, options)).map((one) => ({ name: one.path, text: one.comment }));
    case 'platforms':
      return (await client.platforms.list({}, options)).map((one) => ({ name: one.name, text: '' }));
    case 'permissions': {
      const { items } = await client.permissions.list({ text: typed, limit }, options);
      return items.map((one) => ({ name: one.name, text: one.comment }));
    }
    case 'filters': {
      const { items } = await client.filters.list({ text: typed, limit }, options);
      return items.map((one) => ({ name: one.name, text: one.comment }));
    }
    case 'authorities':
      return (await client.authorities.list({}, options)).map((one) => ({ name: one.name, text: one.fingerprint }));
    case 'tokens': {
      const { items } = await client.tokens.list({ limit }, options);
      return items.map((one) => ({ name: one.id, text: `${one.name} of ${one.user}` }));
    }
    case 'sessions':
    case 'live-sessions': {
      const live = kind === 'live-sessions' || undefined;
      const { items } = await client.sessions.list({ live, limit }, options);
      return items.map((one) => ({ name: shortId(one.id), text: `${one.user} on ${one.account}@${one.asset}` }));
    }
    case 'reviews': {
      const { items } = await client.reviews.list({ limit }, options);
      return items.map((one) => ({ name: shortId(one.id), text: one.line }));
    }
  }
}

/** One candidate a line, its text behind a tab; names that a line cannot hold are left out. */
export function candidateLines(all: readonly Candidate[]): string {
  return all
    .filter(({ name }) => name !== '' && clean(name) === name)
    .map(({ name, text }) => `${name}\t${clean(text)}\n`)
    .join('');
}
