import type { LiveSession } from '../../session/types.ts';
import type { Protocol } from '../../store/model.ts';
import type { ClientPort } from './client-port.ts';
import type { ConnectionContext } from './context.ts';
import { runMenu } from './menu/menu.ts';
import type { ConnectOutcome, MenuEnd, MenuPick, MenuTerminal } from './menu/types.ts';
import { openSession, type Wish } from './opening.ts';

/** What a terminal over SSH can be connected to. */
const TERMINAL_PROTOCOLS: ReadonlySet<Protocol> = new Set<Protocol>(['ssh', 'local']);
/** A client that does not know its size (0 × 0). */
const DEFAULT_SIZE = { cols: 80, rows: 24 };

/** Runs the menu on the port. After each session the person is back in it, on the same channel. */
export function serveMenu(
  context: ConnectionContext,
  port: ClientPort,
  request: Pick<Wish, 'pty' | 'program' | 'env'>,
  signal: AbortSignal,
  onSession: (session: LiveSession | undefined) => void,
): Promise<MenuEnd> {
  const { user } = context.identity;

  async function connect(pick: MenuPick, stop: AbortSignal): Promise<ConnectOutcome> {
    port.putBack(pick.typedAhead);
    const { asset } = pick.asset;
    const wish = { ...request, asset: asset.id, account: pick.account, protocol: pick.protocol, input: pick.input };
    const opening = await openSession(context, port, wish, { returns: true, signal: AbortSignal.any([signal, stop]) });
    if (opening.kind !== 'session') return opening;
    onSession(opening.session);
    await opening.session.ended;
    onSession(undefined);
    return { kind: 'ended', message: null };
  }

  const deps = {
    userName: user.name,
    displayName: user.displayName,
    announcement: '',
    idleMs: context.config.session.idle_timeout,
    clock: context.clock,
    async reachable() {
      const all = await context.access.reachable(context.identity);
      return all
        .map(({ asset, protocols }) => ({ asset, protocols: protocols.filter((name) => TERMINAL_PROTOCOLS.has(name)) }))
        .filter(({ protocols }) => protocols.length > 0);
    },
    connect,
  };
  return runMenu(menuTerminal(port), deps, signal);
}

/** The port as the menu and its dialogues see it. */
export function menuTerminal(port: ClientPort): MenuTerminal {
  return {
    write: (text) => void port.channel.write(Buffer.from(text)),
    get size() {
      return { cols: port.size?.cols || DEFAULT_SIZE.cols, rows: port.size?.rows || DEFAULT_SIZE.rows };
    },
    onData: (listener) => port.onData(listener),
    onResize: (listener) => port.onResize(listener),
    onClose: (listener) => port.onOver(listener),
  };
}
