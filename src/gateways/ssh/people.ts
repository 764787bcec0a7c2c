import type { Connection } from 'ssh2';
import { coalesced } from '../../kernel/coalesced.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import { printable } from '../../kernel/printable.ts';
import { ConnectionLabel } from '../../session/label.ts';
import { ForwardedAgent } from './agent.ts';
import type { SessionEnd } from './channel-session.ts';
import { LoggedInConnection } from './connection.ts';
import type { ConnectionContext } from './context.ts';
import type { ConnectionInfo, SshGatewayDeps } from './server.ts';
import { TEXTS } from './texts.ts';

type Deps = Pick<
  SshGatewayDeps,
  'config' | 'access' | 'registry' | 'releaseUpstream' | 'onAccessChanged' | 'log' | 'clock'
>;
/** What is particular to one connection. */
type Arrived = Pick<ConnectionContext, 'identity' | 'destination' | 'pass' | 'jumps' | 'jumped' | 'jumpCount'>;

/** The connections of people who have logged in, from the network and within one another. */
export class People {
  readonly #deps: Deps;
  readonly #connections = new Set<LoggedInConnection>();
  readonly #stopRechecking: Disposer;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#stopRechecking = deps.onAccessChanged(coalesced(() => this.#recheck()));
  }

  enter(connection: Connection, arrived: Arrived): LoggedInConnection {
    const { config, access, registry, clock, log, releaseUpstream } = this.#deps;
    const { identity, jumped } = arrived;
    const shareKey = {};
    const through = jumped ? { jump: jumped.jump.asset.name } : {};
    const here = log.child({ user: printable(identity.user.name), ip: identity.from.ip, ...through });
    const entered = new LoggedInConnection(connection, {
      ...arrived,
      config,
      access,
      registry,
      clock,
      log: here,
      agent: new ForwardedAgent(connection, identity),
      shareKey,
      label: new ConnectionLabel(),
      notices: new Set(),
      inner: new Set(),
    });
    this.#connections.add(entered);
    here.info('logged in over SSH');
    connection.on('close', () => {
      this.#connections.delete(entered);
      releaseUpstream?.(shareKey);
      here.info('left');
    });
    return entered;
  }

  list(): ConnectionInfo[] {
    return [...this.#connections].map(({ context, channels }) => ({
      user: context.identity.user.name,
      ip: context.identity.from.ip,
      channels,
    }));
  }

  /** Ends everybody's connections and watches over nobody any more. */
  async close(cause: SessionEnd, text: string): Promise<void> {
    this.#stopRechecking();
    await Promise.all([...this.#connections].map((connection) => connection.end(cause, text)));
  }

  async #recheck(): Promise<void> {
    await Promise.all(
      [...this.#connections].map(async (connection) => {
        const { identity, log } = connection.context;
        const stands = await this.#deps.access.recheckIdentity(identity).catch((error: unknown) => {
          log.error({ err: error }, 'an identity could not be checked again');
          return false;
        });
        // Only a plain yes counts. Not awaited: one that takes its time does not hold up the next round
        if (stands !== true) void connection.end('revoked', TEXTS.accessEnded);
      }),
    );
  }
}
