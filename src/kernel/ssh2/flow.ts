import { disconnectViolator, type RawConnection } from './internals.ts';

/** Bytes that may wait in the socket before its channels are told to wait: ssh2 itself ignores the socket's back-pressure. */
const HIGH_WATER = 1024 * 1024;

/**
 * What the channels of one connection share: whether bytes may be handed to ssh2 now. Not while the socket is full,
 * and not while keys are exchanged, when ssh2 would queue without bound for a peer that never finishes.
 */
export class ConnectionFlow {
  readonly #raw: RawConnection;
  #waiting = new Set<() => void>();

  constructor(raw: RawConnection) {
    this.#raw = raw;
    const wake = () => this.#wake();
    raw._sock.on('drain', wake);
    raw.on('handshake', wake);
    raw.on('close', () => this.#waiting.clear());
  }

  get ready(): boolean {
    return this.#raw._protocol._kexinit === undefined && this.#raw._sock.writableLength < HIGH_WATER;
  }

  /** Bytes that have left the socket. */
  get drained(): number {
    const socket = this.#raw._sock;
    return (socket.bytesWritten ?? 0) - socket.writableLength;
  }

  /** Calls back once when `ready` may hold again. */
  wait(waiter: () => void): void {
    this.#waiting.add(waiter);
  }

  violated(what: string): void {
    disconnectViolator(this.#raw, what);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const waiter of waiting) {
      if (this.ready) waiter();
      else this.#waiting.add(waiter); // stays in front of whoever comes later
    }
  }
}

const flows = new WeakMap<RawConnection, ConnectionFlow>();

export function flowOf(raw: RawConnection): ConnectionFlow {
  let flow = flows.get(raw);
  if (!flow) {
    flow = new ConnectionFlow(raw);
    flows.set(raw, flow);
  }
  return flow;
}
