import type { AccountChoice } from '../../access/access.ts';
import { forcedSftp } from '../../auth/key-options.ts';
import type { PtyRequest } from '../../kernel/channel.ts';
import { AppError, toAppError } from '../../kernel/errors.ts';
import { commandOf, type SessionProgram } from '../../kernel/program.ts';
import type { Secret } from '../../kernel/secret.ts';
import { useOf } from '../../session/program-use.ts';
import type { LiveSession } from '../../session/types.ts';
import type { Asset, Protocol } from '../../store/model.ts';
import { type ClientPort, SessionClient } from './client-port.ts';
import type { ConnectionContext } from './context.ts';
import { jumpText } from './jump.ts';
import { ProgressLine } from './progress-line.ts';
import { errorLine, TEXTS } from './texts.ts';

/** What a channel asks of a target. */
export interface Wish {
  /** Name, address or id. */
  readonly asset: string;
  readonly account: string | undefined;
  readonly protocol: Protocol | undefined;
  readonly input?: { readonly login: string; readonly secret: Secret } | undefined;
  readonly pty: PtyRequest | undefined;
  readonly program: SessionProgram;
  readonly env: readonly (readonly [name: string, value: string])[];
}

export type Opening =
  | { readonly kind: 'session'; readonly session: LiveSession }
  | { readonly kind: 'choose'; readonly asset: Asset; readonly accounts: readonly AccountChoice[] }
  | { readonly kind: 'input'; readonly login: string | null; readonly message?: string }
  | { readonly kind: 'failed'; readonly message: string };

const INTERRUPT = 3;

/**
 * One wish → one decision → one session on the port. `returns` says whether the port gets the channel back when the
 * session ends (the menu) or the session ends the channel.
 */
export async function openSession(
  context: ConnectionContext,
  port: ClientPort,
  wish: Wish,
  options: { readonly returns: boolean; readonly signal: AbortSignal },
): Promise<Opening> {
  const { program, env } = forced(context, wish);
  try {
    const decision = await context.access.authorize({
      who: context.identity,
      asset: wish.asset,
      account: wish.account,
      protocol: wish.protocol,
      use: useOf(program),
      input: wish.input,
    });
    if (decision.kind === 'deny') return { kind: 'failed', message: decision.message };
    if (decision.kind === 'choose') return { kind: 'choose', asset: decision.asset, accounts: decision.accounts };
    if (decision.kind === 'input') return { kind: 'input', login: decision.login };
    const { grant } = decision;
    // a name may have come to mean something else
    if (context.pass?.isFor(grant.asset) === false) return { kind: 'failed', message: TEXTS.ticketAsset };

    const notice = port.isTerminal ? context.agent.notice(grant) : undefined;
    if (notice) port.channel.write(Buffer.from(errorLine(notice, true)));
    const interrupted = new AbortController();
    const signal = AbortSignal.any([options.signal, interrupted.signal]);
    const stopListening = listenForInterrupt(port, interrupted);
    const shown = port.isTerminal && program.kind === 'shell';
    const progress = shown
      ? new ProgressLine((text) => port.channel.write(Buffer.from(text)), context.clock, grant.login, grant.asset.name)
      : undefined;
    const client = new SessionClient(port, {
      returns: options.returns,
      beforeUse: () => {
        stopListening();
        progress?.stop();
      },
    });
    const tell = (line: string) => {
      progress?.stop();
      if (port.isTerminal) port.channel.write(Buffer.from(line));
      else port.channel.writeError(Buffer.from(line));
    };
    try {
      const session = await context.registry.open(grant, client, {
        // what a terminal makes of line ends would spoil SFTP
        pty: grant.use === 'files' ? undefined : wish.pty && { ...wish.pty, size: port.size ?? wish.pty.size },
        program,
        env,
        agent: context.agent.open,
        shareKey: context.shareKey,
        label: context.label,
        via: 'ssh',
        jump: jumpText(context),
        say: (text) => tell(errorLine(text, port.isTerminal)),
        // as ssh shows it
        banner: (line) => tell(`${line}${port.isTerminal ? '\r\n' : '\n'}`),
        progress: (message) => progress?.say(message),
        signal,
      });
      client.opened();
      void session.ended.then(() => client.over());
      return { kind: 'session', session };
    } catch (error) {
      client.over();
      if (interrupted.signal.aborted) throw new AppError('target_closed', TEXTS.cancelled);
      throw error;
    } finally {
      stopListening();
      progress?.stop();
    }
  } catch (error) {
    const failure = toAppError(error);
    if (failure.code === 'internal')
      context.log.error({ err: error, asset: wish.asset }, 'a session could not be opened');
    if (failure.code === 'target_auth' && wish.input) {
      return { kind: 'input', login: wish.input.login, message: failure.message };
    }
    return { kind: 'failed', message: failure.message };
  }
}

/** The key's or certificate's `command=` replaces whatever was asked for, as in sshd. */
export function forced(context: ConnectionContext, wish: Pick<Wish, 'program' | 'env'>): Pick<Wish, 'program' | 'env'> {
  const forcedCommand = context.identity.restrictions?.forceCommand ?? null;
  if (forcedCommand === null) return wish;
  if (forcedSftp(forcedCommand)) return { program: { kind: 'subsystem', name: 'sftp' }, env: wish.env };
  const { program } = wish;
  const asked = program.kind === 'subsystem' ? program.name : commandOf(program);
  const original = asked === undefined ? [] : [['SSH_ORIGINAL_COMMAND', asked] as const];
  return { program: { kind: 'exec', command: forcedCommand }, env: [...wish.env, ...original] };
}

/** Ctrl-C breaks a slow connecting off; everything else typed meanwhile is for the target. */
function listenForInterrupt(port: ClientPort, interrupted: AbortController): () => void {
  if (!port.isTerminal) return () => {};
  const typed: Buffer[] = [];
  const stop = port.onData((chunk) => {
    const at = chunk.indexOf(INTERRUPT);
    if (at < 0) typed.push(chunk);
    else interrupted.abort();
  });
  let stopped = false;
  return () => {
    if (stopped) return;
    stopped = true;
    stop();
    if (!interrupted.signal.aborted) port.putBack(Buffer.concat(typed));
  };
}
