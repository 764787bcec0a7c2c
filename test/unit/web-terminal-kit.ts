import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import type { Access, AccessRequest, Decision } from '../../src/access/access.ts';
import type { TerminalInput, TerminalOutput } from '../../src/api/contract/ws.ts';
import { TERMINAL_SOCKET } from '../../src/api/contract/ws-limits.ts';
import type { Identity } from '../../src/auth/identity.ts';
import { createSocketGateway } from '../../src/gateways/web/sockets.ts';
import { createTerminals } from '../../src/gateways/web/terminal/terminal.ts';
import { AppError } from '../../src/kernel/errors.ts';
import { Emitter } from '../../src/kernel/lifecycle.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { Ticket } from '../../src/store/model.ts';
import { FakeClock } from '../kit/clock.ts';
import { eventually } from '../kit/process.ts';
import { type FakeTarget, grant, type HouseOptions, house } from './session-kit.ts';

export interface DoorOptions extends HouseOptions {
  readonly graceMs?: number;
  readonly decide?: (request: AccessRequest) => Decision;
}

/** What a page sees of one socket. */
export class Page {
  readonly messages: TerminalOutput[] = [];
  readonly ws: WebSocket;
  readonly closed: Promise<number>;
  output = Buffer.alloc(0);

  constructor(url: string) {
    this.ws = new WebSocket(url, { perMessageDeflate: false });
    this.ws.on('message', (data: Buffer, binary: boolean) => {
      if (binary) this.output = Buffer.concat([this.output, data]);
      else this.messages.push(JSON.parse(data.toString()) as TerminalOutput);
    });
    this.ws.on('error', () => {});
    this.closed = new Promise((resolve) => void this.ws.on('close', resolve));
  }

  open(): Promise<void> {
    return new Promise((resolve) => void this.ws.on('open', () => resolve()));
  }

  send(message: TerminalInput | Record<string, unknown>): void {
    this.ws.send(JSON.stringify(message));
  }

  type(text: string | Buffer): void {
    this.ws.send(Buffer.from(text));
  }

  all<T extends TerminalOutput['type']>(type: T) {
    return this.messages.filter((one): one is Extract<TerminalOutput, { readonly type: T }> => one.type === type);
  }

  message<T extends TerminalOutput['type']>(type: T, nth = 0) {
    return eventually(
      () => `message ${type}; there are ${JSON.stringify(this.messages)}`,
      () => this.all(type)[nth],
    );
  }

  async shows(text: string): Promise<void> {
    await eventually(`the output ${JSON.stringify(text)}`, () => this.output.toString('latin1').includes(text));
  }

  /** As far as the bastion's side has taken what was sent before: a question and its answer. */
  async settled(): Promise<void> {
    const id = Math.floor(Math.random() * 1e9);
    this.send({ type: 'ping', id });
    await eventually('a pong', () => this.all('pong').find((pong) => pong.id === id));
  }
}

/** The sockets on a real HTTP server, with the real registry and targets made of objects. Ticket `of NAME` is NAME's. */
export async function terminalDoor(options: DoorOptions = {}) {
  const clock = new FakeClock();
  const rooms = await house({ clock, ...options });
  const changed = new Emitter<void>();
  const people = new Map<string, Identity>();
  const refused = new Set<string>();
  const person = (name: string) => {
    const known = people.get(name) ?? grant({}, 'shell', name).who;
    people.set(name, known);
    return known;
  };
  const released: object[] = [];
  const seen: string[] = [];
  const requests: AccessRequest[] = [];
  const access = {
    async authorize(request: AccessRequest): Promise<Decision> {
      requests.push(request);
      if (options.decide) return options.decide(request);
      return { kind: 'allow', grant: grantFor(request) };
    },
    recheckIdentity: async (who: Identity) => !refused.has(who.user.name),
  } as Pick<Access, 'authorize' | 'recheckIdentity'>;
  /** Idle after two minutes: dead peers are looked for every half, and nobody answers while this clock jumps. */
  const grantFor = (request: AccessRequest) => {
    const limits = { actions: new Set(['connect', 'paste'] as const), idleMs: 120_000 };
    const made = grant(limits, 'shell', request.who.user.name);
    Object.assign(made, { who: request.who, asset: { ...made.asset, id: request.asset } });
    return made;
  };
  const terminals = createTerminals({
    access,
    registry: rooms.registry,
    async redeemTicket(token, who) {
      const [use = 'shell', name] = token.exposeText().split(' of ');
      if (name !== who.user.name) throw new AppError('expired', 'This ticket is not yours.');
      return { assetId: 'asset-1', account: 'root', protocol: 'ssh', use } as Partial<Ticket> as Ticket;
    },
    seen: async (who) => void seen.push(who.user.name),
    releaseUpstream: (key) => released.push(key),
    graceMs: options.graceMs ?? 30_000,
    clock,
    log: silentLog(),
  });
  const sockets = createSocketGateway({
    routes: [{ matches: (path) => path === TERMINAL_SOCKET, serve: terminals.serve }],
    access,
    onAccessChanged: (listener) => changed.on(listener),
    clock,
    log: silentLog(),
  });
  const server = createServer();
  server.on('upgrade', (request, socket, head) => {
    const url = new URL(request.url!, 'http://x');
    sockets.accept(person(url.searchParams.get('who')!), url.pathname, request, socket, head);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await sockets.close();
    terminals.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}${TERMINAL_SOCKET}`;

  const page = async (who = 'alice') => {
    const made = new Page(`${url}?who=${who}`);
    await made.open();
    return made;
  };
  /** A page with a terminal, and the target it has. */
  const terminal = async (who = 'alice', hello: Record<string, unknown> = {}) => {
    const made = await page(who);
    made.send({ type: 'hello', ticket: `shell of ${who}`, cols: 80, rows: 24, ...hello });
    const ready = await made.message('ready');
    const target = rooms.targets.at(-1) as FakeTarget;
    return { page: made, ready, target };
  };
  const resume = async (token: string, received: number, who = 'alice') => {
    const made = await page(who);
    made.send({ type: 'resume', token, received, cols: 80, rows: 24 });
    return made;
  };
  return {
    ...rooms,
    clock,
    changed,
    refused,
    people,
    person,
    released,
    seen,
    requests,
    sockets,
    page,
    terminal,
    resume,
  };
}
