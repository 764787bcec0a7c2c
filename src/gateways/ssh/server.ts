import { createServer, isIP, type Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import ssh2, { type Connection } from 'ssh2';
import type { Access } from '../../access/access.ts';
import type { Login } from '../../auth/login-types.ts';
import type { SigningAuthority } from '../../auth/signing-authority.ts';
import type { Config, ListenAddress } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { plainAddress } from '../../kernel/ip.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { Log } from '../../kernel/log.ts';
import { guardServer, sendDisconnect, socketOf } from '../../kernel/ssh2/server-guard.ts';
import type { Registry } from '../../session/types.ts';
import { Admission } from './admission.ts';
import type { LoggedInConnection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import { FailurePace } from './failure-pace.ts';
import { createJumpServer } from './jump-server.ts';
import { addressList, listenOn } from './listen.ts';
import { serveLogin } from './login.ts';
import { People } from './people.ts';
import { readPreamble } from './preamble.ts';
import { TEXTS } from './texts.ts';
import { TicketPass, ticketDestination } from './ticket-pass.ts';
import { endOnError, handToLibrary, identify, linger, serverConfig } from './transport.ts';

export interface SshGatewayDeps {
  readonly config: Config;
  readonly authenticator: { beginLogin(from: { readonly ip: string; readonly via: 'ssh' }): Login };
  readonly access: Access;
  readonly registry: Registry;
  /** Private keys in a format ssh2 reads. */
  readonly hostKeys: readonly (Buffer | string)[];
  /** Certifies the bastion where it stands for an asset, inside a ProxyJump. */
  readonly hostAuthority: SigningAuthority;
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

/** SSH from people: bytes ↔ sessions. Knows no policy; whoever may what is asked of `authenticator` and `access`. */
export function createSshGateway(deps: SshGatewayDeps): SshGateway {
  const { config, log, clock } = deps;
  const proxies = addressList(config.ssh.proxy_protocol);
  const admission = new Admission(config.ssh.max_unauthenticated);
  const pace = new FailurePace(clock);
  const listeners: NetServer[] = [];
  let closing = false;
  /** Not logged in yet: what ends them. */
  const loggingIn = new Map<Duplex, Arrival>();
  const people = new People(deps);
  const jumps = createJumpServer({ ...deps, people, authority: deps.hostAuthority });

  const banner = config.ssh.banner.replace(/\r?\n/g, '\r\n');
  const ssh = new ssh2.Server({ ...serverConfig(config, deps.hostKeys), banner }, (connection) => {
    const socket = socketOf(connection);
    const arrival = loggingIn.get(socket);
    if (arrival) greet(connection, socket, arrival);
    else socket.destroy();
  });
  ssh.on('error', (error: unknown) => log.error({ err: error }, 'the SSH server failed'));

  function arrive(socket: Socket): void {
    socket.on('error', (error) => log.debug({ err: error }, 'a client connection failed'));
    socket.once('finish', () => linger(socket, clock));
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
    readPreamble(socket, proxied, () => identify(socket), {
      address(address) {
        if (address) arrival.ip = address.ip;
        arrival.leave = admission.enter(arrival.ip);
        if (!arrival.leave) turnAway(socket, arrival.ip, TEXTS.tooManyConnections);
        return arrival.leave !== undefined;
      },
      done: () => handToLibrary(ssh, socket),
      bad: (why) => {
        log.info({ ip: arrival.ip, why }, 'a connection that was no SSH client');
        socket.end(`${TEXTS.badIdentification}\r\n`);
        linger(socket, clock);
      },
    });
  }

  function greet(connection: Connection, socket: Duplex, arrival: Arrival): void {
    let entered: LoggedInConnection | undefined;
    endOnError(connection, clock, (error) => log.debug({ ip: arrival.ip, err: error }, 'an SSH connection failed'));
    guardServer(
      connection,
      (type, open) => entered?.admit(type, open),
      (opening) => entered?.forward(opening),
    );
    const login = deps.authenticator.beginLogin({ ip: arrival.ip, via: 'ssh' });
    let found: Pick<ConnectionContext, 'identity' | 'destination' | 'pass'> | undefined;
    serveLogin(connection, login, {
      success: (identity, destination, ticket) => {
        found = ticket
          ? { identity, destination: ticketDestination(destination, ticket), pass: new TicketPass(ticket) }
          : { identity, destination, pass: undefined };
      },
      giveUp: (why) => {
        const [code, text] = GIVING_UP[why];
        sendDisconnect(connection, code, text);
        connection.end();
        linger(socket, clock);
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
      entered = people.enter(connection, { ...found, jumps, jumped: undefined, jumpCount: { open: 0 } });
    });
  }

  function leaveLogin(socket: Duplex, arrival: Arrival): void {
    loggingIn.delete(socket);
    arrival.cancelGrace();
    const held = arrival.heldUntil - clock.monotonic();
    if (held > 0) clock.after(held, () => arrival.leave?.());
    else arrival.leave?.();
  }

  function turnAway(socket: Socket, ip: string, text: string): void {
    log.info({ ip }, 'a connection was turned away: too many are logging in');
    socket.end(`${text}\r\n`);
    linger(socket, clock);
  }

  function stopListening(): void {
    closing = true;
    for (const server of listeners) server.close();
    for (const socket of loggingIn.keys()) socket.destroy();
    jumps.close();
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
      await people.close('shutdown', TEXTS.shuttingDown);
    },
    connections: () => people.list(),
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
