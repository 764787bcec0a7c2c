import type { Limits } from '../access/grant.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Action, Millis } from '../store/model.ts';

/** The wall clock may be set while we wait: a date is looked at again at least this often. */
const LOOK_AGAIN_MS = 60_000;

/** Whether a permission allows this action now. */
export function allows({ actions, actionUntil }: Limits, action: Action, now: Millis): boolean {
  const until = actionUntil.get(action);
  return actions.has(action) && (until === undefined || now < until);
}

type Cause = 'idle' | 'max-time' | 'expired';
/** What may be said beforehand. */
export type WarningCause = Cause | 'shutdown';

const MINUTE = 60_000;
/** How long before the end there is a warning; the longest first. */
const IDLE_LEADS = [MINUTE];
const END_LEADS = [5 * MINUTE, MINUTE];

export interface LimitEvents {
  over(cause: Cause): void;
  /** The end is so many seconds away; 0: it is not any more. */
  warn(cause: Cause, seconds: number): void;
}

/** The three clocks that end a session. A limit of 0 does not end it. */
export class LimitTimers {
  readonly #clock: Clock;
  readonly #watchIdle: boolean;
  readonly #events: LimitEvents;
  readonly #startedAt: number;
  readonly #warned = new Set<Cause>();
  #limits: Limits;
  #lastInput: number;
  #cancels: (() => void)[] = [];

  /** `watchIdle`: for terminals; a copy that runs for hours without input is not idle. */
  constructor(clock: Clock, limits: Limits, watchIdle: boolean, events: LimitEvents) {
    this.#clock = clock;
    this.#limits = limits;
    this.#watchIdle = watchIdle;
    this.#events = events;
    this.#startedAt = clock.monotonic();
    this.#lastInput = this.#startedAt;
    this.#arm();
  }

  get limits(): Limits {
    return this.#limits;
  }

  /** The user did something. Output does not count. */
  touch(): void {
    this.#lastInput = this.#clock.monotonic();
    if (this.#warned.has('idle')) this.#takeBack('idle');
  }

  replace(limits: Limits): void {
    const { idleMs, maxMs, until } = this.#limits;
    this.#limits = limits;
    if (limits.idleMs === idleMs && limits.maxMs === maxMs && limits.until === until) return;
    this.stop();
    for (const cause of [...this.#warned]) this.#takeBack(cause);
    this.#arm();
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  #arm(): void {
    const { idleMs, maxMs, until } = this.#limits;
    const now = () => this.#clock.monotonic();
    // what is short anyway is not announced before half of it is over
    const within = (leads: readonly number[], whole: number) => leads.map((lead) => Math.min(lead, whole / 2));
    if (this.#watchIdle && idleMs > 0)
      this.#wait('idle', () => this.#lastInput + idleMs - now(), within(IDLE_LEADS, idleMs));
    if (maxMs > 0) this.#wait('max-time', () => this.#startedAt + maxMs - now(), within(END_LEADS, maxMs));
    if (until !== null) this.#wait('expired', () => until - this.#clock.now(), END_LEADS);
  }

  /** Warns, and ends with this cause once nothing is left; what is left may grow meanwhile. */
  #wait(cause: Cause, left: () => number, leads: readonly number[]): void {
    const slot = this.#cancels.length;
    let toldAt = Number.POSITIVE_INFINITY;
    const look = () => {
      const ms = left();
      if (ms <= 0) return this.#events.over(cause);
      const lead = leads.findLast((each) => ms <= each) ?? Number.POSITIVE_INFINITY;
      if (lead < toldAt) this.#warn(cause, ms);
      toldAt = lead;
      wait(ms - (leads.find((each) => each < ms) ?? 0));
    };
    const wait = (ms: number) => {
      const most = cause === 'expired' ? LOOK_AGAIN_MS : Number.POSITIVE_INFINITY;
      this.#cancels[slot] = this.#clock.after(Math.min(Math.max(0, ms), most), look);
    };
    const ms = left();
    wait(ms - (leads[0] ?? 0));
  }

  #warn(cause: Cause, ms: number): void {
    this.#warned.add(cause);
    this.#events.warn(cause, Math.ceil(ms / 1000));
  }

  #takeBack(cause: Cause): void {
    this.#warned.delete(cause);
    this.#events.warn(cause, 0);
  }
}
