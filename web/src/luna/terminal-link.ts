import type { TerminalInput, TerminalOutput } from '../../../src/api/contract/ws.ts';
import { INPUT_WINDOW } from '../../../src/api/contract/ws-limits.ts';

/** Input goes out in frames of at most so many bytes. */
const FRAME = 16 * 1024;
/** What may wait to be sent while the connection stands: a large paste, or a file. */
const LIVE_WINDOW = 4 * 1024 * 1024;
/** Output is acknowledged when so much was drawn, or after a moment. */
const ACK_BYTES = 64 * 1024;
const ACK_MS = 50;
const PING_MS = 5_000;
/** Nothing was heard for so long although a ping asked: the connection is dead, whatever the socket says. */
const DEAD_MS = 12_000;
const ATTEMPT_MS = 10_000;
const BACKOFF_MS = [0, 300, 600, 1_200, 2_400, 5_000] as const;
/** What waits below this is little enough to go on feeding. */
const ROOM_BYTES = 128 * 1024;

export type LinkState = 'connecting' | 'ready' | 'cut' | 'resuming' | 'ended';
export type Ready = Extract<TerminalOutput, { type: 'ready' }>;
type Facts = Exclude<TerminalOutput, { type: 'ready' | 'ack' | 'pong' | 'ended' | 'error' }>;

/** Why there is nothing more to come. `text` is a sentence for the person, null when the program simply ended. */
export interface LinkEnd {
  /** Of the session, `error` when it never began or is not to be had any more, `lost` when the network stayed away. */
  readonly cause: string;
  /** Of an `error`. */
  readonly code: string | null;
  readonly text: string | null;
  /** Who or what did it, where the cause alone does not say. */
  readonly detail: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
}

const SILENT = { code: null, text: null, detail: null, exitCode: null, exitSignal: null };

export interface LinkSocket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(): void;
}

/** Opens a socket. What it says after `close()` is not heard. */
export type OpenSocket = (events: {
  open(): void;
  message(data: string | ArrayBuffer): void;
  close(): void;
}) => LinkSocket;

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

export interface LinkEvents {
  state(state: LinkState): void;
  ready(ready: Ready): void;
  /** Bytes for the screen; `drawn` is to be called once they are on it. */
  output(bytes: Uint8Array<ArrayBuffer>, drawn: () => void): void;
  /** What the session says of itself. */
  fact(fact: Facts): void;
  /** Milliseconds there and back. */
  latency(ms: number): void;
  /** There is room for more input again. */
  room(): void;
  ended(end: LinkEnd): void;
}

/**
 * One terminal over /ws/terminal. It counts the bytes of both directions, so that after a cut it goes on exactly where
 * it stopped: output that did not arrive is sent again by the bastion, input that did not arrive by this side.
 */
export class TerminalLink {
  readonly #open: OpenSocket;
  readonly #hello: Omit<Extract<TerminalInput, { type: 'hello' }>, 'type' | 'cols' | 'rows'>;
  readonly #events: LinkEvents;
  #size: Size;
  #state: LinkState = 'connecting';
  #socket: LinkSocket | undefined;
  #ready: Ready | undefined;
  #attempts = 0;
  #giveUpAt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  // bytes of output: that arrived, that are on the screen, that the bastion knows of
  #received = 0;
  #drawn = 0;
  #told = 0;
  #ackTimer: ReturnType<typeof setTimeout> | undefined;

  // bytes of input: that arrived at the bastion, that went out on this socket, that were taken from the person
  #arrived = 0;
  #sent = 0;
  #taken = 0;
  #waiting: { readonly at: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];

  #pingTimer: ReturnType<typeof setInterval> | undefined;
  #ping: { readonly id: number; readonly at: number } | undefined;
  #pings = 0;
  #heardAt = 0;
  #tickAt = 0;

