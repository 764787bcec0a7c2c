import type { Duplex } from 'node:stream';
import type { Connection, Server, ServerConfig } from 'ssh2';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { serverAlgorithms } from '../../kernel/ssh2/algorithms.ts';
import type { HostKey } from '../../kernel/ssh2/keys.ts';
import { socketOf } from '../../kernel/ssh2/server-guard.ts';
import { tuneSocket } from '../../kernel/ssh2/socket.ts';

declare const __VERSION__: string | undefined;

/** What the connections from the network and those inside them have in common, up to the login. */

const IDENT = `Bastion_${(typeof __VERSION__ === 'string' ? __VERSION__ : 'dev').replace(/[^\x21-\x7e]|-/g, '_')}`;
/** Missed answers to keepalives after which a client is gone. */
const KEEPALIVE_TRIES = 3;
/** A closed connection whose client does not close its side goes after this long. */
const LINGER_MS = 1000;

export function serverConfig(config: Config, hostKeys: readonly (Buffer | string | HostKey)[]): ServerConfig {
  return {
    hostKeys: [...hostKeys],
    ident: IDENT,
    algorithms: serverAlgorithms,
    // 0 would mean ssh2's own default
    keepaliveInterval: config.ssh.keepalive > 0 ? config.ssh.keepalive : 2 ** 31 - 1,
    keepaliveCountMax: KEEPALIVE_TRIES,
  } as ServerConfig;
}

/** The first line of a server (RFC 4253 §4.2). */
export function identify(socket: Duplex): void {
  socket.write(`SSH-2.0-${IDENT}\r\n`);
}

/** After `identify`: the library sends the identification again, so its first write is swallowed. */
export function handToLibrary(server: Server, socket: Duplex): void {
  tuneSocket(socket);
  const { write } = socket;
  socket.write = () => {
    socket.write = write;
    return true;
  };
  server.injectSocket(socket as Parameters<Server['injectSocket']>[0]);
}

/** Every error is the end; ssh2 would go on parsing after some. */
export function endOnError(connection: Connection, clock: Clock, onError: (error: Error) => void): void {
  connection.on('error', (error: Error) => {
    onError(error);
    const socket = socketOf(connection);
    socket.removeAllListeners('data');
    linger(socket, clock);
  });
}

/** Half-closed by us; a client that keeps its half open does not keep the socket. */
export function linger(socket: Duplex, clock: Clock): void {
  socket.resume();
  const cancel = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', cancel);
}
