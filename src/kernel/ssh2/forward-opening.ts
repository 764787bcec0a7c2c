import type { Connection, ServerChannel } from 'ssh2';
import type { Place } from '../program.ts';

/** The codes of SSH_MSG_CHANNEL_OPEN_FAILURE, RFC 4254 §5.1. */
export const OPEN_REFUSED = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const;
export type OpenRefusedReason = (typeof OPEN_REFUSED)[keyof typeof OPEN_REFUSED];

/** The channel types with which a client asks for a connection, and the events in which ssh2 tells of them. */
const EVENTS: Readonly<Record<string, string>> = {
  'direct-tcpip': 'tcpip',
  'direct-streamlocal@openssh.com': 'openssh.streamlocal',
};

export function isForward(type: string): boolean {
  return Object.hasOwn(EVENTS, type);
}

/**
 * A client asks for a connection to a place (RFC 4254 §7.2, or OpenSSH's PROTOCOL §2.4 for sockets) and waits until it
 * is accepted or refused, once. Nothing of the client's words is checked yet.
 */
export interface ForwardOpening {
  readonly place: Place;
  /** The channel, to be adapted in the same turn; undefined when the client is gone or was answered already. */
  accept(): ServerChannel | undefined;
  /** OpenSSH shows the text: `channel 3: open failed: connect failed: TEXT`. */
  refuse(reason: OpenRefusedReason, text: string): void;
}

/** What ssh2 made of the message. */
export interface ForwardInfo {
  readonly type: string;
  readonly sender: number;
  readonly data: { readonly destIP?: string; readonly destPort?: number; readonly socketPath?: string };
}

export interface OpeningHost {
  readonly connection: Connection;
  /** Whether the client is still there. */
  readonly alive: () => boolean;
  /** Has ssh2 handle the message, which ends in the event. */
  readonly passOn: () => void;
  readonly fail: (sender: number, reason: number, text: string) => void;
  /** Answered and gone, one way or the other: it counts no more. */
  readonly over: () => void;
}

/** Keeps the message back until it is answered: by itself ssh2 has no text for a refusal. */
export function forwardOpening(info: ForwardInfo, host: OpeningHost): ForwardOpening {
  const { connection, alive, passOn, fail, over } = host;
  let answered = false;
  /** False when it cannot be answered any more. */
  const answer = () => {
    if (answered) return false;
    answered = true;
    if (alive()) return true;
    over();
    return false;
  };
  return {
    place: placeOf(info),
    accept() {
      if (!answer()) return undefined;
      const event = EVENTS[info.type]!;
      let channel: ServerChannel | undefined;
      const take = (accept: () => ServerChannel) => {
        channel = accept();
      };
      const events = connection as unknown as NodeJS.EventEmitter;
      events.once(event, take);
      passOn();
      events.off(event, take);
      if (channel) channel.once('close', over);
      else over();
      return channel;
    },
    refuse(reason, text) {
      if (!answer()) return;
      fail(info.sender, reason, text);
      over();
    },
  };
}

function placeOf({ data }: ForwardInfo): Place {
  if (data.socketPath !== undefined) return { kind: 'socket', path: data.socketPath };
  return { kind: 'tcp', host: data.destIP ?? '', port: data.destPort ?? 0 };
}
