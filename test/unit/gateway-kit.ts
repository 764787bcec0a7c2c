import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Access, AccessRequest, Decision } from '../../src/access/access.ts';
import { Grant } from '../../src/access/grant.ts';
import { Identity } from '../../src/auth/identity.ts';
import type { KeyRestrictions } from '../../src/auth/key-options.ts';
import type { Login, Method, Step } from '../../src/auth/login-types.ts';
import { openSigningAuthority, type SigningAuthorities } from '../../src/auth/signing-authority.ts';
import { configSchema } from '../../src/config/schema.ts';
import { generateHostKeys } from '../../src/gateways/ssh/host-keys.ts';
import { createSshGateway, type SshGateway } from '../../src/gateways/ssh/server.ts';
import type { ClientChannel, ExitStatus } from '../../src/kernel/channel.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { newId } from '../../src/kernel/id.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import { createLog, silentLog } from '../../src/kernel/log.ts';
import { commandOf } from '../../src/kernel/program.ts';
import type { EndReason, LiveSession, OpenOptions, Registry } from '../../src/session/types.ts';
import type { Ticket } from '../../src/store/model.ts';
import { type RunOptions, type RunResult, run } from '../kit/process.ts';
import { accountRow, assetRow, userRow } from '../kit/rows.ts';

/** Open to everybody with the password `secret`; see `FakeLogin` for what names do. */
export const PASSWORD = 'secret';

/** A password, and for names that begin with `totp` a code (123456) after it. Records the calls. */
export class FakeLogin implements Login {
  readonly methods: Method[] = ['publickey', 'password', 'keyboard-interactive'];
  readonly #world: World;
  readonly #ip: string;
  #first = false;
  #running = false;

  constructor(world: World, ip: string) {
    this.#world = world;
    this.#ip = ip;
  }

  async #call<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (this.#running) this.#world.overlaps++;
    this.#running = true;
    this.#world.calls.push(what);
    await new Promise((resolve) => setImmediate(resolve));
    const result = await work();
    this.#running = false;
    return result;
  }

  /** Every client begins with it. */
  async none(): Promise<Step> {
    return this.#no();
  }

  keyAcceptable(userName: string, algorithm: string, _key: Buffer): Promise<boolean> {
    return this.#call(`query ${userName} ${algorithm}`, async () => true);
  }

  publicKey(userName: string, proof: { algorithm: string }): Promise<Step> {
    return this.#call(`key ${userName} ${proof.algorithm}`, async () => this.#done(userName));
  }

  password(userName: string, password: { exposeText(): string }): Promise<Step> {
    return this.#call(`password ${userName}`, async () => {
      if (password.exposeText() !== PASSWORD) return this.#no();
      if (!userName.startsWith('totp')) return this.#done(userName);
      this.#first = true;
      return { kind: 'more', methods: ['keyboard-interactive'] };
    });
  }

  keyboardStart(userName: string): Promise<Step> {
    return this.#call(`keyboard ${userName}`, async () => {
      this.#name = userName;
      const text = this.#first ? 'Code: ' : 'Password: ';
      return {
        kind: 'prompt',
        title: '',
        instructions: '',
        prompts: [{ text, echo: false }],
        about: { kind: 'password' },
      };
    });
  }
  #name = '';

  keyboardAnswer(answers: readonly { exposeText(): string }[]): Promise<Step> {
    return this.#call('answer', async () => {
      if (answers[0]?.exposeText() !== (this.#first ? '123456' : PASSWORD)) return this.#no();
      if (this.#first || !this.#name.startsWith('totp')) return this.#done(this.#name);
      this.#first = true;
      return {
        kind: 'prompt',
        title: '',
        instructions: '',
        prompts: [{ text: 'Code: ', echo: false }],
        about: { kind: 'code' },
      };
    });
  }

  #no(): Step {
    this.#world.failures++;
    if (this.#world.failures >= 6) this.methods.length = 0;
    return { kind: 'no', methods: this.methods };
  }

  #done(userName: string): Step {
    const factors = {
      password: true,
      publicKey: null,
      certificate: null,
      authority: null,
      totp: 'none',
      token: false,
    } as const;
    const identity = Identity.bind(
      userRow({ name: userName }),
      factors,
      { ip: this.#ip, via: 'ssh' },
      this.#world.restrictions,
      0,
    );
    return { kind: 'done', identity, ticket: ticketOf(userName) };
  }
}

/** Who is called `ticket-USE` came with a ticket for that. */
function ticketOf(userName: string): Ticket | undefined {
  const use = /^ticket-(\w+)$/.exec(userName)?.[1];
  return use === undefined ? undefined : ({ assetId: 'web1', account: 'root', use } as Partial<Ticket> as Ticket);
}

/** What a program on the fake target may do. */
interface Program {
  readonly client: ClientChannel;
  readonly options: OpenOptions;
  write(text: string): void;
  exit(status: ExitStatus): void;
}

