import type { IncomingMessage, RequestListener } from 'node:http';
import { pipeline, type Readable } from 'node:stream';
import Router from '@koa/router';
import Koa from 'koa';
import type { Clock } from '../kernel/clock.ts';
import { AppError, toAppError } from '../kernel/errors.ts';
import type { Disposer } from '../kernel/lifecycle.ts';
import type { Log } from '../kernel/log.ts';
import { type Api, type ApiResponse, errorResponse } from './api.ts';
import { API_PREFIX } from './contract/route.ts';
import { readJson } from './http-body.ts';
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
  readonly clock: Pick<Clock, 'every'>;
}

/** How often a running stream is judged again without any change: tokens and users expire by date, too. */
const RECHECK_MS = 15_000;

const SECURITY_HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

/** The API over HTTP. The same factory serves `admin.sock` and TCP; only the speaker differs. */
export function createHttpHandler(options: HttpOptions): RequestListener {
  const { api, speaker, web, log, ready } = options;
  const app = new Koa();
  app.on('error', (error: Error) => log.error({ err: error }, 'HTTP answer failed'));
  app.use(async (ctx, next) => {
    ctx.set(SECURITY_HEADERS);
    try {
      web?.receive(ctx.req, ctx.res);
      await next();
    } catch (error) {
      const known = toAppError(error);
      if (known.code === 'internal') log.error({ err: known.cause ?? known, path: ctx.path }, 'HTTP request failed');
      send(ctx, errorResponse(known));
    }
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
    web?.refuseForged(ctx.req);
    if (caller.kind === 'person') await web?.seen(caller.identity);
    // Nobody who may not make the call gets to send a body
    const body = api.allowed(method, path, caller) ? await readJson(ctx.req, api.maxBody(method, path)) : undefined;
    const query = new URLSearchParams(ctx.querystring);
    const browser = web?.browser(ctx.req, ctx.res);
    const response = await api.handle({ method, path, query, body, caller, browser });
    if (response.kind === 'json') send(ctx, response);
    else stream(ctx, response, options);
  });
  app.use(router.routes());
  app.use(async (ctx) => {
    if (await web?.pages.serve(ctx)) return;
    throw new AppError('not_found', `There is nothing here. The API stands under ${API_PREFIX}.`);
  });
  return app.callback();
}

function send(ctx: Koa.Context, response: ApiResponse & { kind: 'json' }): void {
  ctx.status = response.status;
  if (response.status === 401) ctx.set('WWW-Authenticate', 'Bearer');
  // The rest of a body that was not read would be taken for the next request
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  ctx.type = 'application/json';
  ctx.body = JSON.stringify(response.json);
}

function stream(ctx: Koa.Context, response: ApiResponse & { kind: 'stream' }, options: HttpOptions): void {
  ctx.respond = false;
  ctx.res.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': response.contentType });
  const stop = whileAllowed(ctx.req, ctx.method, ctx.path, response.stream, options);
  // On either side's failure the other is destroyed: a watcher detaches, a client sees the answer broken off
  pipeline(response.stream, ctx.res, (error) => {
    stop();
    if (error && !ctx.res.destroyed) ctx.res.destroy();
  });
}

/** Ends a stream as soon as its token, its person or their role no longer allows it. */
function whileAllowed(
  request: IncomingMessage,
  method: string,
  path: string,
  stream: Readable,
  { api, speaker, onAccessChanged, clock }: HttpOptions,
): Disposer {
  const judge = () => {
    speaker(request)
      .then((caller) => api.allowed(method, path, caller))
      .catch(() => false)
      .then((allowed) => {
        if (!allowed) stream.destroy();
      });
  };
  const offs = [onAccessChanged(judge), clock.every(RECHECK_MS, judge)];
  // a change between the decision and these lines was told to nobody
  judge();
  return () => {
    for (const off of offs) off();
  };
}
