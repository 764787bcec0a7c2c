import type { z } from 'zod';

/** Where the REST API stands on every listener. Route paths are relative to it. */
export const API_PREFIX = '/api/v1';

/** Largest request body in bytes where a route does not say otherwise. */
export const DEFAULT_MAX_BODY = 1024 * 1024;

export type HttpMethod = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * What a caller must be allowed to do. `public` needs no login (the request carries its own one-time token),
 * `machine` only the owner of the machine over `admin.sock`; the others are capabilities that a role has or has not,
 * by the names `access` gives them.
 */
export type Needs =
  | 'public'
  | 'machine'
  | 'self'
  | 'sessions.read'
  | 'sessions.watch'
  | 'sessions.control'
  | 'sessions.join'
  | 'recordings.read'
  | 'audit.read'
  | 'manage';

/**
 * One call of the API. `:name` parts of the path are texts of 1 to 512 characters; further input comes as `query`
 * (GET, DELETE, uploads) or JSON `body` (POST, PATCH). `response` is the JSON answer, or with `stream` the type of one event.
 */
export interface RouteSpec {
  readonly method: HttpMethod;
  readonly path: `/${string}`;
  readonly needs: Needs;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly response: z.ZodType;
  /** `text` is UTF-8 text as it comes, `ndjson` one JSON object a line, `bytes` the bytes of a file. */
  readonly stream?: 'text' | 'ndjson' | 'bytes';
  /** The body is the bytes of a file (application/octet-stream), however long; what else there is to say stands in the query. */
  readonly upload?: true;
  readonly maxBody?: number;
}

/** Types a route without widening it. */
export function route<const R extends RouteSpec>(spec: R): R {
  return spec;
}

type ParamNames<P extends string> = P extends `${string}/:${infer Name}/${infer Rest}`
  ? Name | ParamNames<`/${Rest}`>
  : P extends `${string}/:${infer Name}`
    ? Name
    : never;

/** The `:name` parts of a route's path. */
export type Params<R extends RouteSpec> = { readonly [N in ParamNames<R['path']>]: string };

type Input<R, K extends 'query' | 'body'> = R extends { readonly [P in K]: infer S extends z.ZodType }
  ? z.input<S>
  : unknown;
type Parsed<R, K extends 'query' | 'body'> = R extends { readonly [P in K]: infer S extends z.ZodType }
  ? z.output<S>
  : Record<never, never>;

/** What an upload is read from. */
export type UploadBody = Blob | AsyncIterable<Uint8Array>;

/** What a client passes: path parts and query or body in one flat object, and the bytes of an upload as `content`. */
export type Args<R extends RouteSpec> = Params<R> &
  Input<R, 'query'> &
  Input<R, 'body'> &
  (R extends { readonly upload: true } ? { readonly content: UploadBody } : unknown);
/** What a handler receives after validation. */
export type ParsedQuery<R extends RouteSpec> = Parsed<R, 'query'>;
export type ParsedBody<R extends RouteSpec> = Parsed<R, 'body'>;
/** What a client gets: the answer, or the events of a stream. */
export type Result<R extends RouteSpec> = z.output<R['response']>;
/** What a handler gives. */
export type Answer<R extends RouteSpec> = z.input<R['response']>;

/** The names of the `:name` parts of a path, in order. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/\/:(\w+)/g)].map((match) => match[1]!);
}
