import type { Connection } from 'ssh2';
import { within } from '../../kernel/clock.ts';
import { type ForwardOpening, isForward, OPEN_REFUSED } from '../../kernel/ssh2/forward-opening.ts';
import { autoRekey } from '../../kernel/ssh2/rekey.ts';
import { type ChannelRefusal, type OpenChannels, sendDisconnect, socketOf } from '../../kernel/ssh2/server-guard.ts';
import { ChannelSession, type SessionEnd } from './channel-session.ts';
import type { ConnectionContext } from './context.ts';
import { ForwardedConnection } from './forward.ts';
import { TEXTS } from './texts.ts';

/** SSH_DISCONNECT_BY_APPLICATION (RFC 4253 §11.1). */
const BY_APPLICATION = 11;
/** How long terminals have to show their last line before the connection goes. */
const LAST_WORDS_MS = 500;

/** One logged-in connection and the channels on it. */
export class LoggedInConnection {
  readonly context: ConnectionContext;
  readonly #connection: Connection;
  readonly #channels = new Set<ChannelSession>();
  readonly #forwards = new Set<ForwardedConnection>();
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  #ending: Promise<void> | undefined;

  constructor(connection: Connection, context: ConnectionContext) {
    this.#connection = connection;
    this.context = context;
    this.closed = new Promise((resolve) => void connection.once('close', () => resolve()));
    autoRekey(connection, undefined, context.clock);
    connection.on('session', (accept) => {
      const channel = new ChannelSession(context, accept(), () => this.#channels.delete(channel));
      this.#channels.add(channel);
    });
    connection.on('close', () => {
      for (const forwarded of this.#forwards) forwarded.gone();
    });
    connection.on('request', (_accept, reject, name) => this.#globalRequest(name, reject));
  }

  get channels(): number {
    return this.#channels.size + this.#forwards.size;
  }

  /** Whether the client may open one more channel. */
  admit(type: string, open: OpenChannels): ChannelRefusal | undefined {
    const forward = isForward(type);
    if (type !== 'session' && !forward) return { reason: OPEN_REFUSED.unknownType, text: TEXTS.channelType };
    if (this.#ending) return { reason: OPEN_REFUSED.prohibited, text: TEXTS.accessEnded };
    if (this.context.pass && (forward || !this.context.pass.take()))
      return { reason: OPEN_REFUSED.prohibited, text: TEXTS.ticketOnce };
    const { max_channels, max_forwards } = this.context.config.ssh;
    if (forward) return open.forwards >= max_forwards ? shortage(TEXTS.tooManyForwards(max_forwards)) : undefined;
    return open.sessions >= max_channels ? shortage(TEXTS.tooManyChannels(max_channels)) : undefined;
  }

  /** The client wants a connection to somewhere, and was let in. */
  forward(opening: ForwardOpening): void {
    const forwarded = new ForwardedConnection(this.context, opening, () => this.#forwards.delete(forwarded));
    this.#forwards.add(forwarded);
  }

  /** Says why on every open terminal and to the client, and ends everything on this connection. */
  end(cause: SessionEnd, text: string): Promise<void> {
    this.#ending ??= this.#end(cause, text);
    return this.#ending;
  }

  async #end(cause: SessionEnd, text: string): Promise<void> {
    const { log, clock, inner } = this.context;
    const endings = [
      ...[...this.#channels, ...inner].map((part) => part.end(cause, text)),
      ...[...this.#forwards].map((forwarded) => forwarded.end(cause)),
    ];
    const told = endings.map((ending) =>
      ending.catch((error: unknown) => log.error({ err: error }, 'a session did not end')),
    );
    // what they say goes through here
    await Promise.all([...inner].map(({ closed }) => closed));
    // A client whose last channel closes leaves by itself, with the exit status it was given
    const leftInTime = () => within(clock, LAST_WORDS_MS, this.closed);
    if (told.length > 0) await leftInTime();
    sendDisconnect(this.#connection, BY_APPLICATION, text);
    this.#connection.end();
    await leftInTime();
    // Who does not close its side keeps nothing by that
    socketOf(this.#connection).destroy();
    await Promise.all(told);
  }

  #globalRequest(name: string, reject: (() => void) | undefined): void {
    if (name === 'tcpip-forward' || name === 'streamlocal-forward@openssh.com') {
      this.context.notices.add(TEXTS.remoteForwardingRefused);
    }
    reject?.();
  }
}

function shortage(text: string): ChannelRefusal {
  return { reason: OPEN_REFUSED.shortage, text };
}
