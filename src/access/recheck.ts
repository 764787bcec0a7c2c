import { isDeepStrictEqual } from 'node:util';
import { parseAuthorizedOptions } from '../auth/authorized-options.ts';
import type { Identity } from '../auth/identity.ts';
import type { Asset, Millis } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { decide } from './decide.ts';
import { personFacts } from './facts.ts';
import type { Grant } from './grant.ts';
import { type Capability, may } from './roles.ts';
import { personProblem } from './sentences.ts';
import type { Terms } from './terms.ts';

export type Recheck =
  | { readonly ok: true; readonly terms: Terms; readonly asset: Asset }
  | { readonly ok: false; readonly cause: 'revoked' | 'expired' };

/**
 * Judges a live grant by today's facts, through the same `decide`. What it was made for must still be allowed: the
 * same asset, the same stored account under the same login, the same protocol and use. `expired` when the end that
 * was known when the grant was made has come, `revoked` when somebody changed something.
 */
export async function recheckGrant(store: Store, grant: Grant, now: Millis): Promise<Recheck> {
  const { until } = grant.limits;
  const gone = { ok: false, cause: until !== null && until <= now ? 'expired' : 'revoked' } as const;
  const [person, asset, accounts, proven] = await Promise.all([
    personFacts(store, grant.who),
    store.assets.byId(grant.asset.id),
    store.accounts.list(grant.asset.id),
    recheckIdentity(store, grant.who, now),
  ]);
  if (!proven) return gone;
  const { entry } = grant;
  if (
    entry.kind === 'stored' &&
    !accounts.some((account) => account.id === entry.account.id && account.login === entry.account.login)
  ) {
    return gone;
  }
  const ask = {
    userName: grant.who.user.name,
    asset: grant.asset.name,
    account: grant.login,
    protocol: grant.protocol,
    use: grant.use,
    to: grant.to ?? undefined,
    typedLogin: grant.login,
  };
  const verdict = decide({ ...person, asset, accounts, now }, ask);
  return verdict.kind === 'allow' ? { ok: true, terms: verdict.terms, asset: verdict.asset } : gone;
}

/** Whether a login would still stand: the person may log in and every credential it rested on is still there. */
export async function recheckIdentity(store: Store, who: Identity, now: Millis): Promise<boolean> {
  const user = await store.users.byId(who.user.id);
  if (!user || personProblem({ user, key: who.restrictions && { ...who.restrictions }, now }, { userName: user.name }))
    return false;
  const { publicKey, certificate, authority, password, token, tokenId, webSession } = who.factors;
  if (certificate !== null) {
    const authorities = await store.authorities.list();
    const known = authority ? authorities.some((ca) => ca.fingerprint === authority) : authorities.length > 0;
    if (!known) return false;
  } else if (publicKey !== null) {
    const key = await store.keys.byFingerprint(user.id, publicKey);
    if (!key || !sameRestrictions(key.options, who.restrictions)) return false;
  }
  if (password && !user.hasPassword) return false;
  if (webSession !== undefined) {
    const row = await store.webSessions.byId(webSession);
    if (!row || row.userId !== user.id || now >= row.expiresAt || now >= row.idleUntil) return false;
  }
  if (!token) return true;
  const tokens = await store.tokens.list();
  return tokens.some(
    ({ id, userId, expiresAt }) =>
      userId === user.id && id === (tokenId ?? id) && (expiresAt === null || expiresAt > now),
  );
}

/** Whether a login still stands and the role the person has today opens this. */
export async function recheckCapability(
  store: Store,
  who: Identity,
  capability: Capability,
  now: Millis,
): Promise<boolean> {
  if (!(await recheckIdentity(store, who, now))) return false;
  const user = await store.users.byId(who.user.id);
  return user !== undefined && may(user.role, capability);
}

/** The key may have gone and come back with other options between two looks. */
function sameRestrictions(options: string, then: Identity['restrictions']): boolean {
  return then === null || isDeepStrictEqual(parseAuthorizedOptions(options).restrictions, then);
}
