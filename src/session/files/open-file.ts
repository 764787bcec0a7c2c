import { createHash, type Hash } from 'node:crypto';
import { OPEN } from '../../kernel/sftp/wire.ts';
import type { Millis, TransferDirection } from '../../store/model.ts';
import { isChanging } from './rights.ts';

/** Why a transfer is no good. */
export interface Trouble {
  readonly result: 'failed' | 'denied' | 'cancelled';
  readonly detail: string;
}

/** What goes by of one open file in one direction. */
export class Flow {
  bytes = 0;
  /** The first thing that went wrong. */
  trouble: Trouble | undefined;
  /** The path of another file on the target. */
  copiedFrom: string | undefined;
  #partial: boolean;
  #ordered = true;
  /** Where the next byte belongs in the file; undefined before the first. */
  #next: number | undefined;
  #hash: Hash | undefined;

  /** `partial`: where its bytes go in the file is not known. */
  constructor(partial: boolean) {
    this.#partial = partial;
  }

  get used(): boolean {
    return this.#next !== undefined || this.trouble !== undefined;
  }

  /** Not the file from its beginning on, or not in its order. */
  get partial(): boolean {
    return this.#partial || !this.#ordered;
  }

  /** Bytes begin to come that belong here in the file. */
  at(offset: number): void {
    if (this.#next === undefined) this.#partial ||= offset > 0;
    else if (offset !== this.#next) this.#disorder();
    this.#next = offset;
  }

  take(piece: Buffer): void {
    this.bytes += piece.length;
    this.#next = this.#next! + piece.length;
    if (!this.#ordered) return;
    this.#hash ??= createHash('sha256');
    this.#hash.update(piece);
  }

  /** It gets bytes that do not go by. */
  copied(from: string): void {
    this.copiedFrom ??= from;
    this.#next ??= 0;
    this.#disorder();
  }

  /** In the target's words; undefined when it did not. */
  failed(detail: string | undefined): void {
    if (detail !== undefined) this.trouble ??= { result: 'failed', detail };
  }

  /** Of the bytes that went by; null when their order was another. */
  sha256(): string | null {
    return this.#ordered ? (this.#hash ?? createHash('sha256')).digest('hex') : null;
  }

  /** There is no hash of what goes by in another order than it stands in the file. */
  #disorder(): void {
    this.#ordered = false;
    this.#hash = undefined;
  }
}

/** What a handle stands for. */
export class OpenFile {
  /** Fit for a line of text. */
  readonly path: string;
  readonly isDirectory: boolean;
  readonly startedAt: Millis;
  readonly #flags: number;
  readonly #flows: Partial<Record<TransferDirection, Flow>> = {};

  /** Read on the target itself, for a copy there. */
  isSource = false;

  /** `flags`: of OPEN; null for a directory. */
  constructor(path: string, flags: number | null, startedAt: Millis) {
    this.path = path;
    this.isDirectory = flags === null;
    this.startedAt = startedAt;
    this.#flags = flags ?? 0;
  }

  flow(direction: TransferDirection): Flow {
    const appends = direction === 'upload' && (this.#flags & OPEN.append) !== 0;
    this.#flows[direction] ??= new Flow(appends);
    return this.#flows[direction];
  }

  /** Whoever transfers it wants no more of it. */
  givenUp(): void {
    const trouble: Trouble = { result: 'cancelled', detail: 'the browser broke it off' };
    for (const [, flow] of this.transfers()) flow.trouble ??= trouble;
  }

  /**
   * The directions something went in; when nothing did, the one it was opened for: an empty file is a transfer too. What
   * was only copied on the target is none.
   */
  transfers(): (readonly [TransferDirection, Flow])[] {
    const { upload, download } = this.#flows;
    const used: (readonly [TransferDirection, Flow])[] = [];
    if (upload?.used) used.push(['upload', upload]);
    if (download?.used) used.push(['download', download]);
    if (used.length > 0 || this.isSource) return used;
    const direction = isChanging(this.#flags) ? 'upload' : 'download';
    return [[direction, this.flow(direction)]];
  }
}
