import type {
  AccountId,
  AssetId,
  AuditId,
  CaId,
  CommandId,
  FilterId,
  GrantId,
  GroupId,
  HostKeyId,
  KeyId,
  LinkId,
  PermissionId,
  ReviewId,
  SessionId,
  TokenId,
  TransferId,
  UserId,
} from '../kernel/id.ts';

/**
 * What the store holds, as the rest of the house sees it. Times are milliseconds since 1970, `null` means "none".
 * A `Sealed` is a secret encrypted by the vault for exactly the row and column it stands in.
 */
export type Sealed = Buffer;
export type Millis = number;

export type Role = 'user' | 'auditor' | 'admin';

export type Protocol = 'ssh' | 'telnet' | 'rdp' | 'vnc' | 'mysql' | 'mariadb' | 'postgresql' | 'redis' | 'local';
/** Protocols an asset may name, with the port each has when none is given. */
export const PROTOCOL_PORTS: Readonly<Record<Protocol, number>> = {
  ssh: 22,
  telnet: 23,
  rdp: 3389,
  vnc: 5900,
  mysql: 3306,
  mariadb: 3306,
  postgresql: 5432,
  redis: 6379,
  local: 0,
};

export type Action = 'connect' | 'upload' | 'download' | 'delete' | 'copy' | 'paste' | 'forward' | 'share';
export const ACTIONS: readonly Action[] = [
  'connect',
  'upload',
  'download',
  'delete',
  'copy',
  'paste',
  'forward',
  'share',
];

export type Use = 'shell' | 'exec' | 'files' | 'forward' | 'desktop';
export type RecordPolicy = 'required' | 'best-effort';

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly comment: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly validUntil: Millis | null;
  readonly hasPassword: boolean;
  readonly totpEnabled: boolean;
  readonly createdAt: Millis;
  readonly lastLoginAt: Millis | null;
}

/** The credentials of a user, read only by `auth`. */
export interface UserCredentials {
  readonly userId: UserId;
  /** scrypt in PHC string form. */
  readonly passwordHash: string | null;
  readonly totpSecret: Sealed | null;
  /** A secret shown at enrolment and not yet confirmed with a code. */
  readonly totpPending: Sealed | null;
  /** The last TOTP time step that was used: a code works once. */
  readonly totpLastStep: number | null;
}

export interface UserKey {
  readonly id: KeyId;
  readonly userId: UserId;
  /** Plain key type, e.g. `ssh-ed25519`, `sk-ssh-ed25519@openssh.com`. */
  readonly type: string;
  /** `SHA256:…` as ssh-keygen prints it. */
  readonly fingerprint: string;
  /** Wire blob. */
  readonly blob: Buffer;
  readonly comment: string;
  /** The authorized_keys options as written, '' when none. */
  readonly options: string;
  /** Needs no TOTP; only allowed together with `from=`. */
  readonly totpExempt: boolean;
  readonly createdAt: Millis;
  readonly lastUsedAt: Millis | null;
}

export interface CertificateAuthority {
  readonly id: CaId;
  readonly name: string;
  readonly type: string;
  readonly fingerprint: string;
  readonly blob: Buffer;
  readonly createdAt: Millis;
}

export interface Group {
  readonly id: GroupId;
  readonly name: string;
  readonly comment: string;
  readonly members: readonly string[];
}

/** In place of an address: wrong codes of one user, wherever they came from. */
export const ANY_ADDRESS = '*';

export interface Lockout {
  readonly userName: string;
  /** An address, the /64 of an IPv6 one, or `ANY_ADDRESS`. */
  readonly ip: string;
  readonly failures: number;
  readonly lastAt: Millis;
  /** Locked until then, null while only counting. */
  readonly until: Millis | null;
}

export type LinkKind = 'setup' | 'invite';
/** A one-time link. Only the SHA-256 of its token is kept. */
export interface Link {
  readonly id: LinkId;
  readonly kind: LinkKind;
  readonly userId: UserId | null;
  readonly expiresAt: Millis;
  readonly usedAt: Millis | null;
}

