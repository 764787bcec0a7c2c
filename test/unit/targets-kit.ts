import { generateKeyPairSync } from 'node:crypto';
import { Grant } from '../../src/access/grant.ts';
import { Identity } from '../../src/auth/identity.ts';
import { signingAuthority } from '../../src/auth/signing-authority.ts';
import type { ExitStatus, PtyRequest, TargetChannel } from '../../src/kernel/channel.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { SHELL } from '../../src/kernel/program.ts';
import { Secret } from '../../src/kernel/secret.ts';
import type {
  Account,
  AccountSecret,
  Actor,
  Asset,
  AuditDraft,
  HostKey,
  Platform,
  Protocol,
} from '../../src/store/model.ts';
import type { OpenRequest } from '../../src/targets/connector.ts';
import type { TargetDeps } from '../../src/targets/deps.ts';
import { accountRow, assetRow, userRow } from '../kit/rows.ts';

/** A store of plain lists for the rooms' own tests; "sealed" values are the secret itself behind its place. */
export class World {
  readonly assets: Asset[] = [];
  readonly accounts: Account[] = [];
  readonly secrets = new Map<string, AccountSecret>();
  readonly platforms: Platform[] = [
    { name: 'linux', kind: 'host', legacyAlgorithms: false, charset: null, builtIn: true, comment: '' },
    { name: 'old-switch', kind: 'device', legacyAlgorithms: true, charset: null, builtIn: true, comment: '' },
  ];
  hostKeys: HostKey[] = [];
  readonly audit: AuditDraft[] = [];
  readonly user = userRow();
  readonly actor: Actor = { kind: 'machine', userId: null, name: 'machine', ip: null, via: 'socket' };
  /** Signs for accounts of kind certificate. */
  readonly authority = signingAuthority('user', generateKeyPairSync('ed25519').privateKey);
  connectTimeout = 10_000;

  deps(): TargetDeps {
    const note = (audit: AuditDraft | readonly AuditDraft[]) => void this.audit.push(...[audit].flat());
    const store = {
      assets: { byId: async (id: string) => this.assets.find((asset) => asset.id === id) },
      accounts: {
        list: async (assetId: string) => this.accounts.filter((account) => account.assetId === assetId),
        secret: async (id: string) => this.secrets.get(id),
      },
      platforms: { byName: async (name: string) => this.platforms.find((platform) => platform.name === name) },
      hostKeys: {
        list: async (assetId: string) => this.hostKeys.filter((key) => key.assetId === assetId),
        pin: async (key: Omit<HostKey, 'assetName'>, audit: AuditDraft) => {
          if (
            this.hostKeys.some((k) => k.assetId === key.assetId && k.endpoint === key.endpoint && k.type === key.type)
          )
            throw new AppError('conflict', 'pinned already');
          this.hostKeys.push({ ...key, assetName: '' });
          note(audit);
        },
        seen: async () => {},
        noteChanged: async (key: Omit<HostKey, 'assetName'>, audit: AuditDraft) => {
          this.hostKeys.push({ ...key, assetName: '' });
          note(audit);
        },
      },
      audit: { append: async (audit: AuditDraft) => note(audit) },
    } as unknown as TargetDeps['store'];
    return {
      store,
      vault: {
        open: (sealed, place) => {
          const [at, secret] = sealed.toString().split('\0');
          if (at !== `${place.table}.${place.column}.${place.id}`) throw new AppError('internal', 'moved');
          return Secret.of(secret!);
        },
      },
      signing: { user: this.authority },
      timing: { connectTimeout: this.connectTimeout, keepalive: 30_000 },
      clock: systemClock,
      log: silentLog(),
    };
  }

  asset(name: string, port: number, extra: Partial<Asset> = {}): Asset {
    const asset = assetRow({ name, address: '127.0.0.1', protocols: [{ name: 'ssh', port }], ...extra });
    this.assets.push(asset);
    return asset;
  }

