import type { ApiErrorCode, ErrorBody } from '../api/contract/common.ts';
import {
  API_PREFIX,
  type Args,
  paramNames,
  type Result,
  type RouteSpec,
  type UploadBody,
} from '../api/contract/route.ts';
import { type Routes, routes } from '../api/contract/routes.ts';
import type { SdkRequest, SdkResponse, Transport } from './transport.ts';

export type { SdkRequest, SdkResponse, Transport } from './transport.ts';

/** An error answer of the bastion. `message` says what to do next. */
export class ApiError extends Error {
  readonly code: ApiErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>> | null;

  constructor(status: number, error: ErrorBody['error']) {
    super(error.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = error.code;
    this.details = error.details;
  }
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

type Call<R extends RouteSpec> = R extends { readonly stream: string }
  ? (args: Args<R>, options?: CallOptions) => AsyncIterable<Result<R>>
  : Record<never, never> extends Args<R>
    ? (args?: Args<R>, options?: CallOptions) => Promise<Result<R>>
    : (args: Args<R>, options?: CallOptions) => Promise<Result<R>>;

/** `client.users.list()`, `client.users.show({ name })`, …: one function for each route of the contract. */
export type Client = {
  readonly [Resource in keyof Routes]: {
    readonly [Name in keyof Routes[Resource]]: Routes[Resource][Name] extends RouteSpec
      ? Call<Routes[Resource][Name]>
      : never;
  };
};

/** A typed client of the API. Error answers are thrown as `ApiError`. */
export function createClient(options: { transport: Transport }): Client {
  const client: Record<string, Record<string, unknown>> = {};
  for (const [resource, calls] of Object.entries(routes)) {
    client[resource] = {};
    for (const [name, spec] of Object.entries(calls as Record<string, RouteSpec>)) {
      client[resource][name] = caller(spec, options.transport);
    }
  }
  return client as unknown as Client;
}

type LooseArgs = Readonly<Record<string, unknown>>;

function caller(spec: RouteSpec, transport: Transport): (args?: LooseArgs, options?: CallOptions) => unknown {
  if (spec.stream) {
    return (args = {}, options = {}) => events(spec, transport, args, options);
  }
  return async (args = {}, options = {}) => {
    const response = await transport(toRequest(spec, args, options));
    const text = await readText(response);
    if (response.status >= 300) throw toError(response.status, text);
    return JSON.parse(text) as unknown;
  };
}

async function* events(
  spec: RouteSpec,
  transport: Transport,
  args: LooseArgs,
  options: CallOptions,
): AsyncGenerator<unknown> {
  const response = await transport(toRequest(spec, args, options));
  if (response.status >= 300) throw toError(response.status, await readText(response));
  if (spec.stream === 'bytes') yield* response.body;
  else if (spec.stream === 'text') yield* decode(response.body);
  else for await (const line of lines(response.body)) yield JSON.parse(line) as unknown;
}

/** Path parts leave the flat arguments; the rest is the query of a GET, a DELETE or an upload, else the body. */
function toRequest(spec: RouteSpec, args: LooseArgs, options: CallOptions): SdkRequest {
  const rest: Record<string, unknown> = { ...args };
  let path: string = spec.path;
  for (const name of paramNames(spec.path)) {
    path = path.replace(`:${name}`, () => encodeSegment(String(args[name])));
    delete rest[name];
  }
  const content = spec.upload ? (rest.content as UploadBody) : undefined;
  if (spec.upload) delete rest.content;
  const inQuery = spec.method === 'GET' || spec.method === 'DELETE' || spec.upload;
  return {
    method: spec.method,
    path: API_PREFIX + path + (inQuery ? queryOf(rest) : ''),
    body: inQuery || !spec.body ? undefined : rest,
    content,
    signal: options.signal,
  };
}

/** `.` and `..` are path steps even when percent-encoded (WHATWG URL), so no client may send them as names. */
function encodeSegment(text: string): string {
  if (text === '' || text === '.' || text === '..') throw new TypeError(`"${text}" is not a name`);
  return encodeURIComponent(text);
}

function queryOf(values: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== null) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

async function readText(response: SdkResponse): Promise<string> {
  let text = '';
  for await (const part of decode(response.body)) text += part;
  return text;
}

async function* decode(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    if (text !== '') yield text;
  }
  const last = decoder.decode();
  if (last !== '') yield last;
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of decode(chunks)) {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts) if (part !== '') yield part;
  }
  if (rest !== '') yield rest;
}

function toError(status: number, text: string): ApiError {
  const body = parseError(text);
  return new ApiError(
    status,
    body ?? { code: 'internal', message: `The bastion answered with HTTP status ${status}.`, details: null },
  );
}

function parseError(text: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>;
    return error && typeof error.code === 'string' && typeof error.message === 'string'
      ? { ...error, details: error.details ?? null }
      : undefined;
  } catch {
    return undefined;
  }
}
