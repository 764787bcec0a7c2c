import { isIP } from 'node:net';

/** The bytes of an address: 4 of IPv4, 16 of IPv6. */
export function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = shortened(address).split('::');
  const left = head.split(':').filter(Boolean);
  const right = tail.split(':').filter(Boolean);
  const groups = [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/**
 * The usual spelling of an address: IPv6 shortened and without its zone (`%eth0`), IPv4 inside IPv6
 * (`::ffff:10.0.0.1`) as IPv4.
 */
export function plainAddress(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const short = shortened(ip);
  return /^::ffff:[0-9a-f]+:[0-9a-f]+$/.test(short) ? addressBytes(short).subarray(12).join('.') : short;
}

/** A host as it stands before a colon and a port: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** The URL parser writes IPv6 in hexadecimal groups only, with at most one `::`. */
function shortened(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
}
