import { z } from 'zod';
import {
  action,
  comment,
  countedPage,
  folderPath,
  label,
  line,
  listQuery,
  nothing,
  pageQuery,
  protocol,
  time,
  version,
} from './common.ts';
import { route } from './route.ts';

const record = z.enum(['required', 'best-effort']);

const permission = z.object({
  id: z.string(),
  name: z.string(),
  comment: z.string(),
  active: z.boolean(),
  users: z.array(z.string()),
  groups: z.array(z.string()),
  assets: z.array(z.string()),
  folders: z.array(z.string()),
  /** `key=value`. */
  labels: z.array(z.string()),
  /** Logins, or `@all`, `@user`, `@input`. */
  accounts: z.array(z.string()),
  /** Empty means every protocol. */
  protocols: z.array(protocol),
  actions: z.array(action),
  from: time.nullable(),
  until: time.nullable(),
  /** For action forward: HOST:PORT patterns, paths of sockets, `@asset`; empty means the asset itself. */
  forwardTo: z.array(z.string()),
  record,
  createdAt: time,
  version,
});
export type PermissionView = z.output<typeof permission>;

const names = z.array(line(128).min(1)).max(1000);
const fields = {
  comment,
  active: z.boolean(),
  users: names,
  groups: names,
  assets: names,
  folders: z.array(folderPath).max(1000),
  labels: z.array(line(320).regex(/^[^=,\s]+=/u, 'must be written as key=value')).max(100),
  accounts: names
    .min(1)
    .refine(
      (list) => list.every((name) => !name.startsWith('@') || /^@(all|user|input)$/.test(name)),
      'may hold logins, @all, @user and @input',
    ),
  protocols: z.array(protocol).max(20),
  actions: z.array(action).min(1).max(20),
  from: time.nullable(),
  until: time.nullable(),
  forwardTo: z.array(line(320).min(1)).max(100),
  record,
};

export const permissions = {
  list: route({
    method: 'GET',
    path: '/permissions',
    needs: 'manage',
    summary:
      'List permissions; `user` and `asset` find those that name them, directly or through group, folder or label',
    query: z.strictObject({
      ...listQuery('name', 'createdAt', 'until'),
      user: z.string().optional(),
      asset: z.string().optional(),
    }),
    response: countedPage(permission),
  }),
  add: route({
    method: 'POST',
    path: '/permissions',
    needs: 'manage',
    summary: 'Add a permission: who (users, groups) may use what (assets, folders, labels) as which accounts',
    body: z.strictObject({
      name: label,
      comment: fields.comment.default(''),
      active: fields.active.default(true),
      users: fields.users.default([]),
      groups: fields.groups.default([]),
      assets: fields.assets.default([]),
      folders: fields.folders.default([]),
      labels: fields.labels.default([]),
      accounts: fields.accounts,
      protocols: fields.protocols.default([]),
      actions: fields.actions.default(['connect', 'upload', 'download', 'delete', 'copy', 'paste']),
      from: fields.from.default(null),
      until: fields.until.default(null),
      forwardTo: fields.forwardTo.default([]),
      record: record.default('required'),
    }),
    response: permission,
  }),
  show: route({
    method: 'GET',
    path: '/permissions/:name',
    needs: 'manage',
    summary: 'Show a permission',
    response: permission,
  }),
  set: route({
    method: 'PATCH',
    path: '/permissions/:name',
    needs: 'manage',
    summary: 'Change a permission; a list replaces the list that was there',
    body: z.strictObject({
      rename: label.optional(),
      comment: fields.comment.optional(),
      active: fields.active.optional(),
      users: fields.users.optional(),
      groups: fields.groups.optional(),
      assets: fields.assets.optional(),
      folders: fields.folders.optional(),
      labels: fields.labels.optional(),
      accounts: fields.accounts.optional(),
      protocols: fields.protocols.optional(),
      actions: fields.actions.optional(),
      from: fields.from.optional(),
      until: fields.until.optional(),
      forwardTo: fields.forwardTo.optional(),
      record: fields.record.optional(),
      version: version.optional(),
    }),
    response: permission,
  }),
  remove: route({
    method: 'DELETE',
    path: '/permissions/:name',
    needs: 'manage',
    summary: 'Remove a permission; sessions that only it allows end',
    response: nothing,
  }),
  preview: route({
    method: 'POST',
    path: '/permissions/preview',
    needs: 'manage',
    summary: 'Whom and what a permission with these lists would cover today; changes nothing',
    body: z.strictObject({
      users: fields.users.default([]),
      groups: fields.groups.default([]),
      assets: fields.assets.default([]),
      folders: fields.folders.default([]),
      labels: fields.labels.default([]),
      accounts: z.array(line(128)).max(1000).default([]),
      protocols: fields.protocols.default([]),
    }),
    response: z.object({
      /** The first 200 of each, by name. */
      users: z.array(z.object({ name: z.string(), displayName: z.string(), disabled: z.boolean() })),
      userCount: z.number(),
      assets: z.array(z.object({ name: z.string(), folder: z.string(), accounts: z.array(z.string()) })),
      assetCount: z.number(),
      /** What a reader should know, such as an account that no asset has. */
      warnings: z.array(z.string()),
    }),
  }),
};

const reach = z.object({
  user: z.string(),
  asset: z.string(),
  folder: z.string(),
  protocols: z.array(protocol),
  /** Logins, or `@input`. */
  accounts: z.array(z.string()),
  permissions: z.array(z.string()),
});

export const access = {
  reach: route({
    method: 'GET',
    path: '/access/reach',
    needs: 'manage',
    summary: 'Who may reach what today: the assets of a user, or the users of an asset',
    query: z.strictObject({ ...pageQuery, user: z.string().optional(), asset: z.string().optional() }),
    response: countedPage(reach),
  }),
  explain: route({
    method: 'GET',
    path: '/access/explain',
    needs: 'manage',
    summary: 'Say why, or why not, a user may use an asset, rule by rule',
    query: z.strictObject({
      user: z.string().min(1),
      asset: z.string().min(1),
      account: z.string().optional(),
      protocol: protocol.optional(),
    }),
    response: z.object({
      allowed: z.boolean(),
      user: z.string(),
      asset: z.string(),
      account: z.string().nullable(),
      protocol: z.string().nullable(),
      accounts: z.array(z.string()),
      actions: z.array(z.string()),
      permissions: z.array(z.string()),
      trace: z.array(z.string()),
    }),
  }),
};