  account(
    asset: Asset,
    login: string,
    secret: {
      readonly password?: string;
      readonly key?: Buffer | string;
      readonly passphrase?: string;
      readonly kind?: 'agent' | 'certificate';
    },
  ): Account {
    const kind =
      secret.kind ?? (secret.password !== undefined ? 'password' : secret.key !== undefined ? 'key' : 'none');
    const account = accountRow(asset, login, { secretKind: kind });
    this.accounts.push(account);
    const seal = (column: string, value: string | undefined) =>
      value === undefined ? null : Buffer.from(`accounts.${column}.${account.id}\0${value}`);
    this.secrets.set(account.id, {
      accountId: account.id,
      kind,
      secret: seal('secret', secret.password ?? secret.key?.toString()),
      passphrase: seal('passphrase', secret.passphrase),
    });
    return account;
  }

  grant(asset: Asset, account: Account | { login: string; secret: string }, protocol: Protocol = 'ssh'): Grant {
    return Grant.mint({
      id: newId(),
      who: Identity.bind(
        this.user,
        { password: true, publicKey: null, certificate: null, totp: 'none', token: false },
        { ip: '192.0.2.7', via: 'ssh' },
        null,
        0,
      ),
      asset,
      entry:
        'id' in account
          ? { kind: 'stored', account }
          : { kind: 'input', login: account.login, secret: Secret.of(account.secret) },
      protocol,
      use: 'shell',
      to: null,
      limits: {
        until: null,
        idleMs: 1e6,
        maxMs: 1e7,
        actions: new Set(['connect']),
        actionUntil: new Map(),
        record: 'best-effort',
        forwardTo: [],
        commands: [],
      },
      permissions: ['test'],
    } as Parameters<typeof Grant.mint>[0]);
  }
}

export const PTY: PtyRequest = { term: 'xterm', size: { cols: 80, rows: 24, width: 0, height: 0 }, modes: {} };

export function request({ command, ...extra }: Partial<OpenRequest> & { command?: string } = {}): OpenRequest {
  const program = command === undefined ? SHELL : ({ kind: 'exec', command } as const);
  return { pty: undefined, program, env: [], shareKey: {}, ...extra };
}

export const never = new AbortController().signal;

/** What a target channel told, with a promise for its end. */
export interface Watched {
  out: Buffer[];
  err: Buffer[];
  readonly events: string[];
  exit: ExitStatus | undefined;
  readonly closed: Promise<Error | undefined>;
  /** Resolves when stdout so far matches. */
  seen(pattern: RegExp): Promise<void>;
  text(): string;
}

/** Attaches to a channel and keeps everything. */
export function watch(channel: TargetChannel, onData?: (chunk: Buffer) => void, onDrain?: () => void): Watched {
  let waiting: { pattern: RegExp; resolve: () => void }[] = [];
  let resolveClosed: (error: Error | undefined) => void = () => {};
  const watched: Watched = {
    out: [],
    err: [],
    events: [],
    exit: undefined,
    closed: new Promise((resolve) => {
      resolveClosed = resolve;
    }),
    seen: (pattern) =>
      new Promise((resolve) => {
        waiting.push({ pattern, resolve });
        check();
      }),
    text: () => Buffer.concat(watched.out).toString(),
  };
  const check = () => {
    const text = watched.text();
    for (const each of waiting) if (each.pattern.test(text)) each.resolve();
    waiting = waiting.filter((each) => !each.pattern.test(text));
  };
  channel.attach({
    data(chunk) {
      if (onData) return onData(chunk);
      watched.out.push(chunk);
      if (waiting.length > 0) check();
    },
    stderr: (chunk) => void watched.err.push(chunk),
    drain: () => onDrain?.(),
    eof: () => void watched.events.push('eof'),
    exit(status) {
      watched.events.push('exit');
      watched.exit = status;
    },
    closed(error) {
      watched.events.push('closed');
      resolveClosed(error);
    },
  });
  return watched;
}
