import type { Config } from '../config/schema.ts';
import type { Clock } from '../kernel/clock.ts';
import { AppError } from '../kernel/errors.ts';
import { type KeyId, type LinkId, newId, type UserId } from '../kernel/id.ts';
import type { Secret } from '../kernel/secret.ts';
import type { Actor, AuditDraft, Link, LinkKind, User, UserKey } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import { userAudit } from './actor.ts';
import { newToken, tokenHash } from './one-time.ts';
import type { Passwords } from './password.ts';
import { checkPassword } from './password-policy.ts';
import { type PublicKeyLine, parsePublicKeyLine } from './public-key-line.ts';
import { checkUserName } from './user-name.ts';
import { refuseUser } from './user-state.ts';

const HOUR = 3_600_000;
const VALID_MS: Readonly<Record<LinkKind, number>> = { setup: HOUR, invite: 72 * HOUR };

/** What a person brings to a one-time link: a password, keys, or both. */
export interface NewCredentials {
  /** For a set-up link: the name of the first administrator. */
  readonly userName?: string | undefined;
  readonly password?: Secret | undefined;
  /** authorized_keys lines. */
  readonly keys?: readonly string[] | undefined;
}

interface Prepared {
  readonly passwordHash: string | null;
  readonly keys: readonly PublicKeyLine[];
}

/** One-time links: set-up of the first administrator, and invitations. */
export class Links {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #passwords: Passwords;
  readonly #config: Config['auth'];
  /** Redemptions run one after the other, so that two set-up links cannot both find no administrator. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(deps: { store: Store; clock: Clock; passwords: Passwords; config: Config['auth'] }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#passwords = deps.passwords;
    this.#config = deps.config;
  }

  /** Makes a link; earlier unused ones of the same kind (and user) stop working. An invite needs its user. */
  async create(
    kind: LinkKind,
    user: User | null,
    actor: Actor,
    validMs: number = VALID_MS[kind],
  ): Promise<{ token: Secret; expiresAt: number }> {
    if ((kind === 'invite') !== (user !== null))
      throw new AppError('invalid', 'An invite is for one user; a set-up link is for nobody yet.');
    const token = newToken('bsl');
    const expiresAt = this.#clock.now() + validMs;
    const id = newId<LinkId>(this.#clock.now());
    const target = user ? { kind: 'user', id: user.id, name: user.name } : null;
    const draft: AuditDraft = {
      actor,
      action: 'link.create',
      outcome: 'ok',
      target,
      reason: null,
      details: { kind, expiresAt },
    };
    await this.#store.links.revoke(kind, user?.id ?? null);
    await this.#store.links.create(
      { id, kind, userId: user?.id ?? null, tokenHash: tokenHash('bsl', token)!, expiresAt },
      draft,
    );
    return { token, expiresAt };
  }

