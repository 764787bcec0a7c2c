import type { Decision } from '../../../access/access.ts';
import type { Grant } from '../../../access/grant.ts';
import type { ExitStatus } from '../../../kernel/channel.ts';
import { AppError } from '../../../kernel/errors.ts';
import type { InnerChannel } from '../../../kernel/inner-channel.ts';
import type { Program } from '../../../kernel/program.ts';
import { SftpError } from '../../../kernel/sftp/wire.ts';
import type { EndReason, LiveSession } from '../../../session/types.ts';
import type { ClientPort } from '../client-port.ts';
import type { ConnectionContext } from '../context.ts';
import { errorLine } from '../texts.ts';
import type { AccountEntry } from './names.ts';
import { SftpTree } from './tree.ts';

const SFTP: Program = { kind: 'subsystem', name: 'sftp' };

/** What runs on a channel and can be ended. */
export interface Running {
  end(reason: EndReason): Promise<void>;
}

/** Serves the tree on the port until the client leaves, or what `onRunning` was given is ended. */
export async function serveTree(
  context: ConnectionContext,
  port: ClientPort,
  onRunning: (running: Running) => void,
): Promise<ExitStatus> {
  const { access, identity, clock, log } = context;
  const { channel } = port;
  const say = (text: string) => void channel.writeError(Buffer.from(errorLine(text, false)));
  return new Promise((resolve) => {
    const leave = (code: number, reason: EndReason) => {
      const ended = tree.end(reason);
      resolve({ kind: 'code', code });
      return ended;
    };
    const tree = new SftpTree({
      userName: identity.user.name,
      logins: () => access.logins(identity, 'files'),
      open: (account, inner, signal) => openAccount(context, account, inner, say, signal),
      write: (chunk) => channel.write(chunk),
      stderr: (chunk) => void channel.writeError(chunk),
      pause: () => channel.pause(),
      resume: () => channel.resume(),
      clock,
      log,
    });
    onRunning({ end: (reason) => leave(254, reason) });
    port.handOver({
      data(chunk) {
        try {
          tree.data(chunk);
        } catch (error) {
          if (!(error instanceof SftpError)) log.error({ err: error }, 'the SFTP tree failed');
          say(`this is no SFTP: ${error instanceof SftpError ? error.message : 'something went wrong'}`);
          void leave(254, { cause: 'client-closed' });
        }
      },
      drain: () => tree.drain(),
      eof: () => void tree.finish().then(() => leave(0, { cause: 'client-closed' })),
      resize: () => {},
      signal: () => {},
      closed: () => void leave(0, { cause: 'client-closed' }),
    });
  });
}

/** One account of the tree: one decision, one session. Why there is none is told on stderr too, which most clients show. */
async function openAccount(
  context: ConnectionContext,
  account: AccountEntry,
  inner: InnerChannel,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<LiveSession> {
  const { access, identity, registry, agent, shareKey, log } = context;
  try {
    const decision = await access.authorize({
      who: identity,
      asset: account.asset.id,
      account: account.login,
      protocol: account.protocol,
      use: 'files',
    });
    return await registry.open(granted(decision), inner, {
      pty: undefined,
      program: SFTP,
      env: [],
      agent: agent.open,
      shareKey,
      via: 'ssh',
      say,
      signal,
    });
  } catch (error) {
    if (!(error instanceof AppError))
      log.error({ err: error, asset: account.asset.name }, 'a session could not be opened');
    else if (!signal.aborted) say(error.message);
    throw error;
  }
}

function granted(decision: Decision): Grant {
  if (decision.kind === 'allow') return decision.grant;
  if (decision.kind === 'deny') throw new AppError(decision.code, decision.message);
  throw new AppError('no_account', 'The login or its secret must be typed there: connect with user@account@asset.');
}
