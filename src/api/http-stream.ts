import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline, Transform, type TransformCallback } from 'node:stream';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { ApiResponse } from './api.ts';
import type { HttpOptions } from './http.ts';
import { attachment, SECURITY_HEADERS } from './http-headers.ts';

/** How often a running stream is judged again without any change: tokens and users expire by date, too. */
const RECHECK_MS = 15_000;

/** Text as it comes. `done` is called once, however it ends. */
export function sendStream(
  response: ServerResponse,
  { contentType, stream }: ApiResponse & { kind: 'stream' },
  done: () => void,
): void {
  response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': contentType });
  // On either side's failure the other is destroyed: a watcher detaches, a client sees the answer broken off
  pipeline(stream, response, (error) => {
    done();
    if (error && !response.destroyed) response.destroy();
  });
}

/** A file to be saved. A browser that is led here shows nothing of it, whatever is in it. */
export function sendBytes(
  request: IncomingMessage,
  response: ServerResponse,
  { stream, size, name }: ApiResponse & { kind: 'bytes' },
  stallMs: number,
  done: () => void,
): void {
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': attachment(name),
    ...(size !== null && { 'Content-Length': size }),
  });
  request.setTimeout(stallMs, () => response.destroy());
  const finish = (error: Error | null | undefined) => {
    done();
    if (error && !response.destroyed) response.destroy();
  };
  if (size === null) pipeline(stream, response, finish);
  else pipeline(stream, new Exactly(size), response, finish);
}

/**
 * As many bytes as were announced: a file that grew meanwhile is cut there, since the rest would be taken for the next
 * answer, and one that shrank is an error.
 */
class Exactly extends Transform {
  #left: number;

  constructor(size: number) {
    super({ highWaterMark: 256 * 1024 });
    this.#left = size;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    const part = chunk.length > this.#left ? chunk.subarray(0, this.#left) : chunk;
    this.#left -= part.length;
    callback(null, part);
  }

  override _flush(callback: TransformCallback): void {
    callback(this.#left > 0 ? new Error('the file ended before its size') : null);
  }
}

/** Ends what runs as soon as its token, its person or their role no longer allows it. */
export function whileAllowed(
  request: IncomingMessage,
  { api, speaker, onAccessChanged, clock }: HttpOptions,
  end: () => void,
): Disposer {
  const { method = '', url = '' } = request;
  const path = url.split('?', 1)[0]!;
  const judge = () => {
    speaker(request)
      .then((caller) => api.allowed(method, path, caller))
      .catch(() => false)
      .then((allowed) => {
        if (!allowed) end();
      });
  };
  const offs = [onAccessChanged(judge), clock.every(RECHECK_MS, judge)];
  // a change between the decision and these lines was told to nobody
  judge();
  return () => {
    for (const off of offs) off();
  };
}
