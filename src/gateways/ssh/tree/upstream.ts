import type { Clock } from '../../../kernel/clock.ts';
import { toAppError } from '../../../kernel/errors.ts';
import { InnerChannel } from '../../../kernel/inner-channel.ts';
import { printable } from '../../../kernel/printable.ts';
import {
  packet,
  SFTP_VERSION,
  SftpError,
  SftpReader,
  STATUS,
  statusPacket,
  string,
  TYPE,
  uint32,
} from '../../../kernel/sftp/wire.ts';
import type { EndReason, LiveSession } from '../../../session/types.ts';
import { type Answer, AnswerStream, type Failure } from './answer-stream.ts';
import type { Wanted } from './answers.ts';
import type { AccountEntry, Bytes } from './names.ts';

const LONGEST_REASON = 1000;
/** How long an SFTP server may take for its first answers once its session stands. */
const GREETING_MS = 30_000;
const INIT = Buffer.concat([uint32(5), Buffer.of(TYPE.init), uint32(SFTP_VERSION)]);

export interface UpstreamHost {
  readonly clock: Clock;
  /** Authorises and opens the session. */
  open(account: AccountEntry, channel: InnerChannel, signal: AbortSignal): Promise<LiveSession>;
  /** Whole packets for the client. */
  deliver(pieces: readonly Buffer[]): void;
  /** This request of the client's is answered. */
  answered(id: number): void;
  /** A handle the target gave; gives back the client's. */
  opened(upstream: Upstream, handle: Buffer): Buffer;
  readonly blocked: boolean;
  full(upstream: Upstream, full: boolean): void;
  stderr(chunk: Buffer): void;
  over(upstream: Upstream, failure: Failure): void;
  ended(upstream: Upstream, reason: EndReason): void;
}

interface ClientAsk {
  readonly id: number;
  readonly wanted: Wanted;
  /** An extension the target must offer for it. */
  readonly needs?: string | undefined;
  /** Made when the target is there. */
  readonly build: () => Buffer;
}

/** One session of the tree: the SFTP server of one account, and what it still has to answer. */
export class Upstream {
  readonly account: AccountEntry;
  /** Files and directories the client has open here. */
  files = 0;
  /** Monotonic time of the last request. */
  used: number;
  /** It was us who ended it. */
  left = false;
  readonly #host: UpstreamHost;
  readonly #opening: Promise<void>;
  readonly #channel: InnerChannel;
  readonly #answers: AnswerStream;
  readonly #abort = new AbortController();
  readonly #extensions = new Set<string>();
  #early: ClientAsk[] = [];
  #session: LiveSession | undefined;
  #state: 'opening' | 'greeted' | 'ready' | 'over' = 'opening';
  #failure: Failure | undefined;
  #home: Bytes = '/';
  #ownId = 0xffff_ffff;
  /** The client is within a WRITE; what we have to ask waits. */
  #writing = false;
  #afterWrite: Buffer[] = [];
  #said = '';
  #cancelGreeting: () => void = () => {};

