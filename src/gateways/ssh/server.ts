import { createServer, isIP, type Server as NetServer, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerConfig } from 'ssh2';
import type { Access } from '../../access/access.ts';
import type { Identity } from '../../auth/identity.ts';
import type { Login } from '../../auth/login-types.ts';
import type { Config, ListenAddress } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { plainAddress } from '../../kernel/ip.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { Log } from '../../kernel/log.ts';
import { printable } from '../../kernel/printable.ts';
import { serverAlgorithms } from '../../kernel/ssh2/algorithms.ts';
import { guardServer, sendDisconnect, socketOf } from '../../kernel/ssh2/server-guard.ts';
import { tuneSocket } from '../../kernel/ssh2/socket.ts';
import type { Registry } from '../../session/types.ts';
import { Admission } from './admission.ts';
import { LoggedInConnection } from './connection.ts';
import type { Destination } from './destination.ts';
import { FailurePace } from './failure-pace.ts';
import { addressList, listenOn } from './listen.ts';
import { serveLogin } from './login.ts';
import { readPreamble } from './preamble.ts';
import { TEXTS } from './texts.ts';

declare const __VERSION__: string | undefined;

export interface SshGatewayDeps {
  readonly config: Config;
  readonly authenticator: { beginLogin(from: { readonly ip: string; readonly via: 'ssh' }): Login };
  readonly access: Access;
  readonly registry: Registry;
  /** Private keys in a format ssh2 reads. */
  readonly hostKeys: readonly (Buffer | string)[];
  /** The connection with this share key is over: nothing will use its upstream connections again. */
  readonly releaseUpstream?: ((shareKey: object) => void) | undefined;
  /** Something changed that may end what somebody has. */
  readonly onAccessChanged: (callback: () => void) => Disposer;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ConnectionInfo {
  readonly user: string;
  readonly ip: string;
  readonly channels: number;
}

export interface SshGateway {
  /** Listens on every configured address, or on none (AppError `busy` names the one that failed). */
  listen(): Promise<ListenAddress[]>;
  /** No new connections; those that have not logged in yet end. What is logged in stays. */
  stopListening(): void;
  /** `stopListening`, then ends every connection with a message. */
  close(): Promise<void>;
  connections(): ConnectionInfo[];
}

/** Codes of SSH_MSG_DISCONNECT, RFC 4253 §11.1. */
const DISCONNECT = { protocol: 2, noMoreMethods: 14, application: 11 } as const;
/** What ends a login, and what its client is told. */
const GIVING_UP = {
  tries: [DISCONNECT.noMoreMethods, TEXTS.tooManyTries],
  protocol: [DISCONNECT.protocol, TEXTS.onlyPlainRequests],
  failure: [DISCONNECT.application, TEXTS.loginFailed],
} as const;
/** Missed answers to keepalives after which a client is gone. */
const KEEPALIVE_TRIES = 3;
/** A closed connection whose client does not close its side goes after this long. */
const LINGER_MS = 1000;

/** SSH from people: bytes ↔ sessions. Knows no policy; whoever may what is asked of `authenticator` and `access`. */
export function createSshGateway(deps: SshGatewayDeps): SshGateway {
  const { config, log, clock } = deps;
  const proxies = addressList(config.ssh.proxy_protocol);
  const admission = new Admission(config.ssh.max_unauthenticated);
  const pace = new FailurePace(clock);
  const ident = `Bastion_${(typeof __VERSION__ === 'string' ? __VERSION__ : 'dev').replace(/[^\x21-\x7e]|-/g, '_')}`;
  const listeners: NetServer[] = [];
  let closing = false;
  /** Not logged in yet: what ends them. */
  const loggingIn = new Map<Socket, Arrival>();
  const loggedIn = new Set<LoggedInConnection>();

  const ssh = new ssh2.Server(serverConfig(), (connection) => {
    const socket = socketOf(connection);
    const arrival = loggingIn.get(socket);
    if (arrival) greet(connection, socket, arrival);
    else socket.destroy();
  });
  ssh.on('error', (error: unknown) => log.error({ err: error }, 'the SSH server failed'));
  const stopRechecking = deps.onAccessChanged(coalesced(recheckAll));

  function serverConfig(): ServerConfig {
    return {
      hostKeys: [...deps.hostKeys],
      ident,
      algorithms: serverAlgorithms,
      banner: config.ssh.banner.replace(/\r?\n/g, '\r\n'),
      // 0 would mean ssh2's own default
      keepaliveInterval: config.ssh.keepalive > 0 ? config.ssh.keepalive : 2 ** 31 - 1,
      keepaliveCountMax: KEEPALIVE_TRIES,
    } as ServerConfig;
  }

  function arrive(socket: Socket): void {
    socket.on('error', (error) => log.debug({ err: error }, 'a client connection failed'));
    socket.once('finish', () => linger(socket));
    const ip = plainAddress(socket.remoteAddress ?? '');
    if (ip === '' || closing) {
      socket.destroy();
      return;
    }
    const proxied = proxies.check(ip, isIP(ip) === 6 ? 'ipv6' : 'ipv4');
    const arrival: Arrival = {
      ip,
      leave: proxied ? undefined : admission.enter(ip),
      cancelGrace: () => {},
      heldUntil: 0,
    };
    // What comes from a proxy counts for its client, who is known with the header; until then it has a bound of its own
    const full = proxied ? loggingIn.size >= 2 * config.ssh.max_unauthenticated : !arrival.leave;
    if (full) {
      turnAway(socket, ip, TEXTS.tooManyConnections);
      return;
    }
    loggingIn.set(socket, arrival);
    arrival.cancelGrace = clock.after(config.ssh.login_grace, () => {
      log.info({ ip: arrival.ip }, 'a login took too long');
      socket.destroy();
    });
    socket.once('close', () => leaveLogin(socket, arrival));
    readPreamble(socket, proxied, () => socket.write(`SSH-2.0-${ident}\r\n`), {
      address(address) {
        if (address) arrival.ip = address.ip;
        arrival.leave = admission.enter(arrival.ip);
        if (!arrival.leave) turnAway(socket, arrival.ip, TEXTS.tooManyConnections);
        return arrival.leave !== undefined;
      },
      done: () => handToLibrary(socket),
      bad: (why) => {
        log.info({ ip: arrival.ip, why }, 'a connection that was no SSH client');
        socket.end(`${TEXTS.badIdentification}\r\n`);
        linger(socket);
      },
    });
  }

  /** The library sends the identification again: its first write is swallowed. */
  function handToLibrary(socket: Socket): void {
    tuneSocket(socket);
    const { write } = socket;
    socket.write = () => {
      socket.write = write;
      return true;
    };
    ssh.injectSocket(socket);
  }

  function greet(connection: Connection, socket: Socket, arrival: Arrival): void {
    let entered: LoggedInConnection | undefined;
    connection.on('error', (error: Error) => {
      log.debug({ ip: arrival.ip, err: error }, 'an SSH connection failed');
      // Every error is the end; ssh2 would go on parsing after some
      socket.removeAllListeners('data');
      linger(socket);
    });
    guardServer(
      connection,
      (type, open) => entered?.admit(type, open),
      (opening) => entered?.forward(opening),
    );
    const login = deps.authenticator.beginLogin({ ip: arrival.ip, via: 'ssh' });
    let found: { identity: Identity; destination: Destination } | undefined;
    serveLogin(connection, login, {
      success: (identity, destination) => {
        found = { identity, destination };
      },
      giveUp: (why) => {
        const [code, text] = GIVING_UP[why];
        sendDisconnect(connection, code, text);
        connection.end();
        linger(socket);
      },
      failure: (error) => log.error({ ip: arrival.ip, err: error }, 'a login failed inside the bastion'),
      refused: () => {
        const wait = pace.failed(arrival.ip);
        if (wait === 0) return Promise.resolve();
        arrival.heldUntil = clock.monotonic() + wait;
        return new Promise((resolve) => void clock.after(wait, resolve));
      },
    });
    connection.on('ready', () => {
      leaveLogin(socket, arrival);
      if (!found || closing) {
        socket.destroy();
        return;
      }
      entered = enter(connection, found.identity, found.destination, arrival.ip);
    });
  }

  function enter(connection: Connection, identity: Identity, destination: Destination, ip: string): LoggedInConnection {
    const shareKey = {};
    const here = log.child({ user: printable(identity.user.name), ip });
    const { access, registry } = deps;
    const entered = new LoggedInConnection(connection, {
      config,
      access,
      registry,
      clock,
      log: here,
      identity,
      destination,
      jumps: { serve: (_context, _jump, channel) => channel.close() },
      shareKey,
      notices: new Set(),
    });
    loggedIn.add(entered);
    here.info('logged in over SSH');
    connection.on('close', () => {
      loggedIn.delete(entered);
      deps.releaseUpstream?.(shareKey);
      here.info('left');
    });
    return entered;
  }

  function leaveLogin(socket: Socket, arrival: Arrival): void {
    loggingIn.delete(socket);
    arrival.cancelGrace();
    const held = arrival.heldUntil - clock.monotonic();
    if (held > 0) clock.after(held, () => arrival.leave?.());
    else arrival.leave?.();
  }

  function turnAway(socket: Socket, ip: string, text: string): void {
    log.info({ ip }, 'a connection was turned away: too many are logging in');
    socket.end(`${text}\r\n`);
    linger(socket);
  }

  /** Half-closed by us; a client that keeps its half open does not keep the socket. */
  function linger(socket: Socket): void {
    socket.resume();
    const cancel = clock.after(LINGER_MS, () => socket.destroy());
    socket.once('close', cancel);
  }

  async function recheckAll(): Promise<void> {
    await Promise.all(
      [...loggedIn].map(async (connection) => {
        const { identity, log: here } = connection.context;
        const stands = await deps.access.recheckIdentity(identity).catch((error: unknown) => {
          here.error({ err: error }, 'an identity could not be checked again');
          return false;
        });
        // Only a plain yes counts. Not awaited: one that takes its time does not hold up the next round
        if (stands !== true) void connection.end('revoked', TEXTS.accessEnded);
      }),
    );
  }

  function stopListening(): void {
    closing = true;
    for (const server of listeners) server.close();
    for (const socket of loggingIn.keys()) socket.destroy();
  }

  return {
    async listen() {
      try {
        for (const address of config.ssh.listen) {
          const server = createServer({ noDelay: true }, arrive);
          await listenOn(server, address);
          server.on('error', (error) => log.error({ err: error }, 'an SSH listener failed'));
          listeners.push(server);
        }
      } catch (error) {
        for (const server of listeners.splice(0)) server.close();
        throw error;
      }
      return listeners.map((server) => {
        const bound = server.address() as { address: string; port: number };
        return { host: bound.address, port: bound.port };
      });
    },
    stopListening,
    async close() {
      stopListening();
      stopRechecking();
      await Promise.all([...loggedIn].map((connection) => connection.end('shutdown', TEXTS.shuttingDown)));
    },
    connections: () =>
      [...loggedIn].map(({ context, channels }) => ({
        user: context.identity.user.name,
        ip: context.identity.from.ip,
        channels,
      })),
  };
}

/** A connection that has not logged in. */
interface Arrival {
  /** The client's address, as far as it is known. */
  ip: string;
  leave: (() => void) | undefined;
  cancelGrace: () => void;
  /** On the monotonic clock: leaving before does not make room for the next try. */
  heldUntil: number;
}

/** Runs the task again after a change, one run at a time; changes during a run lead to one more. */
function coalesced(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  return () => {
    again = true;
    if (running) return;
    running = true;
    void (async () => {
      while (again) {
        again = false;
        await task();
      }
      running = false;
    })();
  };
}
