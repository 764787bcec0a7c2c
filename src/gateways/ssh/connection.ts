import type { Connection } from 'ssh2';
import { autoRekey } from '../../kernel/ssh2/rekey.ts';
import { type ChannelRefusal, OPEN_REFUSED, sendDisconnect, socketOf } from '../../kernel/ssh2/server-guard.ts';
import { ChannelSession, type SessionEnd } from './channel-session.ts';
import type { ConnectionContext } from './context.ts';
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
  #ending: Promise<void> | undefined;

  constructor(connection: Connection, context: ConnectionContext) {
    this.#connection = connection;
    this.context = context;
    autoRekey(connection, undefined, context.clock);
    connection.on('session', (accept) => {
      const channel = new ChannelSession(context, accept(), () => this.#channels.delete(channel));
      this.#channels.add(channel);
    });
    connection.on('request', (_accept, reject, name) => this.#globalRequest(name, reject));
  }

  get channels(): number {
    return this.#channels.size;
  }

  /** Whether the client may open one more channel. */
  admit(type: string, open: number): ChannelRefusal | undefined {
    const max = this.context.config.ssh.max_channels;
    if (type === 'session') {
      if (this.#ending) return { reason: OPEN_REFUSED.prohibited, text: TEXTS.accessEnded };
      return open >= max ? { reason: OPEN_REFUSED.shortage, text: TEXTS.tooManyChannels(max) } : undefined;
    }
    if (type === 'direct-tcpip' || type === 'direct-streamlocal@openssh.com') {
      return { reason: OPEN_REFUSED.prohibited, text: TEXTS.forwardingRefused };
    }
    return { reason: OPEN_REFUSED.unknownType, text: TEXTS.sessionsOnly };
  }

  /** Says why on every open terminal and to the client, and ends everything on this connection. */
  end(cause: SessionEnd, text: string): Promise<void> {
    this.#ending ??= this.#end(cause, text);
    return this.#ending;
  }

  async #end(cause: SessionEnd, text: string): Promise<void> {
    const { log, clock } = this.context;
    const told = [...this.#channels].map((channel) =>
      channel.end(cause, text).catch((error: unknown) => log.error({ err: error }, 'a session did not end')),
    );
    // A client whose last channel closes leaves by itself, with the exit status it was given
    const left = new Promise<void>((resolve) => this.#connection.once('close', () => resolve()));
    const leftInTime = () =>
      Promise.race([left, new Promise<void>((resolve) => void clock.after(LAST_WORDS_MS, resolve))]);
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
