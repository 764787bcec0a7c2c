interface Ahead {
  readonly ahead: () => Promise<void>;
}

/**
 * Fetches parts of the pages one after the other while there is nothing else to do, so that they are there at once
 * later, and while the bastion is away. Gives what stops it.
 */
export function whenIdle(parts: readonly Ahead[]): () => void {
  let stopped = false;
  const next = (at: number) => {
    const part = parts[at];
    if (!part || stopped) return;
    idle(() => {
      // one that does not come is fetched, or missed aloud, when it is wanted
      if (!stopped)
        part.ahead().then(
          () => next(at + 1),
          () => {},
        );
    });
  };
  next(0);
  return () => {
    stopped = true;
  };
}

/** Safari does not tell when it is idle. */
function idle(callback: () => void): void {
  if ('requestIdleCallback' in window) window.requestIdleCallback(callback);
  else setTimeout(callback, 1000);
}
