import type { ClientChannel, ClientSink, ExitStatus, TargetChannel, TargetSink } from '../kernel/channel.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Action } from '../store/model.ts';
import type { CommandGate } from './commands/gate.ts';
import type { CommandLog } from './commands/log.ts';
import type { ExecTransfers } from './exec-transfers/exec-transfers.ts';
import { HOLD, Holds, type Pausable } from './holds.ts';
import type { LabelWatch } from './label.ts';
import type { Recorder } from './recorder.ts';
import type { TransferLog } from './transfers.ts';
import type { EndReason } from './types.ts';

/** The exit code that says the bastion itself ended or refused it. */
const OUR_CODE = 254;

/** What a pump needs from its session, and what it tells it. */
export interface PumpHost {
  /** Name of the target, fit for sentences. */
  readonly asset: string;
  readonly via: 'ssh' | 'web';
  readonly client: ClientChannel;
  readonly target: TargetChannel;
  readonly recorder: Recorder;
  readonly gate: CommandGate;
  readonly commands: CommandLog;
  readonly transfers: TransferLog;
  /** Looks at what a command without a terminal is given. */
  readonly label: LabelWatch | undefined;
  /** Of a command that moves files. */
  readonly exec: ExecTransfers | undefined;
  readonly clock: Clock;
  readonly bytes: { in: number; out: number };
  /** Whether the permission allows this now. */
  may(action: Action): boolean;
  /** The user sent something. */
  touched(): void;
  exited(status: ExitStatus): void;
  /** One side is gone. */
  over(reason: EndReason): void;
  /** What passes cannot be handled, and that is our fault. */
  failed(error: unknown): void;
}

/**
 * What every pump does alike: holding the fast side for the slow one, and ending in the order clients expect
 * (exit-status, EOF, CLOSE). The program's EOF is held back until its exit is known, because nothing may follow it.
 */
export abstract class Pump {
  protected readonly host: PumpHost;
  protected readonly clientHolds: Holds;
  protected readonly targetHolds: Holds;
  protected locked = false;
  protected done = false;
  #exited = false;
  #outputEnded = false;
  #eofSent = false;

  /** `clients`: what is held when the target takes no more, where that is more than the client. */
  constructor(host: PumpHost, clients: Pausable = host.client) {
    this.host = host;
    this.clientHolds = new Holds(clients);
    this.targetHolds = new Holds(host.target);
  }

  protected abstract targetSink(): TargetSink;
  protected abstract clientSink(): ClientSink;
  /** Shows one sentence of ours. */
  abstract notice(text: string): void;
  /** Shows the last sentence of a session that did not end by itself. */
  abstract farewell(text: string): void;
  abstract lock(): void;
  abstract unlock(): void;

  attach(): void {
    this.host.target.attach(this.targetSink());
    this.host.client.attach(this.clientSink());
  }

  /** The recorder takes output again. */
  recorderDrained(): void {
    this.targetHolds.release(HOLD.recorder);
  }

  /** The list of transfers takes rows again. */
  rowsDrained(): void {
    this.clientHolds.release(HOLD.rows);
  }

  /** Ends both sides, telling the user why when there is something to tell. Nothing passes afterwards. */
  finish(reason: EndReason, text: string | undefined): void {
    if (this.done) return;
    const { client, target } = this.host;
    if (reason.cause !== 'client-closed') {
      if (text !== undefined) this.farewell(text);
      // a target that closed without a status has the client see exactly that, unless the connection was lost
      const lost = reason.cause !== 'target-closed' || reason.detail !== undefined;
      if (!this.#exited && lost) client.exit({ kind: 'code', code: OUR_CODE });
      if (!this.#eofSent) client.eof();
      client.close();
    }
    this.done = true;
    if (reason.cause !== 'target-closed') target.close();
  }

  protected targetEof(): void {
    this.#outputEnded = true;
    this.#passEof();
  }

  protected targetExit(status: ExitStatus): void {
    if (this.#exited) return;
    this.#exited = true;
    this.host.exited(status);
    this.host.client.exit(status);
    this.#passEof();
  }

  protected targetClosed(error: Error | undefined): void {
    // once the program has told how it ended, how the connection ends is of no interest
    this.host.over({ cause: 'target-closed', detail: this.#exited ? undefined : error?.message });
  }

  protected clientClosed(): void {
    this.host.over({ cause: 'client-closed' });
  }

  #passEof(): void {
    if (!this.#outputEnded || !this.#exited || this.#eofSent) return;
    this.#eofSent = true;
    this.host.client.eof();
  }
}
