import type { Limits } from '../../../access/grant.ts';
import type { TerminalInput, TerminalOutput } from '../../../api/contract/ws.ts';
import type { Identity } from '../../../auth/identity.ts';
import { newToken, tokenHash } from '../../../auth/one-time.ts';
import type { Size } from '../../../kernel/channel.ts';
import type { Clock } from '../../../kernel/clock.ts';
import { AppError } from '../../../kernel/errors.ts';
import type { Disposer } from '../../../kernel/lifecycle.ts';
import { Secret } from '../../../kernel/secret.ts';
import type { SessionEvent } from '../../../session/events.ts';
import { allows } from '../../../session/limits.ts';
import type { EndReason, LiveSession } from '../../../session/types.ts';
import { ACTIONS, type Action } from '../../../store/model.ts';
import type { PageSocket } from '../page-socket.ts';
import type { PageChannel } from './page-channel.ts';

/** The socket of a terminal's page. `P`: its messages, checked. */
export type TerminalPage = Pick<
  PageSocket<never, TerminalOutput>,
  'open' | 'send' | 'sendBytes' | 'refuse' | 'finish' | 'terminate'
>;

/** What a page says once the terminal stands. */
export type LiveInput = Exclude<TerminalInput, { readonly type: 'hello' | 'resume' }>;

export interface LiveDeps {
  readonly clock: Clock;
  /** So long a page that was lost is waited for; 0: not at all. */
  readonly graceMs: number;
  /** Nobody can come back any more. */
  readonly gone: (terminal: LiveTerminal) => void;
  /** Its session has ended while nobody was there. */
  readonly leftOver: (terminal: LiveTerminal) => void;
}

/** A session in a page: it outlives the socket by the grace period, and goes on in the next one where that stopped. */
export class LiveTerminal {
  readonly session: LiveSession;
  readonly #deps: LiveDeps;
  readonly #channel: PageChannel;
  #page: TerminalPage | undefined;
  /** Hash of the token by which a page comes back. */
  #token: string | undefined;
  #stopListening: Disposer | undefined;
  #cancelGrace: (() => void) | undefined;
  #actions = '';
  #ended: TerminalOutput | undefined;
  #gone = false;

  constructor(deps: LiveDeps, session: LiveSession, channel: PageChannel) {
    this.#deps = deps;
    this.session = session;
    this.#channel = channel;
    void session.ended.then((reason) => {
      this.#ended = this.#endOf(reason);
      this.#sayEnd();
      if (this.isLeftOver) this.#deps.leftOver(this);
    });
  }

  /** Its session has ended, and nobody is there to be told. */
  get isLeftOver(): boolean {
    return this.#ended !== undefined && this.#page === undefined;
  }

