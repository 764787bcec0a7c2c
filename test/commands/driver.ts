import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Access } from '../../src/access/access.ts';
import { Grant } from '../../src/access/grant.ts';
import { Identity } from '../../src/auth/identity.ts';
import { configSchema } from '../../src/config/schema.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { type CommandId, type FilterId, type GrantId, newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { SHELL } from '../../src/kernel/program.ts';
import { createRegistry, type SessionRegistry } from '../../src/session/registry.ts';
import { createLocalRecordings } from '../../src/storage/local.ts';
import type { Account, Asset, CommandReport, CommandRow, CommandRule, User } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { CommandsRepository } from '../../src/store/store.ts';
import { createLocalConnector } from '../../src/targets/pty-local.ts';
import type { Case, Step } from './corpus.ts';
import { type Database, startDatabase } from './database.ts';
import { judge, type Verdict } from './judge.ts';
import { commandLine, endServers, SHELLS } from './shells.ts';
import { User as Person } from './user.ts';

/** With rules an Enter may wait for its echo, without it may not: both ways must know the same. */
export type Mode = 'free' | 'filtered';
export const MODES: readonly Mode[] = ['free', 'filtered'];

export interface Outcome {
  readonly case: Case;
  readonly mode: Mode;
  readonly rows: readonly CommandRow[];
  readonly verdict: Verdict;
  /** Why the steps could not be done: the case itself is at fault, or the machine. */
  readonly stuck: Error | undefined;
  readonly screen: string;
  /** What went each way, in milliseconds. */
  readonly trace: readonly string[];
}

/** A rule that minds nothing that the corpus types. */
const RULE: CommandRule = {
  id: newId<FilterId>(),
  name: 'never',
  priority: 50,
  action: 'deny',
  words: ['a-word-nobody-types'],
  regex: null,
  matchCase: true,
  reviewers: [],
};

/** Real sessions on real shells: the session room whole, and a terminal emulator in the place of the person. */
export class Lab implements AsyncDisposable {
  readonly #dir = mkdtempSync(join(tmpdir(), 'bastion-corpus-'));
  readonly #rows = new Map<string, CommandRow[]>();
  readonly #commands = new WeakMap<Grant, string>();
  readonly #closers: (() => Promise<void>)[] = [];
  #registry!: SessionRegistry;
  #database: Promise<Database> | undefined;
  #homes = 0;

  static async open(): Promise<Lab> {
    const lab = new Lab();
    await lab.#begin();
    return lab;
  }

  /** Plays one case in a home directory of its own. */
  async play(one: Case, mode: Mode): Promise<Outcome> {
    const home = join(this.#dir, `home-${++this.#homes}`);
    furnish(home, one);
    const env = SHELLS[one.shell]!.database ? { SOCKET: (await this.#needDatabase()).socket } : {};

    const grant = grantFor(mode);
    this.#commands.set(grant, commandLine(SHELLS[one.shell]!, home, { ...one.env, ...env }));
    const person = new Person(one.size);
    const session = await this.#registry.open(grant, person, {
      pty: { term: 'xterm-256color', size: one.size, modes: {} },
      program: SHELL,
      env: [],
      shareKey: {},
      via: 'ssh',
      signal: new AbortController().signal,
    });
    let stuck: Error | undefined;
    try {
      await perform(person, one);
    } catch (error) {
      stuck = error as Error;
    }
    await session.end({ cause: 'client-closed' });
    await endServers(home);
    const screen = person.screen();
    person.dispose();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    // as a list shows them: in the order of their Enter keys
    const rows = (this.#rows.get(session.id) ?? []).toSorted((a, b) => a.offset - b.offset);
    return { case: one, mode, rows, verdict: judge(one, rows), stuck, screen, trace: person.trace };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers.reverse()) await close();
    rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async #begin(): Promise<void> {
    const log = silentLog();
    const clock = systemClock;
    const config = configSchema.parse({ session: { disk_reserve: '0' } });
    const data = join(this.#dir, 'data');
    mkdirSync(data);
    const store = await openStore({ dataDir: data, log, clock });
    this.#closers.push(() => store.close());
    const recordings = createLocalRecordings({ data, reserve: 0, clock });
    await recordings.prepare();
    const local = createLocalConnector();
    this.#registry = createRegistry({
      store: { ...store, commands: this.#collector() },
      access: {
        recheck: async (grant: Grant) => ({ ok: true, limits: grant.limits }),
      } as Partial<Access> as Access,
      connector: {
        open: (grant, request, signal) => {
          const command = this.#commands.get(grant);
          const program = command === undefined ? SHELL : ({ kind: 'exec', command } as const);
          return local.open(grant, { ...request, program }, signal);
        },
      },
      recordings,
      config,
      clock,
      log,
    });
    this.#closers.push(() => this.#registry.shutdown(0));
  }

  /** In the place of the store's table. */
  #collector(): CommandsRepository {
    const collector: Pick<CommandsRepository, 'add' | 'report'> = {
      add: async (rows) => {
        for (const row of rows) this.#rows.set(row.sessionId, [...(this.#rows.get(row.sessionId) ?? []), row]);
      },
      report: async (id, report) => this.#report(id, report),
    };
    return collector as CommandsRepository;
  }