  constructor(account: AccountEntry, host: UpstreamHost, now: number) {
    this.account = account;
    this.used = now;
    this.#host = host;
    this.#channel = new InnerChannel({
      data: (chunk) => this.#data(chunk),
      stderr: (chunk) => {
        // what is said together with the end is why it ended
        this.#said = chunk.toString().replace(/^bastion: /, '');
        process.nextTick(() => {
          this.#said = '';
        });
        host.stderr(chunk);
      },
      get blocked() {
        return host.blocked;
      },
      full: (full) => host.full(this, full),
      closed: () => this.fail({ code: STATUS.failure, text: this.#said || `the connection to ${this.name} ended` }),
    });
    this.#answers = new AnswerStream(account.path, {
      greeting: (type, version, head) => this.#greeted(type, version, head),
      deliver: (pieces) => host.deliver(pieces),
      answered: (id) => host.answered(id),
      opened: (handle) => host.opened(this, handle),
    });
    this.#channel.send(INIT);
    this.#opening = this.#open();
  }

  get name(): string {
    return `${this.account.login}@${this.account.asset.name}`;
  }

  get over(): boolean {
    return this.#state === 'over';
  }

  get failure(): Failure {
    return this.#failure ?? { code: STATUS.failure, text: `the connection to ${this.name} ended` };
  }

  /** Nobody would notice if it ended. */
  get unused(): boolean {
    return this.files === 0 && this.#answers.idle && this.#early.length === 0;
  }

  /** Whether a request with this id is under way here. */
  has(id: number): boolean {
    return this.#answers.has(id);
  }

  offers(extension: string): boolean {
    return this.#extensions.has(extension);
  }

  /** A path below the account's directory as the target has it. Only when it is there. */
  path(inside: Bytes, home: boolean): Bytes {
    return (home && this.#home !== '/' ? this.#home : '') + inside || '/';
  }

  /** Sends a request of the client's, now or when the session stands; it is answered in any case. */
  ask(ask: ClientAsk): void {
    if (this.#state === 'over') this.#refuse(ask.id, this.failure);
    else if (this.#state !== 'ready') this.#early.push(ask);
    else if (ask.needs !== undefined && !this.offers(ask.needs)) {
      this.#refuse(ask.id, {
        code: STATUS.unsupported,
        text: `${this.account.asset.name} does not offer ${ask.needs}`,
      });
    } else {
      this.#answers.expect(ask.id, ask);
      this.#channel.send(ask.build());
    }
  }

  /** The head of a WRITE goes through `pass` next, and then its payload, until `written`. */
  askWrite(id: number): void {
    this.#answers.expect(id, { wanted: { kind: 'status' } });
    this.#writing = true;
  }

  pass(chunk: Buffer): void {
    this.#channel.send(chunk);
  }

  written(): void {
    this.#writing = false;
    for (const chunk of this.#afterWrite.splice(0)) this.#channel.send(chunk);
  }

  /** Sends a request of our own; `settle` is called once. */
  askOwn(pieces: (id: number) => readonly Buffer[], settle: (answer: Answer) => void): void {
    if (this.#state === 'over') {
      settle({ kind: 'failed', failure: this.failure });
      return;
    }
    while (this.#answers.has(this.#ownId)) this.#ownId = (this.#ownId - 1) >>> 0;
    const id = this.#ownId;
    this.#ownId = (id - 1) >>> 0;
    this.#answers.expect(id, { settle });
    for (const piece of pieces(id)) {
      if (this.#writing) this.#afterWrite.push(piece);
      else this.#channel.send(piece);
    }
  }

  /** The client takes more again. */
  drain(): void {
    this.#channel.drain();
  }

  /** Ends the session; what is not answered yet is answered with the failure. Resolves when it has ended. */
  async end(reason: EndReason, failure: Failure): Promise<void> {
    this.left = reason.cause === 'client-closed';
    this.fail(failure);
    this.#abort.abort();
    await this.#opening;
    await this.#session?.end(reason);
  }

  fail(failure: Failure): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#failure = { code: failure.code, text: printable(failure.text.trim(), LONGEST_REASON) };
    this.#cancelGreeting();
    this.#answers.fail(this.#failure);
    for (const { id } of this.#early.splice(0)) this.#refuse(id, this.#failure);
    this.#host.over(this, this.#failure);
  }

  async #open(): Promise<void> {
    try {
      const session = await this.#host.open(this.account, this.#channel, this.#abort.signal);
      this.#session = session;
      void session.ended.then((reason) => this.#host.ended(this, reason));
      if (this.over) {
        await session.end({ cause: 'client-closed' });
        return;
      }
      const silent = `the SFTP server of ${this.account.asset.name} does not answer`;
      this.#cancelGreeting = this.#host.clock.after(
        GREETING_MS,
        () => void this.end({ cause: 'target-closed', detail: silent }, { code: STATUS.failure, text: silent }),
      );
      if (this.#state === 'ready') this.#cancelGreeting();
    } catch (error) {
      const { code, message } = toAppError(error);
      const denied = code === 'no_permission' || code === 'forbidden' || code === 'no_account';
      this.fail({ code: denied ? STATUS.permissionDenied : STATUS.failure, text: message });
    }
  }

  #refuse(id: number, { code, text }: Failure): void {
    this.#host.answered(id);
    this.#host.deliver([statusPacket(id, code, text)]);
  }

  #data(chunk: Buffer): void {
    if (this.over) return;
    try {
      this.#answers.push(chunk);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      const text = `what ${this.account.asset.name} answers is no SFTP: ${error.message}`;
      void this.end({ cause: 'target-closed', detail: text }, { code: STATUS.failure, text });
    }
  }

  /** VERSION has come; before anything else we ask for the home directory, so that `~` can be told. */
  #greeted(type: number, version: number, head: Buffer): void {
    if (type !== TYPE.version) throw new SftpError('it does not say which version it speaks');
    if (version < SFTP_VERSION) throw new SftpError(`it speaks only version ${version}`);
    const reader = new SftpReader(head, 9);
    while (reader.left > 0) {
      this.#extensions.add(reader.string().toString('latin1'));
      reader.string();
    }
    this.#state = 'greeted';
    this.askOwn(
      (id) => [packet(TYPE.realpath, id, string('.'))],
      (answer) => this.#ready(answer),
    );
  }

  #ready(answer: Answer): void {
    if (answer.kind === 'failed') return;
    if (answer.kind === 'packet' && answer.type === TYPE.name) {
      const reader = new SftpReader(answer.packet, 9);
      const home = reader.uint32() > 0 ? reader.string().toString('latin1') : '';
      if (home.startsWith('/')) this.#home = home;
    }
    this.#state = 'ready';
    this.#cancelGreeting();
    for (const ask of this.#early.splice(0)) this.ask(ask);
  }
}
