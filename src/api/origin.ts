import type { IncomingMessage } from 'node:http';
import { addressMatches } from '../auth/address-patterns.ts';
import { AppError } from '../kernel/errors.ts';
import { plainAddress } from '../kernel/ip.ts';

/** What the configuration says of where browsers find the bastion, and what stands before it. */
export interface DoorSettings {
  readonly public_url: string | null;
  readonly trusted_proxies: readonly string[];
}

/** `name`, `name:port`, `[v6]:port`: nothing that could mean more than a host. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?)(?::\d{1,5})?$/i;
const MAX_HOST = 255;

/**
 * The host a request was sent to, as its one `Host` header says. It is only ever compared with where a page says it
 * comes from, and never told back.
 * @throws AppError `invalid` when it is missing, malformed or given twice.
 */
export function hostOf(request: IncomingMessage): string {
  const [host, ...more] = request.headersDistinct.host ?? [];
  if (host === undefined || more.length > 0 || host.length > MAX_HOST || !HOST.test(host))
    throw new AppError('invalid', 'The Host header must name one host.');
  return host.toLowerCase();
}

/** Whether the bytes came over TLS to our own door. */
export function isEncrypted(request: IncomingMessage): boolean {
  return 'encrypted' in request.socket && request.socket.encrypted === true;
}

/** Whether the browser speaks TLS, to us or to a proxy before us. */
export function isSecure(request: IncomingMessage, { public_url, trusted_proxies }: DoorSettings): boolean {
  if (isEncrypted(request)) return true;
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  if (request.headers['x-forwarded-proto'] === 'https' && addressMatches(trusted_proxies, peer)) return true;
  if (public_url === null) return false;
  const { protocol, host } = new URL(public_url);
  return protocol === 'https:' && host === hostOf(request);
}

/**
 * Whether the page that sent a request is the bastion's own: from the host it was sent to, or from the configured
 * address. Where the browser is known to speak TLS, a page that came without it is somebody else's: anybody on the way
 * can make one. Requests without `Origin` come from no page: programs, and a browser's plain visits.
 */
export function isOwnOrigin(request: IncomingMessage, settings: DoorSettings): boolean {
  const { origin } = request.headers;
  if (origin === undefined) return true;
  const host = hostOf(request);
  // without a word of a proxy that ends TLS before us, there may be one all the same
  const schemes = isSecure(request, settings) ? ['https'] : ['http', 'https'];
  if (schemes.some((scheme) => sameOrigin(origin, `${scheme}://${host}`))) return true;
  return settings.public_url !== null && sameOrigin(origin, settings.public_url);
}

function sameOrigin(origin: string, url: string): boolean {
  try {
    const given = new URL(origin);
    // nothing but an origin: a path or a user in it is no browser's
    return given.origin === new URL(url).origin && origin.toLowerCase().replace(/\/$/, '') === given.origin;
  } catch {
    return false;
  }
}

/** @throws AppError `forbidden` for a page of another origin, whatever it brings along. */
export function refuseForeignPages(request: IncomingMessage, settings: DoorSettings): void {
  if (isOwnOrigin(request, settings)) return;
  throw new AppError(
    'forbidden',
    'This request comes from a page of another address. Open the bastion under the address that http.public_url names.',
  );
}
