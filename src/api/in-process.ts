import { Readable } from 'node:stream';
import type { Api } from './api.ts';
import type { Caller } from './caller.ts';
import type { UploadBody } from './contract/route.ts';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly content?: UploadBody | undefined;
  readonly signal: AbortSignal | undefined;
}

/** The API as a transport of the SDK, without a socket: for the command line on a stopped daemon's data. */
export function inProcess(api: Api, caller: Caller) {
  return async (request: Request): Promise<{ status: number; body: AsyncIterable<Uint8Array> }> => {
    request.signal?.throwIfAborted();
    const url = new URL(request.path, 'http://bastion');
    // Through JSON, so that this way takes and gives exactly what the wire does
    const body: unknown = request.body === undefined ? undefined : JSON.parse(JSON.stringify(request.body));
    const response = await api.handle({
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      body,
      content: request.content && Readable.from(bytesOf(request.content)),
      caller,
    });
    if (response.kind !== 'json') {
      const { stream } = response;
      request.signal?.addEventListener('abort', () => stream.destroy(new Error('aborted')), { once: true });
      return { status: response.status, body: stream };
    }
    return { status: response.status, body: Readable.from([Buffer.from(JSON.stringify(response.json))]) };
  };
}

function bytesOf(content: UploadBody): AsyncIterable<Uint8Array> {
  return content instanceof Blob ? content.stream() : content;
}
