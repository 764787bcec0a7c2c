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

/** The three clocks that end a session. A limit of 0 does not end it. */
export class LimitTimers {
  readonly #clock: Clock;
  readonly #watchIdle: boolean;
  readonly #over: (cause: Cause) => void;
  readonly #startedAt: number;
  #limits: Limits;
  #lastInput: number;
  #cancels: (() => void)[] = [];

  /** `watchIdle`: for terminals; a copy that runs for hours without input is not idle. */
  constructor(clock: Clock, limits: Limits, watchIdle: boolean, over: (cause: Cause) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#watchIdle = watchIdle;
    this.#over = over;
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
  }

  replace(limits: Limits): void {
    this.#limits = limits;
    this.stop();
    this.#arm();
  }

  stop(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [];
  }

  #arm(): void {
    const { idleMs, maxMs, until } = this.#limits;
    const now = () => this.#clock.monotonic();
    if (this.#watchIdle && idleMs > 0) this.#wait('idle', () => this.#lastInput + idleMs - now());
    if (maxMs > 0) this.#wait('max-time', () => this.#startedAt + maxMs - now());
    if (until !== null) this.#wait('expired', () => until - this.#clock.now());
  }

  /** Ends with this cause once nothing is left; what is left may grow meanwhile. */
  #wait(cause: Cause, left: () => number): void {
    const slot = this.#cancels.length;
    const look = () => {
      const ms = left();
      if (ms <= 0) this.#over(cause);
      else this.#cancels[slot] = this.#clock.after(cause === 'expired' ? Math.min(ms, LOOK_AGAIN_MS) : ms, look);
    };
    const ms = Math.max(0, left());
    this.#cancels[slot] = this.#clock.after(cause === 'expired' ? Math.min(ms, LOOK_AGAIN_MS) : ms, look);
  }
}
