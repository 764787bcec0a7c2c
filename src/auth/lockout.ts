import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { ANY_ADDRESS, type AuditDraft, type User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { printableName } from './actor.ts';
import { networkOf } from './address-patterns.ts';

/** Wrong codes of one user from everywhere together, as a multiple of the tries of one address. */
const CODES_ANYWHERE = 5;

/**
 * Counts failures per user name *and* address (of IPv6 the /64), so that nobody can lock a person out from elsewhere.
 * Names that nobody has are counted alike: being locked must not tell who exists. A login with a key alone never asks
 * here. Codes are short: who has the first factor already must not guess them from ever new addresses, so wrong ones
 * count per user alone as well.
 */
export class Lockout {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #config: Config['auth']['lockout'];
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(deps: { store: Store; clock: Clock; config: Config['auth']['lockout'] }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#config = deps.config;
  }

  isLocked(name: string, user: User | undefined, ip: string): Promise<boolean> {
    return this.#isLocked(nameFor(name, user), networkOf(ip));
  }

  /** Whether this user's codes are taken from there now. */
  async codesLocked(user: User, ip: string): Promise<boolean> {
    return (await this.#isLocked(user.name, networkOf(ip))) || (await this.#isLocked(user.name, ANY_ADDRESS));
  }

  /** Counts one failure, told by `draft`; when it locks, another audit row says so. */
  async fail(name: string, user: User | undefined, ip: string, draft: AuditDraft): Promise<void> {
    await this.#fail(nameFor(name, user), networkOf(ip), this.#config.tries, draft, [draft]);
  }

  /** Counts one wrong code: for its address, and for all addresses together. */
  async codeFailed(user: User, ip: string, draft: AuditDraft): Promise<void> {
    await this.fail(user.name, user, ip, draft);
    await this.#fail(user.name, ANY_ADDRESS, CODES_ANYWHERE * this.#config.tries, draft, []);
  }

  async #isLocked(name: string, source: string): Promise<boolean> {
    const row = await this.#store.lockouts.get(name, source);
    return row !== undefined && row.until !== null && row.until > this.#clock.now();
  }

  async #fail(
    name: string,
    source: string,
    tries: number,
    draft: AuditDraft,
    audit: readonly AuditDraft[],
  ): Promise<void> {
    const row = await this.#store.lockouts.fail(name, source, this.#clock.now(), tries, this.#config.for, audit);
    if (row.until === null || row.failures !== tries) return;
    const from = source === ANY_ADDRESS ? 'any address' : source;
    await this.#store.audit.append({
      ...draft,
      action: 'user.lockout',
      outcome: 'denied',
      reason: 'too many failures',
      details: { failures: row.failures, until: row.until, from },
    });
  }

  /**
   * Runs guesses at one user's second factor one after the other, so that many connections at once get no more
   * tries than one would.
   */
  async oneAtATime<T>(user: User, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(user.id) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#queues.set(user.id, mine);
    try {
      return await mine;
    } finally {
      if (this.#queues.get(user.id) === mine) this.#queues.delete(user.id);
    }
  }
}

function nameFor(name: string, user: User | undefined): string {
  return user?.name ?? printableName(name).toLowerCase();
}
