import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { addressMatches } from '../auth/address-patterns.ts';
import { plainAddress } from '../kernel/ip.ts';

/**
 * Where a request comes from. `X-Forwarded-For` counts only as far as configured proxies wrote it: read from the
 * right, the first address that is no such proxy.
 */
export function clientAddress(request: IncomingMessage, trustedProxies: readonly string[]): string {
  let address = plainAddress(request.socket.remoteAddress ?? '');
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',').reverse();
  for (const hop of forwarded) {
    const next = plainAddress(hop.trim());
    if (isIP(next) === 0 || !addressMatches(trustedProxies, address)) break;
    address = next;
  }
  return address;
}
