import { networkOf } from '../../auth/address-patterns.ts';
import type { Clock } from '../../kernel/clock.ts';

const WINDOW_MS = 60_000;
/** People and misconfigured machines stay below it. */
const FREE_FAILURES = 20;
const WAIT_MS = 3000;

/**
 * How long the answer to a failed login waits. Each failure is a row of the audit and a line of the log, for a client
 * only a packet: without a brake one machine could fill the disk. Right answers never wait.
 */
export class FailurePace {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #since: number;
  #failures = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#since = clock.monotonic();
  }

  /** Counts one failure of this address; returns milliseconds to wait. */
  failed(ip: string): number {
    const now = this.#clock.monotonic();
    if (now - this.#since >= WINDOW_MS) {
      this.#since = now;
      this.#failures = new Map();
    }
    const source = networkOf(ip);
    const failures = (this.#failures.get(source) ?? 0) + 1;
    this.#failures.set(source, failures);
    return failures > FREE_FAILURES ? WAIT_MS : 0;
  }
}
