import type { Limits } from '../access/grant.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { WarningCause } from './limits.ts';
import type { Person } from './participants.ts';

/** What happens to a live session besides its bytes, for a gateway whose client can show it. */
export type SessionEvent =
  | { readonly kind: 'limits'; readonly limits: Limits }
  /** `by` null: it is unlocked. */
  | { readonly kind: 'locked'; readonly by: string | null }
  /** It will end of this cause in so many seconds; 0 takes the warning back. */
  | { readonly kind: 'warning'; readonly cause: WarningCause; readonly seconds: number }
  /** Of whom the person at the terminal is told. */
  | { readonly kind: 'people'; readonly people: readonly Person[] };

type Listener = (event: SessionEvent) => void;

/** Tells them to those who listen. Who comes later hears first what holds already and is not as usual. */
export class SessionEvents {
  readonly #listeners = new Set<Listener>();
  readonly #standing = new Map<string, SessionEvent>();

  add(listener: Listener): Disposer {
    this.#listeners.add(listener);
    for (const event of [...this.#standing.values()]) listener(event);
    return () => this.#listeners.delete(listener);
  }

  emit(event: SessionEvent): void {
    const topic = event.kind === 'warning' ? `warning ${event.cause}` : event.kind;
    if (isUsual(event)) this.#standing.delete(topic);
    else this.#standing.set(topic, event);
    for (const listener of [...this.#listeners]) listener(event);
  }
}

/** What nobody who comes later has to be told. */
function isUsual(event: SessionEvent): boolean {
  switch (event.kind) {
    case 'limits':
      return true;
    case 'locked':
      return event.by === null;
    case 'warning':
      return event.seconds === 0;
    case 'people':
      return event.people.length === 0;
  }
}