/** A gateway in front of fake rooms whose one target runs small programs in this process. */
export class World implements AsyncDisposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'bastion-gateway-'));
  readonly calls: string[] = [];
  readonly requests: AccessRequest[] = [];
  readonly opened: OpenOptions[] = [];
  readonly ends: EndReason[] = [];
  readonly released: object[] = [];
  readonly changed = new Emitter<void>();
  readonly sessions = new Set<LiveSession>();
  readonly web1 = assetRow({ name: 'web1' });
  readonly many = assetRow({ name: 'many' });
  restrictions: KeyRestrictions | null = null;
  stands = true;
  overlaps = 0;
  failures = 0;
  froms: { ip: string }[] = [];
  gateway!: SshGateway;
  port = 0;
  hostKeys: Buffer[] = [];
  /** Of the authority that certifies the gateway inside a ProxyJump. */
  authorityLine = '';

  static async start(ssh: Record<string, unknown> = {}, session: Record<string, unknown> = {}): Promise<World> {
    const world = new World();
    const config = configSchema.parse({ ssh: { listen: '127.0.0.1:0', ...ssh }, session });
    world.hostKeys = (await generateHostKeys(world.dir)).map((key) => key.privateKey);
    const { host: hostAuthority } = await ephemeralAuthorities();
    world.authorityLine = hostAuthority.publicLine;
    world.gateway = createSshGateway({
      config,
      authenticator: {
        beginLogin: (from) => {
          world.froms.push(from);
          return new FakeLogin(world, from.ip);
        },
      },
      access: world.access(),
      registry: world.registry(),
      hostKeys: world.hostKeys,
      hostAuthority,
      releaseUpstream: (key) => world.released.push(key),
      onAccessChanged: (callback) => world.changed.on(callback),
      log: process.env.GATEWAY_LOG ? createLog({ level: 'debug', format: 'pretty' }) : silentLog(),
      clock: systemClock,
    });
    const [address] = await world.gateway.listen();
    world.port = address!.port;
    return world;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.gateway.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** OpenSSH's client with the password. */
  ssh(login: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return run('ssh', [...this.sshArgs(login), ...args], {
      ...options,
      env: { ...(options.env ?? process.env), ...this.askpass() },
    });
  }

  /** The environment in which OpenSSH's client answers its prompts by itself, also without a terminal. */
  askpass(password = PASSWORD): NodeJS.ProcessEnv {
    const script = join(this.dir, `askpass-${password}`);
    writeFileSync(script, `#!/bin/sh\ncase "$1" in *Code*) echo 123456;; *) echo ${password};; esac\n`, {
      mode: 0o700,
    });
    return { SSH_ASKPASS: script, SSH_ASKPASS_REQUIRE: 'force' };
  }

  sshArgs(login: string): string[] {
    const settings = [
      'StrictHostKeyChecking=no',
      'UserKnownHostsFile=/dev/null',
      'LogLevel=ERROR',
      'PubkeyAuthentication=no',
    ];
    return ['-F', 'none', ...settings.flatMap((o) => ['-o', o]), '-p', String(this.port), '-l', login, '127.0.0.1'];
  }

  access(): Access {
    const decide = (request: AccessRequest): Decision => {
      const on = [this.web1, this.many].find((one) => one.name === request.asset || one.id === request.asset);
      if (!on)
        return {
          kind: 'deny',
          code: 'no_permission',
          message: `No asset named "${request.asset}" is open to you.`,
          trace: [],
        };
      if (request.account === '@input' && !request.input)
        return { kind: 'input', asset: on, protocol: 'ssh', login: null };
      if (on === this.many && request.account === undefined) {
        const accounts = [
          { login: 'root', name: 'root' },
          { login: 'a@b', name: 'a@b' },
          { login: null, name: '@input' },
        ];
        return { kind: 'choose', asset: on, protocol: 'ssh', accounts };
      }
      const entry = request.input
        ? ({ kind: 'input', ...request.input } as const)
        : ({ kind: 'stored', account: accountRow(on, request.account ?? 'root') } as const);
      const limits = {
        until: null,
        idleMs: 0,
        maxMs: 0,
        actions: new Set(['connect'] as const),
        actionUntil: new Map(),
        record: 'required',
        forwardTo: [],
        commands: [],
      } as const;
      const grant = Grant.mint({
        id: newId(),
        who: request.who,
        asset: on,
        entry,
        protocol: 'ssh',
        use: request.use,
        to: request.to ?? null,
        limits,
        permissions: [],
      });
      return { kind: 'allow', grant };
    };
    return {
      authorize: async (request: AccessRequest) => {
        this.requests.push(request);
        return decide(request);
      },
      recheckIdentity: async () => this.stands,
      reachable: async () => [this.many, this.web1].map((one) => ({ asset: one, protocols: ['ssh'] as const })),
      reachableAs: async (_who: Identity, text: string) =>
        [this.many, this.web1]
          .filter(({ name, address, id }) => [name.toLowerCase(), address, id].includes(text.toLowerCase()))
          .map((one) => ({ asset: one, protocols: ['ssh'] as const })),
    } as unknown as Access;
  }

  registry(): Registry {
    return {
      open: (grant: Grant, client: ClientChannel, options: OpenOptions) => this.#open(grant, client, options),
    } as unknown as Registry;
  }

  async #open(grant: Grant, client: ClientChannel, options: OpenOptions): Promise<LiveSession> {
    this.opened.push(options);
    const command = commandOf(options.program);
    if (command === 'unreachable')
      throw new AppError('target_refused', 'web1 refused the connection; is its sshd running?');
    if (grant.entry.kind === 'input' && grant.entry.secret.exposeText() !== 'right') {
      throw new AppError('target_auth', 'The target did not take the password.');
    }
    if (grant.asset === this.many && grant.login === 'slow') {
      await new Promise<void>((_resolve, reject) => {
        options.progress?.('First time here.');
        options.signal.addEventListener('abort', () => reject(new AppError('target_timeout', 'gave up')));
      });
    }
    let finish!: (reason: EndReason) => void;
    const ended = new Promise<EndReason>((resolve) => {
      finish = resolve;
    });
    let over = false;
    const stop = (reason: EndReason, status?: ExitStatus) => {
      if (over) return;
      over = true;
      this.ends.push(reason);
      this.sessions.delete(session);
      if (status) client.exit(status);
      client.eof();
      client.close();
      finish(reason);
    };
    const session = {
      id: newId(),
      grant,
      ended,
      end: async (reason: EndReason) => {
        if (options.pty) client.write(Buffer.from(`\r\nended: ${reason.cause}\r\n`));
        stop(reason, { kind: 'code', code: 254 });
      },
    } as unknown as LiveSession;
    this.sessions.add(session);
    const program: Program = {
      client,
      options,
      write: (text) => void client.write(Buffer.from(text)),
      exit: (status) => stop({ cause: 'target-closed' }, status),
    };
    runProgram(program, () => stop({ cause: 'client-closed' }));
    return session;
  }
}