export interface ApiToken {
  readonly id: TokenId;
  readonly userId: UserId;
  readonly userName: string;
  readonly name: string;
  readonly createdAt: Millis;
  readonly expiresAt: Millis | null;
  readonly lastUsedAt: Millis | null;
}

export interface Platform {
  readonly name: string;
  readonly kind: 'host' | 'device' | 'database' | 'desktop';
  /** Offers old algorithms to the target, and says so. */
  readonly legacyAlgorithms: boolean;
  readonly charset: string | null;
  readonly builtIn: boolean;
  readonly comment: string;
}

export interface Folder {
  /** Absolute, `/` is the root, no trailing slash. */
  readonly path: string;
  readonly comment: string;
}

export interface ProtocolPort {
  readonly name: Protocol;
  readonly port: number;
}

export interface Asset {
  readonly id: AssetId;
  readonly name: string;
  /** Host name, IPv4 or IPv6 (without brackets). */
  readonly address: string;
  readonly protocols: readonly ProtocolPort[];
  readonly platform: string;
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly comment: string;
  readonly active: boolean;
  /** Text encoding of the target, null for UTF-8. */
  readonly charset: string | null;
  /** Reached through this asset's SSH server. */
  readonly viaId: AssetId | null;
  readonly createdAt: Millis;
}

export type SecretKind = 'password' | 'key' | 'none';

export interface Account {
  readonly id: AccountId;
  readonly assetId: AssetId;
  readonly assetName: string;
  readonly login: string;
  readonly secretKind: SecretKind;
  /** OpenSSH public key line of a `key` account, for putting on the target. */
  readonly publicKey: string | null;
  readonly comment: string;
  readonly active: boolean;
  readonly createdAt: Millis;
  readonly updatedAt: Millis;
}

/** The secret of an account, read only by `targets` through the vault. */
export interface AccountSecret {
  readonly accountId: AccountId;
  readonly kind: SecretKind;
  readonly secret: Sealed | null;
  readonly passphrase: Sealed | null;
}

/** A permission; every list names things by name, `labels` are `key=value`. Empty protocols mean every protocol. */
export interface Permission {
  readonly id: PermissionId;
  readonly name: string;
  readonly comment: string;
  readonly active: boolean;
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly assets: readonly string[];
  readonly folders: readonly string[];
  readonly labels: readonly string[];
  /** Logins, or `@all`, `@user`, `@input`. */
  readonly accounts: readonly string[];
  readonly protocols: readonly Protocol[];
  readonly actions: readonly Action[];
  readonly from: Millis | null;
  readonly until: Millis | null;
  /** `HOST:PORT` patterns for action forward. */
  readonly forwardTo: readonly string[];
  readonly record: RecordPolicy;
  readonly createdAt: Millis;
}

export interface HostKey {
  readonly id: HostKeyId;
  readonly assetId: AssetId;
  readonly assetName: string;
  /** `HOST:PORT` the key was seen at. */
  readonly endpoint: string;
  readonly type: string;
  readonly fingerprint: string;
  readonly blob: Buffer;
  /** `pinned` is trusted; `changed` was presented instead of a pinned one and waits for `host-key accept`. */
  readonly state: 'pinned' | 'changed';
  readonly firstSeenAt: Millis;
  readonly lastSeenAt: Millis;
}

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
  /** The command of an exec session. */
  readonly command: string | null;
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

/** What a rule does with a command, the mildest first: the severest of a line counts. */
export const FILTER_ACTIONS = ['allow', 'warn', 'review', 'deny'] as const;
export type FilterAction = (typeof FILTER_ACTIONS)[number];

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
/** A file that went through a session. */
export interface TransferRow {
  readonly id: TransferId;
  readonly sessionId: SessionId;
  readonly userId: UserId;
  readonly userName: string;
  readonly assetId: AssetId;
  readonly assetName: string;
  readonly account: string;
  readonly method: 'zmodem' | 'sftp' | 'scp' | 'rsync' | 'web';
  readonly direction: TransferDirection;
  readonly path: string;
  readonly startedAt: Millis;
  readonly endedAt: Millis;
  /** Bytes that went by; the SHA-256 (hex) is theirs, null when not every byte was seen in order. */
  readonly bytes: number;
  readonly sha256: string | null;
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
