import type { Client, ClientChannel } from 'ssh2';
import type { TargetChannel } from '../kernel/channel.ts';
import { AppError } from '../kernel/errors.ts';
import { printable } from '../kernel/printable.ts';
import type { Place, Program } from '../kernel/program.ts';
import { clientChannel } from '../kernel/ssh2/channel.ts';
import type { OpenRequest } from './connector.ts';
import type { TargetDeps } from './deps.ts';
import { abortError } from './errors.ts';
import { forwardError, forwardTimeout } from './forward-error.ts';
import { ChannelRefused } from './upstream.ts';

type ProgramRequest = Pick<OpenRequest, 'pty' | 'program' | 'env'> & {
  /** Of a forwarded connection, from its grant. */
  readonly to: Place | null;
};

/** The target gives no terminal. */
export class PtyRefused extends Error {}

/** Opens one channel for the program and adapts it in the same turn, before its first byte can arrive. */
export function openProgram(
  deps: TargetDeps,
  client: Client,
  request: ProgramRequest,
  opened: WeakMap<ClientChannel, TargetChannel>,
  signal: AbortSignal,
): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    let late = false;
    const settle = (error: Error | undefined, channel?: ClientChannel) => {
      if (late) return channel?.close();
      late = true;
      cancel();
      signal.removeEventListener('abort', onAbort);
      client.off('close', onGone);
      if (!channel) return reject(error);
      opened.set(channel, clientChannel(channel));
      resolve(channel);
    };
    const onAbort = () => settle(abortError(signal));
    // ssh2 tells the end of the connection as if the program had been refused, and only then that it is gone
    let gone = false;
    const onGone = () => {
      gone = true;
    };
    const { program, to } = request;
    const cancel = deps.clock.after(deps.timing.connectTimeout, () =>
      settle(
        to !== null
          ? forwardTimeout(to)
          : new AppError(
              'target_timeout',
              'The target let the login in and then did not open a session in time: check its load and the login shell.',
            ),
      ),
    );
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) return onAbort();

    const failure = (error: Error) => (to === null ? sessionError(error) : forwardError(error, to));
    client.once('close', onGone);
    const done = (error: Error | undefined, channel: ClientChannel) => {
      if (error) setImmediate(() => settle(gone ? connectionLost(error) : failure(error)));
      else settle(undefined, channel);
    };
    const env = Object.fromEntries(request.env);
    const pty = request.pty && { term: request.pty.term, ...request.pty.size, modes: request.pty.modes };
    try {
      if (program.kind === 'shell') client.shell(pty ?? false, { env }, done);
      else if (program.kind === 'exec') client.exec(sent(program), pty ? { env, pty } : { env }, done);
      else if (program.kind === 'subsystem') client.subsys(program.name, done);
      else if (to === null) throw new Error('a forwarded connection needs a place to go to');
      else if (to.kind === 'socket') client.openssh_forwardOutStreamLocal(to.path, done);
      else client.forwardOut('127.0.0.1', 0, to.host, to.port, done);
    } catch (error) {
      settle(
        new AppError('target_closed', 'The connection to the target broke off just now: try again.', { cause: error }),
      );
    }
  });
}

/** ssh2 sends the bytes of a buffer as they are, though its types know strings only. */
function sent({ command, bytes }: Extract<Program, { kind: 'exec' }>): string {
  return bytes === undefined ? command : (bytes as Buffer & string);
}

function sessionError(error: Error & { reason?: unknown }): Error {
  if (/pseudo-terminal/.test(error.message)) return new PtyRefused(error.message);
  if (typeof error.reason === 'number') return new ChannelRefused(error.message);
  if (/Unable to (exec|open shell)/.test(error.message)) {
    return new AppError(
      'target_refused',
      'The target refused to start the program: its sshd allows this login no shell or command.',
      { cause: error },
    );
  }
  const [, name] = /^Unable to start subsystem: (.*)$/s.exec(error.message) ?? [];
  if (name !== undefined) {
    return new AppError(
      'target_refused',
      `The target has no subsystem "${printable(name)}": its sshd_config must name one (Subsystem …).`,
      { cause: error },
    );
  }
  return connectionLost(error);
}

function connectionLost(cause: Error): AppError {
  return new AppError('target_closed', 'The target closed the connection while the session was opened.', { cause });
}
