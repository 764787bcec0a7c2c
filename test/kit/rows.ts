import { newId } from '../../src/kernel/id.ts';
import type {
  Account,
  Asset,
  CommandFilter,
  CommandRow,
  Review,
  SessionRow,
  TransferRow,
  User,
} from '../../src/store/model.ts';

/** A user as the store holds one. */
export function userRow(more: Partial<User> = {}): User {
  return {
    id: newId(),
    name: 'alice',
    displayName: '',
    email: '',
    comment: '',
    role: 'user',
    disabled: false,
    validUntil: null,
    hasPassword: true,
    totpEnabled: false,
    createdAt: 0,
    lastLoginAt: null,
    version: 1,
    ...more,
  };
}

/** An asset as the store holds one. */
export function assetRow(more: Partial<Asset> = {}): Asset {
  return {
    id: newId(),
    name: 'web1',
    address: '192.0.2.1',
    protocols: [{ name: 'ssh', port: 22 }],
    platform: 'linux',
    folder: '/',
    labels: {},
    comment: '',
    active: true,
    charset: null,
    viaId: null,
    createdAt: 0,
    version: 1,
    ...more,
  };
}

/** An account of this asset as the store holds one. */
export function accountRow(asset: Asset, login: string, more: Partial<Account> = {}): Account {
  return {
    id: newId(),
    assetId: asset.id,
    assetName: asset.name,
    login,
    secretKind: 'password',
    publicKey: null,
    comment: '',
    active: true,
    createdAt: 0,
    updatedAt: 0,
    version: 1,
    ...more,
  };
}

/** A session that is live, as the store holds one. */
export function sessionRow(more: Partial<SessionRow> = {}): SessionRow {
  return {
    id: newId(),
    grantId: newId(),
    userId: newId(),
    userName: 'alice',
    assetId: newId(),
    assetName: 'web1',
    account: 'root',
    protocol: 'ssh',
    use: 'shell',
    command: null,
    clientIp: '192.0.2.7',
    via: 'ssh',
    permission: 'ops',
    startedAt: 1_700_000_000_000,
    endedAt: null,
    state: 'live',
    destination: null,
    label: null,
    endCause: null,
    endDetail: null,
    exitCode: null,
    exitSignal: null,
    bytesIn: 0,
    bytesOut: 0,
    recording: 'spool',
    recordingBytes: null,
    recordingSha256: null,
    ...more,
  };
}

/** A command of a session, as the store holds one. */
export function commandRow(more: Partial<CommandRow> = {}): CommandRow {
  return {
    id: newId(more.at),
    sessionId: newId(),
    at: 1_700_000_000_000,
    userId: newId(),
    userName: 'alice',
    assetId: newId(),
    assetName: 'web1',
    account: 'root',
    line: 'uptime',
    confidence: 'screen',
    context: 'shell',
    verdict: 'pass',
    filter: null,
    reviewer: null,
    exitCode: null,
    reported: null,
    cwd: null,
    offset: 0,
    ...more,
  };
}

/** A filter that is for everybody everywhere, as the store holds one. */
export function filterRow(more: Partial<CommandFilter> = {}): CommandFilter {
  return {
    id: newId(),
    name: 'careful',
    comment: '',
    active: true,
    priority: 50,
    action: 'deny',
    words: ['rm'],
    regex: null,
    matchCase: true,
    reviewers: [],
    forAllUsers: true,
    forAllAssets: true,
    users: [],
    groups: [],
    assets: [],
    accounts: [],
    createdAt: 0,
    version: 1,
    ...more,
  };
}

/** A command that waits for somebody's word, as the store holds one. */
export function reviewRow(more: Partial<Review> = {}): Review {
  return {
    id: newId(more.askedAt),
    sessionId: newId(),
    userId: newId(),
    userName: 'alice',
    assetName: 'web1',
    account: 'root',
    line: 'reboot',
    filter: 'careful',
    reviewers: ['bob'],
    state: 'pending',
    askedAt: 1_700_000_000_000,
    settledAt: null,
    settledBy: null,
    ...more,
  };
}

/** A file that went through a session, as the store holds one. */
export function transferRow(more: Partial<TransferRow> = {}): TransferRow {
  return {
    id: newId(more.startedAt),
    sessionId: newId(),
    userId: newId(),
    userName: 'alice',
    assetId: newId(),
    assetName: 'web1',
    account: 'root',
    method: 'sftp',
    direction: 'upload',
    path: '/tmp/report.pdf',
    startedAt: 1_700_000_000_000,
    endedAt: 1_700_000_000_000,
    bytes: 7,
    sha256: null,
    partial: false,
    result: 'ok',
    detail: null,
    ...more,
  };
}
