import { SftpRelay } from '../../../kernel/sftp/relay.ts';
import {
  packet,
  SFTP_VERSION,
  SftpError,
  SftpReader,
  STATUS,
  statusPacket,
  string,
  TYPE,
} from '../../../kernel/sftp/wire.ts';
import type { EndReason } from '../../../session/types.ts';
import { errorLine } from '../texts.ts';
import { WORTH_SAYING } from './folders.ts';
import { EXTENSIONS, readRequest } from './requests.ts';
import { Router, type RouterDeps } from './router.ts';
import { Upstream, type UpstreamHost } from './upstream.ts';

/** Why the client is made to wait: it takes no answers, asks too much, the tree is read, or a session takes too little. */
type Hold = 'client' | 'requests' | 'reading' | Upstream;

/** Requests under way beyond which the client is made to wait. */
const MOST_REQUESTS = 2048;

export interface TreeDeps extends RouterDeps, Pick<UpstreamHost, 'clock' | 'open' | 'stderr'> {
  /** Towards the client; false: wait for `drain`. */
  write(chunk: Buffer): boolean;
  pause(): void;
  resume(): void;
}

/**
 * The SFTP server of a login that names no asset: folders, assets and accounts are directories of ours, below an account
 * requests go on to a session of its own. Holds no policy: what is listed is what `access` lists, and every session is
 * authorised and judges its own requests. Throws `SftpError` from `data` at what is no SFTP.
 */
export class SftpTree {
  readonly #deps: TreeDeps;
  readonly #relay: SftpRelay;
  readonly #router: Router;
  /** Ids of requests that are not answered yet. */
  readonly #outstanding = new Set<number>();
  readonly #holds = new Set<Hold>();
  #greeted = false;
  /** The target that gets the WRITE which is read, and whether it was read to its end. */
  #writer: Upstream | undefined;
  #written = false;
  /** The client takes nothing. */
  #blocked = false;
  #finished: (() => void) | undefined;
  /** What was explained already. */
  readonly #said = new Set<string>();
  #over = false;

  constructor(deps: TreeDeps) {
    this.#deps = deps;
    this.#relay = new SftpRelay({
      packet: (type, id, head) => this.#packet(type, id, head),
      payload: () => {},
      payloadEnd: () => {
        this.#written = true;
      },
      emit: (chunk) => this.#pass(chunk),
    });
    this.#router = new Router(deps, {
      create: (account, now) => new Upstream(account, this.#host(), now),
      begin: (id) => this.#begin(id),
      answer: (id, answer) => this.#answered(id, answer),
      reading: (on) => (on ? this.#hold('reading') : this.#release('reading')),
    });
  }

  data(chunk: Buffer): void {
    if (!this.#over) this.#relay.push(chunk);
  }

  /** The client takes more again. */
  drain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#release('client');
    this.#router.upstreams.drain();
  }

  /** The client asks nothing more. Resolves when everything it has asked is answered. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#finished = () => setImmediate(resolve);
      if (this.#outstanding.size === 0) this.#finished();
    });
  }

  /** Ends every session. Nothing is answered any more. */
  async end(reason: EndReason): Promise<void> {
    this.#over = true;
    await this.#router.upstreams.end(reason);
  }

  #packet(type: number, id: number, head: Buffer): Buffer | false {
    // what is not sent yet belongs to the request before
    this.#relay.flush();
    if (!this.#greeted) return this.#greet(type);
    if (type === TYPE.init) throw new SftpError('it begins a second time');
    if (this.#outstanding.has(id)) {
      this.#deliver([statusPacket(id, STATUS.badMessage, 'a request with this id is under way already')]);
      return false;
    }
    if (type === TYPE.write) return this.#write(id, head);
    const answer = this.#router.request(id, readRequest(type, id, Buffer.from(head)));
    if (answer) this.#give(answer);
    return false;
  }

  #greet(type: number): false {
    if (type !== TYPE.init) throw new SftpError('it does not begin with INIT');
    this.#greeted = true;
    const offers = EXTENSIONS.flatMap(([name, version]) => [string(name), string(version)]);
    this.#deliver([packet(TYPE.version, SFTP_VERSION, ...offers)]);
    return false;
  }

  /** The head of a WRITE with the target's handle; its payload follows as it is. */
  #write(id: number, head: Buffer): Buffer | false {
    const length = head.readUInt32BE(9);
    const file = this.#router.target(id, head.subarray(13, 13 + length));
    if (Buffer.isBuffer(file)) {
      this.#deliver([file]);
      return false;
    }
    const { upstream, handle } = file;
    this.#begin(id);
    upstream.askWrite(id);
    this.#writer = upstream;
    this.#written = false;
    const own = Buffer.concat([head.subarray(0, 9), string(handle), head.subarray(13 + length)]);
    own.writeUInt32BE(head.readUInt32BE(0) - length + handle.length, 0);
    return own;
  }

  #pass(chunk: Buffer): void {
    const upstream = this.#writer;
    upstream?.pass(chunk);
    if (!this.#written) return;
    this.#written = false;
    this.#writer = undefined;
    upstream?.written();
  }

  #begin(id: number): void {
    this.#outstanding.add(id);
    if (this.#outstanding.size >= MOST_REQUESTS) this.#hold('requests');
  }

  #answered(id: number, answer: Buffer | undefined): void {
    this.#outstanding.delete(id);
    if (answer) this.#give(answer);
    if (this.#outstanding.size < MOST_REQUESTS / 2) this.#release('requests');
    if (this.#outstanding.size === 0) this.#finished?.();
  }

  /** An answer of the tree's own. */
  #give(answer: Buffer): void {
    this.#explain(answer);
    this.#deliver([answer]);
  }

  /** Says on stderr, once each, why what looks like any directory is none. */
  #explain(answer: Buffer): void {
    if (answer[4] !== TYPE.status || this.#over) return;
    const text = new SftpReader(answer, 13).string().toString();
    if (!WORTH_SAYING.has(text) || this.#said.has(text)) return;
    this.#said.add(text);
    this.#deps.stderr(Buffer.from(errorLine(text, false)));
  }

  #deliver(pieces: readonly Buffer[]): void {
    if (this.#over) return;
    for (const piece of pieces) {
      if (this.#deps.write(piece) || this.#blocked) continue;
      this.#blocked = true;
      // who does not take answers gets to ask nothing more
      this.#hold('client');
    }
  }

  #hold(why: Hold): void {
    if (this.#holds.size === 0) this.#deps.pause();
    this.#holds.add(why);
  }

  #release(why: Hold): void {
    if (this.#holds.delete(why) && this.#holds.size === 0 && !this.#over) this.#deps.resume();
  }

  #host(): UpstreamHost {
    const { clock, open, stderr } = this.#deps;
    const blocked = () => this.#blocked;
    return {
      clock,
      open,
      stderr,
      deliver: (pieces) => this.#deliver(pieces),
      answered: (id) => this.#answered(id, undefined),
      opened: (upstream, handle) => this.#router.files.add({ kind: 'target', upstream, handle }),
      get blocked() {
        return blocked();
      },
      full: (upstream, full) => (full ? this.#hold(upstream) : this.#release(upstream)),
      over: (upstream, failure) => this.#router.upstreams.over(upstream, failure),
      ended: (upstream, reason) => this.#router.upstreams.ended(upstream, reason),
    };
  }
}
