import { z } from 'zod';
import { action, line, nothing, page, pageQuery, password, protocol, time } from './common.ts';
import { token } from './groups.ts';
import { route } from './route.ts';
import { flag, session } from './sessions.ts';
import { host } from './ssh-config.ts';
import { displayName, email, keyLine, userKey } from './users.ts';

/** An asset as the one who may reach it sees it. */
const reachable = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  folder: z.string(),
  platform: z.string(),
  kind: z.enum(['host', 'device', 'database', 'desktop']),
  labels: z.record(z.string(), z.string()),
  comment: z.string(),
  protocols: z.array(
    z.object({
      name: protocol,
      accounts: z.array(
        z.object({
          /** The login, or `@input`: login and secret are typed each time. */
          name: z.string(),
          actions: z.array(action),
        }),
      ),
    }),
  ),
});
export type ReachableView = z.output<typeof reachable>;

/** How to reach one asset with clients of one's own; texts are empty for what its protocol has not. */
const ownClient = z.object({
  host: z.string(),
  port: z.number(),
  ssh: z.string(),
  sftp: z.string(),
  scpUpload: z.string(),
  scpDownload: z.string(),
  /** For ~/.ssh/config. */
  config: z.string(),
  /** For ~/.ssh/known_hosts. */
  knownHosts: z.string(),
  /** Of the bastion. */
  hostKeys: z.array(z.object({ type: z.string(), fingerprint: z.string() })),
});
export type OwnClientView = z.output<typeof ownClient>;

/** Everything the caller does for themselves. */
export const me = {
  set: route({
    method: 'PATCH',
    path: '/me',
    needs: 'self',
    summary: "Change the caller's display name and mail address",
    body: z.strictObject({ displayName: displayName.optional(), email: email.optional() }),
    response: nothing,
  }),
  setPassword: route({
    method: 'POST',
    path: '/me/password',
    needs: 'self',
    summary: "Change the caller's password; other browsers are signed out",
    body: z.strictObject({ current: password, password }),
    response: nothing,
  }),
  keys: route({
    method: 'GET',
    path: '/me/keys',
    needs: 'self',
    summary: "The caller's public keys",
    response: z.array(userKey),
  }),
  addKey: route({
    method: 'POST',
    path: '/me/keys',
    needs: 'self',
    summary: 'Add a public key as an authorized_keys line',
    body: z.strictObject({ key: keyLine, password }),
    response: userKey,
  }),
  removeKey: route({
    method: 'DELETE',
    path: '/me/keys/:fingerprint',
    needs: 'self',
    summary: 'Remove a public key by its SHA256 fingerprint',
    response: nothing,
  }),
  beginTotp: route({
    method: 'POST',
    path: '/me/totp',
    needs: 'self',
    summary: 'Make a secret for verification codes; it counts once a code confirms it',
    body: z.strictObject({ password }),
    response: z.object({ uri: z.string(), secretText: z.string() }),
  }),
  confirmTotp: route({
    method: 'POST',
    path: '/me/totp/confirm',
    needs: 'self',
    summary: 'Confirm the secret with a code; the answer holds the recovery codes, once',
    body: z.strictObject({ code: z.string().min(6).max(10) }),
    response: z.object({ recoveryCodes: z.array(z.string()) }),
  }),
  removeTotp: route({
    method: 'POST',
    path: '/me/totp/remove',
    needs: 'self',
    summary: 'Do without verification codes again, where the house allows it',
    body: z.strictObject({ password }),
    response: nothing,
  }),
  tokens: route({
    method: 'GET',
    path: '/me/tokens',
    needs: 'self',
    summary: "The caller's API tokens",
    response: z.array(token),
  }),
  addToken: route({
    method: 'POST',
    path: '/me/tokens',
    needs: 'self',
    summary: 'Make an API token that acts as the caller; `secret` is shown this once',
    body: z.strictObject({ name: line(128).default(''), expiresAt: time.nullable().default(null), password }),
    response: z.object({ token, secret: z.string() }),
  }),
  removeToken: route({
    method: 'DELETE',
    path: '/me/tokens/:id',
    needs: 'self',
    summary: 'Remove one of them',
    response: nothing,
  }),
  preferences: route({
    method: 'GET',
    path: '/me/preferences',
    needs: 'self',
    summary: 'What the pages remember for the caller: favourites, quick commands, looks',
    response: z.object({ values: z.record(z.string(), z.unknown()) }),
  }),
  setPreferences: route({
    method: 'PATCH',
    path: '/me/preferences',
    needs: 'self',
    summary: 'Change some of them; null takes one away. 64 KiB in all',
    body: z.strictObject({ values: z.record(line(64).min(1), z.unknown()) }),
    response: z.object({ values: z.record(z.string(), z.unknown()) }),
  }),
  assets: route({
    method: 'GET',
    path: '/me/assets',
    needs: 'self',
    summary: 'What the caller may reach now, by name',
    response: z.array(reachable),
  }),
  sessions: route({
    method: 'GET',
    path: '/me/sessions',
    needs: 'self',
    summary: "The caller's own sessions, newest first",
    query: z.strictObject({ ...pageQuery, live: flag.optional() }),
    response: page(session),
  }),
  clientLines: route({
    method: 'GET',
    path: '/me/client',
    needs: 'self',
    summary: 'How to reach an asset with a client of one’s own: lines to copy, and the host keys to expect',
    query: z.strictObject({
      asset: z.string().min(1).max(512),
      /** Default: the one named like the caller, else the first. */
      account: z.string().min(1).max(512).optional(),
      /** How the page was reached, where the configuration does not say how people reach the bastion. */
      host: z
        .string()
        .max(255)
        .transform((text) => text.replace(/^\[(.*)\]$/, '$1'))
        .pipe(host)
        .optional(),
    }),
    response: ownClient,
  }),
};
