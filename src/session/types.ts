import type { Duplex } from 'node:stream';
import type { Grant, Limits } from '../access/grant.ts';
import type { ClientChannel, PtyRequest, Size } from '../kernel/channel.ts';
import type { SessionId } from '../kernel/id.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Program } from '../kernel/program.ts';
import type { Action, Actor, EndCause, SessionRow } from '../store/model.ts';
import type { SessionEvent } from './events.ts';
import type { ConnectionLabel } from './label.ts';
import type { Participants } from './participants.ts';
import type { Reviews } from './reviews.ts';
import type { Share, Shares } from './shares.ts';

/** Why a session ended; the one cause that carries through to the user, the row and the audit. */
export interface EndReason {
  readonly cause: EndCause;
  /** Who (terminated), or the technical reason. */
  readonly detail?: string | undefined;
}

export interface OpenOptions {
  readonly pty: PtyRequest | undefined;
  readonly program: Program;
  /** What is found to be at work over the client's connection, which its sessions share. */
  readonly label?: ConnectionLabel | undefined;
  /** Opens the person's own SSH agent, when they forwarded it. */
  readonly agent?: (() => Promise<Duplex>) | undefined;
  readonly env: readonly (readonly [string, string])[];
  readonly shareKey: object;
  readonly via: 'ssh' | 'web';
  /** The ProxyJump it came by, as the client named it: `web1:22`. For the audit. */
  readonly jump?: string | undefined;
  /** A sentence for the person before the session stands: who has to approve a command, a warning. */
  readonly say?: ((text: string) => void) | undefined;
  /** What the target says before the login, line by line. */
  readonly banner?: ((line: string) => void) | undefined;
  readonly progress?: ((message: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** A live session as others may hold it. */
export interface LiveSession {
  readonly id: SessionId;
  readonly grant: Grant;
  readonly locked: boolean;
  /** Whether there is a terminal, which can be watched. */
  readonly isTerminal: boolean;
  /** As they hold today. */
  readonly limits: Limits;
  /** Who looks on, and who types along. */
  readonly participants: Pick<Participants, 'all' | 'announced' | 'onChange'>;
  /** Whether its permission allows this now. */
  may(action: Action): boolean;
  row(): SessionRow;
  /** What happens besides the bytes: first what holds already (locked, warned, watched), then each change. */
  onEvent(listener: (event: SessionEvent) => void): Disposer;
  /** The sentence for the person, undefined when there is nothing to say. */
  farewell(reason: EndReason): string | undefined;
  /** Ends it; the first reason given is the one that counts. Resolves when everything is closed and written. */
  end(reason: EndReason): Promise<void>;
  lock(by: string): void;
  unlock(by: string): void;
  /** Full current screen first, then live events. Terminal sessions only (`unsupported` otherwise). */
  watch(watcher: Watcher): Disposer;
  /** Resolves with the reason when everything is closed and written. */
  readonly ended: Promise<EndReason>;
}

/** Receives what a watcher sees. A watcher that returns false from `output` is slow: it gets a new snapshot after `ready()`. */
export interface Watcher {
  snapshot(screen: Buffer, size: Size): void;
  output(chunk: Buffer): boolean;
  resize(size: Size): void;
  notice(text: string): void;
  ended(reason: EndReason): void;
  /** The session calls this to learn when a slow watcher can take a snapshot again. */
  onReady(callback: () => void): void;
  /** This one types along from now on, or no longer, by their own wish or not. */
  typing?(on: boolean): void;
}

/** One watcher at a session. */
export interface Visit {
  readonly typing: boolean;
  /** Types along from now on: announced and audited. `conflict` when the session is over meanwhile. */
  join(): Promise<void>;
  /** No longer types along. */
  part(): void;
  /** What is typed; it goes nowhere unless joined, and while the session is locked. */
  input(chunk: Buffer): void;
  /** Goes away. */
  leave(): void;
}

export interface Registry {
  /** Commands that wait for somebody's word. */
  readonly reviews: Pick<Reviews, 'settle'>;
  /**
   * Opens one recorded session: checks recording is possible, writes the row and audit, dials, wires, enforces the
   * limits. Rejects with an AppError when the session may not or cannot start; then nothing is left open.
   */
  open(grant: Grant, client: ClientChannel, options: OpenOptions): Promise<LiveSession>;
  get(id: SessionId): LiveSession | undefined;
  live(): LiveSession[];
  /** Ends what is live with cause `terminated` by this actor, audited; `not_found` when it is not live. */
  terminate(id: SessionId, by: Actor): Promise<void>;
  setLocked(id: SessionId, locked: boolean, by: Actor): Promise<void>;
  /** Links to live sessions. */
  readonly shares: Shares;
  /** Audits the look, then attaches. Who comes by a link (`share`) is announced to the person at the terminal. */
  watch(id: SessionId, watcher: Watcher, by: Actor, share?: Share): Promise<Visit>;
  /** Stops taking sessions, tells terminals, waits up to the grace period, ends the rest, finishes recordings. */
  shutdown(graceMs: number): Promise<void>;
  /** Marks sessions left open as interrupted and finishes their recordings: at start. */
  recover(): Promise<void>;
}
