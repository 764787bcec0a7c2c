import type { Duplex } from 'node:stream';
import type { Connection } from 'ssh2';
import {
  type ForwardInfo,
  type ForwardOpening,
  forwardOpening,
  isForward,
  OPEN_REFUSED,
  type OpenRefusedReason,
} from './forward-opening.ts';
import { rawConnection } from './internals.ts';

export interface ChannelRefusal {
  readonly reason: OpenRefusedReason;
  /** OpenSSH shows it: `channel 0: open failed: administratively prohibited: TEXT`. */
  readonly text: string;
}

/** Channels of one connection. */
export interface OpenChannels {
  readonly sessions: number;
  /** Connections to somewhere, with those that are not answered yet. */
  readonly forwards: number;
}

/** A channel whose packets may hold less than this is refused: each byte would cost a packet, and none an endless loop. */
const MIN_PACKET = 256;
const MAX_PACKET = 64 * 1024;
/**
 * What a client may leave unread: bytes in the socket (channels stop at a fraction of it by themselves), and requests
 * since the socket was last empty, whose answers cost far more than their bytes.
 */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
const MAX_UNREAD_ANSWERS = 20_000;

interface OpenInfo {
  readonly type: string;
  readonly sender: number | undefined;
  readonly window: number | undefined;
  packetSize: number | undefined;
  readonly data: ForwardInfo['data'];
}

interface RawSession {
  _ending: boolean;
  readonly _channel: object | undefined;
  readonly _chanInfo: { readonly outgoing: { readonly id: number } };
  incoming: { state: string } | undefined;
}

interface Handlers {
  CHANNEL_OPEN(protocol: object, info: OpenInfo): void;
  GLOBAL_REQUEST(protocol: object, name: string, wantReply: boolean, data: unknown): void;
  CHANNEL_REQUEST(protocol: object, id: number, type: string, wantReply: boolean, data: unknown): void;
  CHANNEL_EOF(protocol: object, id: number): void;
  CHANNEL_CLOSE(protocol: object, id: number): void;
}

interface Inside {
  readonly _handlers: Handlers;
  readonly _queue: readonly Buffer[] | undefined;
  _cipher: { encrypt(packet: Buffer): void };
  readonly _packetRW: {
    readonly write: { readonly allocStartKEX: number; alloc(size: number, force: boolean): Buffer };
  };
  channelOpenFail(id: number, reason: number, text: string): void;
  channelSuccess(id: number): void;
  channelFailure(id: number): void;
  channelClose(id: number): void;
}

interface Channels {
  readonly _count: number;
  readonly _cur: number;
  get(id: number): unknown;
  remove(id: number): void;
}

function inside(connection: Connection): { protocol: Inside; channels: Channels } {
  const raw = rawConnection(connection) as unknown as { _protocol: Inside; _chanMgr: Channels };
  return { protocol: raw._protocol, channels: raw._chanMgr };
}

/** The socket, or the channel in its place, that a connection was injected with. */
export function socketOf(connection: Connection): Duplex {
  return rawConnection(connection)._sock;
}

const isSession = (value: unknown): value is RawSession =>
  typeof value === 'object' && value !== null && '_chanInfo' in value && '_ending' in value;

/**
 * Stands in front of what ssh2's server does with channel messages, where it leaves a client without an answer or
 * itself without a bound. Call it in the `connection` event. `admit` is asked for each channel the client opens, with
 * the number of those that are open. Connections to somewhere that it lets in are handed to `forward`, which answers
 * them; without it they are refused.
 */
