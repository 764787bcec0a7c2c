import { setImmediate as breath } from 'node:timers/promises';
import type { Access, GrantCheck } from '../access/access.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Session } from './session.ts';

/** Changes come in bursts: so long they are gathered. */
const GATHER_MS = 50;
const RETRY_MS = 150;
const TRIES = 3;
/** Judged in a row; then others have their turn. */
const AT_ONCE = 50;

/** Judges live grants again after a change of who may what, and ends the losers. What cannot be judged loses too. */
export class Recheck {
  readonly #access: Access;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sessions: () => Iterable<Session>;
  #scheduled = false;
  #running = false;

  constructor(access: Access, clock: Clock, log: Log, sessions: () => Iterable<Session>) {
    this.#access = access;
    this.#clock = clock;
    this.#log = log;
    this.#sessions = sessions;
  }

  /** Something changed: every session is looked at within a second. */
  changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#clock.after(GATHER_MS, () => void this.#all());
  }

  /** One session, at once. */
  one(session: Session): Promise<void> {
    return this.#judge([session]);
  }

  async #all(): Promise<void> {
    // what changes while a round is under way is seen by the round after it
    if (this.#running) {
      this.#clock.after(GATHER_MS, () => void this.#all());
      return;
    }
    this.#scheduled = false;
    this.#running = true;
    await this.#judge([...this.#sessions()]);
    this.#running = false;
  }

  async #judge(sessions: readonly Session[]): Promise<void> {
    let open = sessions;
    let last: unknown;
    for (let attempt = 1; attempt <= TRIES && open.length > 0; attempt++) {
      if (attempt > 1) await new Promise<void>((resolve) => this.#clock.after(RETRY_MS, resolve));
      const failed: Session[] = [];
      for (const [index, session] of open.entries()) {
        if (index % AT_ONCE === AT_ONCE - 1) await breath();
        try {
          this.#apply(session, await this.#access.recheck(session.grant));
        } catch (error) {
          last = error;
          failed.push(session);
        }
      }
      open = failed;
    }
    for (const session of open) {
      this.#log.error({ session: session.id, err: last }, 'a grant cannot be judged again: the session ends');
      void session.end({ cause: 'revoked', detail: 'the permission could not be checked' });
    }
  }

  #apply(session: Session, check: GrantCheck): void {
    if (check.ok) session.replaceLimits(check.limits);
    else void session.end({ cause: check.cause });
  }
}
