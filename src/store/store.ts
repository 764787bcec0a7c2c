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
import type { Disposer } from '../kernel/lifecycle.ts';
import type { AuditRepository } from './audit/repository.ts';
import type * as m from './model.ts';
import type {
  CommandsRepository,
  FiltersRepository,
  ReviewsRepository,
  SessionsRepository,
  StatisticsRepository,
  TransfersRepository,
} from './store-activity.ts';
import type { OutputsRepository } from './text/outputs-model.ts';
import type { Place } from './vault.ts';

export type * from './store-activity.ts';

/**
 * The store as the main thread calls it. Each method is one message to the store's thread and one transaction there
 * (several waiting writes share a commit); a method that changes something takes the audit rows that tell of it and
 * writes them in the same transaction. Names are unique without regard to case; a taken name is AppError `conflict`,
 * a missing row AppError `not_found`.
 */
export interface Store {
  readonly users: UsersRepository;
  readonly keys: KeysRepository;
  readonly mfa: MfaRepository;
  readonly lockouts: LockoutsRepository;
  readonly links: LinksRepository;
  readonly tokens: TokensRepository;
  readonly webSessions: WebSessionsRepository;
  readonly tickets: TicketsRepository;
  readonly preferences: PreferencesRepository;
  readonly authorities: AuthoritiesRepository;
  readonly groups: GroupsRepository;
  readonly platforms: PlatformsRepository;
  readonly folders: FoldersRepository;
  readonly assets: AssetsRepository;
  readonly accounts: AccountsRepository;
  readonly permissions: PermissionsRepository;
  readonly hostKeys: HostKeysRepository;
  readonly sessions: SessionsRepository;
  readonly filters: FiltersRepository;
  readonly commands: CommandsRepository;
  readonly reviews: ReviewsRepository;
  readonly transfers: TransfersRepository;
  readonly statistics: StatisticsRepository;
  readonly audit: AuditRepository;
  readonly vaultRows: VaultRepository;
  readonly outputs: OutputsRepository;

  /** Called after every committed change of users, keys, groups, assets, accounts, permissions, filters, tokens, web sessions or authorities. */
  onAccessChanged(listener: () => void): Disposer;
  close(): Promise<void>;
}

