import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Access } from '../../access/access.ts';
import { MAX_FRAME } from '../../api/contract/ws-limits.ts';
import type { Identity } from '../../auth/identity.ts';
import { type Clock, within } from '../../kernel/clock.ts';
import { coalesced } from '../../kernel/coalesced.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { Log } from '../../kernel/log.ts';
import { CLOSE } from './page-socket.ts';

/** Open sockets of one person; each may hold a terminal of a tab. */
const MAX_PER_USER = 200;
/** A socket that has not said what it wants by then is closed. */
const HELLO_MS = 10_000;
/** A peer that answers no ping of ours until the next one is gone. */
const PING_MS = 30_000;
const LAST_WORDS_MS = 500;

/** A socket as it comes to what serves it. */
export interface Arrival {
  readonly ws: WebSocket;
  readonly who: Identity;
  readonly path: string;
  /** It has said what it wants. */
  greeted(): void;
}

/** What a socket became. */
export interface Served {
  /** Who opened it may no more: it must end, and may say why. */
  revoked(error: AppError): void;
}

export interface SocketRoute {
  matches(path: string): boolean;
  /** Called in the turn in which the socket was opened: nothing is lost. */
  serve(arrival: Arrival): Served;
}

export interface SocketDeps {
  readonly routes: readonly SocketRoute[];
  readonly access: Pick<Access, 'recheckIdentity'>;
  readonly onAccessChanged: (listener: () => void) => Disposer;
  readonly clock: Clock;
  readonly log: Log;
}

/** The WebSockets of the pages. Who speaks is known when they come here; what they may is asked by what serves them. */
export interface SocketGateway {
  has(path: string): boolean;
  /** Takes over an upgrade. Throws AppError `rate_limited` when this person has too many open; then nothing was answered. */
  accept(who: Identity, path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

interface Open {
  readonly ws: WebSocket;
  readonly who: Identity;
  served: Served | undefined;
  alive: boolean;
}

export function createSocketGateway({ routes, access, onAccessChanged, clock, log }: SocketDeps): SocketGateway {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME,
  });
  // thrown out of `handleUpgrade`, so that it is answered as everything else that is refused
  server.on('wsClientError', (error) => {
    throw new AppError('invalid', `This is no WebSocket of version 13: ${error.message}.`);
  });
  const sockets = new Set<Open>();
  let closing = false;

  const stopPinging = clock.every(PING_MS, () => {
    for (const open of sockets) {
      if (!open.alive) open.ws.terminate();
      open.alive = false;
      open.ws.ping();
      // sign-ins end by date, too
      void recheck(open);
    }
  });
  const stopListening = onAccessChanged(
    coalesced(async () => {
      await Promise.all([...sockets].map(recheck));
    }),
  );

  async function recheck(open: Open): Promise<void> {
    const stands = await access.recheckIdentity(open.who).catch((error: unknown) => {
      log.error({ err: error }, 'an identity could not be checked again');
      return false;
    });
    if (stands !== true)
      open.served?.revoked(new AppError('unauthenticated', 'Your sign-in has ended; sign in again.'));
  }

  function serve(ws: WebSocket, who: Identity, path: string, route: SocketRoute): void {
    const open: Open = { ws, who, served: undefined, alive: true };
    sockets.add(open);
    const cancelHello = clock.after(HELLO_MS, () => {
      log.info({ user: who.user.name, path }, 'a WebSocket said nothing');
      ws.terminate();
    });
    ws.on('pong', () => {
      open.alive = true;
    });
    ws.on('close', () => {
      cancelHello();
      sockets.delete(open);
    });
    open.served = route.serve({ ws, who, path, greeted: cancelHello });
    // a change between the upgrade and these lines was told to nobody
    void recheck(open);
  }

  return {
    has: (path) => routes.some((route) => route.matches(path)),
    accept(who, path, request, socket, head) {
      const route = routes.find((each) => each.matches(path));
      if (!route) throw new AppError('not_found', 'There is no such socket.');
      if (closing) throw new AppError('shutting_down', 'The bastion is going down. Try again when it is back.');
      let count = 0;
      for (const open of sockets) if (open.who.user.id === who.user.id) count++;
      if (count >= MAX_PER_USER)
        throw new AppError('rate_limited', `You have ${count} terminals open, which is the limit. Close one first.`);
      server.handleUpgrade(request, socket, head, (ws) => serve(ws, who, path, route));
    },
    async close() {
      closing = true;
      stopPinging();
      stopListening();
      const closed = [...sockets].map(({ ws }) => {
        const over = new Promise<void>((resolve) => void ws.once('close', () => resolve()));
        ws.close(CLOSE.goingAway);
        return over;
      });
      await within(clock, LAST_WORDS_MS, Promise.all(closed));
      for (const { ws } of sockets) ws.terminate();
    },
  };
}
