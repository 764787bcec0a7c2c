import type { Access } from '../../access/access.ts';
import type { Identity } from '../../auth/identity.ts';
import type { Config } from '../../config/schema.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { ConnectionLabel } from '../../session/label.ts';
import type { Registry } from '../../session/types.ts';
import type { ForwardedAgent } from './agent.ts';
import type { LoggedInConnection } from './connection.ts';
import type { Destination } from './destination.ts';
import type { Jump, JumpServer } from './jump.ts';
import type { TicketPass } from './ticket-pass.ts';

/** What everything on one logged-in connection shares. */
export interface ConnectionContext {
  readonly config: Config;
  readonly access: Access;
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
  readonly identity: Identity;
  readonly destination: Destination;
  /** Of a one-time ticket that stood for the login: this connection is for nothing else. */
  readonly pass: TicketPass | undefined;
  /** Answers ProxyJumps on this connection. */
  readonly jumps: JumpServer;
  /** The jump this connection is inside of, and how many there are around it with it; undefined when it came by itself. */
  readonly jumped: { readonly jump: Jump; readonly depth: number } | undefined;
  /** Jumps within the connection from the network, nested ones included; they share this. */
  readonly jumpCount: { open: number };
  /** The connections inside jumps of this one: they end with it. */
  readonly inner: Set<Pick<LoggedInConnection, 'end' | 'closed'>>;
  /** The SSH agent of the person on this connection. */
  readonly agent: ForwardedAgent;
  /** Sessions with the same key may share one connection to a target. */
  readonly shareKey: object;
  /** What was found to be at work over this connection, e.g. `VS Code`. */
  readonly label: ConnectionLabel;
  /** Refusals for which SSH has no text of its own, to be shown on the next terminal. Emptied by who shows them. */
  readonly notices: Set<string>;
}
