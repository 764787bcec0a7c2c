import { z } from 'zod';
import { comment, countedPage, label, line, listQuery, nothing, time, version } from './common.ts';
import { route } from './route.ts';

const group = z.object({
  id: z.string(),
  name: z.string(),
  comment: z.string(),
  members: z.array(z.string()),
  version,
});
export type GroupView = z.output<typeof group>;
const userNames = z.array(z.string()).min(1).max(1000);

export const groups = {
  list: route({
    method: 'GET',
    path: '/groups',
    needs: 'manage',
    summary: 'List groups',
    query: z.strictObject(listQuery('name')),
    response: countedPage(group),
  }),
  add: route({
    method: 'POST',
    path: '/groups',
    needs: 'manage',
    summary: 'Add a group',
    body: z.strictObject({ name: label, comment: comment.default('') }),
    response: group,
  }),
  show: route({
    method: 'GET',
    path: '/groups/:name',
    needs: 'manage',
    summary: 'Show a group with its members',
    response: group,
  }),
  set: route({
    method: 'PATCH',
    path: '/groups/:name',
    needs: 'manage',
    summary: 'Rename a group or change its comment',
    body: z.strictObject({ rename: label.optional(), comment: comment.optional(), version: version.optional() }),
    response: group,
  }),
  remove: route({
    method: 'DELETE',
    path: '/groups/:name',
    needs: 'manage',
    summary: 'Remove a group; permissions lose its name',
    response: nothing,
  }),
  join: route({
    method: 'POST',
    path: '/groups/:name/join',
    needs: 'manage',
    summary: 'Put users into a group',
    body: z.strictObject({ users: userNames }),
    response: group,
  }),
  leave: route({
    method: 'POST',
    path: '/groups/:name/leave',
    needs: 'manage',
    summary: 'Take users out of a group',
    body: z.strictObject({ users: userNames }),
    response: group,
  }),
};

export const token = z.object({
  id: z.string(),
  user: z.string(),
  name: z.string(),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable(),
});

export const tokens = {
  list: route({
    method: 'GET',
    path: '/tokens',
    needs: 'manage',
    summary: 'List API tokens',
    query: z.strictObject({ ...listQuery('user', 'name', 'createdAt', 'lastUsedAt'), user: z.string().optional() }),
    response: countedPage(token),
  }),
  add: route({
    method: 'POST',
    path: '/tokens',
    needs: 'manage',
    summary: 'Make an API token for a user; `secret` is shown this once',
    body: z.strictObject({ user: z.string(), name: line(128).default(''), expiresAt: time.nullable().default(null) }),
    response: z.object({ token, secret: z.string() }),
  }),
  remove: route({
    method: 'DELETE',
    path: '/tokens/:id',
    needs: 'manage',
    summary: 'Remove an API token by its id, or by its name where only one has it',
    response: nothing,
  }),
};
