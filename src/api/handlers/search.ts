import type { SessionId } from '../../kernel/id.ts';
import type { Store } from '../../store/store.ts';
import type { OutputHit, OutputQuery } from '../../store/text/outputs-model.ts';
import type { OutputHitView } from '../contract/search.ts';
import { done } from './audit-draft.ts';
import type { Handlers } from './handler.ts';
import { iso, millisOrUndefined } from './time.ts';

export function searchHandlers(store: Pick<Store, 'outputs' | 'users' | 'assets' | 'audit'>): Handlers<'search'> {
  const named = async <T>(name: string | undefined, byName: (name: string) => Promise<{ id: T } | undefined>) =>
    name === undefined ? undefined : { name, id: (await byName(name))?.id };

  return {
    async output({ query, actor }) {
      const { text, user, asset, session, since, until, after, limit } = query;
      const asked: OutputQuery = {
        text,
        user: await named(user, (name) => store.users.byName(name)),
        asset: await named(asset, (name) => store.assets.byName(name)),
        session: session as SessionId | undefined,
        since: millisOrUndefined(since),
        until: millisOrUndefined(until),
        after,
        limit,
      };
      const { hits, next } = await store.outputs.search(asked);
      // who reads what others saw leaves a trace; a long search comes in many pages, and one that shows nothing more tells nothing more
      if (after === undefined || hits.length > 0) {
        const filter = { text, user, asset, session, since, until };
        await store.audit.append(done(actor, 'recording.search', null, { ...filter, hits: hits.length }));
      }
      return { items: hits.map(view), next };
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
