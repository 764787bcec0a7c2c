import type { Access } from '../../access/access.ts';
import { TERMINAL_SOCKET, WATCH_SOCKET } from '../../api/contract/ws-limits.ts';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Disposer } from '../../kernel/lifecycle.ts';
import type { Log } from '../../kernel/log.ts';
import type { Registry } from '../../session/types.ts';
import { createSocketGateway, type SocketGateway, type SocketRoute } from './sockets.ts';
import { createTerminals } from './terminal/terminal.ts';
import { WatchSocket } from './watch-socket.ts';

export interface WebGatewayDeps {
  readonly config: Pick<Config, 'session'>;
  readonly authenticator: Pick<Authenticator, 'tickets' | 'webSessions'>;
  readonly access: Access;
  readonly registry: Registry;
  /** The connection with this share key is over: nothing will use its upstream connections again. */
  readonly releaseUpstream: (shareKey: object) => void;
  readonly onAccessChanged: (listener: () => void) => Disposer;
  readonly clock: Clock;
  readonly log: Log;
}

/** WebSockets of the pages: terminals, and looking on. Knows no policy; whoever may what is asked of `access`. */
export function createWebGateway(deps: WebGatewayDeps): SocketGateway {
  const { authenticator, config } = deps;
  const terminals = createTerminals({
    ...deps,
    redeemTicket: (token, who) => authenticator.tickets.redeem(token, who),
    seen: (who) => authenticator.webSessions.seen(who),
    graceMs: config.session.reconnect_grace,
  });
  const sockets = createSocketGateway({
    ...deps,
    routes: [{ matches: (path) => path === TERMINAL_SOCKET, serve: terminals.serve }, watching(deps)],
  });
  return {
    ...sockets,
    async close() {
      await sockets.close();
      terminals.close();
    },
  };
}

const WATCH_PATH = new RegExp(`^${WATCH_SOCKET}/([0-9a-z]{26})$`);

function watching(deps: WebGatewayDeps): SocketRoute {
  return {
    matches: (path) => WATCH_PATH.test(path),
    serve: (arrival) => new WatchSocket(arrival, WATCH_PATH.exec(arrival.path)![1]!, deps),
  };
}
