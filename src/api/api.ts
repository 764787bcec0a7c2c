import { Readable } from 'node:stream';
import { may } from '../access/roles.ts';
import type { Clock } from '../kernel/clock.ts';
import { DenialPace } from '../kernel/denial-pace.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Actor } from '../store/model.ts';
import type { Store } from '../store/store.ts';
import type { Browser } from './browser.ts';
import { actorOf, type Caller } from './caller.ts';
import type { ErrorBody } from './contract/common.ts';
import { DEFAULT_MAX_BODY, type Needs, type RouteSpec } from './contract/route.ts';
import type { NamedRoute, Routes } from './contract/routes.ts';
import { done } from './handlers/audit-draft.ts';
import type { Call, FileBytes, Handlers } from './handlers/handler.ts';
import { matchRoute } from './router.ts';
import { validate } from './validate.ts';

/** One call, free of how it was carried. */
export interface ApiRequest {
  readonly method: string;
  /** From the root, without query: `/api/v1/users/alice`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body, undefined when there is none. */
  readonly body: unknown;
  /** The bytes of an upload. */
  readonly content?: Readable | undefined;
  readonly caller: Caller;
  readonly browser?: Browser | undefined;
}

export type ApiResponse =
  | { readonly kind: 'json'; readonly status: number; readonly json: unknown }
  | { readonly kind: 'stream'; readonly status: 200; readonly contentType: string; readonly stream: Readable }
  | ({ readonly kind: 'bytes'; readonly status: 200 } & FileBytes);

/** The API without a transport: used by HTTP, by admin.sock and inside the process alike. */
export interface Api {
  /** Never rejects: whatever goes wrong is an error answer. */
  handle(request: ApiRequest): Promise<ApiResponse>;
  /** How many bytes of JSON this call may have, or that its body is the bytes of a file. */
  bodyOf(method: string, path: string): number | 'upload';
  /** Whether this caller may still make this call: asked again while a stream runs. */
  allowed(method: string, path: string, caller: Caller): boolean;
}

export type AllHandlers = { readonly [Resource in keyof Routes]: Handlers<Resource> };

export interface ApiOptions {
  readonly handlers: AllHandlers;
  readonly store: Pick<Store, 'audit'>;
  readonly log: Log;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
}

/** Those that are told as they come; the bytes of a file have more to be said about them. */
const STREAM_TYPES = { text: 'text/plain; charset=utf-8', ndjson: 'application/x-ndjson' } as const;

export function createApi({ handlers, store, log, clock }: ApiOptions): Api {
  const pace = new DenialPace(clock);
  const answer = async (request: ApiRequest): Promise<ApiResponse> => {
    const match = matchRoute(request.method, request.path);
    if (!match) {
      throw new AppError(
        'not_found',
        'There is no such call. GET, POST, PATCH and DELETE under /api/v1 are described in the documentation.',
      );
    }
    const { resource, name, spec } = match.route;
    const actor = actorOf(request.caller);
    await admit(spec, request.caller, actor, store, pace);
    const call: Omit<Call<RouteSpec>, 'content'> & { readonly content: Readable | undefined } = {
      params: match.params,
      query: spec.query ? validate(spec.query, queryObject(request.query)) : {},
      body: spec.body ? validate(spec.body, request.body ?? {}) : {},
      caller: request.caller,
      actor,
      content: spec.upload ? (request.content ?? Readable.from([])) : undefined,
      browser: request.browser,
    };
    const handler = (handlers[resource] as Record<string, (given: typeof call) => Promise<unknown>>)[name]!;
    const result = await handler(call);
    if (spec.stream === 'bytes') return { kind: 'bytes', status: 200, ...(result as FileBytes) };
    return spec.stream
      ? { kind: 'stream', status: 200, contentType: STREAM_TYPES[spec.stream], stream: result as Readable }
      : { kind: 'json', status: 200, json: shown(match.route, result) };
  };

  return {
    async handle(request) {
      try {
        return await answer(request);
      } catch (error) {
        const known = toAppError(error);
        // The path may hold names, never secrets; the query is left out
        if (known.code === 'internal')
          log.error({ err: known.cause ?? known, method: request.method, path: request.path }, 'API call failed');
        return errorResponse(known);
      }
    },
    bodyOf(method, path) {
      const spec = specOf(method, path);
      return spec?.upload ? 'upload' : (spec?.maxBody ?? DEFAULT_MAX_BODY);
    },
    allowed(method, path, caller) {
      const spec = specOf(method, path);
      return spec !== undefined && isAllowed(spec.needs, caller);
    },
  };
}

/** An error as every transport answers it. */
export function errorResponse(error: AppError): ApiResponse & { kind: 'json' } {
  const json: ErrorBody = { error: { code: error.code, message: error.message, details: error.details ?? null } };
  return { kind: 'json', status: error.status, json };
}

function specOf(method: string, path: string): RouteSpec | undefined {
  try {
    return matchRoute(method, path)?.route.spec;
  } catch {
    return undefined;
  }
}

/** Who may make which call: the one place where the API decides it. */
function isAllowed(needs: Needs, caller: Caller): boolean {
  if (needs === 'public' || caller.kind === 'machine') return true;
  if (needs === 'machine' || caller.kind === 'nobody') return false;
  return may(caller.identity.user.role, needs);
}

async function admit(
  spec: RouteSpec,
  caller: Caller,
  actor: Actor,
  store: Pick<Store, 'audit'>,
  pace: DenialPace,
): Promise<void> {
  if (isAllowed(spec.needs, caller)) return;
  if (caller.kind === 'nobody') {
    if (caller.via === 'web') throw new AppError('unauthenticated', 'You are not signed in (any more). Sign in again.');
    throw new AppError(
      'unauthenticated',
      'This call needs an API token: send "Authorization: Bearer TOKEN" ("bastion token add USER" makes one).',
    );
  }
  await pace.turn(actor.userId ?? actor.name);
  const target = { kind: 'route', id: null, name: `${spec.method} ${spec.path}` };
  await store.audit.append({ ...done(actor, 'api.call', target), outcome: 'denied', reason: `needs ${spec.needs}` });
  const why =
    spec.needs === 'machine'
      ? 'This is only done on the bastion itself, with the bastion command as the owner of its data.'
      : `Your role does not allow this: "${spec.summary}". Ask an administrator.`;
  throw new AppError('forbidden', why);
}

/** Only what the contract names leaves: a field that slipped in is dropped, a wrong one is our mistake. */
function shown({ spec }: NamedRoute, result: unknown): unknown {
  const parsed = spec.response.safeParse(result);
  if (!parsed.success)
    throw new Error(`the answer of ${spec.method} ${spec.path} breaks its contract`, { cause: parsed.error });
  return parsed.data;
}

function queryObject(query: URLSearchParams): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(values, name)) throw new AppError('invalid', 'A query parameter is given twice.');
    values[name] = value;
  }
  return values;
}
