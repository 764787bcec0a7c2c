import type { Grant } from '../access/grant.ts';
import type { Clock } from '../kernel/clock.ts';
import { newId, type TransferId } from '../kernel/id.ts';
import type { Log } from '../kernel/log.ts';
import { plain, stripped } from '../kernel/printable.ts';
import type { SessionRow, TransferRow } from '../store/model.ts';
import type { TransfersRepository } from '../store/store.ts';
import { ownAudit } from './rows.ts';

const LONGEST_PATH = 4096;
/** A session's rows. What comes beyond them is told by one last row. */
const MOST_ROWS = 20_000;

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
  /** A row that could not be written: tried again until it is. */
  readonly writeLater: (write: () => Promise<void>) => void;
}

/** The files that went through one session. Nothing here waits for the store; what it cannot take yet is tried again. */
export class TransferLog {
  readonly #deps: TransferLogDeps;
  #count = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: TransferLogDeps) {
    this.#deps = deps;
  }

  /** Writes a row and its audit, in order. Its time of end is now. */
  add(entry: TransferEntry): void {
    if (this.#count > MOST_ROWS) return;
    const last = this.#count++ === MOST_ROWS;
    const row = this.#row(
      last ? { ...entry, path: `more than ${MOST_ROWS} files: those that follow are not listed` } : entry,
    );
    this.#writing = this.#writing.then(() => this.#write(row));
  }

  /** Resolves when all of it stands in the store, or waits for a store that takes it. */
  finish(): Promise<void> {
    return this.#writing;
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

  async #write(transfer: TransferRow): Promise<void> {
    const { transfers, log, grant, row, writeLater } = this.#deps;
    const { method, direction, path, bytes, sha256, partial, result, detail } = transfer;
    const audit = {
      ...ownAudit(grant, row, 'transfer', {
        id: transfer.id,
        method,
        direction,
        path,
        bytes,
        sha256,
        partial,
        result,
      }),
      outcome: result === 'ok' || result === 'denied' ? result : 'failed',
      reason: detail,
    } as const;
    const write = () => transfers.add(transfer, audit);
    await write().catch((err: unknown) => {
      const about = { session: row.id, err, path, direction, bytes, sha256, result };
      log.error(about, 'a transfer cannot be written; it is tried again');
      writeLater(write);
    });
  }
}
