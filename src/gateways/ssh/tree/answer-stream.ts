import { SftpRelay } from '../../../kernel/sftp/relay.ts';
import { packet, SftpReader, statusPacket, string, TYPE } from '../../../kernel/sftp/wire.ts';
import { fits, renamed, unfit, type Wanted } from './answers.ts';
import type { Bytes } from './names.ts';

/** Why something does not work, as a STATUS tells it. */
export interface Failure {
  readonly code: number;
  readonly text: string;
}

/** A request of ours is answered. */
export type Answer =
  | { readonly kind: 'data'; readonly pieces: readonly Buffer[]; readonly length: number }
  | { readonly kind: 'packet'; readonly type: number; readonly packet: Buffer }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Whose request it is: the client's, or our own. */
export type Asked = { readonly wanted: Wanted } | { readonly settle: (answer: Answer) => void };

export interface AnswerHost {
  /** Its first packet. Throws `SftpError` when that is no VERSION. */
  greeting(type: number, version: number, head: Buffer): void;
  /** Whole packets for the client. */
  deliver(pieces: readonly Buffer[]): void;
  /** This request of the client's is answered. */
  answered(id: number): void;
  /** A handle the target gave; gives back the client's. */
  opened(handle: Buffer): Buffer;
}

/**
 * What one target answers: to the client under the names and handles of the tree, whole packets only, and to ourselves.
 * What nobody asked for is dropped. Throws `SftpError` from `push` at what is no SFTP.
 */
export class AnswerStream {
  readonly #host: AnswerHost;
  /** Where the account stands in the tree. */
  readonly #path: Bytes;
  readonly #relay: SftpRelay;
  readonly #asked = new Map<number, Asked>();
  #greeted = false;
  #over = false;
  /** A packet of which the client has not got the payload yet: it goes on when it is whole. */
  #held: Buffer[] = [];
  /** The request it answers. */
  #inPayload: number | undefined;
  /** What is read is an answer to ourselves. */
  #own: { readonly pieces: Buffer[]; length: number; readonly settle: (answer: Answer) => void } | undefined;
  #discard = false;

  constructor(path: Bytes, host: AnswerHost) {
    this.#host = host;
    this.#path = path;
    this.#relay = new SftpRelay({
      packet: (type, id, head) => this.#packet(type, id, head),
      payload: (piece) => {
        if (!this.#own) return;
        this.#own.pieces.push(piece);
        this.#own.length += piece.length;
      },
      payloadEnd: () => this.#payloadEnd(),
      emit: (chunk) => this.#emit(chunk),
    });
  }

  /** Nothing is waited for. */
  get idle(): boolean {
    return this.#asked.size === 0 && this.#inPayload === undefined;
  }

  /** Whether a request with this id is under way. */
  has(id: number): boolean {
    return this.#asked.has(id) || this.#inPayload === id;
  }

  expect(id: number, asked: Asked): void {
    this.#asked.set(id, asked);
  }

  push(chunk: Buffer): void {
    if (!this.#over) this.#relay.push(chunk);
  }

  /** Nothing more comes: whoever waits gets this instead. */
  fail(failure: Failure): void {
    this.#over = true;
    this.#held = [];
    if (this.#inPayload !== undefined) this.#refuse(this.#inPayload, failure);
    this.#own?.settle({ kind: 'failed', failure });
    for (const [id, asked] of this.#asked) {
      if ('settle' in asked) asked.settle({ kind: 'failed', failure });
      else this.#refuse(id, failure);
    }
    this.#asked.clear();
  }

  #refuse(id: number, { code, text }: Failure): void {
    this.#host.answered(id);
    this.#host.deliver([statusPacket(id, code, text)]);
  }

  #packet(type: number, id: number, head: Buffer): boolean | Buffer {
    if (this.#discard) {
      this.#relay.flush();
      this.#discard = false;
    }
    if (this.#over) return false;
    if (!this.#greeted) {
      this.#host.greeting(type, id, head);
      this.#greeted = true;
      return false;
    }
    const asked = this.#asked.get(id);
    if (!asked) return false;
    this.#asked.delete(id);
    return 'settle' in asked ? this.#toUs(asked.settle, type, head) : this.#toClient(asked.wanted, type, id, head);
  }

  #toClient(wanted: Wanted, type: number, id: number, head: Buffer): boolean | Buffer {
    if (type === TYPE.data && wanted.kind === 'data' && head.readUInt32BE(9) > 0) {
      this.#relay.flush();
      this.#inPayload = id;
      return true;
    }
    this.#host.answered(id);
    if (!fits(wanted, type, head)) {
      if (type !== TYPE.data) return unfit(id);
      this.#host.deliver([unfit(id)]);
      return false;
    }
    if (type === TYPE.name) return renamed(wanted, id, head, this.#path);
    if (type === TYPE.handle)
      return packet(TYPE.handle, id, string(this.#host.opened(Buffer.from(new SftpReader(head, 9).string()))));
    return true;
  }

  #toUs(settle: (answer: Answer) => void, type: number, head: Buffer): boolean {
    if (type !== TYPE.data) {
      settle({ kind: 'packet', type, packet: Buffer.from(head) });
      return false;
    }
    this.#relay.flush();
    this.#discard = true;
    this.#own = { pieces: [], length: 0, settle };
    return true;
  }

  #payloadEnd(): void {
    if (this.#inPayload !== undefined) this.#host.answered(this.#inPayload);
    this.#inPayload = undefined;
    const own = this.#own;
    this.#own = undefined;
    own?.settle({ kind: 'data', pieces: own.pieces, length: own.length });
  }

  #emit(chunk: Buffer): void {
    if (this.#discard || this.#over) return;
    this.#held.push(chunk);
    if (this.#inPayload === undefined) this.#host.deliver(this.#held.splice(0));
  }
}
