import type { Store } from '../../store/store.ts';
import type { OutputHit, OutputPage, OutputQuery } from '../../store/text/outputs-model.ts';
import type { OutputHitView } from '../contract/search.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { iso, millisOrUndefined } from './time.ts';

/** The index gives what it has after a while; so often it is asked to go on before an answer says that there is nothing yet. */
const EMPTY_PAGES = 8;

export function searchHandlers(store: Pick<Store, 'outputs' | 'users' | 'assets' | 'audit'>): Handlers<'search'> {
  const named = async <T>(name: string | undefined, byName: (name: string) => Promise<{ id: T } | undefined>) =>
    name === undefined ? undefined : { name, id: (await byName(name))?.id };

  return {
    async output({ query, actor }) {
      const { text, user, asset, since, until, after, limit } = query;
      const asked: OutputQuery = {
        text,
        user: await named(user, (name) => store.users.byName(name)),
        asset: await named(asset, (name) => store.assets.byName(name)),
        since: millisOrUndefined(since),
        until: millisOrUndefined(until),
        limit,
      };
      // first the audit: who reads what others saw leaves a trace, whatever comes of it
      await store.audit.append(done(actor, 'recording.search', null, { text, user, asset, since, until }));
      let page: OutputPage = { hits: [], next: after ?? null };
      for (let asks = 0; asks < EMPTY_PAGES && page.hits.length === 0; asks++) {
        page = await store.outputs.search({ ...asked, after: page.next ?? undefined });
        if (page.next === null) break;
      }
      return { items: page.hits.map(view), next: page.next };
    },
  };
}

function view({ session, offset, before, match, after }: OutputHit): OutputHitView {
  return {
    session: session.id,
    user: session.userName,
    asset: session.assetName,
    account: session.account,
    startedAt: iso(session.startedAt),
    at: iso(session.startedAt + offset),
    seconds: Math.floor(offset / 1000),
    before,
    match,
    after,
  };
}
