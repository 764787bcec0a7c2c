import { z } from 'zod';
import {
  comment,
  countedPage,
  label,
  line,
  listQuery,
  nothing,
  password,
  role,
  time,
  userName,
  version,
} from './common.ts';
import { route } from './route.ts';

export const user = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  email: z.string(),
  comment: z.string(),
  role,
  disabled: z.boolean(),
  validUntil: time.nullable(),
  hasPassword: z.boolean(),
  totpEnabled: z.boolean(),
  /** Public keys the user can log in with. */
  keyCount: z.int(),
  groups: z.array(z.string()),
  createdAt: time,
  lastLoginAt: time.nullable(),
  version,
});
export type UserView = z.output<typeof user>;

export const userKey = z.object({
  id: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  comment: z.string(),
  /** authorized_keys options as written, '' when none. */
  options: z.string(),
  totpExempt: z.boolean(),
  createdAt: time,
  lastUsedAt: time.nullable(),
});
export type UserKeyView = z.output<typeof userKey>;

/** A one-time link; the token is shown this once. `url` is the page that takes it, null when no address of the bastion is known. */
export const link = z.object({ token: z.string(), url: z.string().nullable(), expiresAt: time });
export type LinkView = z.output<typeof link>;

/** One line as in authorized_keys: options, type, base64, comment. */
export const keyLine = line(16_384).min(1);
export const displayName = line(128);
export const email = z.union([z.literal(''), z.email().max(254)]);

export const users = {
  list: route({
    method: 'GET',
    path: '/users',
    needs: 'manage',
    summary: 'List users',
    query: z.strictObject({
      ...listQuery('name', 'role', 'createdAt', 'lastLoginAt'),
      role: role.optional(),
      group: z.string().optional(),
    }),
    response: countedPage(user),
  }),
  add: route({
    method: 'POST',
    path: '/users',
    needs: 'manage',
    summary: 'Add a user; without password and keys the answer holds a one-time invite link',
    body: z.strictObject({
      name: userName,
      role: role.default('user'),
      displayName: displayName.default(''),
      email: email.default(''),
      comment: comment.default(''),
      groups: z.array(z.string()).max(100).default([]),
      password: password.optional(),
      keys: z.array(keyLine).max(50).default([]),
      validUntil: time.nullable().default(null),
    }),
    response: z.object({ user, invite: link.nullable() }),
  }),
  show: route({
    method: 'GET',
    path: '/users/:name',
    needs: 'manage',
    summary: 'Show a user with keys',
    response: user.extend({ keys: z.array(userKey), recoveryCodesLeft: z.number() }),
  }),
  set: route({
    method: 'PATCH',
    path: '/users/:name',
    needs: 'manage',
    summary: 'Change a user; `rename` gives a new name, a password of null removes the password',
    body: z.strictObject({
      rename: userName.optional(),
      role: role.optional(),
      displayName: displayName.optional(),
      email: email.optional(),
      comment: comment.optional(),
      password: password.nullable().optional(),
      validUntil: time.nullable().optional(),
      version: version.optional(),
    }),
    response: user,
  }),
  disable: route({
    method: 'POST',
    path: '/users/:name/disable',
    needs: 'manage',
    summary: 'Disable a user and end everything they have open',
    response: user,
  }),
  enable: route({
    method: 'POST',
    path: '/users/:name/enable',
    needs: 'manage',
    summary: 'Enable a disabled user',
    response: user,
  }),
  remove: route({
    method: 'DELETE',
    path: '/users/:name',
    needs: 'manage',
    summary: 'Remove a user; sessions and audit stay',
    response: nothing,
  }),
  invite: route({
    method: 'POST',
    path: '/users/:name/invite',
    needs: 'manage',
    summary: 'Make a one-time invite link; earlier ones stop working',
    response: link,
  }),
};

export const keys = {
  list: route({
    method: 'GET',
    path: '/users/:name/keys',
    needs: 'manage',
    summary: 'List the public keys of a user',
    response: z.array(userKey),
  }),
  add: route({
    method: 'POST',
    path: '/users/:name/keys',
    needs: 'manage',
    summary: 'Add a public key as an authorized_keys line; `totpExempt` needs from= in its options',
    body: z.strictObject({ key: keyLine, totpExempt: z.boolean().default(false) }),
    response: userKey,
  }),
  remove: route({
    method: 'DELETE',
    path: '/users/:name/keys/:fingerprint',
    needs: 'manage',
    summary: 'Remove a public key by its SHA256 fingerprint',
    response: nothing,
  }),
};

