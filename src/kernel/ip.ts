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

/**
 * The ways one host may be written, the given one first: without brackets, without the dot at its end, and an address
 * in its usual form, also where it is written as one number, in octal or hexadecimal, as every resolver takes it.
 */
export function spellings(host: string): string[] {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/(?<=[^.])\.$/, '');
  return [...new Set([host, bare, isIP(bare) === 0 ? numericAddress(bare) : plainAddress(bare)])];
}

/** Whether a host is the machine itself: `localhost`, 127.0.0.0/8, `::1`, and the unspecified addresses, which lead there too. */
export function isLoopback(host: string): boolean {
  return spellings(host.toLowerCase()).some((text) => /^(?:localhost|127\.\d+\.\d+\.\d+|0\.0\.0\.0|::1?)$/.test(text));
}

/** `2130706433`, `0x7f.1`, `0177.0.0.1` → `127.0.0.1`; anything else as it is. */
function numericAddress(host: string): string {
  if (!/^(?:0x[0-9a-f]*|\d+)(?:\.(?:0x[0-9a-f]*|\d+)){0,3}$/i.test(host)) return host;
  return URL.parse(`http://${host}/`)?.hostname ?? host;
}

/** The URL parser writes IPv6 in hexadecimal groups only, with at most one `::`. */
function shortened(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, '')}]/`).hostname.slice(1, -1);
}
