import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import type { AuditDraft, User } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { printableName } from './actor.ts';

/**
 * Counts failures per user name *and* address, so that nobody can lock a person out from elsewhere. Names that
 * nobody has are counted alike: being locked must not tell who exists. A login with a key alone never asks here.
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

  async isLocked(name: string, user: User | undefined, ip: string): Promise<boolean> {
    const row = await this.#store.lockouts.get(nameFor(name, user), ip);
    return row !== undefined && row.until !== null && row.until > this.#clock.now();
  }

  /** Counts one failure, told by `draft`; when it locks, another audit row says so. */
  async fail(name: string, user: User | undefined, ip: string, draft: AuditDraft): Promise<void> {
    const { tries, for: lockMs } = this.#config;
    const now = this.#clock.now();
    const row = await this.#store.lockouts.fail(nameFor(name, user), ip, now, tries, lockMs, draft);
    if (row.until === null || row.failures !== tries) return;
    const details = { failures: row.failures, until: row.until };
    await this.#store.audit.append({
      ...draft,
      action: 'user.lockout',
      outcome: 'denied',
      reason: 'too many failures',
      details,
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
