import { spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import type { ReachableLogins } from '../../src/access/access.ts';
import type { AccountEntry } from '../../src/gateways/ssh/tree/names.ts';
import { SftpTree } from '../../src/gateways/ssh/tree/tree.ts';
import { newId } from '../../src/kernel/id.ts';
import type { InnerChannel } from '../../src/kernel/inner-channel.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { packet, SftpReader, string, TYPE, uint32 } from '../../src/kernel/sftp/wire.ts';
import type { EndReason, LiveSession } from '../../src/session/types.ts';
import { FakeClock } from '../kit/clock.ts';
import { assetRow } from '../kit/rows.ts';

const SFTP_SERVER = '/usr/lib/openssh/sftp-server';

/** An asset in the tree with these accounts. */
export function place(name: string, logins: readonly string[] = ['root'], folder = '/'): ReachableLogins {
  const asset = assetRow({ name, folder, createdAt: Date.UTC(2026, 0, 2) });
  return { asset, accounts: logins.map((login) => ({ login, protocol: 'ssh' as const })) };
}

/** One whole packet from the tree. */
export class Packet {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get type(): number {
    return this.bytes[4]!;
  }

  get id(): number {
    return this.bytes.readUInt32BE(5);
  }

  get body(): SftpReader {
    return new SftpReader(this.bytes, 9);
  }

  /** `code: text` of a STATUS. */
  get status(): { code: number; text: string } {
    if (this.type !== TYPE.status) throw new Error(`a packet of type ${this.type} is no status`);
    const { body } = this;
    return { code: body.uint32(), text: body.string().toString() };
  }

  get handle(): Buffer {
    if (this.type !== TYPE.handle) throw new Error(`no handle: ${JSON.stringify(this.status)}`);
    return this.body.string();
  }

  get data(): Buffer {
    if (this.type !== TYPE.data) throw new Error(`no data: ${JSON.stringify(this.status)}`);
    return this.body.string();
  }

  get names(): string[] {
    if (this.type !== TYPE.name) throw new Error(`no names: ${JSON.stringify(this.status)}`);
    const { body } = this;
    const names: string[] = [];
    for (let left = body.uint32(); left > 0; left--) {
      names.push(body.string().toString());
      body.string();
      const flags = body.uint32();
      for (const [flag, bytes] of [
        [1, 8],
        [2, 8],
        [4, 4],
        [8, 8],
      ] as const)
        for (let i = 0; flags & flag && i < bytes; i += 4) body.uint32();
    }
    return names;
  }
}

/** Cuts a stream into packets. */
class Packets {
  #rest = Buffer.alloc(0);

  *take(chunk: Buffer): Generator<Packet> {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readUInt32BE(0)) {
      const end = 4 + this.#rest.readUInt32BE(0);
      yield new Packet(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  get rest(): number {
    return this.#rest.length;
  }
}

/** What a session runs on: OpenSSH's server, or a script. */
export interface Target {
  readonly account: AccountEntry;
  readonly channel: InnerChannel;
  /** What it was asked, INIT and REALPATH of the tree included. */
  readonly asked: Packet[];
  ended: EndReason | undefined;
  /** Sends as the target. */
  say(...pieces: Buffer[]): void;
  /** The session ends. */
  end(reason: EndReason): void;
}

/** A script's answer to a request; undefined says nothing. */
export type Script = (asked: Packet, target: Target) => Buffer | undefined;

/** VERSION and the home directory, and nothing else. */
export const greeting =
  (script: Script = () => undefined, extensions: readonly string[] = []): Script =>
  (asked, target) => {
    if (asked.type === TYPE.init) {
      const fields = Buffer.concat(extensions.flatMap((name) => [string(name), string('1')]));
      return packet(TYPE.version, 3, fields);
    }
    if (asked.type === TYPE.realpath && asked.body.string().equals(Buffer.from('.')))
      return nameAnswer(asked.id, '/root');
    return script(asked, target);
  };

export const nameAnswer = (id: number, ...names: string[]) =>
  packet(
    TYPE.name,
    id,
    uint32(names.length),
    ...names.map((name) => Buffer.concat([string(name), string(`-- ${name}`), uint32(0)])),
  );

export interface World {
  readonly tree: SftpTree;
  readonly clock: FakeClock;
  readonly targets: Target[];
  places: ReachableLogins[];
  /** By login and asset; without one OpenSSH's server answers. */
  readonly scripts: Map<string, Script>;
  /** Why the session on such an account cannot be opened. */
  readonly refusals: Map<string, Error>;
  readonly answers: Packet[];
  readonly errors: string[];
  /** The client takes nothing while this holds. */
  slow: boolean;
  paused: number;
  /** Sends a request with the next id and waits for its answer. */
  ask(type: number, ...fields: Buffer[]): Promise<Packet>;
  readonly lastId: number;
  /** Sends it and does not wait. */
  send(type: number, ...fields: Buffer[]): number;
  answer(id: number): Promise<Packet>;
  open(path: string, flags: number): Promise<Buffer>;
  /** Everything in a directory, in order. */
  list(path: string): Promise<string[]>;
  /** Bytes of a packet that has not come to its end. */
  readonly unfinished: number;
}

export function world(places: ReachableLogins[]): World {
  const clock = new FakeClock();
  const inbox = new Packets();
  const waiting = new Map<number, (answer: Packet) => void>();
  const early = new Map<number, Packet>();
  let lastId = 0;

  const tree = new SftpTree({
    userName: 'alice',
    logins: async () => self.places,
    open: async (account, channel) => {
      const name = `${account.login}@${account.asset.name}`;
      const refusal = self.refusals.get(name);
      if (refusal) throw refusal;
      const script = self.scripts.get(name);
      const target = script ? scripted(account, channel, script) : real(account, channel);
      self.targets.push(target.target);
      return target.session;
    },
    write(chunk) {
      for (const answer of inbox.take(chunk)) {
        if (answer.type === TYPE.version) continue;
        self.answers.push(answer);
        const take = waiting.get(answer.id);
        waiting.delete(answer.id);
        if (take) take(answer);
        else early.set(answer.id, answer);
      }
      return !self.slow;
    },
    stderr: (chunk) => self.errors.push(chunk.toString()),
    pause: () => {
      self.paused++;
    },
    resume: () => {
      self.paused--;
    },
    clock,
    log: silentLog(),
  });
  onTestFinished(() => tree.end({ cause: 'client-closed' }));

  const self: World = {
    tree,
    clock,
    targets: [],
    places,
    scripts: new Map(),
    refusals: new Map(),
    answers: [],
    errors: [],
    slow: false,
    paused: 0,
    send(type, ...fields) {
      const id = ++lastId;
      tree.data(packet(type, id, ...fields));
      return id;
    },
    answer(id) {
      const come = early.get(id);
      early.delete(id);
      return come ? Promise.resolve(come) : new Promise((resolve) => waiting.set(id, resolve));
    },
    ask: (type, ...fields) => self.answer(self.send(type, ...fields)),
    async open(path, flags) {
      return (await self.ask(TYPE.open, string(path), uint32(flags), uint32(0))).handle;
    },
    async list(path) {
      const { handle } = await self.ask(TYPE.opendir, string(path));
      const names: string[] = [];
      for (;;) {
        const answer = await self.ask(TYPE.readdir, string(handle));
        if (answer.type === TYPE.status) break;
        names.push(...answer.names);
      }
      await self.ask(TYPE.close, string(handle));
      return names;
    },
    get lastId() {
      return lastId;
    },
    get unfinished() {
      return inbox.rest;
    },
  };
  tree.data(Buffer.concat([uint32(5), Buffer.of(TYPE.init), uint32(3)]));
  return self;
}

function sessionOf(account: AccountEntry, channel: InnerChannel, close: () => void) {
  let resolve: (reason: EndReason) => void = () => {};
  const ended = new Promise<EndReason>((done) => {
    resolve = done;
  });
  const target: Target = {
    account,
    channel,
    asked: [],
    ended: undefined,
    say: (...pieces) => void channel.write(Buffer.concat(pieces)),
    end(reason) {
      if (target.ended) return;
      target.ended = reason;
      close();
      channel.close();
      resolve(reason);
    },
  };
  const session = {
    id: newId(),
    ended,
    end: async (reason: EndReason) => target.end(reason),
  } as unknown as LiveSession;
  return { target, session };
}

function scripted(account: AccountEntry, channel: InnerChannel, script: Script) {
  const made = sessionOf(account, channel, () => {});
  const inbox = new Packets();
  channel.attach({
    data(chunk) {
      for (const asked of inbox.take(chunk)) {
        made.target.asked.push(asked);
        const answer = script(asked, made.target);
        // as over a network: not in the same turn
        if (answer) setImmediate(() => made.target.say(answer));
      }
    },
    drain() {},
    eof() {},
    resize() {},
    signal() {},
    closed() {},
  });
  return made;
}

function real(account: AccountEntry, channel: InnerChannel) {
  const child = spawn(SFTP_SERVER, ['-e', '-l', 'QUIET'], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  const made = sessionOf(account, channel, () => child.kill('SIGKILL'));
  child.on('exit', () => made.target.end({ cause: 'target-closed' }));
  child.stdout.on('data', (chunk: Buffer) => {
    if (!channel.write(chunk)) child.stdout.pause();
  });
  const inbox = new Packets();
  channel.attach({
    data(chunk) {
      made.target.asked.push(...inbox.take(chunk));
      if (child.stdin.write(chunk)) return;
      channel.pause();
      child.stdin.once('drain', () => channel.resume());
    },
    drain: () => void child.stdout.resume(),
    eof() {},
    resize() {},
    signal() {},
    closed() {},
  });
  return made;
}