  #report(id: CommandId, report: CommandReport): void {
    for (const rows of this.#rows.values()) {
      const at = rows.findIndex((row) => row.id === id);
      if (at < 0) continue;
      const known = Object.entries(report).filter(([, value]) => value !== undefined);
      rows[at] = { ...rows[at]!, ...Object.fromEntries(known) };
    }
  }

  #needDatabase(): Promise<Database> {
    this.#database ??= startDatabase(this.#dir).then((database) => {
      this.#closers.push(() => database.stop());
      return database;
    });
    return this.#database;
  }
}

/** Plays all of them in both modes, `beside` at a time. */
export async function playAll(
  cases: readonly Case[],
  modes: readonly Mode[] = MODES,
  beside = 3,
  done: (outcome: Outcome) => void = () => {},
): Promise<Outcome[]> {
  await using lab = await Lab.open();
  const work = modes.flatMap((mode) => cases.map((one) => ({ one, mode })));
  const outcomes: Outcome[] = [];
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < work.length; at = next++) {
      const { one, mode } = work[at]!;
      outcomes[at] = await lab.play(one, mode);
      done(outcomes[at]!);
    }
  };
  await Promise.all(Array.from({ length: beside }, worker));
  return outcomes;
}

/** Puts into a home directory what a case wants to find there. */
export function furnish(home: string, one: Case): void {
  const shell = SHELLS[one.shell]!;
  const [startFile] = Object.keys(shell.files ?? {});
  const files = { ...shell.files, ...one.files };
  if (startFile !== undefined) files[startFile] = `${shell.files![startFile]}${one.rc}`;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  mkdirSync(join(home, '.screens'), { recursive: true, mode: 0o700 });
}

/** Does the steps of a case. Rejects when one of them waits in vain. */
export async function perform(person: Person, one: Case): Promise<void> {
  await person.at(one.at);
  for (const step of one.steps) await act(person, step, one.at);
}

async function act(person: Person, step: Step, prompt: string): Promise<void> {
  if ('run' in step) {
    await person.type(`${step.run}<enter>`);
    await person.at(prompt);
  } else if ('type' in step) await person.type(step.type);
  else if ('fast' in step || 'secret' in step) person.fast('fast' in step ? step.fast : step.secret);
  else if ('paste' in step) person.paste(step.paste);
  else if ('expect' in step) await person.expect(step.expect);
  else if ('resize' in step) person.resize(step.resize);
  else await person.at(step.at ?? prompt);
}

function grantFor(mode: Mode): Grant {
  const user = { id: newId(), name: 'alice' } as Partial<User> as User;
  const factors = { password: true, publicKey: null, certificate: null, totp: 'none', token: false } as const;
  return Grant.mint({
    id: newId<GrantId>(),
    who: Identity.bind(user, factors, { ip: '192.0.2.1', via: 'ssh' }, null, 0),
    asset: { id: newId(), name: 'web1' } as Partial<Asset> as Asset,
    entry: { kind: 'stored', account: { login: 'alice' } as Partial<Account> as Account },
    protocol: 'local',
    use: 'shell',
    to: null,
    permissions: ['corpus'],
    limits: {
      until: null,
      idleMs: 30 * 60_000,
      maxMs: 24 * 3_600_000,
      actions: new Set(['connect']),
      actionUntil: new Map(),
      record: 'required',
      forwardTo: [],
      commands: mode === 'filtered' ? [RULE] : [],
    },
  });
}
