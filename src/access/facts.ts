import type { Identity } from '../auth/identity.ts';
import type { KeyRestrictions } from '../auth/key-options.ts';
import { type AssetId, isId } from '../kernel/id.ts';
import type { Place } from '../kernel/program.ts';
import type { Account, Asset, Millis, Permission, Protocol, Use, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';

/** Everything a decision rests on, as it stands at `now`. */
export interface Facts {
  readonly user: User | undefined;
  readonly groups: readonly string[];
  readonly permissions: readonly Permission[];
  readonly asset: Asset | undefined;
  readonly accounts: readonly Account[];
  /** Of the key the user logged in with, null without. */
  readonly key:
    | (Pick<KeyRestrictions, 'expiresAt' | 'portForwarding' | 'permitOpen'> &
        Partial<Pick<KeyRestrictions, 'forceCommand'>>)
    | null;
  readonly now: Millis;
}

export interface Ask {
  readonly userName: string;
  /** The asset as the user wrote it. */
  readonly asset: string;
  readonly account?: string | undefined;
  readonly protocol?: Protocol | undefined;
  readonly use: Use;
  /** Of use forward: where to. */
  readonly to?: Place | undefined;
  /** The login that was typed for `@input`. */
  readonly typedLogin?: string | undefined;
}

/** A user with what their permissions say, and the key they came with. */
export type PersonFacts = Pick<Facts, 'user' | 'groups' | 'permissions' | 'key'>;

/** Somebody who has logged in, or would. */
export type Person = Pick<Identity, 'user' | 'restrictions'>;

/** Today's facts about the person of an identity; the row in the identity is only as it was at login. */
export async function personFacts(store: Store, who: Person): Promise<PersonFacts> {
  const id = who.user.id;
  const [user, groups, permissions] = await Promise.all([
    store.users.byId(id),
    store.users.groupsOf(id),
    store.permissions.forUser(id),
  ]);
  const { restrictions } = who;
  return { user, groups, permissions, key: restrictions };
}

/** The assets a text may mean: the one of that name, else those of that address, else the one of that id. */
export async function assetsMeant(store: Store, text: string): Promise<readonly Asset[]> {
  const named = await store.assets.byName(text);
  if (named) return [named];
  const addressed = await store.assets.byAddress(text);
  if (addressed.length > 0 || !isId(text)) return addressed;
  const asset = await store.assets.byId(text as AssetId);
  return asset ? [asset] : [];
}
