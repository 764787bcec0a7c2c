import type { Duplex } from 'node:stream';
import ssh2, { type Connection, type ServerChannel } from 'ssh2';
import type { SigningAuthority } from '../../auth/signing-authority.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import { readPrivateKey } from '../../kernel/ssh2/keys.ts';
import { guardServer } from '../../kernel/ssh2/server-guard.ts';
import { serverChannelStream } from '../../kernel/ssh2/stream.ts';
import type { LoggedInConnection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import { innerDestination } from './destination.ts';
import { type Jump, type JumpServer, jumpBound } from './jump.ts';
import { certifiedFor } from './jump-certificate.ts';
import { MAX_REQUESTS } from './login.ts';
import type { People } from './people.ts';
import { readPreamble } from './preamble.ts';
import { TEXTS } from './texts.ts';
import { endOnError, handToLibrary, identify, linger, serverConfig } from './transport.ts';

export interface JumpServerDeps {
  readonly config: Config;
  readonly people: People;
  /** Private keys in a format ssh2 reads; the first of type ed25519 is certified. */
  readonly hostKeys: readonly (Buffer | string)[];
  readonly authority: SigningAuthority;
  readonly clock: Clock;
}

/**
 * The SSH server inside a ProxyJump. It speaks for the asset, with a host certificate of the bastion's own authority,
 * and knows the person already: who holds the outer connection is who logged in there. So whatever login the client
 * tries first succeeds unseen, and its user name is the account. OpenSSH and PuTTY ask with method `none` before they
 * ask a person anything, so nobody types a password here.
 */
export function createJumpServer(deps: JumpServerDeps): JumpServer & { close(): void } {
  const { config, people, authority, clock } = deps;
  const keys = deps.hostKeys.map((file) => readPrivateKey(file)).filter((key) => key !== undefined);
  const own = keys.find((key) => key.type === 'ssh-ed25519');
  /** In the handshake still. */
  const arriving = new Set<Duplex>();
  let closing = false;

  function serve(outer: ConnectionContext, jump: Jump, channel: ServerChannel): void {
    const { log } = outer;
    const socket = serverChannelStream(channel);
    socket.on('error', (error) => log.debug({ err: error }, 'a jump channel failed'));
    if (closing || jumpBound(outer) !== undefined) {
      socket.destroy();
      return;
    }
    // a client that was killed leaves its channel half-closed: the end of the connection, as on TCP
    socket.allowHalfOpen = false;
    for (const half of ['end', 'finish']) socket.once(half, () => linger(socket, clock));
    outer.jumpCount.open++;
    arriving.add(socket);
    const cancelGrace = clock.after(config.ssh.login_grace, () => {
      log.info({ jump: jump.asset.name }, 'a login inside a ProxyJump took too long');
      socket.destroy();
    });
    const arrived = () => {
      arriving.delete(socket);
      cancelGrace();
    };
    socket.once('close', () => {
      outer.jumpCount.open--;
      arrived();
    });

    readPreamble(socket, false, () => identify(socket), {
      address: () => true,
      done() {
        const certificate = own ? [certifiedFor(jump, own, authority, clock.now())] : [];
        const hostKeys = [...certificate, ...keys].map((key) => ({ key }));
        const server = new ssh2.Server(serverConfig(config, hostKeys), (connection) =>
          greet(connection, outer, jump, arrived),
        );
        handToLibrary(server, socket);
      },
      bad(why) {
        log.info({ jump: jump.asset.name, why }, 'a ProxyJump by no SSH client');
        socket.end(`${TEXTS.badIdentification}\r\n`);
      },
    });
  }

  function greet(connection: Connection, outer: ConnectionContext, jump: Jump, arrived: () => void): void {
    let entered: LoggedInConnection | undefined;
    let userName = '';
    let requests = 0;
    endOnError(connection, clock, (error) => outer.log.debug({ err: error }, 'a connection inside a ProxyJump failed'));
    guardServer(
      connection,
      (type, open) => entered?.admit(type, open),
      (opening) => entered?.forward(opening),
    );
    connection.on('authentication', (ctx) => {
      // whether a key would do may be asked as often as outside
      if (++requests > MAX_REQUESTS) return void connection.end();
      userName = ctx.username;
      ctx.accept();
    });
    connection.on('ready', () => {
      arrived();
      if (closing) return void connection.end();
      const { identity, jumps, jumped, jumpCount } = outer;
      entered = people.enter(connection, {
        identity,
        destination: innerDestination(userName, outer.destination.login, jump.asset.id),
        pass: undefined,
        jumps,
        jumped: { jump, depth: (jumped?.depth ?? 0) + 1 },
        jumpCount,
      });
      const inner = entered;
      outer.inner.add(inner);
      connection.on('close', () => outer.inner.delete(inner));
    });
  }

  return {
    serve,
    close() {
      closing = true;
      for (const socket of arriving) socket.destroy();
    },
  };
}
