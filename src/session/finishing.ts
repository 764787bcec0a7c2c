import { systemActor } from '../auth/actor.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Recordings } from '../storage/local.ts';
import type { AuditDraft } from '../store/model.ts';
import type { Store } from '../store/store.ts';

/** Turns spools of ended sessions into recordings, one after the other. A spool goes only when its recording stands in the store. */
export class Finishing {
  readonly #store: Store;
  readonly #recordings: Recordings;
  readonly #log: Log;
  readonly #stored: (id: SessionId) => void;
  readonly #rendered = new Map<SessionId, Promise<void>>();
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  /** @param stored called when the recording of a session lies where it will stay */
  constructor(store: Store, recordings: Recordings, log: Log, stored: (id: SessionId) => void) {
    this.#store = store;
    this.#recordings = recordings;
    this.#log = log;
    this.#stored = stored;
  }

  add(id: SessionId): void {
    if (this.#rendered.has(id)) return;
    const work = this.#last.then(() => this.#finish(id));
    this.#last = work;
    this.#rendered.set(id, work);
    void work.then(() => this.#rendered.delete(id));
  }

  /** Resolves when nothing is left to do for this session. */
  rendered(id: SessionId): Promise<void> {
    return this.#rendered.get(id) ?? Promise.resolve();
  }

  /** Resolves when nothing is left to do. */
  async idle(): Promise<void> {
    for (let seen: Promise<void> | undefined; seen !== this.#last; await seen) seen = this.#last;
  }

  /** What is not finished stays in the spool for the next start. */
  stop(): void {
    this.#stopped = true;
  }

  async #finish(id: SessionId): Promise<void> {
    if (this.#stopped) return;
    try {
      const stored = await this.#recordings.store(id);
      const { bytes, sha256, seconds, tail } = stored;
      const audit = about(id, 'recording.stored', 'ok', { bytes, sha256, seconds, lostBytes: tail.lostBytes });
      await this.#store.sessions.setRecording(id, { state: 'ready', bytes, sha256 }, audit);
      await this.#recordings.dropSpool(id, tail.state === 'corrupt');
      this.#stored(id);
    } catch (error) {
      this.#log.error(
        { session: id, err: error },
        'a recording cannot be finished; its spool is kept for the next start',
      );
      await this.#markFailed(id, error);
    }
  }

  async #markFailed(id: SessionId, error: unknown): Promise<void> {
    const audit = about(id, 'recording.failed', 'failed', {
      error: error instanceof Error ? error.message : String(error),
    });
    try {
      await this.#store.sessions.setRecording(id, { state: 'failed', bytes: null, sha256: null }, audit);
    } catch (err) {
      this.#log.error({ session: id, err }, 'the state of a recording cannot be written');
    }
  }
}

/** An audit row of ours about a recording. */
export function about(
  id: SessionId,
  action: string,
  outcome: AuditDraft['outcome'],
  details: Record<string, unknown>,
): AuditDraft {
  return { actor: systemActor(), action, outcome, target: { kind: 'session', id, name: id }, reason: null, details };
}
