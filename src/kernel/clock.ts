/** Where time comes from, so that tests can move it. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  /** Monotonic milliseconds with fractions; only differences mean anything. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. Does not keep the process alive. */
  after(ms: number, callback: () => void): () => void;
  /** Calls back every `ms`; the returned function cancels. Does not keep the process alive. */
  every(ms: number, callback: () => void): () => void;
}

/** Waits for the work, but not longer than this. Rejects when the work does. */
export async function within(clock: Pick<Clock, 'after'>, ms: number, work: Promise<unknown>): Promise<void> {
  let cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
}

const MAX_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    // setTimeout fires at once beyond 2^31-1 ms: wait in steps
    let timer: NodeJS.Timeout;
    const arm = (left: number) => {
      const step = Math.min(left, MAX_TIMEOUT_MS);
      timer = setTimeout(() => (left > step ? arm(left - step) : callback()), Math.max(0, step));
      timer.unref();
    };
    arm(ms);
    return () => clearTimeout(timer);
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
};
