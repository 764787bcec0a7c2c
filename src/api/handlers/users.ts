import type { Authenticator } from '../../auth/authenticator.ts';
import { userKeyFrom } from '../../auth/links.ts';
import { parsePublicKeyLine } from '../../auth/public-key-line.ts';
import { checkUserName } from '../../auth/user-name.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { newId, type UserId } from '../../kernel/id.ts';
import { Secret } from '../../kernel/secret.ts';
import type { Actor, LinkKind, User } from '../../store/model.ts';
import type { Store, UserPatch } from '../../store/store.ts';
import { mustBeVersion } from '../../store/version.ts';
import type { LinkView, UserView } from '../contract/users.ts';
import { difference, done } from './audit-draft.ts';
import { findGroup, findUser, quoted } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { iso, isoOrNull, millisOrNull } from './time.ts';
import { keyAudit, keyView } from './user-keys.ts';

const LISTING: Listing<UserView, 'name' | 'role' | 'createdAt' | 'lastLoginAt'> = {
  id: (user) => user.id,
  texts: (user) => [user.name, user.displayName, user.email, user.comment, user.role, ...user.groups],
  order: {
    name: (user) => [user.name],
    role: (user) => [user.role, user.name],
    createdAt: (user) => [Date.parse(user.createdAt)],
    lastLoginAt: (user) => [user.lastLoginAt === null ? 0 : Date.parse(user.lastLoginAt), user.name],
  },
};

export interface UserDeps {
  readonly store: Pick<Store, 'users' | 'keys' | 'groups'>;
  readonly authenticator: Pick<Authenticator, 'hashPassword' | 'createLink'>;
  readonly clock: Clock;
  readonly webAddress: () => string | null;
}

