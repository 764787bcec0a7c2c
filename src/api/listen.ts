import { rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ListenAddress } from '../config/schema.ts';
import { AppError } from '../kernel/errors.ts';
import { bracketed } from '../kernel/ip.ts';
import type { Newcomers } from './newcomers.ts';
import { answerMisread } from './raw-answer.ts';
import { asksForSocket, type UpgradeListener } from './upgrade.ts';

export interface HttpListener {
  /** `http://127.0.0.1:8080`, or the path of a socket. */
  readonly address: string;
  readonly port: number | undefined;
  /** Takes no more connections, gives running answers `graceMs` to finish, then cuts them. */
  close(graceMs?: number): Promise<void>;
}

export interface TlsFiles {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

const LIMITS: ServerOptions = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  // an upload may take hours; how long other bodies may take, see limitArrival
  requestTimeout: 0,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 5_000,
  keepAlive: true,
  // the handler refuses a request without a Host itself, in its own words
  requireHostHeader: false,
};
const HANDSHAKE_MS = 10_000;
/** Of one listener, whoever has them; how many of them may be anybody's, see `Newcomers`. */
const MAX_CONNECTIONS = 2048;
/** `sun_path` of a Unix socket, less its closing zero. */
const MAX_SOCKET_PATH = 107;

/**
 * Listens on a Unix socket that only its owner can open. Whoever calls this holds the lock of the data directory, so
 * a socket that is there already was left behind and goes.
 */
export async function listenSocket(path: string, handler: RequestListener): Promise<HttpListener> {
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new AppError('config', `${path} is too long for a socket: choose a data directory with a shorter path.`);
  }
  rmSync(path, { force: true });
  const server = createServer(LIMITS, handler);
  await begin(server, path, () => {
    // The socket is made inside this call: it is never open to others, not for a moment
    const before = process.umask(0o177);
    try {
      server.listen(path);
    } finally {
      process.umask(before);
    }
  });
  return { address: path, port: undefined, close: (graceMs) => close(server, graceMs) };
}

export interface Arrivals {
  readonly upgrade?: UpgradeListener | undefined;
  readonly newcomers?: Newcomers | undefined;
}

/** Listens on a TCP address, with TLS when its files are given. AppError `busy` when the port is taken. */
export async function listenTcp(
  address: ListenAddress,
  tls: TlsFiles | undefined,
  handler: RequestListener,
  { upgrade, newcomers }: Arrivals = {},
): Promise<HttpListener> {
  const options = upgrade ? { ...LIMITS, shouldUpgradeCallback: asksForSocket } : LIMITS;
  const server = tls ? createTls(tls, options, handler) : createServer(options, handler);
  if (upgrade) server.on('upgrade', upgrade);
  answerMisread(server);
  // what a client expects beyond RFC 9110 §10.1.1 may be passed over
  server.on('checkExpectation', handler);
  newcomers?.watch(server);
  server.maxConnections = MAX_CONNECTIONS;
  const wanted = `${address.host === undefined ? '' : bracketed(address.host)}:${address.port}`;
  await begin(server, wanted, () => server.listen(address.port, address.host));
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: `${tls ? 'https' : 'http'}://${bracketed(host)}:${port}`,
    port,
    close: (graceMs) => close(server, graceMs),
  };
}

function createTls(tls: TlsFiles, options: ServerOptions, handler: RequestListener): Server {
  try {
    return createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_MS }, handler);
  } catch (cause) {
    throw new AppError(
      'config',
      'http.tls: certificate and key cannot be used together; both must be PEM files of one pair.',
      { cause },
    );
  }
}

function begin(server: Server, wanted: string, listen: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays for good: a later failure to accept is that connection's alone and must not end the process
    server.on('error', (cause: NodeJS.ErrnoException) => reject(listenError(wanted, cause)));
    server.once('listening', resolve);
    listen();
  });
}

function listenError(wanted: string, cause: NodeJS.ErrnoException): AppError {
  if (cause.code === 'EADDRINUSE') {
    return new AppError(
      'busy',
      `${wanted} is in use by another program: stop it or choose another address in http.listen.`,
      { cause },
    );
  }
  const why =
    cause.code === 'EACCES'
      ? 'permission denied'
      : cause.code === 'EADDRNOTAVAIL'
        ? 'this machine has no such address'
        : String(cause.code);
  return new AppError('config', `Cannot listen on ${wanted}: ${why}. Choose another address in http.listen.`, {
    cause,
  });
}

async function close(server: Server, graceMs = 1000): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}
