import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Identity } from '../auth/identity.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import { hasCookie } from './browser.ts';
import { rawAnswer } from './raw-answer.ts';
import type { Speaker } from './speaker.ts';
import type { WebDoor } from './web-door.ts';

/** What takes connections over that leave HTTP: the WebSockets of the pages. */
export interface SocketDoor {
  /** Whether anything is there. */
  has(path: string): boolean;
  /** Takes the connection over; what it throws is answered over HTTP. */
  accept(who: Identity, path: string, request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export interface UpgradeOptions {
  readonly sockets: SocketDoor;
  readonly speaker: Speaker;
  readonly web: Pick<WebDoor, 'receive' | 'known'>;
  readonly log: Log;
}

/** Whether a request asks for what a `SocketDoor` gives; anything else that asks to change protocols is answered as it is. */
export function asksForSocket(request: IncomingMessage): boolean {
  return request.headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Lets through who has signed in, from a page of our own: a browser sends its cookie whatever page asks, and its Origin
 * is the one thing that tells them apart. Everybody else gets an answer and is cut off at once.
 */
export function createUpgradeListener({ sockets, speaker, web, log }: UpgradeOptions): UpgradeListener {
  async function admit(request: IncomingMessage, path: string): Promise<Identity> {
    web.receive(request);
    if (!sockets.has(path)) throw new AppError('not_found', 'There is no such WebSocket.');
    if (request.method !== 'GET') throw new AppError('invalid', 'A WebSocket begins with GET.');
    if (request.headers.origin === undefined && request.headers.authorization === undefined && hasCookie(request))
      throw new AppError('forbidden', 'A WebSocket with a session cookie needs an Origin.');
    const caller = await speaker(request);
    if (caller.kind === 'person') {
      web.known(request);
      return caller.identity;
    }
    throw new AppError('unauthenticated', 'A WebSocket is for who is signed in; sign in first.');
  }

  return (request, socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a connection failed while it changed protocols'));
    const path = (request.url ?? '').split('?', 1)[0]!;
    admit(request, path)
      .then((who) => {
        if (!socket.destroyed) sockets.accept(who, path, request, socket, head);
      })
      .catch((thrown: unknown) => {
        const error = toAppError(thrown);
        if (error.code === 'internal') log.error({ err: thrown, path }, 'a WebSocket could not be opened');
        rawAnswer(socket, error);
      });
  };
}
