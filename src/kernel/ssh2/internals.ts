import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, Connection, ServerChannel } from 'ssh2';

/**
 * The private parts of ssh2 1.17.0 that this folder uses, typed. Nothing outside `kernel/ssh2` touches them, so a new
 * version of the library is checked here and nowhere else.
 */
export interface RawProtocol {
  /** Set from the KEXINIT we sent until the new keys are in use: packets sent in between are queued inside ssh2. */
  readonly _kexinit: Buffer | undefined;
  channelData(id: number, data: Buffer): void;
  channelExtData(id: number, data: Buffer, type: number): void;
  channelWindowAdjust(id: number, bytes: number): void;
  exitStatus(id: number, code: number): void;
  exitSignal(id: number, name: string, coreDumped: boolean, message: string): void;
  signal(id: number, name: string): void;
  windowChange(id: number, rows: number, cols: number, height: number, width: number): void;
  disconnect(reason: number): void;
  rekey(): void;
}

export interface RawSocket extends Duplex {
  readonly bytesRead?: number;
  readonly bytesWritten?: number;
}

export interface RawConnection {
  readonly _protocol: RawProtocol;
  readonly _sock: RawSocket;
  on(event: string, listener: (...args: never[]) => void): this;
  off(event: string, listener: (...args: never[]) => void): this;
  emit(event: string, ...args: unknown[]): boolean;
}

interface RawEnd {
  readonly id: number;
  window: number;
  readonly packetSize: number;
  state: 'open' | 'eof' | 'closing' | 'closed';
}

/** A `Channel`: ssh2 hands it what arrives through `push` and asks nobody when it is overridden. */
export interface RawChannel extends Omit<Duplex, 'push' | 'readable'> {
  readonly _client: RawConnection;
  readonly incoming: RawEnd;
  readonly outgoing: RawEnd;
  /** ssh2 calls `_chunkcb` at the next window adjust when this is set and `_chunk` is not. */
  _waitWindow: boolean;
  _chunk: Buffer | undefined;
  _chunkcb: (() => void) | undefined;
  push(chunk: Buffer | null): boolean;
  readable: boolean;
  readonly stderr: { push?: (chunk: Buffer | null) => boolean };
  eof(): void;
  close(): void;
}

export const rawChannel = (channel: ClientChannel | ServerChannel): RawChannel => channel as unknown as RawChannel;
export const rawConnection = (connection: Client | Connection): RawConnection => connection as unknown as RawConnection;

/** SSH_DISCONNECT_PROTOCOL_ERROR (RFC 4253 §11.1). */
const PROTOCOL_ERROR = 2;

/** Ends a connection whose peer broke the protocol: DISCONNECT, then the socket goes. The error is told as ssh2's own are. */
export function disconnectViolator(connection: RawConnection, what: string): void {
  connection._protocol.disconnect(PROTOCOL_ERROR);
  connection.emit(
    'error',
    Object.assign(new Error(`The other side broke the SSH protocol: ${what}`), { level: 'protocol' }),
  );
  const socket = connection._sock;
  socket.end();
  setImmediate(() => socket.destroy());
}
