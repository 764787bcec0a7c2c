import { QueryClient } from '@tanstack/react-query';
import { ALONE_HEADER, CSRF_HEADER } from '../../../src/api/contract/ws-limits.ts';
import { ApiError, type Client, createClient } from '../../../src/sdk/client.ts';
import type { SdkRequest, SdkResponse } from '../../../src/sdk/transport.ts';
import { attendance } from './attendance.ts';

export { ApiError } from '../../../src/sdk/client.ts';

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** A stream as something to iterate over; not every browser's stream is that by itself. */
async function* chunks(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** Speaks to the daemon the page came from, as the person whose cookie the browser holds. */
async function transport(request: SdkRequest): Promise<SdkResponse> {
  const headers: Record<string, string> = { accept: 'application/json', [CSRF_HEADER]: '1' };
  if (attendance.alone) headers[ALONE_HEADER] = '1';
  if (request.body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(request.path, {
    method: request.method,
    headers,
    body: request.body === undefined ? null : JSON.stringify(request.body),
    signal: request.signal ?? null,
    credentials: 'same-origin',
    redirect: 'error',
  }).catch((cause: unknown) => {
    if (request.signal?.aborted) throw cause;
    throw new ApiError(0, { code: 'busy', message: OFFLINE, details: null });
  });
  return { status: response.status, body: response.body ? chunks(response.body) : nothing() };
}

const OFFLINE = 'The bastion cannot be reached: check your network, or try again in a moment.';

/** Every call of the API, typed by its contract. Error answers are thrown as `ApiError`. */
export const api: Client = createClient({ transport });

/** Whether nobody is signed in (any more). */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Whether there is nothing of that name. */
export function isNoSuch(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}

/**
 * What pages have asked for. Keys begin with the resource: `['users', …]`, `['sessions', …]`; who changes something
 * invalidates the resource.
 */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) =>
        failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
    },
  },
});
