import type { Clock } from '../kernel/clock.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Log } from '../kernel/log.ts';
import type { SessionProgress, SessionsRepository } from '../store/store.ts';
import type { Session } from './session.ts';

/** What a crash may take of the counts. */
const EVERY_MS = 10_000;

/**
 * Keeps the rows of live sessions near the truth: bytes and label, now and then and only what has changed, all in one
 * write. Of a forwarded connection the row is all there is after a crash.
 */
export class LiveCounts {
  readonly #sessions: Pick<SessionsRepository, 'progress'>;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #live: () => Iterable<Session>;
  readonly #written = new WeakMap<Session, SessionProgress>();
  #cancel: Disposer | undefined;

  constructor(sessions: Pick<SessionsRepository, 'progress'>, clock: Clock, log: Log, live: () => Iterable<Session>) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#log = log;
    this.#live = live;
  }

  /** A session was opened; as long as there is one, its counts are looked after. */
  begin(): void {
    this.#cancel ??= this.#clock.after(EVERY_MS, () => void this.#write());
  }

  stop(): void {
    this.#cancel?.();
  }

  async #write(): Promise<void> {
    this.#cancel = undefined;
    const changed: SessionProgress[] = [];
    for (const session of this.#live()) {
      this.begin();
      const { id, bytesIn, bytesOut, label } = session.row();
      const before = this.#written.get(session) ?? { bytesIn: 0, bytesOut: 0, label: null };
      if (before.bytesIn === bytesIn && before.bytesOut === bytesOut && before.label === label) continue;
      const progress = { id, bytesIn, bytesOut, label };
      this.#written.set(session, progress);
      changed.push(progress);
    }
    if (changed.length === 0) return;
    await this.#sessions.progress(changed).catch((err: unknown) => {
      this.#log.warn({ err }, 'the counts of live sessions cannot be written; the next ones will be');
    });
  }
}