export function userHandlers({ store, authenticator, clock, webAddress }: UserDeps): Handlers<'users'> {
  const withGroups = async (user: User): Promise<UserView> => {
    const [groups, keys] = await Promise.all([store.users.groupsOf(user.id), store.keys.listOf(user.id)]);
    return userView(user, groups, keys.length);
  };
  const invite = async (user: User, actor: Actor): Promise<LinkView> => {
    const { token, expiresAt } = await authenticator.createLink('invite', user, actor);
    return linkView('invite', token, expiresAt, webAddress());
  };

  return {
    async list({ query }) {
      const group = query.group === undefined ? undefined : await findGroup(store, query.group);
      const [users, groups, counts] = await Promise.all([store.users.list(), store.groups.list(), store.keys.counts()]);
      const keysOf = new Map(counts.map(({ userId, keys }) => [userId, keys]));
      const groupsOf = new Map<string, string[]>();
      for (const group of groups) {
        for (const name of group.members) groupsOf.set(name, [...(groupsOf.get(name) ?? []), group.name]);
      }
      const members = group && new Set(group.members);
      const wanted = users.filter(
        ({ name, role }) => (query.role === undefined || role === query.role) && (!members || members.has(name)),
      );
      const views = wanted.map((user) => userView(user, groupsOf.get(user.name) ?? [], keysOf.get(user.id) ?? 0));
      return countedPage(views, query, LISTING);
    },

    async add({ body, actor }) {
      const { name, displayName, email, comment, role, groups } = body;
      checkUserName(name);
      await refuseTaken(store, name);
      const id = newId<UserId>(clock.now());
      const keys = body.keys.map((line) => userKeyFrom(parsePublicKeyLine(line), id, false, clock.now()));
      const passwordHash =
        body.password === undefined
          ? null
          : await authenticator.hashPassword(Secret.of(body.password), { name, email }, actor);
      const values = { id, name, displayName, email, comment, role, groups, validUntil: millisOrNull(body.validUntil) };
      const after = { name, displayName, email, comment, role, groups, validUntil: body.validUntil };
      const audit = done(actor, 'user.create', target(values), { after, password: passwordHash !== null });
      const user = await store.users.create({ ...values, passwordHash }, audit);
      for (const key of keys) await store.keys.add(key, keyAudit(actor, 'key.add', user, key));
      const credentials = keys.length > 0 || passwordHash !== null;
      return { user: await withGroups(user), invite: credentials ? null : await invite(user, actor) };
    },

    async show({ params }) {
      const user = await findUser(store, params.name);
      const [keys, recoveryCodesLeft] = await Promise.all([
        store.keys.listOf(user.id),
        store.users.recoveryCodesLeft(user.id),
      ]);
      return { ...(await withGroups(user)), keys: keys.map(keyView), recoveryCodesLeft };
    },

    async set({ params, body, actor }) {
      const user = await findUser(store, params.name);
      const { rename, password, validUntil, ...plain } = body;
      // Before the password is hashed, which takes its time; what counts is the look within the change itself
      mustBeVersion(user.name, body.version, user.version);
      if (rename !== undefined) {
        checkUserName(rename);
        await refuseTaken(store, rename, user);
      }
      const patch: UserPatch = {
        ...plain,
        name: rename,
        validUntil: validUntil === undefined ? undefined : millisOrNull(validUntil),
      };
      const { version: _version, ...visible } = patch;
      const changed = difference(readable(user), readable(visible));
      const edited = done(actor, 'user.update', target(user), changed);
      if (password === undefined) return withGroups(await store.users.update(user.id, patch, edited));
      const owner = { name: rename ?? user.name, email: body.email ?? user.email };
      const passwordHash =
        password === null ? null : await authenticator.hashPassword(Secret.of(password), owner, actor);
      const audit = [done(actor, 'user.password', target(user), { removed: passwordHash === null })];
      if (Object.keys(changed.after).length > 0) audit.push(edited);
      return withGroups(await store.users.update(user.id, { ...patch, passwordHash }, audit));
    },

    async disable({ params, actor }) {
      const user = await findUser(store, params.name);
      const audit = done(actor, 'user.disable', target(user));
      return withGroups(await store.users.update(user.id, { disabled: true }, audit));
    },

    async enable({ params, actor }) {
      const user = await findUser(store, params.name);
      const audit = done(actor, 'user.enable', target(user));
      return withGroups(await store.users.update(user.id, { disabled: false }, audit));
    },

    async remove({ params, actor }) {
      const user = await findUser(store, params.name);
      const before = { role: user.role, displayName: user.displayName, email: user.email };
      await store.users.remove(user.id, done(actor, 'user.remove', target(user), { before }));
      return {};
    },

    async invite({ params, actor }) {
      const user = await findUser(store, params.name);
      if (user.disabled) {
        throw new AppError(
          'conflict',
          `${quoted(user.name)} is disabled: enable the user first (bastion user enable).`,
        );
      }
      return invite(user, actor);
    },
  };
}

/** The token stands behind the #, so that no server and no log sees it. */
function linkView(kind: LinkKind, token: Secret, expiresAt: number, address: string | null): LinkView {
  const text = token.exposeText();
  return { token: text, url: address === null ? null : `${address}/${kind}#${text}`, expiresAt: iso(expiresAt) };
}

async function refuseTaken(store: Pick<Store, 'users'>, name: string, owner?: User): Promise<void> {
  const other = await store.users.byName(name);
  if (other && other.id !== owner?.id) {
    throw new AppError('conflict', `There is already a user ${quoted(other.name)}; choose another name.`);
  }
}

function userView(user: User, groups: readonly string[], keyCount: number): UserView {
  return {
    ...user,
    groups: [...groups],
    keyCount,
    validUntil: isoOrNull(user.validUntil),
    createdAt: iso(user.createdAt),
    lastLoginAt: isoOrNull(user.lastLoginAt),
  };
}

/** Times as the audit shows them. */
function readable<T extends { readonly validUntil?: number | null | undefined }>(values: T) {
  const { validUntil } = values;
  return { ...values, validUntil: validUntil === undefined ? undefined : isoOrNull(validUntil) };
}

function target(user: { readonly id: UserId; readonly name: string }) {
  return { kind: 'user', id: user.id, name: user.name };
}
