import { BlockList, isIP } from 'node:net';
import { addressBytes, plainAddress } from '../kernel/ip.ts';

/**
 * Whether an address matches a list of patterns as sshd judges `from=`: at least one pattern fits and none with a
 * leading `!` does. A pattern is an address, a CIDR block, or a text with `*` and `?`. Host names never match: they
 * are not looked up, since whoever owns the address owns its reverse name.
 */
export function addressMatches(patterns: readonly string[], ip: string): boolean {
  const address = plainAddress(ip);
  let matched = false;
  for (const pattern of patterns) {
    const negated = pattern.startsWith('!');
    if (!patternMatches(negated ? pattern.slice(1) : pattern, address)) continue;
    if (negated) return false;
    matched = true;
  }
  return matched;
}

/** Why this is no usable pattern, or null. */
export function refuseAddressPattern(pattern: string): string | null {
  const body = pattern.startsWith('!') ? pattern.slice(1) : pattern;
  if (body.includes('/'))
    return checkAddressBlock(body) ? null : `"${pattern}" is not a CIDR block such as 10.0.0.0/8 or fd00::/8`;
  if (isIP(body) !== 0 || /^[0-9a-fA-F:.*?]*[*?][0-9a-fA-F:.*?]*$/.test(body)) return null;
  return `"${pattern}" is not an address, a CIDR block or a pattern such as 192.168.1.*; host names are not looked up`;
}

/** An address or a CIDR block whose host bits are zero. */
export function checkAddressBlock(block: string): boolean {
  const [address, prefix, ...more] = block.split('/');
  const family = isIP(address ?? '');
  if (family === 0 || more.length > 0) return false;
  if (prefix === undefined) return true;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128)) return false;
  return hostBitsAreZero(address!, family, Number(prefix));
}

/**
 * Who counts as one when tries and places are counted: an IPv4 address, and of IPv6 the network of 64 bits
 * (`2001:db8:1:2::/64`), of which one machine has every address. What is no address stays as it is.
 */
export function networkOf(ip: string): string {
  const address = plainAddress(ip);
  if (isIP(address) !== 6 || address === '::1') return address;
  const bits = numeric(address);
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((bits >> shift) & 0xffffn).toString(16));
  return `${groups.join(':')}::/64`;
}

function patternMatches(pattern: string, address: string): boolean {
  const [base, prefix] = pattern.split('/');
  if (isIP(base ?? '') === 0) return prefix === undefined && wildcard(pattern).test(address);
  return isIP(address) !== 0 && inBlock(base!, prefix === undefined ? undefined : Number(prefix), address);
}

function inBlock(base: string, prefix: number | undefined, address: string): boolean {
  const family = isIP(base);
  if (family !== isIP(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix ?? (family === 4 ? 32 : 128), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function hostBitsAreZero(address: string, family: number, prefix: number): boolean {
  const bits = family === 4 ? 32 : 128;
  return (numeric(address) & ((1n << BigInt(bits - prefix)) - 1n)) === 0n;
}

function numeric(address: string): bigint {
  return BigInt(`0x${addressBytes(address).toString('hex')}`);
}

function wildcard(pattern: string): RegExp {
  const body = [...pattern.toLowerCase()].map((c) =>
    c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[^0-9a-z]/, '\\$&'),
  );
  return new RegExp(`^${body.join('')}$`);
}
