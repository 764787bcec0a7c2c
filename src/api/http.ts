import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Log } from '../kernel/log.ts';
import { type Api, type ApiRequest, type ApiResponse, errorResponse } from './api.ts';
import { API_PREFIX } from './contract/route.ts';
import { ALONE_HEADER } from './contract/ws-limits.ts';
import { discardRest, limitArrival, openUpload, readJson } from './http-body.ts';
import { SECURITY_HEADERS } from './http-headers.ts';
import { sendBytes, sendStream, whileAllowed } from './http-stream.ts';
import type { Speaker } from './speaker.ts';
import type { WebDoor } from './web-door.ts';

export interface HttpOptions {
  readonly api: Api;
  readonly speaker: Speaker;
  /** For doors that browsers can reach. */
  readonly web?: WebDoor | undefined;
  readonly log: Log;
  /** Whether the daemon takes new work: what `/readyz` answers. */
  readonly ready: () => boolean;
  /** Told after every change of rights: running streams are judged again then. */
  readonly onAccessChanged: (listener: () => void) => Disposer;
  readonly clock: Pick<Clock, 'every' | 'after'>;
  /** After how many milliseconds without a byte an upload or a download is broken off; a minute unless told. */
  readonly stallMs?: number | undefined;
}

const STALL_MS = 60_000;

/** The API over HTTP. The same factory serves `admin.sock` and TCP; only the speaker differs. */
export function createHttpHandler(options: HttpOptions): RequestListener {
  const { api, speaker, web, log, ready } = options;
  const app = new Koa();
  app.on('error', (error: Error) => log.error({ err: error }, 'HTTP answer failed'));
  app.use(async (ctx, next) => {
    ctx.set(SECURITY_HEADERS);
    limitArrival(ctx.req, options.clock);
    try {
      web?.receive(ctx.req, ctx.res);
      await next();
    } catch (error) {
      const known = toAppError(error);
      if (known.code === 'internal') log.error({ err: known.cause ?? known, path: ctx.path }, 'HTTP request failed');
      send(ctx, errorResponse(known));
    }
    // who asks and does not read would keep a connection that others need
    if (ctx.respond !== false) ctx.req.setTimeout(options.stallMs ?? STALL_MS);
  });

  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.body = { ok: true };
  });
  router.get('/readyz', (ctx) => {
    ctx.status = ready() ? 200 : 503;
    ctx.body = { ok: ready() };
  });
  router.all(`${API_PREFIX}/{*call}`, async (ctx) => {
    const { method, path } = ctx;
    const caller = await speaker(ctx.req);
    if (caller.kind === 'person') web?.known(ctx.req);
    web?.refuseForged(ctx.req);
    if (caller.kind === 'person' && ctx.req.headers[ALONE_HEADER] !== '1') await web?.seen(caller.identity);
    const query = new URLSearchParams(ctx.querystring);
    const browser = web?.browser(ctx.req, ctx.res);
    const request = { method, path, query, caller, browser };
    const takes = api.bodyOf(method, path);
    if (takes === 'upload') {
      await upload(ctx, request, options);
      return;
    }
    // Nobody who may not make the call gets to send a body
    const body = api.allowed(method, path, caller) ? await readJson(ctx.req, takes) : undefined;
    answer(ctx, await api.handle({ ...request, body }), options);
  });
  app.use(router.routes());
  app.use(async (ctx) => {
    for (const pages of web?.pages ?? []) if (await pages.serve(ctx)) return;
    throw new AppError('not_found', `There is nothing here. The API stands under ${API_PREFIX}.`);
  });
  return app.callback();
}

function answer(ctx: Koa.Context, response: ApiResponse, options: HttpOptions): void {
  if (response.kind === 'json') {
    send(ctx, response);
    return;
  }
  ctx.respond = false;
  const stop = whileAllowed(ctx.req, options, () => response.stream.destroy());
  if (response.kind === 'bytes') sendBytes(ctx.req, ctx.res, response, options.stallMs ?? STALL_MS, stop);
  else sendStream(ctx.res, response, stop);
}

/** The body is handed on as it comes; whoever sends it may lose the right to on the way. */
async function upload(ctx: Koa.Context, request: Omit<ApiRequest, 'body'>, options: HttpOptions): Promise<void> {
  const { api } = options;
  if (!api.allowed(request.method, request.path, request.caller)) {
    answer(ctx, await api.handle({ ...request, body: undefined }), options);
    return;
  }
  const content = openUpload(ctx.req, options.stallMs ?? STALL_MS);
  const stop = whileAllowed(ctx.req, options, () =>
    content.destroy(new AppError('unauthenticated', 'You are not signed in (any more). Sign in again.')),
  );
  try {
    const response = await api.handle({ ...request, body: undefined, content });
    // A refusal is only read when what is on its way still finds somebody who takes it
    if (response.kind === 'json') discardRest(ctx.req, content, options.clock);
    answer(ctx, response, options);
  } finally {
    stop();
  }
}

function send(ctx: Koa.Context, response: ApiResponse & { kind: 'json' }): void {
  ctx.status = response.status;
  if (response.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
  // The rest of a body that was not read would be taken for the next request
  if (!ctx.req.complete && !ctx.req.readableFlowing) ctx.set('Connection', 'close');
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(response.json);
}
