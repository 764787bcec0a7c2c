import type {
  AccountId,
  AssetId,
  CaId,
  GroupId,
  HostKeyId,
  KeyId,
  LinkId,
  PermissionId,
  TokenId,
  UserId,
  WebSessionId,
} from '../kernel/id.ts';

export * from './model-activity.ts';

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
  /** Counts the edits of the row. */
  readonly version: number;
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

/** Our own authorities: `host` signs for machines, `user` for people. */
export type SigningKind = 'host' | 'user';
export const SIGNING_KINDS: readonly SigningKind[] = ['host', 'user'];

export interface Group {
  readonly id: GroupId;
  readonly name: string;
  readonly comment: string;
  readonly members: readonly string[];
  /** Counts the edits of the row. */
  readonly version: number;
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

/** A browser that is signed in. Only the SHA-256 of its cookie is kept. */
export interface WebSession {
  readonly id: WebSessionId;
  readonly userId: UserId;
  readonly createdAt: Millis;
  readonly lastSeenAt: Millis;
  /** Over without a sign of life until then. */
  readonly idleUntil: Millis;
  /** Over then, however much it is used. */
  readonly expiresAt: Millis;
  readonly ip: string;
  readonly userAgent: string;
  /** JSON: by which factors the person signed in, as `auth` keeps them. */
  readonly factors: string;
}

/** A one-time right to begin one use of one asset. Only the SHA-256 of its token is kept. */
export interface Ticket {
  readonly userId: UserId;
  /** The sign-in or the API token it was asked for with; it falls with that. */
  readonly webSessionId: WebSessionId | null;
  readonly tokenId: TokenId | null;
  readonly assetId: AssetId;
  /** A login, or `@input`. */
  readonly account: string;
  readonly protocol: Protocol;
  readonly use: Use;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
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
  /** Counts the edits of the row. */
  readonly version: number;
}

/**
 * How the bastion proves itself to a target. `agent`: with the keys of the user's own forwarded agent; `certificate`:
 * with a certificate of minutes by the bastion's authority. Neither keeps a secret of the target.
 */
export type SecretKind = 'password' | 'key' | 'none' | 'agent' | 'certificate';

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
  /** Counts the edits of the row. */
  readonly version: number;
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
  /** Counts the edits of the row. */
  readonly version: number;
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
