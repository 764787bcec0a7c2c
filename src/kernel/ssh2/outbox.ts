import type { ExitStatus } from '../channel.ts';
import { type ConnectionFlow, flowOf } from './flow.ts';
import type { RawChannel } from './internals.ts';

/** RFC 4253 §6.1: every peer takes payloads of 32768 bytes; ssh2 asks nobody for more and neither do we. */
const MAX_PACKET = 32_768;
/** A peer that allows less per packet than this only wants to keep us busy. */
const MIN_PACKET = 256;
const STDERR = 1; // SSH_EXTENDED_DATA_STDERR, RFC 4254 §5.2

type Item =
  | { readonly kind: 'data' | 'stderr'; chunk: Buffer }
  | { readonly kind: 'exit'; readonly status: ExitStatus }
  | { readonly kind: 'eof' }
  | { readonly kind: 'close' };

/**
 * What one channel sends, in exactly the order it was given: data, stderr, exit status, EOF, CLOSE. It stands in for
 * ssh2's two Writables, which lose that order, mix up waiting stdout and stderr and let CLOSE overtake data.
 */
export class Outbox {
  readonly #raw: RawChannel;
  readonly #flow: ConnectionFlow;
  readonly #onDrain: () => void;
  readonly #onClosed: () => void;
  readonly #resume = () => this.#flush();
  #items: Item[] = [];
  #refused = false;
  #ended = false;
  #stopped = false;
  #sent = 0;

  constructor(raw: RawChannel, onDrain: () => void, onClosed: () => void) {
    this.#raw = raw;
    this.#flow = flowOf(raw._client);
    this.#onDrain = onDrain;
    this.#onClosed = onClosed;
    if (raw.outgoing.packetSize < MIN_PACKET)
      this.#flow.violated(`it takes only ${raw.outgoing.packetSize} bytes per packet`);
  }

  /** False: wait for `onDrain`. */
  write(chunk: Buffer, stderr: boolean): boolean {
    if (this.#ended || this.#stopped) return true;
    const rest = this.#items.length === 0 ? this.#send(chunk, stderr) : chunk;
    if (rest === undefined) return true;
    this.#items.push({ kind: stderr ? 'stderr' : 'data', chunk: rest });
    this.#refused = true;
    return false;
  }

  exit(status: ExitStatus): void {
    if (!this.#ended) this.#queue({ kind: 'exit', status });
  }

  eof(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#queue({ kind: 'eof' });
  }

  /** CLOSE after everything given before has left. */
  close(): void {
    this.#ended = true;
    this.#queue({ kind: 'close' });
  }

  /** CLOSE now; what waits is dropped. */
  abort(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#items = [];
    this.#raw.close();
    this.#onClosed();
  }

  /** The channel is gone already: nothing more is sent. */
  stop(): void {
    this.#stopped = true;
    this.#items = [];
  }

  /** A number that changes as long as the peer takes something: from this channel, or from a socket that is full. */
  get progress(): number {
    return this.#sent + (this.#flow.ready ? 0 : this.#flow.drained);
  }

  #queue(item: Item): void {
    if (this.#stopped) return;
    this.#items.push(item);
    if (this.#items.length === 1) this.#flush();
  }

  #flush(): void {
    while (this.#items.length > 0) {
      const item = this.#items[0]!;
      if (item.kind === 'data' || item.kind === 'stderr') {
        const rest = this.#send(item.chunk, item.kind === 'stderr');
        if (rest !== undefined) {
          item.chunk = rest;
          return;
        }
        // what was sent may have ended the connection
        if (this.#stopped) return;
      } else if (item.kind === 'exit') {
        this.#sendExit(item.status);
      } else if (item.kind === 'eof') {
        this.#raw.eof();
      } else {
        this.abort();
        return;
      }
      this.#items.shift();
    }
    if (!this.#refused) return;
    this.#refused = false;
    this.#onDrain();
  }

  /** Sends what window and socket allow and gives back the rest, having arranged to be called again. */
  #send(chunk: Buffer, stderr: boolean): Buffer | undefined {
    const { _client: client, outgoing } = this.#raw;
    let offset = 0;
    while (offset < chunk.length) {
      if (outgoing.state !== 'open') return undefined;
      if (!this.#flow.ready) {
        this.#flow.wait(this.#resume);
        return chunk.subarray(offset);
      }
      const size = Math.min(chunk.length - offset, outgoing.window, outgoing.packetSize, MAX_PACKET);
      if (size <= 0) {
        this.#raw._chunk = undefined;
        this.#raw._chunkcb = this.#resume;
        this.#raw._waitWindow = true;
        return chunk.subarray(offset);
      }
      const part = size === chunk.length ? chunk : chunk.subarray(offset, offset + size);
      outgoing.window -= size;
      this.#sent += size;
      if (stderr) client._protocol.channelExtData(outgoing.id, part, STDERR);
      else client._protocol.channelData(outgoing.id, part);
      offset += size;
    }
    return undefined;
  }

  #sendExit(status: ExitStatus): void {
    const { _client: client, outgoing } = this.#raw;
    if (outgoing.state !== 'open') return;
    if (status.kind === 'code') {
      client._protocol.exitStatus(outgoing.id, status.code >>> 0);
      return;
    }
    const name = status.signal.replace(/^SIG/, '');
    // ssh2 throws at names RFC 4254 §6.10 does not have: a shell would say 128 + n, we only know that it was a signal
    if (SIGNALS.has(name)) client._protocol.exitSignal(outgoing.id, name, status.coreDumped, status.message);
    else client._protocol.exitStatus(outgoing.id, 255);
  }
}

/** The signal names of RFC 4254 §6.10 that ssh2 sends. */
export const SIGNALS: ReadonlySet<string> = new Set(
  'ABRT ALRM FPE HUP ILL INT QUIT SEGV TERM USR1 USR2 KILL PIPE'.split(' '),
);
