import type { ClientChannel, ClientSink } from './channel.ts';

/** What may wait for a session that takes nothing just now; beyond it the person's own channel waits. */
const MAX_WAITING = 256 * 1024;

export interface InnerChannelHost {
  /** What the session sends. */
  data(chunk: Buffer): void;
  stderr(chunk: Buffer): void;
  /** Whether the person's channel takes more; when it does again, `drain` is to be called. */
  readonly blocked: boolean;
  /** The session takes too little, or enough again. */
  full(full: boolean): void;
  closed(): void;
}

/** The person's side of a session that is spoken to from within this process: a channel without a network. */
export class InnerChannel implements ClientChannel {
  readonly #host: InnerChannelHost;
  #sink: ClientSink | undefined;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #full = false;
  #pauses = 0;
  #draining = false;
  #over = false;

  constructor(host: InnerChannelHost) {
    this.#host = host;
  }

  attach(sink: ClientSink): void {
    this.#sink = sink;
    process.nextTick(() => this.#drain());
  }

  /** To the session, now or when it takes it. */
  send(chunk: Buffer): void {
    if (this.#over) return;
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    this.#drain();
    if (this.#full || this.#bytes <= MAX_WAITING) return;
    this.#full = true;
    this.#host.full(true);
  }

  /** The person's channel takes more again. */
  drain(): void {
    if (!this.#over) this.#sink?.drain();
  }

  write(chunk: Buffer): boolean {
    if (!this.#over) this.#host.data(chunk);
    return !this.#host.blocked;
  }

  writeError(chunk: Buffer): boolean {
    if (!this.#over) this.#host.stderr(chunk);
    return !this.#host.blocked;
  }

  eof(): void {}

  exit(): void {}

  pause(): void {
    this.#pauses++;
  }

  resume(): void {
    this.#pauses--;
    this.#drain();
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#waiting = [];
    if (this.#full) this.#host.full(false);
    this.#host.closed();
    process.nextTick(() => this.#sink?.closed());
  }

  #drain(): void {
    if (this.#draining || !this.#sink) return;
    this.#draining = true;
    let next = 0;
    while (next < this.#waiting.length && this.#pauses === 0 && !this.#over) {
      const chunk = this.#waiting[next++]!;
      this.#bytes -= chunk.length;
      this.#sink.data(chunk);
    }
    this.#waiting.splice(0, next);
    this.#draining = false;
    if (!this.#full || this.#over || this.#bytes > MAX_WAITING / 2) return;
    this.#full = false;
    this.#host.full(false);
  }
}
