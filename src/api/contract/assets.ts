import { z } from 'zod';
import {
  assetName,
  comment,
  countedPage,
  folderPath,
  line,
  listQuery,
  login,
  nothing,
  password,
  protocol,
  time,
  version,
} from './common.ts';
import { route } from './route.ts';

const folder = z.object({ path: z.string(), comment: z.string(), assets: z.number() });

export const folders = {
  list: route({
    method: 'GET',
    path: '/folders',
    needs: 'manage',
    summary: 'List folders with the number of assets directly in each',
    response: z.array(folder),
  }),
  add: route({
    method: 'POST',
    path: '/folders',
    needs: 'manage',
    summary: 'Add a folder and its parents',
    body: z.strictObject({ path: folderPath, comment: comment.default('') }),
    response: folder,
  }),
  move: route({
    method: 'POST',
    path: '/folders/move',
    needs: 'manage',
    summary: 'Move or rename a folder with everything below it; permissions follow',
    body: z.strictObject({ path: folderPath, to: folderPath }),
    response: folder,
  }),
  remove: route({
    method: 'DELETE',
    path: '/folders',
    needs: 'manage',
    summary: 'Remove an empty folder',
    query: z.strictObject({ path: folderPath }),
    response: nothing,
  }),
};

const platform = z.object({
  name: z.string(),
  kind: z.enum(['host', 'device', 'database', 'desktop']),
  /** Offers old algorithms to the target. */
  legacyAlgorithms: z.boolean(),
  charset: z.string().nullable(),
  builtIn: z.boolean(),
  comment: z.string(),
});

export const platforms = {
  list: route({
    method: 'GET',
    path: '/platforms',
    needs: 'manage',
    summary: 'List platforms',
    response: z.array(platform),
  }),
  show: route({
    method: 'GET',
    path: '/platforms/:name',
    needs: 'manage',
    summary: 'Show a platform',
    response: platform,
  }),
};

export const account = z.object({
  id: z.string(),
  asset: z.string(),
  login: z.string(),
  secretKind: z.enum(['password', 'key', 'none', 'agent', 'certificate']),
  /** OpenSSH public key line of a key account, to put on the target. */
  publicKey: z.string().nullable(),
  comment: z.string(),
  active: z.boolean(),
  createdAt: time,
  updatedAt: time,
  version,
});
export type AccountView = z.output<typeof account>;

export const asset = z.object({
  id: z.string(),
  name: z.string(),
  address: z.string(),
  protocols: z.array(z.object({ name: protocol, port: z.number() })),
  platform: z.string(),
  folder: z.string(),
  labels: z.record(z.string(), z.string()),
  comment: z.string(),
  active: z.boolean(),
  charset: z.string().nullable(),
  /** The asset it is reached through, by name. */
  via: z.string().nullable(),
  /** How many accounts it has. */
  accountCount: z.number(),
  createdAt: time,
  version,
});
export type AssetView = z.output<typeof asset>;

const address = line(255)
  .min(1)
  .regex(
    /^[^\s/@[\]]+$/u,
    'must be a host name, an IPv4 or an IPv6 address (without brackets or port; a port belongs to the protocol, as in ssh:2222)',
  );

/** `port` defaults to the protocol's own. */
const protocolPort = z.strictObject({ name: protocol, port: z.number().int().min(0).max(65535).optional() });
const labelName = line(63).regex(/^[^=,\s]+$/u, 'may not hold = , or white space');
const labels = z.record(labelName, line(255));

const assetFields = {
  address,
  protocols: z.array(protocolPort).min(1).max(20),
  platform: z.string(),
  folder: folderPath,
  labels,
  comment,
  active: z.boolean(),
  charset: line(64).nullable(),
  via: z.string().nullable(),
};

const newAsset = z.strictObject({
  name: assetName,
  address,
  protocols: assetFields.protocols.default([{ name: 'ssh' }]),
  platform: assetFields.platform.default('linux'),
  folder: folderPath.default('/'),
  labels: labels.default({}),
  comment: comment.default(''),
  active: z.boolean().default(true),
  charset: assetFields.charset.default(null),
  via: assetFields.via.default(null),
});

/** The answer of a test connection: `ok`, and one sentence that says what happened and what to do. */
const testResult = z.object({ ok: z.boolean(), message: z.string(), milliseconds: z.number() });

