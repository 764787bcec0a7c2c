import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import type { Access, GrantCheck } from '../../src/access/access.ts';
import { Grant, type Limits } from '../../src/access/grant.ts';
import { Identity } from '../../src/auth/identity.ts';
import { configSchema } from '../../src/config/schema.ts';
import type {
  ClientChannel,
  ClientSink,
  ExitStatus,
  PtyRequest,
  Size,
  TargetChannel,
  TargetSink,
} from '../../src/kernel/channel.ts';
import { type Clock, systemClock } from '../../src/kernel/clock.ts';
import { type GrantId, newId, type SessionId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { type Place, SHELL } from '../../src/kernel/program.ts';
import { createRegistry } from '../../src/session/registry.ts';
import type { EndReason, LiveSession, OpenOptions, Watcher } from '../../src/session/types.ts';
import { createLocalRecordings } from '../../src/storage/local.ts';
import type { Account, Actor, Asset, Use, User } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import type { Connector, OpenRequest } from '../../src/targets/connector.ts';

export const SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };
export const PTY: PtyRequest = { term: 'xterm', size: SIZE, modes: {} };
export const ADMIN: Actor = { kind: 'user', userId: null, name: 'eve\x1b[2J', ip: '10.0.0.9', via: 'api' };

export class FakeTarget implements TargetChannel {
  readonly received: Buffer[] = [];
  readonly calls: string[] = [];
  sink!: TargetSink;
  slow = false;

  attach(sink: TargetSink): void {
    this.sink = sink;
  }
  write(chunk: Buffer): boolean {
    this.received.push(chunk);
    return !this.slow;
  }
  eof(): void {
    this.calls.push('eof');
  }
  resize(size: Size): void {
    this.calls.push(`resize ${size.cols}x${size.rows}`);
  }
  signal(name: string): void {
    this.calls.push(`signal ${name}`);
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  close(): void {
    this.calls.push('close');
    this.sink.closed();
  }
  say(data: string): void {
    this.sink.data(Buffer.from(data));
  }
  /** As a program that ends by itself. */
  leave(status: ExitStatus = { kind: 'code', code: 0 }): void {
    this.sink.eof();
    this.sink.exit(status);
    this.sink.closed();
  }
}

export class FakeClient implements ClientChannel {
  readonly calls: string[] = [];
  shown = '';
  errors = '';
  sink!: ClientSink;
  slow = false;

  attach(sink: ClientSink): void {
    this.sink = sink;
  }
  write(chunk: Buffer): boolean {
    this.shown += chunk.toString('latin1');
    return !this.slow;
  }
  writeError(chunk: Buffer): boolean {
    this.errors += chunk.toString('latin1');
    return !this.slow;
  }
  eof(): void {
    this.calls.push('eof');
  }
  exit(status: ExitStatus): void {
    this.calls.push(`exit ${status.kind === 'code' ? status.code : status.signal}`);
  }
  pause(): void {
    this.calls.push('pause');
  }
  resume(): void {
    this.calls.push('resume');
  }
  close(): void {
    this.calls.push('close');
  }
  type(data: string): void {
    this.sink.data(Buffer.from(data));
  }
}

export class FakeWatcher implements Watcher {
  readonly events: string[] = [];
  readonly bytes: Buffer[] = [];
  slow = false;
  ready: () => void = () => {};
  #wake: () => void = () => {};

