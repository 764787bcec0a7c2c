import type { Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError, type ErrorCode } from '../kernel/errors.ts';
import { errorResponse } from './api.ts';
import { SECURITY_HEADERS } from './http-headers.ts';

/** Answers on a connection that HTTP has let go of, or never understood, and cuts it off. */
export function rawAnswer(socket: Duplex, error: AppError, status = error.status): void {
  const body = JSON.stringify(errorResponse(error).json);
  const headers = {
    ...SECURITY_HEADERS,
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${error.code}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}

interface Misread {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** What the parser gave up for (RFC 9110 §15.5, RFC 6585 §5). */
const MISREAD: Readonly<Record<string, Misread>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'too_large',
    message: 'The headers are larger than 16 KiB. Clear the cookies of this address, or send fewer headers.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'too_large', message: 'The chunk extensions are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'invalid',
    message: 'The headers took too long to arrive. Send the request again.',
  },
};
const NOT_HTTP: Misread = { status: 400, code: 'invalid', message: 'This is no HTTP request that can be read.' };

/** Requests that cannot be read are answered like all others, by the server's own words no more. */
export function answerMisread(server: Server): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => void answering.set(request.socket, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    socket.on('error', () => {});
    const before = answering.get(socket);
    // Never into the middle of another answer; and who has gone, or spoke no TLS, reads none
    const between = before === undefined || before.writableFinished || !before.headersSent;
    if (!socket.writable || !between || !isParsers(error)) {
      socket.destroy();
      return;
    }
    const { status, code, message } = MISREAD[error.code ?? ''] ?? NOT_HTTP;
    rawAnswer(socket, new AppError(code, message), status);
  });
}

function isParsers({ code = '' }: NodeJS.ErrnoException): boolean {
  return code.startsWith('HPE_') || code === 'ERR_HTTP_REQUEST_TIMEOUT';
}
