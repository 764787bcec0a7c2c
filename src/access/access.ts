import type { Identity } from '../auth/identity.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import type { Place } from '../kernel/program.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Action, Asset, Protocol, Use, User } from '../store/model.ts';
import type { Grant, Limits } from './grant.ts';
import type { Reach } from './reach.ts';
import type { Capability } from './roles.ts';

/** What a gateway asks for, once per channel. */
export type AccessRequest = AccessAsk & AccessUse;

/** A forwarded connection is asked for with its destination, and nothing else has one. */
type AccessUse =
  | { readonly use: Exclude<Use, 'forward'>; readonly to?: undefined }
  | { readonly use: 'forward'; readonly to: Place };

interface AccessAsk {
  readonly who: Identity;
  /** Name, address or id as the user wrote it. */
  readonly asset: string;
  /** The account as the user wrote it; undefined lets the one usable account stand. */
  readonly account?: string | undefined;
  readonly protocol?: Protocol | undefined;
  /** For `@input`: login and secret the user typed. */
  readonly input?: { readonly login: string; readonly secret: Secret } | undefined;
}

/** An account a user may choose. `login` is null for `@input`, whose login is asked for. */
export interface AccountChoice {
  readonly login: string | null;
  /** How to name it in `user@account@asset`: the login, or `@input`. */
  readonly name: string;
}

export type Decision =
  | { readonly kind: 'allow'; readonly grant: Grant }
  /** The user must say which account; the choices are all allowed. */
  | {
      readonly kind: 'choose';
      readonly asset: Asset;
      readonly protocol: Protocol;
      readonly accounts: readonly AccountChoice[];
    }
  /** `@input` was chosen and nothing was typed yet. `login` is set when the user named it already. */
  | { readonly kind: 'input'; readonly asset: Asset; readonly protocol: Protocol; readonly login: string | null }
  | { readonly kind: 'deny'; readonly code: ErrorCode; readonly message: string; readonly trace: readonly string[] };

/** What `judge` says to a wish that would be allowed: the account by name, `@input` where login and secret are typed. */
export type Prospect =
  | {
      readonly kind: 'allow';
      readonly asset: Asset;
      readonly account: string;
      readonly protocol: Protocol;
      /** Login and secret have to be typed; `login` is set when it is known already. */
      readonly input: { readonly login: string | null } | null;
    }
  | Extract<Decision, { readonly kind: 'choose' | 'deny' }>;

/** An asset in the menu, with what this user may do there. */
export interface ReachableAsset {
  readonly asset: Asset;
  readonly protocols: readonly Protocol[];
}

/** An asset with each protocol over which it is open, and the accounts and what each of them may do there. */
export interface ReachableDetail {
  readonly asset: Asset;
  readonly protocols: readonly {
    readonly name: Protocol;
    readonly accounts: readonly { readonly name: string; readonly actions: readonly Action[] }[];
  }[];
}

/** An asset where a use may begin, with the accounts that need nothing typed, and the protocol each is reached by. */
export interface ReachableLogins {
  readonly asset: Asset;
  readonly accounts: readonly { readonly login: string; readonly protocol: Protocol }[];
}

/** An asset with the accounts a user may connect as. */
export interface ReachableEntry {
  readonly asset: Asset;
  readonly accounts: readonly AccountChoice[];
}

export type GrantCheck =
  | { readonly ok: true; readonly limits: Limits }
  | { readonly ok: false; readonly cause: 'revoked' | 'expired' };

/** The room `access` as the gateways and the registry use it. */
export interface Access {
  /** THE choke point: audited, deny by default, the only maker of a `Grant`. */
  authorize(request: AccessRequest): Promise<Decision>;
  /** What `authorize` would decide now. Mints nothing; a denial is audited and paced like any other. */
  judge(request: AccessRequest): Promise<Prospect>;
  /** Judges a live grant again by today's facts: user, key, asset, account, permissions. */
  recheck(grant: Grant): Promise<GrantCheck>;
  /** Judges a logged-in person again: disabled, expired, removed, key or certificate authority gone. False ends everything they have. */
  recheckIdentity(who: Identity): Promise<boolean>;
  /** Whether the login still stands and the role the person has today opens this: asked again while something runs on. */
  may(who: Identity, capability: Capability): Promise<boolean>;
  /** Every asset this person may reach now, sorted by name: what the menu shows. */
  reachable(who: Identity): Promise<ReachableAsset[]>;
  /** The same with accounts and actions: what the tree of the pages shows. */
  reachableInDetail(who: Identity): Promise<ReachableDetail[]>;
  /** Of the assets a text may mean (name, address, id), those this person may reach now; several share an address. */
  reachableAs(who: Identity, text: string): Promise<ReachableAsset[]>;
  /** Where this person may begin this use without a terminal, sorted by name: what the SFTP tree shows. */
  logins(who: Identity, use: Use): Promise<ReachableLogins[]>;
  /** Where a user may connect with this protocol, and as which accounts, sorted by name. Whatever key they will come with. */
  entries(user: User, protocol: Protocol): Promise<ReachableEntry[]>;
  /** Who may connect to what: everything a user reaches, everybody who reaches an asset, or both. */
  reach(about: { user?: User | undefined; asset?: Asset | undefined }): Promise<Reach[]>;
  /** Why, or why not, rule by rule; writes no audit row and mints nothing. */
  explain(query: {
    user: string;
    asset: string;
    account?: string | undefined;
    protocol?: Protocol | undefined;
  }): Promise<Explanation>;
}

export interface Explanation {
  readonly allowed: boolean;
  readonly user: string;
  readonly asset: string;
  readonly account: string | null;
  readonly protocol: string | null;
  readonly accounts: readonly string[];
  readonly actions: readonly string[];
  readonly permissions: readonly string[];
  /** One sentence per rule, in the order they were judged. */
  readonly trace: readonly string[];
}
