import { createHash, type Hash } from 'node:crypto';
import { stripped } from '../../kernel/printable.ts';
import type { Millis, TransferDirection, TransferRow } from '../../store/model.ts';
import { TYPE } from './header.ts';

const LONGEST_NAME = 1024;

/** A file that is or was under way. */
export interface SentFile {
  readonly path: string;
  /** As the sender announced it. */
  readonly size: number | null;
}
export type FileResult = Pick<TransferRow, 'path' | 'startedAt' | 'bytes' | 'sha256' | 'result' | 'detail'>;

export interface FollowerEvents {
  began(file: SentFile): void;
  ended(file: FileResult): void;
}

interface OpenFile extends SentFile {
  readonly startedAt: Millis;
  hash: Hash | null;
  bytes: number;
  /** Where the next byte belongs; null before the first header of data. */
  position: number | null;
  /** Where the first byte that was sent belongs. */
  first: number;
  /** Whether the hash saw every byte in order. */
  whole: boolean;
  /** Bytes were damaged: what follows is nothing until the sender says where it goes on. */
  lost: boolean;
  /** The sender has told its end. */
  complete: boolean;
}

/** Knows from the headers and subpackets of both sides which files go over, and how each of them ends. */
export class Follower {
  readonly direction: TransferDirection;
  readonly #events: FollowerEvents;
  readonly #now: () => Millis;
  #frame = -1;
  #file: OpenFile | undefined;
  #senderFinished = false;
  #finished = false;

  constructor(direction: TransferDirection, now: () => Millis, events: FollowerEvents) {
    this.direction = direction;
    this.#now = now;
    this.#events = events;
  }

  /** Both sides have said goodbye. */
  get finished(): boolean {
    return this.#finished;
  }

  get underWay(): SentFile | undefined {
    return this.#file;
  }

  sender(type: number, position: number): void {
    this.#frame = type;
    const file = this.#file;
    if (type === TYPE.finish) this.#senderFinished = true;
    if (!file) return;
    if (type === TYPE.data) goOn(file, position);
    else if (type === TYPE.endOfFile) {
      file.complete = true;
      if (position !== (file.position ?? 0) % 2 ** 32 || file.lost) file.whole = false;
    } else if (type === TYPE.finish || type === TYPE.file) this.#next(file, type);
    else if (type === TYPE.fileError) this.end('failed', 'the sender could not read it');
    else if (type === TYPE.abort || type === TYPE.cancelled) this.end('cancelled', 'the sender gave it up');
  }

  /** False when it is the content of nothing that is known. */
  content(bytes: Buffer): boolean {
    if (this.#frame === TYPE.file) this.#begin(bytes);
    else if (this.#frame === TYPE.data && this.#file) take(this.#file, bytes);
    else return this.#frame === TYPE.senderInit;
    return true;
  }

  damaged(): void {
    if (this.#file) this.#file.lost = true;
  }

  receiver(type: number): void {
    const file = this.#file;
    if (type === TYPE.finish && this.#senderFinished) this.#finished = true;
    if (!file) return;
    if (type === TYPE.receiverInit && file.complete) this.end('ok', null);
    else if (type === TYPE.skip) this.end('cancelled', 'the receiver did not want it');
    else if (type === TYPE.fileError) this.end('failed', 'the receiver could not write it');
    else if (type === TYPE.abort || type === TYPE.cancelled) this.end('cancelled', 'the receiver gave it up');
  }

  /** Ends the file that is under way, if there is one. */
  end(result: TransferRow['result'], detail: string | null): void {
    const file = this.#file;
    if (!file) return;
    this.#file = undefined;
    const { path, startedAt, bytes, first } = file;
    const whole = file.whole && !file.lost && result === 'ok';
    const why = detail ?? (first > 0 ? `resumed at byte ${first}` : whole ? null : 'not every byte was seen in order');
    this.#events.ended({
      path,
      startedAt,
      bytes,
      sha256: whole ? (file.hash ?? createHash('sha256')).digest('hex') : null,
      result,
      detail: why,
    });
  }

  /** The sender goes on to what comes after this file. */
  #next(file: OpenFile, type: number): void {
    if (file.complete) this.end('ok', null);
    // a sender that got no answer says the same again
    else if (type === TYPE.finish || file.position !== null) this.end('failed', 'the sender did not complete it');
  }

  #begin(bytes: Buffer): void {
    const nul = bytes.indexOf(0);
    const name = bytes.subarray(0, Math.min(nul < 0 ? bytes.length : nul, LONGEST_NAME));
    const size = nul < 0 ? null : /^\d{1,15}/.exec(bytes.toString('latin1', nul + 1, nul + 17));
    const path = stripped(name.toString('utf8'), LONGEST_NAME);
    if (this.#file?.path === path) return;
    this.end('failed', 'the sender did not send it');
    this.#file = {
      path,
      size: size ? Number(size[0]) : null,
      startedAt: this.#now(),
      hash: null,
      bytes: 0,
      position: null,
      first: 0,
      whole: true,
      lost: false,
      complete: false,
    };
    this.#events.began(this.#file);
  }
}

/** The sender says where the data that follows belongs. Positions are 32 bits wide and begin anew beyond them. */
function goOn(file: OpenFile, position: number): void {
  const expected = file.position;
  const ahead = expected === null ? position : position - (expected % 2 ** 32);
  file.complete = false;
  if (ahead === 0 && expected !== null) {
    file.lost = false;
    return;
  }
  if (position === 0) {
    // from the beginning, perhaps again
    Object.assign(file, { hash: createHash('sha256'), bytes: 0, position: 0, first: 0, whole: true, lost: false });
    return;
  }
  file.whole = false;
  file.lost = false;
  if (expected === null) file.first = position;
  else file.bytes = Math.max(0, file.bytes + ahead);
  file.position = Math.max(0, (expected ?? 0) + ahead);
}

function take(file: OpenFile, bytes: Buffer): void {
  if (file.lost || file.position === null) return;
  file.position += bytes.length;
  file.bytes += bytes.length;
  if (file.whole) file.hash?.update(bytes);
}