export type Audit = m.AuditDraft | readonly m.AuditDraft[];
export interface Page {
  /** Rows after this id (exclusive), in the list's own order. */
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The fields that change. `version`: which one the edit was made from; `conflict` with the present one in its details
 * when the row has another by now.
 */
export type Patch<T> = { readonly [K in keyof T]?: T[K] | undefined } & { readonly version?: number | undefined };

export interface NewUser {
  readonly id: UserId;
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly comment: string;
  readonly role: m.Role;
  readonly validUntil: m.Millis | null;
  readonly passwordHash: string | null;
  readonly groups: readonly string[];
}
export type UserPatch = Patch<
  Pick<m.User, 'name' | 'displayName' | 'email' | 'comment' | 'role' | 'disabled' | 'validUntil'> & {
    /** A new one signs the user out everywhere, as being disabled does. */
    readonly passwordHash: string | null;
  }
>;
export interface UsersRepository {
  list(): Promise<m.User[]>;
  byId(id: UserId): Promise<m.User | undefined>;
  byName(name: string): Promise<m.User | undefined>;
  /** Enabled, unexpired administrators. */
  countAdmins(now: m.Millis): Promise<number>;
  groupsOf(id: UserId): Promise<string[]>;
  create(user: NewUser, audit: Audit): Promise<m.User>;
  /** Refuses to take away the last administrator who can log in (`conflict`). Who is disabled is signed out everywhere. */
  update(id: UserId, patch: UserPatch, audit: Audit): Promise<m.User>;
  /** Deletes the user with keys, tokens, links and memberships; permissions lose the name. Sessions and audit stay. */
  remove(id: UserId, audit: Audit): Promise<void>;
  credentials(id: UserId): Promise<m.UserCredentials | undefined>;
  /** Signs the user out of every browser, but for the one to keep, and forgets what keys are remembered for. A new one revokes the user's links. */
  setPassword(id: UserId, passwordHash: string | null, audit: Audit, keep?: WebSessionId): Promise<void>;
  /** The same without a new password. */
  signOut(id: UserId, audit: Audit): Promise<void>;
  setTotpPending(id: UserId, sealed: m.Sealed | null, audit: Audit): Promise<void>;
  /** Makes the pending secret the secret and replaces the recovery codes (SHA-256 hex each). False when nothing was pending. */
  confirmTotp(
    id: UserId,
    step: number,
    recoveryHashes: readonly string[],
    sealed: m.Sealed,
    audit: Audit,
  ): Promise<boolean>;
  resetTotp(id: UserId, audit: Audit): Promise<void>;
  /** Marks a time step as used; false when it, or a later one, was used already. */
  useTotpStep(id: UserId, step: number): Promise<boolean>;
  /** Uses up a recovery code; false when there is no such unused code. */
  useRecoveryCode(id: UserId, hash: string, audit: Audit): Promise<boolean>;
  recoveryCodesLeft(id: UserId): Promise<number>;
  /**
   * A finished login: sets lastLoginAt, key's lastUsedAt, clears the lockout counter of `ip` and, when a code was
   * shown, that of wrong codes from anywhere; writes the audit row.
   */
  recordLogin(
    id: UserId,
    login: { at: m.Millis; ip: string; keyId: KeyId | null; byCode?: boolean },
    audit: Audit,
  ): Promise<void>;
}

export interface KeysRepository {
  listOf(userId: UserId): Promise<m.UserKey[]>;
  /** How many keys each user has; who has none is not in it. */
  counts(): Promise<{ readonly userId: UserId; readonly keys: number }[]>;
  byFingerprint(userId: UserId, fingerprint: string): Promise<m.UserKey | undefined>;
  /** `conflict` when this user has the key already. */
  add(key: m.UserKey, audit: Audit): Promise<m.UserKey>;
  remove(userId: UserId, fingerprint: string, audit: Audit): Promise<void>;
}

/** MFA memory: "this user passed TOTP with this key from this address until then". */
export interface MfaRepository {
  remembered(userId: UserId, fingerprint: string, now: m.Millis): Promise<boolean>;
  remember(userId: UserId, fingerprint: string, until: m.Millis): Promise<void>;
}

export interface LockoutsRepository {
  list(now: m.Millis): Promise<m.Lockout[]>;
  get(userName: string, ip: string): Promise<m.Lockout | undefined>;
  /** Counts one failure and returns the row; locks until `now + lockMs` when `tries` is reached. Old failures (older than lockMs) do not count. */
  fail(userName: string, ip: string, now: m.Millis, tries: number, lockMs: number, audit: Audit): Promise<m.Lockout>;
  clear(userName: string, audit: Audit): Promise<number>;
}

export interface LinksRepository {
  create(
    link: { id: LinkId; kind: m.LinkKind; userId: UserId | null; tokenHash: string; expiresAt: m.Millis },
    audit: Audit,
  ): Promise<void>;
  byTokenHash(hash: string): Promise<m.Link | undefined>;
  /** Marks the link used; false when it was used, has expired or does not exist. */
  use(hash: string, now: m.Millis): Promise<boolean>;
  /** Drops unused links of this kind (and user). */
  revoke(kind: m.LinkKind, userId: UserId | null): Promise<void>;
}

export interface TokensRepository {
  list(): Promise<m.ApiToken[]>;
  create(
    token: { id: TokenId; userId: UserId; name: string; tokenHash: string; expiresAt: m.Millis | null },
    audit: Audit,
  ): Promise<m.ApiToken>;
  byTokenHash(hash: string): Promise<m.ApiToken | undefined>;
  touch(id: TokenId, at: m.Millis): Promise<void>;
  remove(id: TokenId, audit: Audit): Promise<void>;
}

export type NewWebSession = Omit<m.WebSession, 'lastSeenAt'> & { readonly tokenHash: string };
export interface WebSessionsRepository {
  /** Those that are not over, the one used last first. */
  listOf(userId: UserId, now: m.Millis): Promise<m.WebSession[]>;
  byId(id: WebSessionId): Promise<m.WebSession | undefined>;
  byTokenHash(hash: string): Promise<m.WebSession | undefined>;
  /** Drops what is over, of everybody, and of this user the oldest beyond `most`. */
  create(session: NewWebSession, most: number, audit: Audit): Promise<m.WebSession>;
  /** A sign of life; does nothing when the session is gone or over. */
  touch(id: WebSessionId, at: m.Millis, idleUntil: m.Millis): Promise<void>;
  /** AppError `not_found` when this user has no such session. */
  remove(userId: UserId, id: WebSessionId, audit: Audit): Promise<void>;
  /** All of this user but one; returns how many. */
  removeOthers(userId: UserId, keep: WebSessionId | null, audit: Audit): Promise<number>;
}

export interface TicketsRepository {
  /** Drops tickets that have expired, too. */
  create(ticket: m.Ticket & { readonly tokenHash: string }, audit: Audit): Promise<void>;
  /** Uses it up: undefined when it was used, has expired or does not exist. Of several at once one gets it. */
  use(hash: string, now: m.Millis): Promise<m.Ticket | undefined>;
}

/** What pages remember for a person, as JSON text. */
export interface PreferencesRepository {
  get(userId: UserId): Promise<string | undefined>;
  /** Changes the named values, a null takes one away; `too_large` beyond `maxBytes` in all. Returns what is there then. */
  merge(userId: UserId, json: string, maxBytes: number): Promise<string>;
}

export interface AuthoritiesRepository {
  list(): Promise<m.CertificateAuthority[]>;
  add(ca: m.CertificateAuthority, audit: Audit): Promise<m.CertificateAuthority>;
  remove(id: CaId, audit: Audit): Promise<void>;
  /** The private key of one of our own authorities, undefined when it was not made yet, and where it is sealed for. */
  signingKey(kind: m.SigningKind): Promise<{ sealed: m.Sealed | undefined; place: Place }>;
  /** Stores it; once, for good. */
  keepSigningKey(kind: m.SigningKind, sealed: m.Sealed, audit: Audit): Promise<void>;
}

export type GroupPatch = Patch<Pick<m.Group, 'name' | 'comment'>>;
export interface GroupsRepository {
  list(): Promise<m.Group[]>;
  byName(name: string): Promise<m.Group | undefined>;
  create(group: { id: GroupId; name: string; comment: string }, audit: Audit): Promise<m.Group>;
  update(id: GroupId, patch: GroupPatch, audit: Audit): Promise<m.Group>;
  remove(id: GroupId, audit: Audit): Promise<void>;
  join(id: GroupId, userIds: readonly UserId[], audit: Audit): Promise<m.Group>;
  leave(id: GroupId, userIds: readonly UserId[], audit: Audit): Promise<m.Group>;
}

export interface PlatformsRepository {
  list(): Promise<m.Platform[]>;
  byName(name: string): Promise<m.Platform | undefined>;
}

export interface FoldersRepository {
  list(): Promise<m.Folder[]>;
  /** Creates the folder and its parents; an existing one only gets the comment. */
  add(path: string, comment: string, audit: Audit): Promise<m.Folder>;
  /** Moves the folder with everything below it; permissions follow. */
  move(path: string, to: string, audit: Audit): Promise<m.Folder>;
  /** `conflict` while assets or folders are in it. */
  remove(path: string, audit: Audit): Promise<void>;
}

export interface NewAsset {
  readonly id: AssetId;
  readonly name: string;
  readonly address: string;
  readonly protocols: readonly m.ProtocolPort[];
  readonly platform: string;
  readonly folder: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly comment: string;
  readonly active: boolean;
  readonly charset: string | null;
  readonly viaId: AssetId | null;
}
export type AssetPatch = Patch<Omit<NewAsset, 'id'>>;
export interface AssetsRepository {
  list(): Promise<m.Asset[]>;
  byId(id: AssetId): Promise<m.Asset | undefined>;
  byName(name: string): Promise<m.Asset | undefined>;
  byAddress(address: string): Promise<m.Asset[]>;
  create(asset: NewAsset, audit: Audit): Promise<m.Asset>;
  /** All or none; `conflict` names the first row that clashes. */
  createMany(assets: readonly NewAsset[], audit: Audit): Promise<m.Asset[]>;
  update(id: AssetId, patch: AssetPatch, audit: Audit): Promise<m.Asset>;
  /** `conflict` while another asset is reached through it. */
  remove(id: AssetId, audit: Audit): Promise<void>;
}

export interface NewAccount {
  readonly id: AccountId;
  readonly assetId: AssetId;
  readonly login: string;
  readonly secretKind: m.SecretKind;
  readonly secret: m.Sealed | null;
  readonly passphrase: m.Sealed | null;
  readonly publicKey: string | null;
  readonly comment: string;
  readonly active: boolean;
}
export type AccountPatch = Patch<Omit<NewAccount, 'id' | 'assetId'>>;
export interface AccountsRepository {
  list(assetId?: AssetId): Promise<m.Account[]>;
  /** How many accounts each asset has; one that has none is not in it. */
  counts(): Promise<{ readonly assetId: AssetId; readonly accounts: number }[]>;
  byLogin(assetId: AssetId, login: string): Promise<m.Account | undefined>;
  create(account: NewAccount, audit: Audit): Promise<m.Account>;
  update(id: AccountId, patch: AccountPatch, audit: Audit): Promise<m.Account>;
  remove(id: AccountId, audit: Audit): Promise<void>;
  secret(id: AccountId): Promise<m.AccountSecret | undefined>;
}

export type NewPermission = Omit<m.Permission, 'createdAt' | 'version'>;
export type PermissionPatch = Patch<Omit<NewPermission, 'id'>>;
export interface PermissionsRepository {
  list(): Promise<m.Permission[]>;
  byName(name: string): Promise<m.Permission | undefined>;
  /** `not_found` when a named user, group or asset does not exist. Folders are created when missing. */
  create(permission: NewPermission, audit: Audit): Promise<m.Permission>;
  update(id: PermissionId, patch: PermissionPatch, audit: Audit): Promise<m.Permission>;
  remove(id: PermissionId, audit: Audit): Promise<void>;
  /** Active permissions that name this user directly or through a group: what `decide` judges. */
  forUser(userId: UserId): Promise<m.Permission[]>;
}

export interface HostKeysRepository {
  list(assetId?: AssetId): Promise<m.HostKey[]>;
  /** Adds a pinned key (first use). */
  pin(key: Omit<m.HostKey, 'assetName'>, audit: Audit): Promise<void>;
  seen(id: HostKeyId, at: m.Millis): Promise<void>;
  /** Notes a key that was presented instead of the pinned one. */
  noteChanged(key: Omit<m.HostKey, 'assetName'>, audit: Audit): Promise<void>;
  /** The changed keys become the pinned ones and the old ones go; returns how many. */
  acceptChanged(assetId: AssetId, audit: Audit): Promise<number>;
  forget(assetId: AssetId, audit: Audit): Promise<number>;
}

export interface VaultRow {
  readonly table: string;
  readonly column: string;
  readonly id: string;
  readonly sealed: m.Sealed;
}
/** A value sealed anew, with what stood there before. */
export interface VaultReplacement extends VaultRow {
  readonly was: m.Sealed;
}
export interface VaultRepository {
  /** The key check value, undefined in a new database. */
  keyCheck(): Promise<Buffer | undefined>;
  setKeyCheck(value: Buffer): Promise<void>;
  /** Every sealed value there is, for `vault rotate-key`. */
  all(): Promise<VaultRow[]>;
  /** Replaces all sealed values and the key check value in one transaction; `conflict` when a value changed since `all`. */
  replaceAll(rows: readonly VaultReplacement[], keyCheck: Buffer, audit: Audit): Promise<void>;
}
