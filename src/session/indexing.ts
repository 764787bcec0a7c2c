import type { Clock } from '../kernel/clock.ts';
import { toAppError } from '../kernel/errors.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import type { Recordings } from '../storage/local.ts';
import type { SessionRow } from '../store/model.ts';
import type { Store } from '../store/store.ts';

/** The start of the daemon has better things to do at first. */
const AFTER_START_MS = 5_000;
/** When the index could not be written, a full disk for example. */
const AGAIN_MS = 10 * 60_000;
/** An index that was found damaged was begun anew. */
const EACH_MS = 60 * 60_000;
const PAGE = 500;

export interface IndexingDeps {
  readonly store: Pick<Store, 'sessions' | 'outputs'>;
  readonly recordings: Pick<Recordings, 'file'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the text of stored recordings into the index that `session search` asks. Behind everything else: nobody waits
 * for it, and what a crash or a stop leaves undone is found at the next start by comparing what there is.
 */
export class Indexing {
  readonly #deps: IndexingDeps;
  #cancel: (() => void) | undefined;
  #comparing = false;
  #stopped = false;

  constructor(deps: IndexingDeps) {
    this.#deps = deps;
  }

  /** The recording of this session was stored. */
  add(id: SessionId): void {
    void this.#add(id);
  }

  /** Compares the index with the recordings some seconds from now. */
  begin(): void {
    this.#compareIn(AFTER_START_MS);
  }

  /** Begins nothing more; the store ends what is under way when it closes. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #add(id: SessionId): Promise<void> {
    try {
      const row = await this.#deps.store.sessions.byId(id);
      if (row?.recording === 'ready') await this.#index(row);
    } catch (error) {
      this.#troubled(error);
    }
  }

  async #index(row: SessionRow): Promise<void> {
    if (this.#stopped) return;
    const { store, recordings, log } = this.#deps;
    const { id, userId, userName, assetId, assetName, account, startedAt } = row;
    try {
      const file = await recordings.file(id);
      await store.outputs.index({ id, userId, userName, assetId, assetName, account, startedAt }, file);
    } catch (error) {
      if (toAppError(error).code !== 'not_found') throw error;
      log.warn({ err: error, session: id }, 'this recording cannot be read, so its text cannot be searched');
    }
  }

  #troubled(error: unknown): void {
    if (this.#stopped) return;
    this.#deps.log.warn({ err: error }, 'the text of a recording is not in the index; it is looked at again later');
    this.#compareIn(AGAIN_MS);
  }

  #compareIn(ms: number): void {
    if (this.#stopped) return;
    this.#cancel?.();
    this.#cancel = this.#deps.clock.after(ms, () => void this.#compare());
  }

  async #compare(): Promise<void> {
    if (this.#comparing || this.#stopped) return;
    this.#comparing = true;
    try {
      for (let after: string | undefined = ''; after !== undefined && !this.#stopped; ) after = await this.#page(after);
      this.#compareIn(EACH_MS);
    } catch (error) {
      this.#troubled(error);
    }
    this.#comparing = false;
  }

  /** Takes in what is missing of the next sessions and drops what has no recording any more; returns where to go on. */
  async #page(after: string): Promise<string | undefined> {
    const { sessions, outputs } = this.#deps.store;
    const rows = await sessions.recorded(after, PAGE);
    // without any recording the index need not even be opened
    if (rows.length === 0 && after === '') return undefined;
    const last = rows.length < PAGE ? undefined : rows.at(-1)!.id;
    const known = new Set(await outputs.indexed(after, last));
    for (const row of rows) if (!known.delete(row.id)) await this.#index(row);
    const gone: SessionId[] = [];
    // one that ended meanwhile is there too
    for (const id of known) if ((await sessions.byId(id))?.recording !== 'ready') gone.push(id);
    if (gone.length > 0 && !this.#stopped) await outputs.remove(gone);
    return last;
  }
}
