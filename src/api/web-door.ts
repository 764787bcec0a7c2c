import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Identity } from '../auth/identity.ts';
import { AppError } from '../kernel/errors.ts';
import { type Browser, browserOf, hasCookie, hasCsrfHeader } from './browser.ts';
import { clientAddress } from './client-address.ts';
import { CSRF_HEADER } from './contract/ws-limits.ts';
import type { Newcomers } from './newcomers.ts';
import { type DoorSettings, hostOf, isEncrypted, refuseForeignPages } from './origin.ts';
import type { Pages } from './pages.ts';

export interface WebDoorOptions extends DoorSettings {
  /** Asked one after the other. */
  readonly pages: readonly Pages[];
  /** Whether the certificate is one that browsers are to insist on from now on. */
  readonly strictTransport: boolean;
  /** A person did something: their sign-in is in use. */
  readonly seen: (who: Identity) => Promise<void>;
  readonly newcomers: Pick<Newcomers, 'known'>;
}

/** What a door that browsers can reach does beside speaking the API; `admin.sock` has none of it. */
export class WebDoor {
  readonly pages: readonly Pages[];
  readonly seen: WebDoorOptions['seen'];
  readonly #options: WebDoorOptions;

  constructor(options: WebDoorOptions) {
    this.#options = options;
    this.pages = options.pages;
    this.seen = options.seen;
  }

  /**
   * Before anything else is done with a request, upgrades included.
   * @throws AppError `invalid` for a Host header that is none, `forbidden` for a page of another origin.
   */
  receive(request: IncomingMessage, response?: ServerResponse): void {
    hostOf(request);
    refuseForeignPages(request, this.#options);
    if (response && this.#options.strictTransport && isEncrypted(request))
      response.setHeader('Strict-Transport-Security', 'max-age=31536000');
  }

  /**
   * A request that changes something and brings a cookie, which a browser sends by itself, must show that a page of the
   * bastion's own made it.
   * @throws AppError `forbidden`.
   */
  refuseForged(request: IncomingMessage): void {
    const { method, headers } = request;
    const asks = method === 'GET' || method === 'HEAD';
    if (asks || headers.authorization !== undefined || !hasCookie(request) || hasCsrfHeader(request)) return;
    throw new AppError('forbidden', `A change with a session cookie needs the header "${CSRF_HEADER}: 1".`);
  }

  /** Whoever signed in speaks on this connection. */
  known(request: IncomingMessage): void {
    this.#options.newcomers.known(request.socket);
  }

  /** The browser at the other end, undefined where the header is missing that makes its cookie safe to give. */
  browser(request: IncomingMessage, response: ServerResponse): Browser | undefined {
    if (!hasCsrfHeader(request)) return undefined;
    return browserOf(request, response, clientAddress(request, this.#options.trusted_proxies), this.#options);
  }
}
