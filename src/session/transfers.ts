import type { Grant } from '../access/grant.ts';
import { type Clock, within } from '../kernel/clock.ts';
import { toAppError } from '../kernel/errors.ts';
import { newId, type TransferId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import { plain, stripped } from '../kernel/printable.ts';
import type { AuditDraft, SessionRow, TransferRow } from '../store/model.ts';
import type { TransfersRepository } from '../store/store.ts';
import { ownAudit } from './rows.ts';

const LONGEST_PATH = 4096;
/** Rows wait at most this long for company. */
const GATHER_MS = 100;
const MOST_AT_ONCE = 200;
/** So many may wait for a store that is slow or takes nothing; then the files stop. */
const MOST_WAITING = 10_000;
/** A session's rows: more than the files of any real tree. What comes beyond them is told by one last row. */
const MOST_ROWS = 1_000_000;
/** Who is refused so often asks in a loop: what is refused beyond that is told by one last row, and costs none of its own. */
const MOST_DENIED = 1000;
const RETRY_MS = 2000;
/** The end of a session waits no longer than this for its rows; they are written behind it then. */
const FINISH_MS = 5000;

/** What is known of a file when it is through, or will never be. */
export type TransferEntry = Pick<
  TransferRow,
  'method' | 'direction' | 'path' | 'startedAt' | 'bytes' | 'sha256' | 'partial' | 'result' | 'detail'
>;

export interface TransferLogDeps {
  readonly transfers: Pick<TransfersRepository, 'add'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly grant: Grant;
  readonly row: SessionRow;
  /** After `add` said false: it takes rows again. */
  readonly drained: () => void;
  /** Default: a million. */
  readonly mostRows?: number;
}

/**
 * The files that went through one session, written in batches and in order. Nothing is dropped for a store that cannot
 * take them: who brings more is to wait.
 */
export class TransferLog {
  readonly #deps: TransferLogDeps;
  readonly #waiting: TransferRow[] = [];
  #count = 0;
  #denied = 0;
  #full = false;
  #cancel: (() => void) | undefined;
  #writing: Promise<void> | undefined;

  constructor(deps: TransferLogDeps) {
    this.#deps = deps;
  }

  /**
   * Writes a row and its audit; its time of end is now. False: too many wait, bring no more until `drained`. The row
   * was taken all the same.
   */
  add(entry: TransferEntry): boolean {
    const most = this.#deps.mostRows ?? MOST_ROWS;
    const isRefusal = entry.result === 'denied' && entry.bytes === 0;
    if (this.#count > most || (isRefusal && this.#denied > MOST_DENIED)) return !this.#full;
    const path =
      this.#count++ === most
        ? `more than ${most} files: those that follow are not listed`
        : isRefusal && this.#denied++ === MOST_DENIED
          ? `refused more than ${MOST_DENIED} times: what follows is not listed`
          : entry.path;
    this.#waiting.push(this.#row({ ...entry, path }));
    if (this.#waiting.length >= MOST_AT_ONCE) this.#flush();
    else this.#cancel ??= this.#deps.clock.after(GATHER_MS, () => this.#flush());
    this.#full ||= this.#waiting.length > MOST_WAITING;
    return !this.#full;
  }

  /** Writes what waits. Resolves when it stands in the store, or after a while without it. */
  async finish(): Promise<void> {
    this.#flush();
    if (this.#writing) await within(this.#deps.clock, FINISH_MS, this.#writing);
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#waiting.length > 0) this.#writing ??= this.#writeAll();
  }

  /** Until nothing waits any more, or the store is closed for good. */
  async #writeAll(): Promise<void> {
    const { clock, log, row, transfers } = this.#deps;
    for (let failures = 0; this.#waiting.length > 0; ) {
      const rows = this.#waiting.slice(0, MOST_AT_ONCE);
      try {
        await transfers.add(
          rows,
          rows.map((transfer) => this.#audit(transfer)),
        );
        this.#waiting.splice(0, rows.length);
        failures = 0;
      } catch (err) {
        if (toAppError(err).code === 'shutting_down') {
          log.error(
            { session: row.id, transfers: this.#waiting.length },
            'transfers are missing from the list; the recording has them',
          );
          break;
        }
        if (failures++ === 0)
          log.error({ session: row.id, err }, 'transfers cannot be written; it is tried again until they are');
        await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve));
      }
      this.#makeRoom();
    }
    this.#writing = undefined;
  }

  #makeRoom(): void {
    if (!this.#full || this.#waiting.length > MOST_WAITING / 2) return;
    this.#full = false;
    this.#deps.drained();
  }

  #audit(transfer: TransferRow): AuditDraft {
    const { id, method, direction, path, bytes, sha256, partial, result, detail } = transfer;
    const details = { id, method, direction, path, bytes, sha256, partial, result };
    return {
      ...ownAudit(this.#deps.grant, this.#deps.row, 'transfer', details),
      outcome: result === 'ok' || result === 'denied' ? result : 'failed',
      reason: detail,
    };
  }

  #row(entry: TransferEntry): TransferRow {
    const { clock, row } = this.#deps;
    const now = clock.now();
    return {
      id: newId<TransferId>(now),
      sessionId: row.id,
      userId: row.userId,
      userName: row.userName,
      assetId: row.assetId,
      assetName: row.assetName,
      account: row.account,
      method: entry.method,
      direction: entry.direction,
      path: stripped(entry.path, LONGEST_PATH),
      startedAt: entry.startedAt,
      endedAt: now,
      bytes: entry.bytes,
      sha256: entry.sha256,
      partial: entry.partial,
      result: entry.result,
      detail: entry.detail === null ? null : plain(entry.detail),
    };
  }
}
