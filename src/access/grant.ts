import type { Identity } from '../auth/identity.ts';
import type { GrantId } from '../kernel/id.ts';
import type { Place } from '../kernel/program.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Account, Action, Asset, CommandRule, Millis, Protocol, RecordPolicy, Use } from '../store/model.ts';

const proof = Symbol('grant');

/** What holds while a grant is used. */
export interface Limits {
  /** When the right to connect ends by date, null when it does not. */
  readonly until: Millis | null;
  readonly idleMs: number;
  readonly maxMs: number;
  readonly actions: ReadonlySet<Action>;
  /** Until when each action is allowed; an absent action has no end. */
  readonly actionUntil: ReadonlyMap<Action, Millis>;
  readonly record: RecordPolicy;
  /** Patterns of destinations for action forward; `@asset` is the asset itself. */
  readonly forwardTo: readonly string[];
  /** What decides about commands, in the order it is asked. Empty: nothing is filtered. */
  readonly commands: readonly CommandRule[];
}

/**
 * How the target is entered. `stored` uses the vault's secret of the account; `input` uses what the user typed
 * (`@input`), which is kept in memory only and wiped with the session.
 */
export type Entry =
  | { readonly kind: 'stored'; readonly account: Account }
  | { readonly kind: 'input'; readonly login: string; readonly secret: Secret };

/**
 * A proven right for exactly one use of one asset by one person. Only `authorize()` can make one. A connector
 * accepts nothing else, so nothing can be dialled unauthorised.
 */
export class Grant {
  readonly id: GrantId;
  readonly who: Identity;
  readonly asset: Asset;
  readonly entry: Entry;
  readonly protocol: Protocol;
  readonly use: Use;
  /** Of use forward: the one place it reaches. */
  readonly to: Place | null;
  readonly limits: Limits;
  /** The permissions that allow it, by name: for the session's row. */
  readonly permissions: readonly string[];
  readonly #proof = proof;

  private constructor(values: Omit<Grant, 'login'>) {
    this.id = values.id;
    this.who = values.who;
    this.asset = values.asset;
    this.entry = values.entry;
    this.protocol = values.protocol;
    this.use = values.use;
    this.to = values.to;
    this.limits = values.limits;
    this.permissions = values.permissions;
  }

  /** The login on the target. */
  get login(): string {
    return this.entry.kind === 'stored' ? this.entry.account.login : this.entry.login;
  }

  /** Only for `authorize.ts`: `test/architecture.test.ts` checks that nothing else calls it. */
  static mint(values: Omit<Grant, 'login'>): Grant {
    return new Grant(values);
  }

  static isGrant(value: unknown): value is Grant {
    return typeof value === 'object' && value !== null && #proof in value && (value as Grant).#proof === proof;
  }
}