export const totp = {
  begin: route({
    method: 'POST',
    path: '/users/:name/totp',
    needs: 'manage',
    summary: 'Make a TOTP secret; it counts once a code confirms it',
    response: z.object({ uri: z.string(), secretText: z.string() }),
  }),
  confirm: route({
    method: 'POST',
    path: '/users/:name/totp/confirm',
    needs: 'manage',
    summary: 'Confirm the TOTP secret with a code; the answer holds the recovery codes, once',
    body: z.strictObject({ code: z.string().min(6).max(10) }),
    response: z.object({ recoveryCodes: z.array(z.string()) }),
  }),
  reset: route({
    method: 'DELETE',
    path: '/users/:name/totp',
    needs: 'manage',
    summary: 'Take TOTP off a user',
    response: nothing,
  }),
};

const credentials = {
  password: password.optional(),
  keys: z.array(keyLine).max(50).default([]),
};

export const links = {
  show: route({
    method: 'POST',
    path: '/links/show',
    needs: 'public',
    summary: 'What a one-time link is for, without using it up',
    body: z.strictObject({ token: z.string().min(1).max(256) }),
    response: z.object({
      kind: z.enum(['setup', 'invite']),
      /** Whose it is; null for a set-up link. */
      name: z.string().nullable(),
      expiresAt: time,
      /** What the house takes as credentials, and what it asks of a password. */
      password: z.boolean(),
      publicKey: z.boolean(),
      passwordMinLength: z.number(),
    }),
  }),
  acceptInvite: route({
    method: 'POST',
    path: '/invites/accept',
    needs: 'public',
    summary: 'Use an invite: sets the password or keys of the invited user',
    body: z.strictObject({ token: z.string().min(1).max(256), ...credentials }),
    response: z.object({ name: z.string() }),
  }),
  setup: route({
    method: 'POST',
    path: '/setup',
    needs: 'public',
    summary: 'Use the set-up link: makes the first administrator',
    body: z.strictObject({ token: z.string().min(1).max(256), name: userName, ...credentials }),
    response: z.object({ name: z.string() }),
  }),
};

export const lockouts = {
  list: route({
    method: 'GET',
    path: '/lockouts',
    needs: 'manage',
    summary: 'List failed logins that are being counted or locked',
    response: z.array(
      z.object({
        user: z.string(),
        ip: z.string(),
        failures: z.number(),
        lastAt: time,
        /** Locked until then; null while only counting. */
        until: time.nullable(),
      }),
    ),
  }),
  clear: route({
    method: 'DELETE',
    path: '/lockouts/:user',
    needs: 'manage',
    summary: 'Clear the failed logins of a user name from every address',
    response: z.object({ cleared: z.number() }),
  }),
};

const authority = z.object({
  id: z.string(),
  name: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  createdAt: time,
});

export const authorities = {
  list: route({
    method: 'GET',
    path: '/cas',
    needs: 'manage',
    summary: 'List trusted user certificate authorities',
    response: z.array(authority),
  }),
  add: route({
    method: 'POST',
    path: '/cas',
    needs: 'manage',
    summary: 'Trust a user certificate authority',
    body: z.strictObject({ name: label, key: keyLine }),
    response: authority,
  }),
  remove: route({
    method: 'DELETE',
    path: '/cas/:name',
    needs: 'manage',
    summary: 'No longer trust a certificate authority (by name, id or fingerprint)',
    response: nothing,
  }),
  own: route({
    method: 'GET',
    path: '/cas/own',
    needs: 'self',
    summary: "The bastion's own authorities: public keys for targets (user) and for the clients of people (host)",
    response: z.array(
      z.object({
        kind: z.enum(['host', 'user']),
        fingerprint: z.string(),
        /** `ssh-ed25519 AAAA… bastion-user-ca` */
        publicKey: z.string(),
      }),
    ),
  }),
};
