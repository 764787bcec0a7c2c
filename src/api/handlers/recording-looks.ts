import type { Clock } from '../../kernel/clock.ts';
import type { Actor, SessionRow } from '../../store/model.ts';
import type { Store } from '../../store/store.ts';
import { done } from './audit-draft.ts';

/** So long one row stands for who reads on in a recording. */
const LOOK_MS = 3_600_000;
/** Of those it is known that they have their row; who is forgotten gets another one. */
const REMEMBERED = 10_000;

/** Who looked into which recording, in the audit: nothing of one leaves without a row, and a replay is one row. */
export class RecordingLooks {
  readonly #store: Pick<Store, 'audit'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #written = new Map<string, number>();

  constructor(store: Pick<Store, 'audit'>, clock: Pick<Clock, 'now'>) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Somebody begins to. */
  async begin(row: SessionRow, actor: Actor): Promise<void> {
    const target = { kind: 'session', id: row.id, name: `${row.userName} on ${row.account}@${row.assetName}` };
    await this.#store.audit.append(done(actor, 'recording.read', target));
    const key = keyOf(row, actor);
    this.#written.delete(key);
    if (this.#written.size >= REMEMBERED) this.#written.delete(this.#written.keys().next().value!);
    this.#written.set(key, this.#clock.now());
  }

  /** Somebody reads on, or begins in the middle. */
  async goOn(row: SessionRow, actor: Actor): Promise<void> {
    const written = this.#written.get(keyOf(row, actor));
    if (written === undefined || this.#clock.now() - written >= LOOK_MS) await this.begin(row, actor);
  }
}

function keyOf(row: SessionRow, { kind, userId, name }: Actor): string {
  return `${row.id} ${kind} ${userId ?? name}`;
}
