import type { z } from 'zod';
import type { Access } from '../../../access/access.ts';
import type { Grant } from '../../../access/grant.ts';
import { type TerminalOutput, terminalInput } from '../../../api/contract/ws.ts';
import type { Identity } from '../../../auth/identity.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { AppError, toAppError } from '../../../kernel/errors.ts';
import type { Log } from '../../../kernel/log.ts';
import { SHELL } from '../../../kernel/program.ts';
import { Secret } from '../../../kernel/secret.ts';
import type { Registry } from '../../../session/types.ts';
import type { Ticket } from '../../../store/model.ts';
import { PageSocket } from '../page-socket.ts';
import type { Arrival, Served, SocketRoute } from '../sockets.ts';
import { LiveTerminal, sizeOf } from './live-terminal.ts';
import { PageChannel } from './page-channel.ts';

export interface TerminalDeps {
  readonly access: Pick<Access, 'authorize'>;
  readonly registry: Pick<Registry, 'open'>;
  /** What a one-time ticket is for. Rejects with AppError `expired` when it is not (any more) one of this person. */
  readonly redeemTicket: (token: Secret, who: Identity) => Promise<Ticket>;
  /** Somebody typed: their sign-in is in use. */
  readonly seen: (who: Identity) => Promise<void>;
  readonly releaseUpstream: (shareKey: object) => void;
  readonly graceMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

const SEEN_EVERY_MS = 60_000;
/** Of one person: sessions that ended while their pages were away, and wait to tell it. */
const MAX_LEFT_OVER = 20;

type Message = z.output<typeof terminalInput>;
type Hello = Extract<Message, { readonly type: 'hello' }>;
type Page = PageSocket<Message, TerminalOutput>;

/** Terminals in pages. */
export function createTerminals(deps: TerminalDeps): Pick<SocketRoute, 'serve'> & { close(): void } {
  const live = new Set<LiveTerminal>();
  return {
    serve: (arrival) => new TerminalSocket(deps, live, arrival),
    close() {
      for (const terminal of [...live]) terminal.leave();
    },
  };
}

/** One socket, from its first message to its end. */
class TerminalSocket implements Served {
  readonly #deps: TerminalDeps;
  readonly #live: Set<LiveTerminal>;
  readonly #arrival: Arrival;
  readonly #page: Page;
  readonly #abort = new AbortController();
  /** What is typed and resized while the target is dialled. */
  #channel: PageChannel | undefined;
  #terminal: LiveTerminal | undefined;
  #closed = false;
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(deps: TerminalDeps, live: Set<LiveTerminal>, arrival: Arrival) {
    this.#deps = deps;
    this.#live = live;
    this.#arrival = arrival;
    this.#page = new PageSocket<Message, TerminalOutput>(arrival.ws, terminalInput, deps.log, {
      message: (message) => this.#message(message),
      bytes: (chunk) => {
        const taker = this.#terminal ?? this.#channel;
        if (!taker) throw new AppError('invalid', 'the first message must be hello or resume');
        taker.typed(chunk);
        this.#seen();
      },
      broken: (error) => this.#broken(error),
      closed: (clean) => {
        this.#closed = true;
        this.#abort.abort();
        this.#terminal?.pageClosed(this.#page, clean);
      },
    });
  }

  revoked(error: AppError): void {
    if (this.#terminal) void this.#terminal.session.end({ cause: 'revoked' });
    else this.#page.refuse(error);
  }

  #message(message: Message): void {
    if (message.type === 'hello' || message.type === 'resume') {
      if (this.#channel || this.#terminal) throw new AppError('invalid', 'hello and resume come first, and once');
      this.#arrival.greeted();
      if (message.type === 'hello') this.#begin(message);
      else this.#resume(message);
      return;
    }
    if (this.#terminal) {
      this.#terminal.message(message);
      return;
    }
    if (!this.#channel) throw new AppError('invalid', 'the first message must be hello or resume');
    if (message.type === 'resize') this.#channel.resize(sizeOf(message));
    else if (message.type === 'ping') this.#page.send({ type: 'pong', id: message.id });
    else if (message.type === 'close') this.#abort.abort();
  }

  #begin(hello: Hello): void {
    const channel = new PageChannel(this.#deps.clock, sizeOf(hello));
    this.#channel = channel;
    this.#hello(hello, channel).catch((error: unknown) => this.#fail(error));
  }

  /** Ticket → decision → session → ready. */
  async #hello(hello: Hello, channel: PageChannel): Promise<void> {
    const { registry, releaseUpstream, clock, graceMs } = this.#deps;
    const secret = hello.input && Secret.of(hello.input.secret);
    const shareKey = {};
    try {
      const grant = await this.#authorize(hello, secret);
      const progress = (text: string) => this.#page.send({ type: 'progress', text });
      const session = await registry.open(grant, channel, {
        pty: { term: hello.term, size: sizeOf(hello), modes: {} },
        program: SHELL,
        env: [],
        shareKey,
        via: 'web',
        say: progress,
        banner: progress,
        progress,
        signal: this.#abort.signal,
      });
      void session.ended.then(() => {
        secret?.wipe();
        releaseUpstream(shareKey);
      });
      const gone = () => this.#live.delete(terminal);
      const terminal = new LiveTerminal({ clock, graceMs, gone, leftOver: () => this.#bound() }, session, channel);
      this.#live.add(terminal);
      this.#terminal = terminal;
      terminal.connect(this.#page, 0);
      // the page left in the very turn in which the target answered: nobody has its token
      if (this.#closed || this.#abort.signal.aborted) terminal.leave();
    } catch (error) {
      secret?.wipe();
      releaseUpstream(shareKey);
      throw error;
    }
  }

  /** The last words of sessions nobody came back for are no place to fill the memory with. */
  #bound(): void {
    const { id } = this.#arrival.who.user;
    const over = [...this.#live].filter((each) => each.isLeftOver && each.session.grant.who.user.id === id);
    for (const terminal of over.slice(0, -MAX_LEFT_OVER)) terminal.forget();
  }

  async #authorize(hello: Hello, secret: Secret | undefined): Promise<Grant> {
    const { who } = this.#arrival;
    const ticket = await this.#deps.redeemTicket(Secret.of(hello.ticket), who);
    if (ticket.use !== 'shell')
      throw new AppError('invalid', `This ticket is for ${ticket.use}; ask for one of use shell.`);
    const decision = await this.#deps.access.authorize({
      who,
      asset: ticket.assetId,
      account: ticket.account,
      protocol: ticket.protocol,
      use: 'shell',
      input: hello.input && secret && { login: hello.input.login, secret },
    });
    if (decision.kind === 'deny') throw new AppError(decision.code, decision.message);
    if (decision.kind === 'choose')
      throw new AppError('no_account', 'Several accounts of this asset are open to you now; connect again with one.');
    if (decision.kind === 'input')
      throw new AppError('invalid', 'Login and password of this account are typed each time; connect again with them.');
    // a name may have come to mean something else
    if (decision.grant.asset.id !== ticket.assetId)
      throw new AppError('no_permission', 'The asset was changed meanwhile; connect again.');
    return decision.grant;
  }

  #resume(message: Extract<Message, { readonly type: 'resume' }>): void {
    const terminal = [...this.#live].find((each) => each.answersTo(message.token, this.#arrival.who));
    if (!terminal) {
      this.#page.refuse(new AppError('expired', 'The session has ended meanwhile; connect again.'));
      return;
    }
    terminal.connect(this.#page, message.received);
    this.#terminal = terminal;
    terminal.message({ type: 'resize', cols: message.cols, rows: message.rows });
  }

  #seen(): void {
    const now = this.#deps.clock.monotonic();
    if (now - this.#seenAt < SEEN_EVERY_MS) return;
    this.#seenAt = now;
    this.#deps
      .seen(this.#arrival.who)
      .catch((error: unknown) => this.#deps.log.error({ err: error }, 'a sign of life could not be written down'));
  }

  #broken(error: AppError): void {
    if (this.#terminal) {
      this.#terminal.broken(error);
      return;
    }
    this.#abort.abort();
    this.#page.refuse(error);
  }

  #fail(thrown: unknown): void {
    const error = toAppError(thrown);
    if (error.code === 'internal') this.#deps.log.error({ err: thrown }, 'a terminal could not be opened');
    this.#page.refuse(error);
  }
}