export const assets = {
  list: route({
    method: 'GET',
    path: '/assets',
    needs: 'manage',
    summary: 'List assets; `folder` means the whole subtree',
    query: z.strictObject({
      ...listQuery('name', 'address', 'platform', 'folder', 'createdAt'),
      folder: folderPath.optional(),
      platform: z.string().optional(),
    }),
    response: countedPage(asset),
  }),
  add: route({
    method: 'POST',
    path: '/assets',
    needs: 'manage',
    summary: 'Add an asset',
    body: newAsset,
    response: asset,
  }),
  import: route({
    method: 'POST',
    path: '/assets/import',
    needs: 'manage',
    summary: 'Add many assets, all or none; each wrong row is named in details.rows as { line, message }',
    body: z.strictObject({
      rows: z.array(z.strictObject({ line: z.number().int(), asset: z.record(z.string(), z.unknown()) })).max(20_000),
      /** Only judges the rows: what would be added is counted, what is wrong is told as usual. */
      dryRun: z.boolean().default(false),
    }),
    response: z.object({ added: z.number() }),
    maxBody: 8 * 1024 * 1024,
  }),
  show: route({
    method: 'GET',
    path: '/assets/:name',
    needs: 'manage',
    summary: 'Show an asset with its accounts',
    response: asset.extend({ accounts: z.array(account) }),
  }),
  set: route({
    method: 'PATCH',
    path: '/assets/:name',
    needs: 'manage',
    summary: 'Change an asset; lists and labels replace what was there',
    body: z.strictObject({
      rename: assetName.optional(),
      address: assetFields.address.optional(),
      protocols: assetFields.protocols.optional(),
      platform: assetFields.platform.optional(),
      folder: assetFields.folder.optional(),
      labels: assetFields.labels.optional(),
      comment: assetFields.comment.optional(),
      active: assetFields.active.optional(),
      charset: assetFields.charset.optional(),
      via: assetFields.via.optional(),
      version: version.optional(),
    }),
    response: asset,
  }),
  remove: route({
    method: 'DELETE',
    path: '/assets/:name',
    needs: 'manage',
    summary: 'Remove an asset with its accounts; sessions and audit stay',
    response: nothing,
  }),
  test: route({
    method: 'POST',
    path: '/assets/:name/test',
    needs: 'manage',
    summary: 'Reach an asset and read its SSH banner without logging in',
    response: testResult,
  }),
};
export type NewAssetValues = z.output<typeof newAsset>;
/** One row of an import, judged like a single new asset. */
export const importedAsset = newAsset;

/** One private key as a file holds it (OpenSSH, PEM or PuTTY format). */
const privateKey = z.string().min(1).max(65_536);
const secrets = {
  password: password.optional(),
  privateKey: privateKey.optional(),
  passphrase: password.optional(),
  /** Makes an ed25519 key; the public key is in the answer. */
  generateKey: z.boolean().optional(),
  /** No secret of ours: each person enters with the key in their own forwarded SSH agent. */
  agent: z.boolean().optional(),
  /** No secret of ours: each login gets a fresh key with a certificate of the bastion's user authority, good for minutes. */
  certificate: z.boolean().optional(),
};

export const accounts = {
  list: route({
    method: 'GET',
    path: '/accounts',
    needs: 'manage',
    summary: 'List accounts, of one asset or of all; never their secrets',
    query: z.strictObject({ ...listQuery('asset', 'login', 'updatedAt'), asset: z.string().optional() }),
    response: countedPage(account),
  }),
  add: route({
    method: 'POST',
    path: '/assets/:asset/accounts',
    needs: 'manage',
    summary: 'Add an account with at most one of password, privateKey, generateKey, agent and certificate',
    body: z.strictObject({ login, ...secrets, comment: comment.default(''), active: z.boolean().default(true) }),
    response: account,
  }),
  set: route({
    method: 'PATCH',
    path: '/assets/:asset/accounts/:login',
    needs: 'manage',
    summary: 'Change an account; a new secret replaces the old one, `noSecret` removes it',
    body: z.strictObject({
      rename: login.optional(),
      ...secrets,
      noSecret: z.boolean().optional(),
      comment: comment.optional(),
      active: z.boolean().optional(),
      version: version.optional(),
    }),
    response: account,
  }),
  remove: route({
    method: 'DELETE',
    path: '/assets/:asset/accounts/:login',
    needs: 'manage',
    summary: 'Remove an account with its secret',
    response: nothing,
  }),
  test: route({
    method: 'POST',
    path: '/assets/:asset/accounts/:login/test',
    needs: 'manage',
    summary: 'Log in to the asset with this account and log out again',
    response: testResult,
  }),
};

const hostKey = z.object({
  id: z.string(),
  asset: z.string(),
  /** HOST:PORT the key was seen at. */
  endpoint: z.string(),
  type: z.string(),
  fingerprint: z.string(),
  state: z.enum(['pinned', 'changed']),
  firstSeenAt: time,
  lastSeenAt: time,
});

export const hostKeys = {
  list: route({
    method: 'GET',
    path: '/host-keys',
    needs: 'manage',
    summary: 'List host keys of targets: pinned ones, and changed ones that wait to be accepted',
    query: z.strictObject({
      ...listQuery('asset', 'firstSeenAt', 'lastSeenAt'),
      asset: z.string().optional(),
      state: z.enum(['pinned', 'changed']).optional(),
    }),
    response: countedPage(hostKey),
  }),
  accept: route({
    method: 'POST',
    path: '/host-keys/:asset/accept',
    needs: 'manage',
    summary: 'Trust the changed host keys of an asset instead of the pinned ones',
    response: z.object({ accepted: z.number() }),
  }),
  forget: route({
    method: 'DELETE',
    path: '/host-keys/:asset',
    needs: 'manage',
    summary: 'Forget every host key of an asset; the next connection pins what it sees',
    response: z.object({ forgotten: z.number() }),
  }),
};