/** Two authorities that nobody keeps. */
function ephemeralAuthorities(): Promise<SigningAuthorities> {
  const place = { table: 'meta', column: 'value', id: '' };
  const authorities = { signingKey: async () => ({ sealed: undefined, place }), keepSigningKey: async () => {} };
  const vault = { seal: () => Buffer.alloc(0), open: (): never => expect.unreachable() };
  return openSigningAuthority({ store: { authorities }, vault } as unknown as Parameters<
    typeof openSigningAuthority
  >[0]);
}

/** The fake target: one line at a time, `cat` and the like as words. */
function runProgram({ client, options, write, exit }: Program, gone: () => void): void {
  const { pty } = options;
  const command = commandOf(options.program);
  const words = command?.split(' ') ?? [];
  let rest = '';
  const line = (text: string) => {
    if (text.startsWith('exit ')) exit({ kind: 'code', code: Number(text.slice(5)) });
    else if (text === 'size') write(`size ${pty?.size.cols}x${pty?.size.rows}\r\n`);
    else write(`<${text}>\r\n`);
  };
  client.attach({
    data(chunk) {
      if (words[0] === 'cat') {
        if (!client.write(chunk)) client.pause();
        return;
      }
      const lines = (rest + chunk.toString()).split(/[\r\n]/);
      rest = lines.pop()!;
      for (const one of lines) line(one);
    },
    drain: () => client.resume(),
    eof() {
      if (words[0] === 'cat') {
        // like a real program, not in the same turn
        setImmediate(() => {
          write('after eof');
          exit({ kind: 'code', code: 0 });
        });
      } else if (command === undefined) {
        write('bye\r\n');
        exit({ kind: 'code', code: 0 });
      }
    },
    resize: (size) => write(`resized ${size.cols}x${size.rows}\r\n`),
    signal: (name) => {
      write(`signal ${name}\n`);
      exit({ kind: 'code', code: 0 });
    },
    closed: gone,
  });
  if (words[0] === 'exit') exit({ kind: 'code', code: Number(words[1]) });
  else if (words[0] === 'die') exit({ kind: 'signal', signal: words[1]!, coreDumped: false, message: '' });
  else if (words[0] === 'both') {
    write('to stdout');
    client.writeError(Buffer.from('to stderr'));
    exit({ kind: 'code', code: 7 });
  } else if (words[0] === 'show') {
    write(`${JSON.stringify({ pty, env: Object.fromEntries(options.env), command })}\n`);
    exit({ kind: 'code', code: 0 });
  } else if (command === undefined) write('ready\r\n');
}

/** A version 2 PROXY header with these addresses. */
export function v2(family: number, addresses: number[], command = 1): Buffer {
  const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
  const fixed = Buffer.from([0x20 | command, (family << 4) | 1, addresses.length >> 8, addresses.length & 255]);
  return Buffer.concat([head, fixed, Buffer.from(addresses)]);
}