  constructor(
    open: OpenSocket,
    hello: { readonly ticket: string; readonly term?: string; readonly input?: { login: string; secret: string } },
    size: Size,
    events: LinkEvents,
  ) {
    this.#open = open;
    this.#hello = hello;
    this.#size = size;
    this.#events = events;
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Bytes of input that have not arrived yet. */
  get pending(): number {
    return this.#taken - this.#arrived;
  }

  /** Takes input, all of it or nothing. False: too much waits already. */
  send(bytes: Uint8Array): boolean {
    const room = (this.#state === 'ready' ? LIVE_WINDOW : INPUT_WINDOW) - this.pending;
    if (this.#state === 'ended' || bytes.length > room) return false;
    for (let from = 0; from < bytes.length; from += FRAME) {
      const piece = bytes.slice(from, from + FRAME);
      this.#waiting.push({ at: this.#taken, bytes: piece });
      this.#taken += piece.length;
    }
    this.#pump();
    return true;
  }

  resize(size: Size): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    if (this.#state === 'ready') this.#say({ type: 'resize', ...size });
  }

  /** Tries again at once: the network is said to be back. */
  retry(): void {
    if (this.#state !== 'cut') return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }

  /** Ends the session, without waiting for anybody to come back. */
  close(): void {
    if (this.#state === 'ended') return;
    if (this.#state === 'ready') this.#say({ type: 'close' });
    this.#end({ ...SILENT, cause: 'client-closed' });
  }

  #connect(): void {
    const again = this.#ready !== undefined;
    this.#become(again ? 'resuming' : 'connecting');
    let current: LinkSocket | undefined;
    const mine = () => current === undefined || current === this.#socket;
    const socket = this.#open({
      open: () => {
        if (!mine()) return;
        this.#say(
          this.#ready
            ? { type: 'resume', token: this.#ready.resume, received: this.#received, ...this.#size }
            : { type: 'hello', ...this.#hello, ...this.#size },
        );
      },
      message: (data) => {
        if (!mine()) return;
        this.#heardAt = performance.now();
        if (typeof data === 'string') this.#hear(JSON.parse(data) as TerminalOutput);
        else this.#output(new Uint8Array(data));
      },
      close: () => {
        if (mine()) this.#lost();
      },
    });
    current = socket;
    this.#socket = socket;
    if (again) this.#retryTimer = setTimeout(() => this.#lost(), ATTEMPT_MS);
  }

  #hear(message: TerminalOutput): void {
    switch (message.type) {
      case 'ready':
        this.#begin(message);
        break;
      case 'ack':
        this.#acknowledged(message.received);
        break;
      case 'pong':
        if (this.#ping?.id !== message.id) return;
        this.#events.latency(performance.now() - this.#ping.at);
        this.#ping = undefined;
        break;
      case 'ended': {
        const { type: _, ...end } = message;
        this.#end({ ...end, code: null });
        break;
      }
      case 'error':
        this.#end({ ...SILENT, cause: 'error', code: message.code, text: message.message });
        break;
      default:
        this.#events.fact(message);
    }
  }

  #begin(ready: Ready): void {
    clearTimeout(this.#retryTimer);
    this.#told = this.#ready ? this.#received : 0;
    this.#ready = ready;
    this.#attempts = 0;
    this.#acknowledged(ready.received);
    this.#sent = ready.received;
    this.#become('ready');
    this.#events.ready(ready);
    this.#tickAt = performance.now();
    this.#ping = undefined;
    clearInterval(this.#pingTimer);
    this.#pingTimer = setInterval(() => this.#tick(), PING_MS);
    this.#askLatency();
    this.#pump();
  }

  #output(bytes: Uint8Array<ArrayBuffer>): void {
    this.#received += bytes.length;
    this.#events.output(bytes, () => {
      this.#drawn += bytes.length;
      if (this.#drawn - this.#told >= ACK_BYTES) this.#acknowledge();
      else this.#ackTimer ??= setTimeout(() => this.#acknowledge(), ACK_MS);
    });
  }

  #acknowledge(): void {
    clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
    if (this.#state !== 'ready' || this.#drawn <= this.#told) return;
    this.#told = this.#drawn;
    this.#say({ type: 'ack', received: this.#drawn });
  }

  #acknowledged(received: number): void {
    if (received <= this.#arrived) return;
    const before = this.pending;
    this.#arrived = received;
    const keep = this.#waiting.findIndex(({ at, bytes }) => at + bytes.length > received);
    this.#waiting.splice(0, keep < 0 ? this.#waiting.length : keep);
    this.#pump();
    if (before >= ROOM_BYTES && this.pending < ROOM_BYTES) this.#events.room();
  }

  /** Sends what waits, as far as the window reaches. */
  #pump(): void {
    if (this.#state !== 'ready') return;
    for (const { at, bytes } of this.#waiting) {
      const end = at + bytes.length;
      if (end <= this.#sent) continue;
      if (end - this.#arrived > INPUT_WINDOW) return;
      this.#socket?.send(this.#sent > at ? bytes.subarray(this.#sent - at) : bytes);
      this.#sent = end;
    }
  }

  #tick(): void {
    const now = performance.now();
    // after the page slept, what had arrived meanwhile is heard first
    const slept = now - this.#tickAt > 2 * PING_MS;
    this.#tickAt = now;
    const asked = this.#ping;
    if (!asked) this.#askLatency();
    else if (!slept && now - Math.max(asked.at, this.#heardAt) > DEAD_MS - PING_MS) this.#lost();
  }

  #askLatency(): void {
    this.#ping = { id: ++this.#pings, at: performance.now() };
    this.#say({ type: 'ping', id: this.#pings });
  }

  /** The connection broke, or an attempt to come back failed. */
  #lost(): void {
    this.#drop();
    if (!this.#ready) {
      this.#end({ ...SILENT, cause: 'lost' });
      return;
    }
    const now = performance.now();
    if (this.#state === 'ready') this.#giveUpAt = now + this.#ready.graceSeconds * 1000;
    const left = this.#giveUpAt - now;
    if (left <= 0) {
      this.#end({ ...SILENT, cause: 'lost' });
      return;
    }
    const pause = BACKOFF_MS[Math.min(this.#attempts++, BACKOFF_MS.length - 1)]!;
    this.#become('cut');
    this.#retryTimer = setTimeout(() => this.#connect(), Math.min(pause, left));
  }

  /** Lets go of the socket and everything that runs because of it. */
  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#ackTimer);
    clearInterval(this.#pingTimer);
    this.#ackTimer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #end(end: LinkEnd): void {
    this.#drop();
    this.#waiting = [];
    this.#become('ended');
    this.#events.ended(end);
  }

  #become(state: LinkState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.#events.state(state);
  }

  #say(message: TerminalInput): void {
    this.#socket?.send(JSON.stringify(message));
  }
}

/** A socket of this page's own origin. */
export function browserSocket(path: string): OpenSocket {
  return (events) => {
    const url = new URL(path, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.open();
    socket.onmessage = (event) => events.message(event.data as string | ArrayBuffer);
    socket.onclose = () => events.close();
    return {
      send: (data) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(data);
      },
      close: () => socket.close(),
    };
  };
}