export function guardServer(
  connection: Connection,
  admit: (type: string, open: OpenChannels) => ChannelRefusal | undefined,
  forward?: (opening: ForwardOpening) => void,
): void {
  const { protocol, channels } = inside(connection);
  const handlers = protocol._handlers;
  const original = { ...handlers };
  const forwards = { waiting: 0, open: 0 };

  const socket = socketOf(connection);
  let answers = 0;
  socket.on('drain', () => {
    answers = 0;
  });
  const answering = () => {
    // during a key exchange answers wait in ssh2 itself
    if (socket.writableLength === 0 && !protocol._queue?.length) answers = 0;
    if (++answers <= MAX_UNREAD_ANSWERS && socket.writableLength <= MAX_UNREAD_BYTES) return;
    throw new Error('The client asks on and on and reads no answer');
  };

  handlers.GLOBAL_REQUEST = (p, name, wantReply, data) => {
    answering();
    original.GLOBAL_REQUEST(p, name, wantReply, data);
  };

  const opening = (p: object, info: ForwardInfo & OpenInfo): ForwardOpening => {
    forwards.waiting += 1;
    let counted: 'waiting' | 'open' = 'waiting';
    return forwardOpening(info, {
      connection,
      alive: () => !socket.destroyed,
      passOn() {
        forwards.waiting -= 1;
        forwards.open += 1;
        counted = 'open';
        original.CHANNEL_OPEN(p, info);
      },
      fail: (sender, reason, text) => protocol.channelOpenFail(sender, reason, text),
      over() {
        forwards[counted] -= 1;
      },
    });
  };

  handlers.CHANNEL_OPEN = (p, info) => {
    answering();
    if (info.sender === undefined || info.window === undefined || info.packetSize === undefined) {
      throw new Error('Malformed CHANNEL_OPEN packet');
    }
    const { authenticated } = connection as unknown as { authenticated: boolean };
    const refusal: ChannelRefusal | undefined =
      info.packetSize < MIN_PACKET
        ? { reason: OPEN_REFUSED.prohibited, text: 'the maximum packet size is too small' }
        : authenticated
          ? admit(info.type, {
              sessions: channels._count - forwards.open,
              forwards: forwards.waiting + forwards.open,
            })
          : undefined;
    if (refusal) return protocol.channelOpenFail(info.sender, refusal.reason, refusal.text);
    info.packetSize = Math.min(info.packetSize, MAX_PACKET);
    if (authenticated && forward && isForward(info.type)) return forward(opening(p, info as ForwardInfo & OpenInfo));
    original.CHANNEL_OPEN(p, info);
    // At the end of a connection ssh2 tells a session without a program by the name of its class, which a bundler may
    // change, and stumbles over what is not there
    const session = channels.get(channels._cur);
    if (isSession(session)) session.incoming ??= { state: 'closed' };
  };

  // Once a shell runs, ssh2 answers no request at all: PuTTY's window probe would wait for ever
  handlers.CHANNEL_REQUEST = (p, id, type, wantReply, data) => {
    answering();
    const session = channels.get(id);
    if (!isSession(session) || session._channel === undefined)
      return original.CHANNEL_REQUEST(p, id, type, wantReply, data);
    const known = type === 'window-change' || type === 'signal';
    if (known) original.CHANNEL_REQUEST(p, id, type, false, data);
    if (!wantReply) return;
    if (known) protocol.channelSuccess(session._chanInfo.outgoing.id);
    else protocol.channelFailure(session._chanInfo.outgoing.id);
  };

  // After the end of the client's input ssh2 drops window changes and signals, which are still meant
  handlers.CHANNEL_EOF = (p, id) => {
    const session = channels.get(id);
    original.CHANNEL_EOF(p, id);
    if (isSession(session) && session._channel !== undefined) session._ending = false;
  };

  // A session closed before it ran anything would stay open on both sides
  handlers.CHANNEL_CLOSE = (p, id) => {
    const session = channels.get(id);
    original.CHANNEL_CLOSE(p, id);
    if (!isSession(session) || session._channel !== undefined) return;
    channels.remove(id);
    protocol.channelClose(session._chanInfo.outgoing.id);
  };
}

/** SSH_MSG_DISCONNECT (RFC 4253 §11.1) with a text, which ssh2 does not send; OpenSSH shows it. */
export function sendDisconnect(connection: Connection, reason: number, text: string): void {
  const { protocol } = inside(connection);
  const description = Buffer.from(text);
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(1 + 4 + 4 + description.length + 4, true);
  let at = writer.allocStartKEX;
  packet[at++] = 1;
  at = packet.writeUInt32BE(reason, at);
  at = packet.writeUInt32BE(description.length, at);
  at += description.copy(packet, at);
  packet.writeUInt32BE(0, at);
  protocol._cipher.encrypt(packet);
}