  /** Whether this token, in these hands, may take the terminal over. It is good for one time. */
  answersTo(token: string, who: Identity): boolean {
    // by hash: no comparison tells how much of a token is right
    if (!this.#token || this.#gone || tokenHash('bre', Secret.of(token)) !== this.#token) return false;
    const owner = this.session.grant.who;
    return (
      owner.user.id === who.user.id &&
      owner.factors.webSession === who.factors.webSession &&
      owner.factors.tokenId === who.factors.tokenId
    );
  }

  /**
   * A page is there. `drawn`: bytes of output it has already. A page that was there before is cut off.
   * @throws AppError `invalid` when it cannot have them
   */
  connect(page: TerminalPage, drawn: number): void {
    const before = this.#page;
    this.#disconnect();
    before?.terminate();
    this.#cancelGrace?.();
    this.#page = page;
    page.send(this.#ready());
    const link = {
      bytes: (chunk: Buffer, sent: () => void) => page.sendBytes(chunk, sent),
      ackInput: (received: number) => page.send({ type: 'ack', received }),
    };
    if (!this.#channel.connect(link, drawn)) {
      this.#page = undefined;
      void this.session.end({ cause: 'protocol-error', detail: WRONG_OFFSET });
      this.forget();
      throw new AppError('invalid', `${WRONG_OFFSET}. Connect again.`);
    }
    this.#stopListening = this.session.onEvent((event) => this.#tell(page, event));
    this.#sayEnd();
  }

  message(message: LiveInput): void {
    switch (message.type) {
      case 'resize':
        this.#channel.resize(sizeOf(message));
        break;
      case 'ack':
        this.#channel.drawn(message.received);
        break;
      case 'ping':
        this.#page?.send({ type: 'pong', id: message.id });
        break;
      case 'close':
        this.#channel.leave();
        break;
    }
  }

  typed(chunk: Buffer): void {
    this.#channel.typed(chunk);
  }

  /** What the page sends is not understood: nothing good comes of going on. */
  broken(error: AppError): void {
    void this.session.end({ cause: 'protocol-error', detail: error.message });
  }

  /** The socket is closed. `clean`: all was said, and heard. */
  pageClosed(page: TerminalPage, clean: boolean): void {
    if (page !== this.#page) return;
    this.#disconnect();
    if (clean) this.forget();
    else if (this.#deps.graceMs === 0) this.leave();
    else this.#cancelGrace = this.#deps.clock.after(this.#deps.graceMs, () => this.leave());
  }

  /** Nobody comes back. */
  leave(): void {
    this.#channel.leave();
    if (!this.#page) this.forget();
  }

  #disconnect(): void {
    this.#page = undefined;
    this.#stopListening?.();
    this.#channel.disconnect();
  }

  /** Nobody can come back any more. */
  forget(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#cancelGrace?.();
    this.#deps.gone(this);
  }

  /** When all output is on its way. */
  #sayEnd(): void {
    const page = this.#page;
    const ended = this.#ended;
    if (!ended || !page) return;
    this.#channel.whenSent(() => {
      page.send(ended);
      page.finish();
    });
  }

  #tell(page: TerminalPage, event: SessionEvent): void {
    switch (event.kind) {
      case 'limits': {
        const actions = this.#allowed(event.limits);
        if (actions.join() === this.#actions) return;
        this.#actions = actions.join();
        page.send({ type: 'actions', actions });
        break;
      }
      case 'locked':
        page.send({ type: 'locked', by: event.by });
        break;
      case 'warning':
        page.send({ type: 'warning', cause: event.cause, seconds: event.seconds });
        break;
      case 'people':
        page.send({ type: 'people', people: event.people.map(({ name, typing }) => ({ name, typing })) });
        break;
    }
  }

  #ready(): TerminalOutput {
    const { session } = this;
    const { grant, limits } = session;
    const token = newToken('bre');
    this.#token = tokenHash('bre', token);
    const actions = this.#allowed(limits);
    this.#actions = actions.join();
    return {
      type: 'ready',
      session: session.id,
      resume: token.exposeText(),
      graceSeconds: this.#deps.graceMs / 1000,
      asset: grant.asset.name,
      account: grant.login,
      protocol: grant.protocol,
      actions,
      received: this.#channel.received,
      startedAt: isoOf(session.row().startedAt),
      idleSeconds: limits.idleMs / 1000,
      maxSeconds: limits.maxMs / 1000,
      until: limits.until === null ? null : isoOf(limits.until),
    };
  }

  #allowed(limits: Limits): Action[] {
    const now = this.#deps.clock.now();
    return ACTIONS.filter((action) => allows(limits, action, now));
  }

  #endOf(reason: EndReason): TerminalOutput {
    // the code of an end that is ours says nothing about the program
    const exit = reason.cause === 'target-closed' && reason.detail === undefined ? this.#channel.exitStatus : undefined;
    return {
      type: 'ended',
      cause: reason.cause,
      detail: reason.detail ?? null,
      text: this.session.farewell(reason) ?? null,
      exitCode: exit?.kind === 'code' ? exit.code : null,
      exitSignal: exit?.kind === 'signal' ? exit.signal : null,
    };
  }
}

const WRONG_OFFSET = 'the page does not know how much it has shown';

export function sizeOf({ cols, rows }: { readonly cols: number; readonly rows: number }): Size {
  return { cols, rows, width: 0, height: 0 };
}

const isoOf = (at: number) => new Date(at).toISOString();
