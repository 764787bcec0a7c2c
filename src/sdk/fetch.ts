import type { SdkRequest, SdkResponse, Transport } from './transport.ts';

/** Speaks to a bastion over HTTP(S) with a bearer token. `url` is its origin, e.g. `https://bastion.example`. */
export function fetchTransport(options: { url: string; token?: string | undefined }): Transport {
  return async (request: SdkRequest): Promise<SdkResponse> => {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (options.token !== undefined) headers.authorization = `Bearer ${options.token}`;
    if (request.body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(new URL(request.path, options.url), {
      method: request.method,
      headers,
      body: request.body === undefined ? null : JSON.stringify(request.body),
      signal: request.signal ?? null,
      redirect: 'error',
    });
    return { status: response.status, body: response.body ?? nothing() };
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
