import { request } from 'node:http';
import { Readable } from 'node:stream';
import { CSRF_HEADER } from '../../src/api/contract/ws-limits.ts';
import type { Transport } from '../../src/sdk/transport.ts';

export interface WebAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Parsed where it is JSON. */
  readonly body: unknown;
  readonly text: string;
}

export interface WebCall {
  readonly body?: unknown;
  /** Over those of a page; undefined takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/**
 * A browser as the daemon sees it: keeps its cookie, sends `Origin` and the header of the pages. Every header can be
 * anything, `Host` among them, which `fetch` would not let pass.
 */
export class Visitor {
  readonly #url: URL;
  /** `NAME=VALUE` */
  cookie: string | undefined;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  /** As a browser does that goes to an address: from no page, and for a document. */
  visit(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<WebAnswer> {
    return this.call(method, path, { headers: { origin: undefined, accept: 'text/html', ...headers } });
  }

  call(method: string, path: string, { body, headers = {} }: WebCall = {}): Promise<WebAnswer> {
    const own: Record<string, string | undefined> = {
      origin: this.#url.origin,
      [CSRF_HEADER]: '1',
      'user-agent': 'Visitor/1',
      cookie: this.cookie,
      'content-type': body === undefined ? undefined : 'application/json',
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >;
    return new Promise((resolve, reject) => {
      const { hostname, port } = this.#url;
      const call = request({ hostname, port, path, method, headers: sent, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => {
          this.#keep(response.headers['set-cookie']);
          resolve({ status: response.statusCode!, headers: response.headers, body: parsed(text), text });
        });
      });
      call.on('error', reject);
      call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
  }

  /** The same for a client of the SDK. */
  readonly transport: Transport = async ({ method, path, body }) => {
    const answer = await this.call(method, path, { body });
    return { status: answer.status, body: Readable.from([Buffer.from(answer.text)]) };
  };

  signIn(name: string, password: string, more: WebCall = {}): Promise<WebAnswer> {
    return this.call('POST', '/api/v1/sign-in', { ...more, body: { name, password } });
  }

  #keep(cookies: readonly string[] | undefined): void {
    for (const cookie of cookies ?? []) {
      const pair = cookie.split(';')[0]!;
      this.cookie = pair.endsWith('=') ? undefined : pair;
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
