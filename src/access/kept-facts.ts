import type { Store } from '../store/store.ts';

/** More different questions than this are asked by nobody who means well. */
const MOST = 4096;

/**
 * The store with the answers that decisions rest on kept until rights change: a browser through one forwarding asks for
 * the same ones some hundred times. The store tells of a change before whoever made it hears that it is done, so nobody
 * is judged by what was before. Only for facts whose every change is one of rights.
 */
export function keepingFacts(store: Store): Store {
  let kept = new Map<string, Promise<unknown>>();
  store.onAccessChanged(() => {
    kept = new Map();
  });
  const keep =
    <Args extends readonly unknown[], Value>(name: string, ask: (...args: Args) => Promise<Value>) =>
    (...args: Args): Promise<Value> => {
      const key = JSON.stringify([name, ...args]);
      const known = kept.get(key) as Promise<Value> | undefined;
      if (known) return known;
      if (kept.size >= MOST) kept.clear();
      const into = kept;
      const asked = ask(...args);
      into.set(key, asked);
      // who asks next tries again
      asked.catch(() => into.delete(key));
      return asked;
    };
  const { users, permissions, assets, accounts, keys, authorities, tokens } = store;
  return {
    ...store,
    users: { ...users, byId: keep('user', users.byId), groupsOf: keep('groups', users.groupsOf) },
    permissions: { ...permissions, forUser: keep('permissions', permissions.forUser) },
    assets: {
      ...assets,
      byId: keep('asset', assets.byId),
      byName: keep('named', assets.byName),
      byAddress: keep('addressed', assets.byAddress),
    },
    accounts: { ...accounts, list: keep('accounts', accounts.list) },
    keys: { ...keys, byFingerprint: keep('key', keys.byFingerprint) },
    authorities: { ...authorities, list: keep('authorities', authorities.list) },
    tokens: { ...tokens, list: keep('tokens', tokens.list) },
  };
}
