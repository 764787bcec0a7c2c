import type { SdkRequest, SdkResponse, Transport } from './transport.ts';

/** Speaks to a bastion over HTTP(S) with a bearer token. `url` is its origin, e.g. `https://bastion.example`. */
export function fetchTransport(options: { url: string; token?: string | undefined }): Transport {
  return async (request: SdkRequest): Promise<SdkResponse> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    if (request.content !== undefined) headers['content-type'] = 'application/octet-stream';
    const response = await fetch(new URL(request.path, options.url), {
      method: request.method,
      headers,
      ...bodyOf(request),
      signal: request.signal ?? null,
      redirect: 'error',
    });
    return { status: response.status, body: response.body ?? nothing() };
  };
}

function bodyOf({ body, content }: SdkRequest): Pick<RequestInit, 'body'> & { duplex?: 'half' } {
  if (content instanceof Blob) return { body: content };
  // a stream is sent while the answer is awaited, which fetch wants to be told
  if (content !== undefined) return { body: streamOf(content), duplex: 'half' };
  return { body: body === undefined ? null : JSON.stringify(body) };
}

function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = content[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
