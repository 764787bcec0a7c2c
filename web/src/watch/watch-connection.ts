import type { WatchInput, WatchOutput } from '../../../src/api/contract/ws.ts';
import { WATCH_SOCKET } from '../../../src/api/contract/ws-limits.ts';

type Of<T extends WatchOutput['type']> = Extract<WatchOutput, { readonly type: T }>;

export interface WatchState {
  /** `lost`: the network was cut, and it is tried again. */
  readonly status: 'connecting' | 'live' | 'lost' | 'ended' | 'refused';
  readonly session: Of<'ready'> | undefined;
  /** Who locked it; '' when that is not known. */
  readonly lockedBy: string | undefined;
  /** Whether what is typed here goes to the session. */
  readonly typing: boolean;
  readonly people: Of<'people'>['people'];
  readonly ended: Of<'ended'> | undefined;
  readonly refused: { readonly code: string; readonly message: string } | undefined;
}

/** Where what is watched is drawn. */
export interface WatchScreen {
  /** Everything from here on, on a terminal of this size. */
  begin(cols: number, rows: number): void;
  resize(cols: number, rows: number): void;
  /** `drawn` is called once the bytes are on the screen. */
  write(bytes: Uint8Array, drawn: () => void): void;
}

/** After a cut it is tried again after so long, and then in ever longer steps. */
const RETRY_MS = 1000;
const LONGEST_RETRY_MS = 15_000;
/** Acknowledged at the latest after so many bytes. */
const ACK_BYTES = 64 * 1024;
/** The bastion closes with this what it refuses (RFC 6455 §7.4.1): trying again would not help. */
const REFUSED = 1008;
const MAX_INPUT = 32 * 1024;

/** One look at a live session, over as many WebSockets as it takes: each begins with the whole screen. */
export class WatchConnection {
  readonly #id: string;
  readonly #share: string | undefined;
  readonly #screen: WatchScreen;
  readonly #listeners = new Set<() => void>();
  readonly #onNotice: (text: string) => void;
  #state: WatchState = {
    status: 'connecting',
    session: undefined,
    lockedBy: undefined,
    typing: false,
    people: [],
    ended: undefined,
    refused: undefined,
  };
  #socket: WebSocket | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #drawn = 0;
  #acked = 0;
  #closed = false;

  constructor(id: string, share: string | undefined, screen: WatchScreen, onNotice: (text: string) => void) {
    this.#id = id;
    this.#share = share;
    this.#screen = screen;
    this.#onNotice = onNotice;
    this.#open();
  }

  get state(): WatchState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  join(): void {
    this.#say({ type: 'join' });
  }

  part(): void {
    this.#say({ type: 'leave' });
  }

  /** Goes nowhere unless joined. */
  type(text: string): void {
    if (!this.#state.typing || this.#socket?.readyState !== WebSocket.OPEN) return;
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length; at += MAX_INPUT) this.#socket.send(bytes.subarray(at, at + MAX_INPUT));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#listeners.clear();
  }

  #open(): void {
    const url = `${WATCH_SOCKET}/${encodeURIComponent(this.#id)}`;
    const socket = new WebSocket(new URL(url, location.href.replace(/^http/, 'ws')));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#drawn = 0;
    this.#acked = 0;
    socket.onopen = () => {
      this.#say({ type: 'hello', ...(this.#share !== undefined && { share: this.#share }) });
      this.#say({ type: 'ack', received: 0 });
    };
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.#output(socket, new Uint8Array(data));
      else this.#message(JSON.parse(String(data)) as WatchOutput);
    };
    socket.onclose = ({ code }) => this.#over(code);
  }

  #output(socket: WebSocket, bytes: Uint8Array): void {
    this.#screen.write(bytes, () => {
      if (socket !== this.#socket) return;
      this.#drawn += bytes.length;
      if (this.#drawn - this.#acked < ACK_BYTES) return;
      this.#acked = this.#drawn;
      this.#say({ type: 'ack', received: this.#drawn });
    });
  }

  #message(message: WatchOutput): void {
    switch (message.type) {
      case 'ready':
        this.#tries = 0;
        this.#set({
          status: 'live',
          session: message,
          lockedBy: message.locked ? (this.#state.lockedBy ?? '') : undefined,
          typing: false,
        });
        break;
      case 'snapshot':
        this.#screen.begin(message.cols, message.rows);
        break;
      case 'resize':
        this.#screen.resize(message.cols, message.rows);
        break;
      case 'notice':
        this.#onNotice(message.text);
        break;
      case 'joined':
        this.#set({ typing: message.typing });
        break;
      case 'locked':
        this.#set({ lockedBy: message.by ?? undefined });
        break;
      case 'people':
        this.#set({ people: message.people });
        break;
      case 'ended':
        this.#set({ status: 'ended', ended: message, typing: false });
        break;
      case 'error':
        this.#set({ status: 'refused', refused: message, typing: false });
        break;
      case 'pong':
        break;
    }
  }

  #over(code: number): void {
    if (this.#closed || this.#state.status === 'ended' || this.#state.status === 'refused') return;
    if (code === REFUSED) {
      this.#set({ status: 'refused', typing: false });
      return;
    }
    this.#set({ status: this.#state.session ? 'lost' : 'connecting', typing: false });
    this.#retry = setTimeout(() => this.#open(), Math.min(RETRY_MS * 2 ** this.#tries++, LONGEST_RETRY_MS));
  }

  #say(message: WatchInput): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #set(change: Partial<WatchState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}
