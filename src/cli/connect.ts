import { connect } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../kernel/errors.ts';
import type { Transport } from '../sdk/client.ts';
import { socketTransport } from '../sdk/node.ts';
import type { CliBackend, Place } from './backend.ts';

export interface Connection {
  readonly transport: Transport;
  close(): Promise<void>;
}

/**
 * The way to the API: the running daemon's `admin.sock`, or the stopped daemon's data inside this process. With
 * `daemonOnly` a stopped daemon is an error that says so. `tell` gets what a person should know beside the answer.
 */
export async function openConnection(
  backend: CliBackend,
  place: Place,
  daemonOnly: boolean,
  tell: (notice: string) => void,
): Promise<Connection> {
  const data = await backend.dataDir(place);
  const socket = join(data, 'admin.sock');
  if (await answers(socket)) return { transport: told(socketTransport(socket)), close: async () => {} };
  if (daemonOnly) {
    throw new AppError(
      'needs_daemon',
      `This needs the running daemon, and none runs on ${data}. Start it with "bastion serve", or name its data with --data DIR.`,
    );
  }
  return backend.openOffline(place, tell);
}

/** Whether a daemon listens on its socket. A socket left behind by a killed daemon refuses. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED' || error.code === 'ENOTDIR') resolve(false);
      else if (error.code === 'EACCES' || error.code === 'EPERM') {
        reject(
          new AppError('forbidden', `You may not use ${path}. Run this as the user the daemon runs as, or as root.`, {
            cause: error,
          }),
        );
      } else
        reject(new AppError('internal', `${path} cannot be used (${error.code ?? error.message}).`, { cause: error }));
    });
  });
}

/** A connection that breaks, under a request or in an answer, is told in words. */
function told(transport: Transport): Transport {
  return async (request) => {
    const lost = (error: unknown) => {
      if (request.signal?.aborted) return error;
      const why = (error as NodeJS.ErrnoException).code ?? 'connection lost';
      return new AppError('internal', `The daemon broke off (${why}). See whether it still runs, then try again.`, {
        cause: error,
      });
    };
    try {
      const response = await transport(request);
      return { status: response.status, body: toldBody(response.body, lost) };
    } catch (error) {
      throw lost(error);
    }
  };
}

async function* toldBody(
  body: AsyncIterable<Uint8Array>,
  lost: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const step = await chunks.next().catch((error: unknown) => Promise.reject(lost(error)));
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await chunks.return?.();
  }
}
