import { refuseForwardPattern } from '../../access/forward.ts';
import { coverage, prepare } from '../../access/rules.ts';
import type { Clock } from '../../kernel/clock.ts';
import { AppError } from '../../kernel/errors.ts';
import { newId, type PermissionId } from '../../kernel/id.ts';
import type { Asset, Permission } from '../../store/model.ts';
import { nameKey } from '../../store/name-key.ts';
import type { PermissionPatch, Store } from '../../store/store.ts';
import type { PermissionView } from '../contract/permissions.ts';
import { difference, done } from './audit-draft.ts';
import { findAsset, findPermission, findUser } from './find.ts';
import type { Handlers } from './handler.ts';
import { countedPage, type Listing } from './paging.ts';
import { previewPermission } from './permission-preview.ts';
import { iso, isoOrNull, millisOrNull } from './time.ts';

const LISTING: Listing<Permission, 'name' | 'createdAt' | 'until'> = {
  id: (permission) => permission.id,
  texts: ({ name, comment, users, groups, assets, folders, labels, accounts }) => [
    ...[name, comment],
    ...[users, groups, assets, folders, labels, accounts].flat(),
  ],
  order: {
    name: (permission) => [permission.name],
    createdAt: (permission) => [permission.createdAt],
    until: (permission) => [permission.until ?? Number.MAX_SAFE_INTEGER, permission.name],
  },
};

export interface PermissionDeps {
  readonly store: Pick<Store, 'permissions' | 'users' | 'groups' | 'assets' | 'accounts'>;
  readonly clock: Clock;
}

export function permissionHandlers({ store, clock }: PermissionDeps): Handlers<'permissions'> {
  return {
    async list({ query }) {
      let wanted: readonly Permission[] = await store.permissions.list();
      if (query.user !== undefined) {
        const user = await findUser(store, query.user);
        const groups = await store.users.groupsOf(user.id);
        wanted = wanted.filter((permission) => prepare(permission, user, groups).namesUser !== null);
      }
      if (query.asset !== undefined) {
        const asset = await findAsset(store, query.asset);
        wanted = wanted.filter((permission) => coversAsset(permission, asset));
      }
      const { items, ...page } = countedPage(wanted, query, LISTING);
      return { ...page, items: items.map(view) };
    },

    async add({ body, actor }) {
      if (body.users.length + body.groups.length === 0) {
        throw new AppError('invalid', 'Name at least one user or group that gets the permission.');
      }
      if (body.assets.length + body.folders.length + body.labels.length === 0) {
        throw new AppError('invalid', 'Name at least one asset, folder or label; folder / means every asset.');
      }
      checkDestinations(body.forwardTo);
      const values = { ...body, from: millisOrNull(body.from), until: millisOrNull(body.until) };
      checkDates(values);
      const permission = { id: newId<PermissionId>(clock.now()), ...values };
      const audit = done(actor, 'permission.create', target(permission), { after: body });
      return view(await store.permissions.create(permission, audit));
    },

    async show({ params }) {
      return view(await findPermission(store, params.name));
    },

    async set({ params, body, actor }) {
      const permission = await findPermission(store, params.name);
      const { rename, from, until, version, ...lists } = body;
      const patch: PermissionPatch = {
        ...lists,
        name: rename,
        from: from === undefined ? undefined : millisOrNull(from),
        until: until === undefined ? undefined : millisOrNull(until),
      };
      checkWhoAndWhat(permission, patch);
      checkDestinations(patch.forwardTo ?? []);
      checkDates({
        from: patch.from === undefined ? permission.from : patch.from,
        until: patch.until === undefined ? permission.until : patch.until,
      });
      const audit = done(
        actor,
        'permission.update',
        target(permission),
        difference(readable(permission), readable(patch)),
      );
      return view(await store.permissions.update(permission.id, { ...patch, version }, audit));
    },

    async remove({ params, actor }) {
      const permission = await findPermission(store, params.name);
      const before = view(permission);
      await store.permissions.remove(permission.id, done(actor, 'permission.remove', target(permission), { before }));
      return {};
    },

    async preview({ body }) {
      return previewPermission(store, body, clock.now());
    },
  };
}

function coversAsset(permission: Permission, asset: Asset): boolean {
  return coverage({ permission, assets: new Set(permission.assets.map(nameKey)) }, asset) !== null;
}

function view(permission: Permission): PermissionView {
  return {
    ...permission,
    users: [...permission.users],
    groups: [...permission.groups],
    assets: [...permission.assets],
    folders: [...permission.folders],
    labels: [...permission.labels],
    accounts: [...permission.accounts],
    protocols: [...permission.protocols],
    actions: [...permission.actions],
    forwardTo: [...permission.forwardTo],
    from: isoOrNull(permission.from),
    until: isoOrNull(permission.until),
    createdAt: iso(permission.createdAt),
  };
}

/** Times as the audit shows them. */
function readable<T extends PermissionPatch>(values: T) {
  const { from, until } = values;
  return {
    ...values,
    from: from === undefined ? undefined : isoOrNull(from),
    until: until === undefined ? undefined : isoOrNull(until),
  };
}

function target(permission: { readonly id: PermissionId; readonly name: string }) {
  return { kind: 'permission', id: permission.id, name: permission.name };
}

/** A change must leave somebody and something; what removed users and assets have emptied can still be changed otherwise. */
function checkWhoAndWhat(before: Permission, patch: PermissionPatch): void {
  const empties = (...lists: readonly ('users' | 'groups' | 'assets' | 'folders' | 'labels')[]) =>
    lists.some((list) => before[list].length > 0) && lists.every((list) => (patch[list] ?? before[list]).length === 0);
  for (const [emptied, noun] of [
    [empties('users', 'groups'), 'nobody'],
    [empties('assets', 'folders', 'labels'), 'nothing'],
  ] as const) {
    if (emptied)
      throw new AppError('invalid', `The permission would be for ${noun}; to suspend it use --inactive, or remove it.`);
  }
}

function checkDestinations(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    const problem = refuseForwardPattern(pattern);
    if (problem !== undefined) throw new AppError('invalid', `Forward to: ${problem}.`);
  }
}

function checkDates({ from, until }: Pick<Permission, 'from' | 'until'>): void {
  if (from !== null && until !== null && from >= until) {
    throw new AppError('invalid', 'The permission would end before it begins: "from" must be earlier than "until".');
  }
}
