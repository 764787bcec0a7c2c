import type { Duplex } from 'node:stream';
import type { Grant } from '../access/grant.ts';
import type { PtyRequest, TargetChannel } from '../kernel/channel.ts';
import type { Program } from '../kernel/program.ts';

/** What is asked of the target once the grant stands. */
export interface OpenRequest {
  /** undefined: no terminal. */
  readonly pty: PtyRequest | undefined;
  /** For `forward` the grant says where to. */
  readonly program: Program;
  readonly env: readonly (readonly [name: string, value: string])[];
  /** Connections with the same key, asset and account share one upstream connection (one per client connection). */
  readonly shareKey: object;
  /** Opens the person's own SSH agent, when they forwarded it: how accounts of kind `agent` are entered. */
  readonly agent?: (() => Promise<Duplex>) | undefined;
  /** Told what the target says before the login, line by line and fit for a terminal. */
  readonly banner?: ((line: string) => void) | undefined;
  /** Told while connecting, for the timer a terminal shows and for host keys seen first: plain sentences. */
  readonly progress?: ((message: string) => void) | undefined;
}

/** One protocol towards targets. Accepts only a `Grant`; failures are AppErrors `target_*` or `host_key_changed`. */
export interface Connector {
  open(grant: Grant, request: OpenRequest, signal: AbortSignal): Promise<TargetChannel>;
}