  /** The link and whose it is, without using it up. AppError `expired` when it is unknown, used or too old. */
  async show(token: Secret): Promise<{ link: Link; user: User | null }> {
    const hash = tokenHash('bsl', token);
    const link = hash === undefined ? undefined : await this.#store.links.byTokenHash(hash);
    const now = this.#clock.now();
    if (!link || link.usedAt !== null || now >= link.expiresAt) throw unusable(link?.kind ?? 'invite');
    if (link.kind === 'setup') {
      if ((await this.#store.users.countAdmins(now)) > 0) throw unusable('setup');
      return { link, user: null };
    }
    const user = link.userId === null ? undefined : await this.#store.users.byId(link.userId);
    if (!user || refuseUser(user, now) !== null) throw unusable('invite');
    return { link, user };
  }

  /**
   * Uses a link up and gives the person their credentials. Everything is checked first: a refused password
   * (`invalid`) or a taken name (`conflict`) leaves the link as it was. AppError `expired` when the link is unknown,
   * used or too old.
   */
  redeem(token: Secret, kind: LinkKind, credentials: NewCredentials, actor: Actor): Promise<User> {
    const work = () => this.#redeem(token, kind, credentials, actor);
    const mine = this.#turn.then(work, work);
    this.#turn = mine.catch(() => {});
    return mine;
  }

  async #redeem(token: Secret, kind: LinkKind, credentials: NewCredentials, actor: Actor): Promise<User> {
    const hash = tokenHash('bsl', token);
    const link = hash === undefined ? undefined : await this.#store.links.byTokenHash(hash);
    if (!link || link.kind !== kind || link.usedAt !== null || this.#clock.now() >= link.expiresAt)
      throw unusable(kind);
    return kind === 'setup' ? this.#setUp(hash!, credentials, actor) : this.#accept(hash!, link, credentials, actor);
  }

  async #setUp(hash: string, credentials: NewCredentials, actor: Actor): Promise<User> {
    const { store, now } = { store: this.#store, now: this.#clock.now() };
    const name = credentials.userName ?? '';
    checkUserName(name);
    if ((await store.users.countAdmins(now)) > 0) throw unusable('setup');
    if (await store.users.byName(name))
      throw new AppError('conflict', `There is a user named ${name} already; choose another name.`);
    const prepared = await this.#prepare(credentials, { name, email: '' }, actor);
    if (!(await store.links.use(hash, this.#clock.now()))) throw unusable('setup');
    const id = newId<UserId>(now);
    const author = authorOf(actor, { id, name });
    const user = await store.users.create(
      {
        id,
        name,
        displayName: '',
        email: '',
        comment: '',
        role: 'admin',
        validUntil: null,
        passwordHash: prepared.passwordHash,
        groups: [],
      },
      userAudit({ id, name }, author, 'user.create', { by: 'set-up link', role: 'admin' }),
    );
    await this.#addKeys(user, prepared.keys, author);
    return (await store.users.byId(id)) ?? user;
  }

  async #accept(hash: string, link: Link, credentials: NewCredentials, actor: Actor): Promise<User> {
    const user = link.userId === null ? undefined : await this.#store.users.byId(link.userId);
    if (!user || refuseUser(user, this.#clock.now()) !== null) throw unusable('invite');
    const prepared = await this.#prepare(credentials, user, actor);
    if (!(await this.#store.links.use(hash, this.#clock.now()))) throw unusable('invite');
    const author = authorOf(actor, user);
    if (prepared.passwordHash !== null) {
      await this.#store.users.setPassword(
        user.id,
        prepared.passwordHash,
        userAudit(user, author, 'user.password', { by: 'invite' }),
      );
    } else {
      // who needs a link has lost something, and whoever found it may have signed in
      await this.#store.users.signOut(user.id, userAudit(user, author, 'sign-in.end-others', { by: 'invite' }));
    }
    await this.#addKeys(user, prepared.keys, author);
    return (await this.#store.users.byId(user.id)) ?? user;
  }

  /** Checks what was brought; hashing comes last, when nothing else can refuse. */
  async #prepare(credentials: NewCredentials, owner: { name: string; email: string }, actor: Actor): Promise<Prepared> {
    const { password } = credentials;
    const keys = (credentials.keys ?? []).map(parsePublicKeyLine);
    const usable = (password !== undefined && this.#config.password) || (keys.length > 0 && this.#config.public_key);
    if (!usable) throw new AppError('invalid', `Give ${wanted(this.#config)}: without it nobody could log in.`);
    if (password === undefined) return { passwordHash: null, keys };
    checkPassword(password, owner, this.#config.password_min_length);
    return { passwordHash: await this.#passwords.hash(password, actor.ip ?? actor.kind), keys };
  }

  async #addKeys(user: User, keys: readonly PublicKeyLine[], actor: Actor): Promise<void> {
    for (const line of keys) {
      // An invite may repeat a key that the administrator has entered already
      if (await this.#store.keys.byFingerprint(user.id, line.fingerprint)) continue;
      const key = userKeyFrom(line, user.id, false, this.#clock.now());
      await this.#store.keys.add(
        key,
        userAudit(user, actor, 'key.add', { fingerprint: key.fingerprint, options: key.options }),
      );
    }
  }
}

/** The row of a parsed key. AppError `invalid` when it is to need no TOTP and may be used from anywhere. */
export function userKeyFrom(line: PublicKeyLine, userId: UserId, totpExempt: boolean, now: number): UserKey {
  if (totpExempt && line.meaning.restrictions.from.length === 0) {
    throw new AppError(
      'invalid',
      'A key that needs no verification code must say where it may be used from: put from="ADDRESS,…" before it.',
    );
  }
  return {
    id: newId<KeyId>(now),
    userId,
    type: line.type,
    fingerprint: line.fingerprint,
    blob: line.blob,
    comment: line.comment,
    options: line.options,
    totpExempt,
    createdAt: now,
    lastUsedAt: null,
  };
}

/** Who redeems a link is the person it makes, unless the machine's owner does it. */
function authorOf(actor: Actor, user: { id: UserId; name: string }): Actor {
  return actor.kind === 'user' ? { ...actor, userId: user.id, name: user.name } : actor;
}

function wanted(config: Config['auth']): string {
  if (config.password && config.public_key) return 'a password or a public key';
  return config.password ? 'a password' : 'a public key';
}

function unusable(kind: LinkKind): AppError {
  const next =
    kind === 'setup'
      ? 'restart the bastion while it has no administrator to get a new one'
      : 'ask an administrator for a new one';
  return new AppError('expired', `This link was used, has expired or never existed; ${next}.`);
}