  snapshot(screen: Buffer): void {
    this.events.push('snapshot');
    this.bytes.push(screen);
    this.#wake();
  }
  output(chunk: Buffer): boolean {
    this.events.push(`output ${chunk.toString('latin1').slice(0, 20)}`);
    this.bytes.push(chunk);
    this.#wake();
    return !this.slow;
  }
  resize(size: Size): void {
    this.events.push(`resize ${size.cols}x${size.rows}`);
  }
  notice(text: string): void {
    this.events.push(`notice ${text}`);
  }
  ended(reason: EndReason): void {
    this.events.push(`ended ${reason.cause}`);
    this.#wake();
  }
  onReady(callback: () => void): void {
    this.ready = callback;
  }
  /** Resolves once an event that begins like this has come. */
  async saw(start: string): Promise<void> {
    while (!this.events.some((event) => event.startsWith(start))) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export interface HouseOptions {
  readonly data?: string;
  readonly store?: Store;
  readonly clock?: Clock;
  readonly session?: Record<string, unknown>;
  /** What a recheck says; by default the grant stands as it is. */
  readonly recheck?: (grant: Grant) => Promise<GrantCheck>;
  /** How the target is reached; by default at once. */
  readonly dial?: (target: FakeTarget, signal: AbortSignal, request: OpenRequest) => Promise<TargetChannel>;
}

export function tempData(): string {
  const data = mkdtempSync(join(tmpdir(), 'session-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  return data;
}

/** A registry on a real store and real recordings, with people and targets made of objects. */
export async function house(options: HouseOptions = {}) {
  const data = options.data ?? tempData();
  const clock = options.clock ?? systemClock;
  const log = silentLog();
  const config = configSchema.parse({ session: { disk_reserve: '0', ...options.session } });
  const store = options.store ?? (await openStore({ dataDir: data, log, clock }));
  if (!options.store) onTestFinished(() => store.close());
  const recordings = createLocalRecordings({ data, reserve: config.session.disk_reserve, clock });
  onTestFinished(() => recordings.close());
  await recordings.prepare();
  const connector: Connector = {
    async open(_grant, request, signal) {
      const target = new FakeTarget();
      targets.push(target);
      return options.dial ? options.dial(target, signal, request) : target;
    },
  };
  const targets: FakeTarget[] = [];
  const access = {
    recheck: options.recheck ?? (async (grant: Grant) => ({ ok: true, limits: grant.limits })),
  } as Partial<Access> as Access;
  const registry = createRegistry({ store, access, connector, recordings, config, clock, log });

  /** Opens a session; a terminal unless told otherwise. */
  const open = async (over: Options & { grant?: Grant } = {}) => {
    const client = new FakeClient();
    const session = await registry.open(over.grant ?? grant(), client, openOptions(over));
    return { client, session, target: targets.at(-1)! };
  };
  /** The finished recording of a session that has ended. */
  const recording = async (session: Pick<LiveSession, 'id'>) => {
    await registry.rendered(session.id);
    return readCast(await text(await recordings.open(session.id)));
  };
  const audit = async (action: string) => (await store.audit.list({ action })).filter((row) => row.action === action);
  const row = async (id: SessionId) => (await store.sessions.byId(id))!;
  return { data, store, recordings, registry, targets, open, recording, audit, row };
}

export function readCast(cast: string) {
  const [head, ...events] = cast
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const rows = events as [number, 'o' | 'r' | 'm', string][];
  const of = (kind: string) => rows.filter((row) => row[1] === kind).map((row) => row[2]);
  return { head, rows, output: of('o').join(''), markers: of('m'), sizes: of('r') };
}

/** `command`: short for the program of an exec request. */
export type Options = Partial<OpenOptions> & { readonly command?: string | undefined };

export function openOptions({ command, ...over }: Options = {}): OpenOptions {
  const { signal } = new AbortController();
  const program = command === undefined ? SHELL : ({ kind: 'exec', command } as const);
  return { pty: PTY, program, env: [], shareKey: {}, via: 'ssh', signal, ...over };
}

export function execOptions(command = 'make'): Options & { grant: Grant } {
  return { pty: undefined, command, grant: grant({}, 'exec') };
}

export function grant(
  limits: Partial<Limits> = {},
  use: Use = 'shell',
  userName = 'alice',
  to: Place | null = null,
): Grant {
  const user = { id: userName, name: userName } as unknown as User;
  const factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false } as const;
  return Grant.mint({
    id: newId<GrantId>(),
    who: Identity.bind(user, factors, { ip: '192.0.2.1', via: 'ssh' }, null, 0),
    asset: { id: newId(), name: 'web1' } as Partial<Asset> as Asset,
    entry: { kind: 'stored', account: { login: 'root' } as Partial<Account> as Account },
    protocol: 'ssh',
    use,
    to,
    permissions: ['ops'],
    limits: {
      until: null,
      idleMs: 30 * 60_000,
      maxMs: 24 * 3_600_000,
      actions: new Set(['connect']),
      actionUntil: new Map(),
      record: 'required',
      forwardTo: [],
      commands: [],
      ...limits,
    },
  });
}
