import { AppError, type ErrorCode, toAppError } from '../../kernel/errors.ts';
import { printable } from '../../kernel/printable.ts';
import { type Place, placeText } from '../../kernel/program.ts';
import { type ForwardOpening, OPEN_REFUSED, type OpenRefusedReason } from '../../kernel/ssh2/forward-opening.ts';
import type { LiveSession } from '../../session/types.ts';
import type { SessionEnd } from './channel-session.ts';
import type { ConnectionContext } from './context.ts';
import { accountForms } from './destination.ts';
import { ForwardClient } from './forward-client.ts';
import { findJump, jumpText } from './jump.ts';
import { TEXTS } from './texts.ts';

/** RFC 1035: no host name is longer. */
const MAX_HOST = 255;
/** What `struct sockaddr_un` holds, without its NUL. */
const MAX_SOCKET_PATH = 107;

/** One connection that a client wants to somewhere (`-L`, `-D`, `-W`), from the request to its end. */
export class ForwardedConnection {
  readonly #context: ConnectionContext;
  readonly #opening: ForwardOpening;
  readonly #abort = new AbortController();
  #live: LiveSession | undefined;
  #reason: SessionEnd | undefined;

  constructor(context: ConnectionContext, opening: ForwardOpening, onOver: () => void) {
    this.#context = context;
    this.#opening = opening;
    void this.#serve().finally(onOver);
  }

  /** The client is gone: an attempt is given up. What stands ends by its channel. */
  gone(): void {
    this.#abort.abort();
  }

  /** Ends it, or the attempt. Resolves when it is over. */
  async end(cause: SessionEnd): Promise<void> {
    this.#reason ??= cause;
    this.#abort.abort();
    if (this.#live) await this.#live.end({ cause });
  }

  /** Answers the client exactly once: it is accepted when the target has connected, not before. */
  async #serve(): Promise<void> {
    const { log } = this.#context;
    const { place } = this.#opening;
    try {
      await this.#forward(place);
    } catch (error) {
      const failure = toAppError(error);
      const to = printable(placeText(place), MAX_HOST);
      if (failure.code === 'internal') log.error({ err: error, to }, 'a connection could not be forwarded');
      this.#opening.refuse(openRefusal(failure.code), printable(failure.message, 1000));
    }
  }

  async #forward(place: Place): Promise<void> {
    const { access, registry, identity, destination, agent, shareKey, label } = this.#context;
    if (destination.problem !== undefined) throw refused(destination.problem);
    checkPlace(place);
    const jump = await findJump(this.#context, place);
    if (this.#abort.signal.aborted) throw refused(TEXTS.accessEnded);
    if (jump) {
      const channel = this.#opening.accept();
      if (channel) this.#context.jumps.serve(this.#context, jump, channel);
      return;
    }
    const { asset, account, protocol } = destination;
    if (asset === undefined) throw refused(TEXTS.forwardNeedsAsset(place));
    const decision = await access.authorize({ who: identity, asset, account, protocol, use: 'forward', to: place });
    if (decision.kind === 'deny') throw new AppError(decision.code, decision.message);
    if (decision.kind === 'choose') {
      throw refused(TEXTS.chooseAccount(accountForms(this.#context, decision.asset.name, decision.accounts)));
    }
    if (decision.kind === 'input') throw refused(TEXTS.forwardNeedsSecret);
    const session = await registry.open(decision.grant, new ForwardClient(this.#opening), {
      pty: undefined,
      program: { kind: 'forward' },
      env: [],
      agent: agent.open,
      shareKey,
      label,
      via: 'ssh',
      jump: jumpText(this.#context),
      signal: this.#abort.signal,
    });
    this.#live = session;
    if (this.#reason) void session.end({ cause: this.#reason });
    await session.ended;
  }
}

/** What no target could dial is refused before anybody is asked. */
function checkPlace(place: Place): void {
  if (place.kind === 'socket') {
    const fits = Buffer.byteLength(place.path) <= MAX_SOCKET_PATH;
    if (!place.path.startsWith('/') || !fits || isUnsafe(place.path)) throw refused(TEXTS.forwardSocket);
    return;
  }
  const { host, port } = place;
  if (host === '' || host.length > MAX_HOST || isUnsafe(host) || /\s/.test(host)) throw refused(TEXTS.forwardHost);
  if (port < 1 || port > 65_535) throw refused(TEXTS.forwardPort);
}

/** Control characters, marks that hide or turn writing, and what was no UTF-8: judged and dialled would not be the same. */
function isUnsafe(text: string): boolean {
  return printable(text) !== text || text.includes('\ufffd');
}

function refused(text: string): AppError {
  return new AppError('forbidden', text);
}

function openRefusal(code: ErrorCode): OpenRefusedReason {
  if (code === 'rate_limited' || code === 'shutting_down' || code === 'recording_failed') return OPEN_REFUSED.shortage;
  return code.startsWith('target_') || code === 'host_key_changed' || code === 'internal'
    ? OPEN_REFUSED.connectFailed
    : OPEN_REFUSED.prohibited;
}
