import type {
  AssetId,
  AuditId,
  CommandId,
  FilterId,
  GrantId,
  ReviewId,
  SessionId,
  TransferId,
  UserId,
} from '../kernel/id.ts';
import type { Millis, Protocol, Use } from './model.ts';

/** What the store holds about what people did, and the rules that decide about it. */

export type SessionState = 'live' | 'ended' | 'interrupted';
export type EndCause =
  | 'idle'
  | 'max-time'
  | 'expired'
  | 'revoked'
  | 'terminated'
  | 'recording-failed'
  | 'target-closed'
  | 'client-closed'
  | 'shutdown'
  | 'command-denied'
  | 'connect-failed'
  | 'protocol-error'
  | 'interrupted';

/** Where a session's recording stands: absent, still written or being rendered, readable, lost, or removed by age. */
export type RecordingState = 'none' | 'spool' | 'ready' | 'failed' | 'removed';

export interface SessionRow {
  readonly id: SessionId;
  readonly grantId: GrantId;
  readonly userId: UserId;
  readonly userName: string;
  readonly assetId: AssetId;
  readonly assetName: string;
  readonly account: string;
  readonly protocol: Protocol;
  readonly use: Use;
  /** The command of an exec session, or the name of a subsystem. */
  readonly command: string | null;
  /** Where a forwarded connection goes: `host:port` or the path of a socket. */
  readonly destination: string | null;
  /** What is known to be at work in it, e.g. `VS Code`. */
  readonly label: string | null;
  readonly clientIp: string;
  readonly via: 'ssh' | 'web';
  readonly permission: string;
  readonly startedAt: Millis;
  readonly endedAt: Millis | null;
  readonly state: SessionState;
  readonly endCause: EndCause | null;
  /** The name of who terminated it, or a technical reason. */
  readonly endDetail: string | null;
  readonly exitCode: number | null;
  readonly exitSignal: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly recording: RecordingState;
  /** Bytes of the stored recording and its SHA-256 (hex), when `ready`. */
  readonly recordingBytes: number | null;
  readonly recordingSha256: string | null;
}

/** What a rule does with a command. */
export type FilterAction = 'allow' | 'warn' | 'review' | 'deny';
/** The severest action of a line counts. */
export const SEVERITY: Readonly<Record<FilterAction, number>> = { allow: 0, warn: 1, review: 2, deny: 3 };

/** What decides about commands. Either `words` or `regex` says which ones. */
export interface CommandRule {
  readonly id: FilterId;
  readonly name: string;
  /** 1 to 100; the smaller is asked first. */
  readonly priority: number;
  readonly action: FilterAction;
  /** Names of commands, with arguments where they matter: `rm`, `git push --force`. */
  readonly words: readonly string[];
  /** RE2 syntax, matched anywhere in the line and in each command of it. */
  readonly regex: string | null;
  readonly matchCase: boolean;
  /** Names of the users who may approve; none means every administrator. */
  readonly reviewers: readonly string[];
}

/** A rule with whom and what it is for. */
export interface CommandFilter extends CommandRule {
  readonly comment: string;
  readonly active: boolean;
  /** Names neither a user nor a group, and never did: for everybody. A list that lost its last name is for nobody. */
  readonly forAllUsers: boolean;
  readonly forAllAssets: boolean;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly assets: readonly string[];
  /** Logins on the target; none means every one. */
  readonly accounts: readonly string[];
  readonly createdAt: Millis;
  /** Counts the edits of the row. */
  readonly version: number;
}

/**
 * How we know what was run: `exact` from the request itself, `screen` as it stood on the terminal, `typed` as the keys
 * came (no echo, or input of a shell without a terminal), `unparsed`: something ran of which the line is not known.
 */
export type Confidence = 'exact' | 'screen' | 'typed' | 'unparsed';
/** What the line was typed into. `program`: a full-screen one; `multiplexer`: tmux, screen and the like. */
export type CommandContext = 'exec' | 'shell' | 'stdin' | 'multiplexer' | 'program';
/** What became of it. `pass`: no rule minded; `refused`: a reviewer said no; `cancelled`: the user gave up waiting. */
export type CommandVerdict = 'pass' | 'warn' | 'deny' | 'approved' | 'refused' | 'cancelled';

/** What was run, once known. */
export interface CommandReport {
  readonly exitCode?: number | undefined;
  /** The line as the shell itself reported it (OSC 633); it can be forged. */
  readonly reported?: string | undefined;
  /** The directory it ran in, as the shell reported it. */
  readonly cwd?: string | undefined;
}

export interface CommandRow {
  readonly id: CommandId;
  readonly sessionId: SessionId;
  readonly at: Millis;
  readonly userId: UserId;
  readonly userName: string;
  readonly assetId: AssetId;
  readonly assetName: string;
  readonly account: string;
  readonly line: string;
  readonly confidence: Confidence;
  readonly context: CommandContext;
  readonly verdict: CommandVerdict;
  /** The filter that decided, by name. */
  readonly filter: string | null;
  /** Who approved or refused. */
  readonly reviewer: string | null;
  readonly exitCode: number | null;
  readonly reported: string | null;
  readonly cwd: string | null;
  /** Milliseconds from the beginning of the session's recording. */
  readonly offset: Millis;
}

export type ReviewState = 'pending' | 'approved' | 'refused' | 'cancelled';
/** A command that is held until somebody decides. */
export interface Review {
  readonly id: ReviewId;
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly userName: string;
  readonly assetName: string;
  readonly account: string;
  readonly line: string;
  readonly filter: string;
  /** Who may decide, by name. */
  readonly reviewers: readonly string[];
  readonly state: ReviewState;
  readonly askedAt: Millis;
  readonly settledAt: Millis | null;
  readonly settledBy: string | null;
}

export type TransferDirection = 'upload' | 'download';
export type TransferMethod = 'zmodem' | 'sftp' | 'scp' | 'rsync' | 'git' | 'tar' | 'web';
/** A file that went through a session. */
export interface TransferRow {
  readonly id: TransferId;
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly userName: string;
  readonly assetId: AssetId;
  readonly assetName: string;
  readonly account: string;
  readonly method: TransferMethod;
  readonly direction: TransferDirection;
  readonly path: string;
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  /** Bytes that went by; the SHA-256 (hex) is theirs, null when they did not go by in their order, or as they are. */
  readonly bytes: number;
  readonly sha256: string | null;
  /** They are not the file from its beginning on: it was resumed, or went by out of order. */
  readonly partial: boolean;
  readonly result: 'ok' | 'failed' | 'denied' | 'cancelled';
  readonly detail: string | null;
}

/** Who did what an audit row tells. `machine` is the owner of admin.sock, `system` the daemon itself. */
export interface Actor {
  readonly kind: 'user' | 'machine' | 'system';
  readonly userId: UserId | null;
  readonly name: string;
  readonly ip: string | null;
  readonly via: 'ssh' | 'web' | 'api' | 'socket' | 'system';
}

/** An audit row before the store gives it its place. `action` is `thing.verb`, e.g. `user.create`, `login`, `session.end`. */
export interface AuditDraft {
  readonly actor: Actor;
  readonly action: string;
  readonly outcome: 'ok' | 'denied' | 'failed';
  readonly target: { readonly kind: string; readonly id: string | null; readonly name: string } | null;
  /** Why it failed or was denied. */
  readonly reason: string | null;
  /** Before/after and the like; never a secret. */
  readonly details: Readonly<Record<string, unknown>> | null;
}

export interface AuditRow extends AuditDraft {
  readonly id: AuditId;
  /** Its place in the order of writing. */
  readonly seq: number;
  readonly at: Millis;
}
