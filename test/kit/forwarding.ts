import type { ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { House } from './house.ts';
import { eventually, finished, type RunResult, start } from './process.ts';
import type { KeyPair } from './sshd.ts';

/** A server on the target: one function for each connection. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly path: string;
  readonly sockets: Set<Socket>;
}

/** Listens on a free port of loopback, or on the path of a socket. */
export async function serve(each: (socket: Socket) => void, path?: string): Promise<Served> {
  const sockets = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    each(socket);
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  // the sshd of the target dials as the user who logged in
  if (path !== undefined) chmodSync(path, 0o777);
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    path: path ?? '',
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Answers with what came, once the other side has ended. */
export const echoAtEnd = (socket: Socket) => {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('end', () => socket.end(Buffer.concat(chunks)));
};

/** Answers one HTTP request with the hash of a body that it sends along. */
export const web = (socket: Socket) => {
  socket.once('data', (request: Buffer) => {
    const bytes = Number(/GET \/(\d+)/.exec(request.toString('latin1'))?.[1] ?? 0);
    const body = randomBytes(bytes);
    const hash = createHash('sha256').update(body).digest('hex');
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\nX-Hash: ${hash}\r\nConnection: close\r\n\r\n`);
    socket.end(body);
  });
};

/** An ssh that runs beside the test. */
export interface RunningSsh extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly ended: Promise<RunResult>;
  /** What it has said on stderr. */
  said(): string;
  saw(pattern: RegExp): Promise<string>;
}

export function startSsh(
  house: House,
  login: string,
  flags: readonly string[],
  options: { key?: KeyPair; command?: readonly string[] } = {},
): RunningSsh {
  const args = house.bastion.sshArgs(login, (options.key ?? house.key).file);
  const child = start('ssh', [
    '-o',
    'LogLevel=DEBUG1',
    ...args.slice(0, -1),
    ...flags,
    args.at(-1)!,
    ...(options.command ?? []),
  ]);
  let text = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  return {
    process: child,
    ended: finished(child),
    said: () => text,
    saw: (pattern) => eventually(`${pattern} from ssh: ${text.slice(-500)}`, () => pattern.exec(text)?.[0]),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
    },
  };
}

/** `ssh -N` with these forwardings, logged in. */
export async function forwarder(house: House, login: string, flags: readonly string[], key?: KeyPair) {
  const ssh = startSsh(house, login, ['-N', ...flags], key ? { key } : {});
  await ssh.saw(/Entering interactive session/);
  return ssh;
}

/** A connection to a port of loopback or a socket, that stands. */
export async function dial(at: number | string): Promise<Socket> {
  const socket = typeof at === 'number' ? connect(at, '127.0.0.1') : connect(at);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Sends, says that this was all, and gives what came until the end. */
export async function exchange(at: number | string, sent: Buffer | string): Promise<Buffer> {
  const socket = await dial(at);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.end(sent);
  await once(socket, 'close');
  return Buffer.concat(chunks);
}
