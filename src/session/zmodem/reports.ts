import type { TransferDirection, TransferRow } from '../../store/model.ts';
import type { EndReason } from '../types.ts';
import type { FileResult, SentFile } from './follower.ts';
import type { ZmodemHost } from './host.ts';

/** Files of one session that are told in its recording. */
const MOST_TOLD = 20_000;

/** Tells which files went over: the rows, and sentences in the recording, which does not have their bytes. */
export class Reports {
  readonly #host: ZmodemHost;
  #told = 0;

  constructor(host: ZmodemHost) {
    this.#host = host;
  }

  began(direction: TransferDirection, { path, size }: SentFile): void {
    if (this.#told >= MOST_TOLD) return;
    this.#host.tell(`file transfer begins: zmodem ${direction} of ${path}${size === null ? '' : `, ${size} bytes`}`);
  }

  ended(direction: TransferDirection, file: FileResult): void {
    this.#host.transfer({ method: 'zmodem', direction, partial: false, ...file });
    if (this.#told++ >= MOST_TOLD) return;
    const { path, bytes, sha256, result, detail } = file;
    const hash = sha256 === null ? '' : `, sha256 ${sha256}`;
    const how = result === 'ok' ? '' : `, ${result}`;
    const why = detail === null ? '' : `: ${detail}`;
    this.#host.tell(`file transfer: zmodem ${direction} of ${path}, ${bytes} bytes${hash}${how}${why}`);
  }

  /** One that was refused before it named a file. */
  denied(direction: TransferDirection): void {
    const startedAt = this.#host.clock.now();
    const none = { path: '', startedAt, bytes: 0, sha256: null, partial: false };
    this.#host.transfer({ method: 'zmodem', direction, ...none, result: 'denied', detail: missing(direction) });
  }
}

export function missing(direction: TransferDirection): string {
  return `the action ${direction} is missing`;
}

/** What the end of a session makes of a file that is under way. */
export function unfinished({ cause }: EndReason): Unfinished {
  const lost = cause === 'client-closed' || cause === 'target-closed' || cause === 'recording-failed';
  return {
    result: lost ? 'failed' : 'cancelled',
    detail: `the session ended: ${cause}`,
    gone: cause === 'client-closed' ? 'client' : cause === 'target-closed' ? 'target' : undefined,
  };
}

export interface Unfinished {
  readonly result: TransferRow['result'];
  readonly detail: string;
  /** The side that cannot be told. */
  readonly gone: 'client' | 'target' | undefined;
}
