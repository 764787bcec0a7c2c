import type { Client, ClientChannel } from 'ssh2';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { abortError } from './errors.ts';
import type { Link } from './ssh-hop.ts';

/** How long a connection without channels is kept for the next one of the same client. */
const LINGER_MS = 5000;

/** The target refused another channel on this connection, e.g. because of its MaxSessions. */
export class ChannelRefused extends Error {}

/** One connection to a target, or the attempt to make it, with those who use it. */
class Upstream {
  readonly link: Promise<Link>;
  /** Channels that are open or being opened. */
  users = 0;
  /** Refused a channel while others were open; true until one of them closes. */
  full = false;
  gone = false;
  readonly #abort = new AbortController();
  readonly #onGone: () => void;
  #cancelLinger: (() => void) | undefined;

  constructor(connect: (signal: AbortSignal) => Promise<Link>, onGone: () => void) {
    this.#onGone = onGone;
    this.link = connect(this.#abort.signal);
    this.link.then(
      (link) => {
        if (this.gone) link.close();
        else link.client.on('close', () => this.close());
      },
      () => this.close(),
    );
  }

  take(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.users += 1;
  }

  give(clock: Clock): void {
    this.users -= 1;
    this.full = false;
    if (this.users > 0 || this.gone) return;
    this.#cancelLinger = clock.after(LINGER_MS, () => this.close());
  }

  close(reason?: AppError): void {
    if (this.gone) return;
    this.gone = true;
    this.#cancelLinger?.();
    this.#abort.abort(reason);
    this.link.then(
      (link) => link.close(),
      () => {},
    );
    this.#onGone();
  }
}

/**
 * Connections to targets, shared by the channels of one client connection (`shareKey`) to the same asset and login.
 * When a target refuses another channel on one, another connection is made.
 */
export class UpstreamPool {
  readonly #clock: Clock;
  readonly #byKey = new Map<object, Map<string, Set<Upstream>>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Connections that are open or being opened. */
  get size(): number {
    return [...this.#byKey.values()].flatMap((lists) => [...lists.values()]).reduce((sum, list) => sum + list.size, 0);
  }

  /**
   * Opens a channel on a shared connection. `connect` makes a new one when there is none to share; `open` opens the
   * channel and throws `ChannelRefused` when the target refuses just that.
   */
  async open(
    shareKey: object,
    target: string,
    connect: (signal: AbortSignal) => Promise<Link>,
    open: (client: Client) => Promise<ClientChannel>,
    signal: AbortSignal,
  ): Promise<ClientChannel> {
    const refused = new Set<Upstream>();
    for (;;) {
      const upstream = this.#find(shareKey, target, refused) ?? this.#make(shareKey, target, connect);
      upstream.take();
      try {
        const { client } = await unlessAborted(upstream.link, signal);
        const channel = await open(client);
        channel.on('close', () => upstream.give(this.#clock));
        return channel;
      } catch (error) {
        upstream.give(this.#clock);
        // nobody else waits for a connection that is still being made
        if (signal.aborted && upstream.users === 0) upstream.close();
        if (!(error instanceof ChannelRefused)) throw error;
        if (upstream.users === 0) throw refusedAlone(error);
        upstream.full = true;
        refused.add(upstream);
      }
    }
  }

  /** The client connection is gone: its target connections end at once. */
  release(shareKey: object): void {
    const reason = new AppError('target_closed', 'The client connection is gone.');
    for (const list of this.#byKey.get(shareKey)?.values() ?? [])
      for (const upstream of [...list]) upstream.close(reason);
  }

  closeAll(): void {
    for (const shareKey of [...this.#byKey.keys()]) this.release(shareKey);
  }

  #find(shareKey: object, target: string, refused: ReadonlySet<Upstream>): Upstream | undefined {
    for (const upstream of this.#byKey.get(shareKey)?.get(target) ?? []) {
      if (!upstream.full && !upstream.gone && !refused.has(upstream)) return upstream;
    }
    return undefined;
  }

  #make(shareKey: object, target: string, connect: (signal: AbortSignal) => Promise<Link>): Upstream {
    const lists = this.#byKey.get(shareKey) ?? new Map<string, Set<Upstream>>();
    const list = lists.get(target) ?? new Set<Upstream>();
    this.#byKey.set(shareKey, lists.set(target, list));
    const upstream: Upstream = new Upstream(connect, () => {
      list.delete(upstream);
      if (list.size === 0) lists.delete(target);
      if (lists.size === 0) this.#byKey.delete(shareKey);
    });
    list.add(upstream);
    return upstream;
  }
}

function refusedAlone(cause: ChannelRefused): AppError {
  return new AppError(
    'target_refused',
    'The target let the login in and then refused to open a session: check MaxSessions and the login shell there.',
    { cause },
  );
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(abortError(signal));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
