import type { Duplex } from 'node:stream';
import { WireReader, wireString, wireUint32 } from '../kernel/wire.ts';

/** draft-ietf-sshm-ssh-agent §6.1. */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
/** §4.5.1: how an RSA key signs; without a flag with SHA-1. */
export const SIGN_FLAGS = { sha1: 0, sha256: 2, sha512: 4 } as const;

/** As OpenSSH's own client bounds an answer. */
const MAX_ANSWER = 256 * 1024;
const HEADER_BYTES = 4;
const MAX_SIGNATURE = 16 * 1024;

export interface AgentIdentity {
  readonly blob: Buffer;
  /** As the agent's owner wrote it: not fit for a terminal yet. */
  readonly comment: string;
}

interface Waiting {
  readonly type: number;
  resolve(body: WireReader): void;
  reject(error: Error): void;
}

/**
 * Speaks the agent protocol over a stream: one request at a time, each answer bounded. It sets no times: whoever waits
 * closes it. Everything that is not the answer to the request ends it.
 */
export class AgentClient {
  readonly #stream: Duplex;
  #waiting: Waiting | undefined;
  #received: Buffer[] = [];
  #bytes = 0;
  /** Of the answer that is coming in, as its header says. */
  #length: number | undefined;
  #failure: Error | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', (error) => this.#fail(error));
    stream.on('close', () => this.#fail(new Error('the agent hung up')));
    stream.on('end', () => this.#fail(new Error('the agent hung up')));
  }

  /** The keys and certificates it holds, in its order. */
  async identities(): Promise<AgentIdentity[]> {
    const answer = await this.#ask(REQUEST_IDENTITIES, [], IDENTITIES_ANSWER);
    const count = answer.uint32();
    const found: AgentIdentity[] = [];
    // each one takes bytes, so a count that is a lie ends with the answer
    for (let n = 0; n < count; n++) {
      const blob = answer.string();
      found.push({ blob, comment: answer.string().toString('utf8') });
    }
    return found;
  }

  /** The signature in wire form; rejects when the agent or its owner refuses. */
  async sign(blob: Buffer, data: Buffer, flags: number): Promise<Buffer> {
    const parts = [wireString(blob), wireString(data), wireUint32(flags)];
    const signature = (await this.#ask(SIGN_REQUEST, parts, SIGN_RESPONSE)).string();
    if (signature.length > MAX_SIGNATURE) throw new Error('the signature is too long');
    return signature;
  }

  close(): void {
    this.#fail(new Error('given up'));
  }

  #ask(type: number, parts: readonly Buffer[], answer: number): Promise<WireReader> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#waiting) return Promise.reject(new Error('the agent is busy'));
    return new Promise((resolve, reject) => {
      this.#waiting = { type: answer, resolve, reject };
      this.#stream.write(wireString(Buffer.concat([Buffer.of(type), ...parts])));
    });
  }

  #take(chunk: Buffer): void {
    if (this.#failure) return;
    this.#received.push(chunk);
    this.#bytes += chunk.length;
    try {
      this.#answer();
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  /** Does nothing until the whole answer is there. */
  #answer(): void {
    const waiting = this.#waiting;
    if (!waiting) throw new Error('the agent spoke without being asked');
    if (this.#bytes < HEADER_BYTES) return;
    // put together once for the length and once when all is there, however small the pieces
    if (this.#length === undefined) {
      const start = Buffer.concat(this.#received, this.#bytes);
      this.#received = [start];
      this.#length = start.readUInt32BE(0);
      if (this.#length === 0 || this.#length > MAX_ANSWER) throw new Error('the answer of the agent is too long');
    }
    const end = HEADER_BYTES + this.#length;
    if (this.#bytes < end) return;
    if (this.#bytes > end) throw new Error('the agent said more than was asked');
    const answer = Buffer.concat(this.#received, this.#bytes);
    this.#waiting = undefined;
    this.#received = [];
    this.#bytes = 0;
    this.#length = undefined;
    if (answer[HEADER_BYTES] === waiting.type) waiting.resolve(new WireReader(answer.subarray(HEADER_BYTES + 1)));
    else waiting.reject(new Error('the agent refused'));
  }

  #fail(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#received = [];
    this.#stream.destroy();
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
