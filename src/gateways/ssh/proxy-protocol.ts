import { isIP } from 'node:net';
import { plainAddress } from '../../kernel/ip.ts';

/** Where a connection really comes from, as the proxy says. */
export interface ProxiedAddress {
  readonly ip: string;
  readonly port: number;
}

export type ProxyHeader =
  /** Not whole yet. */
  | { readonly kind: 'more' }
  | { readonly kind: 'bad'; readonly why: string }
  /** `address` is null when the proxy speaks for itself (health checks): then the socket's own address stands. */
  | { readonly kind: 'done'; readonly length: number; readonly address: ProxiedAddress | null };

const V1_START = Buffer.from('PROXY ');
/** "the longest line is 107 bytes": the PROXY protocol, §2.1. */
const V1_MAX = 107;
const V2_START = Buffer.from([0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a]);
/** Addresses and the extensions behind them; real proxies stay far below. */
const V2_MAX_BODY = 2048;

/** Reads a header of the PROXY protocol, version 1 or 2, from the start of `bytes`. */
export function parseProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, V1_START)) return bytes.length < V1_START.length ? { kind: 'more' } : parseV1(bytes);
  if (startsLike(bytes, V2_START)) return bytes.length < 16 ? { kind: 'more' } : parseV2(bytes);
  return { kind: 'bad', why: 'no PROXY header' };
}

function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.compare(start, 0, length, 0, length) === 0;
}

function parseV1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, V1_MAX).indexOf('\r\n');
  if (end < 0) return bytes.length < V1_MAX ? { kind: 'more' } : { kind: 'bad', why: 'PROXY line too long' };
  const [, family, source, destination, sourcePort, destinationPort, ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  const length = end + 2;
  if (family === 'UNKNOWN') return { kind: 'done', length, address: null };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0;
  if (version === 0 || rest.length > 0) return { kind: 'bad', why: 'malformed PROXY line' };
  if (isIP(source ?? '') !== version || isIP(destination ?? '') !== version)
    return { kind: 'bad', why: 'malformed address in PROXY line' };
  if (!isPort(sourcePort) || !isPort(destinationPort)) return { kind: 'bad', why: 'malformed port in PROXY line' };
  return { kind: 'done', length, address: { ip: plainAddress(source!), port: Number(sourcePort) } };
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,5}$/.test(text) && Number(text) <= 65535;
}

function parseV2(bytes: Buffer): ProxyHeader {
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 15;
  const family = bytes[13]! >> 4;
  const body = bytes.readUInt16BE(14);
  if (version !== 2 || command > 1) return { kind: 'bad', why: 'unknown PROXY version or command' };
  if (body > V2_MAX_BODY) return { kind: 'bad', why: 'PROXY header too long' };
  const length = 16 + body;
  if (bytes.length < length) return { kind: 'more' };
  if (command === 0) return { kind: 'done', length, address: null };
  if (family === 1 && body >= 12) {
    const ip = [...bytes.subarray(16, 20)].join('.');
    return { kind: 'done', length, address: { ip, port: bytes.readUInt16BE(24) } };
  }
  if (family === 2 && body >= 36) {
    const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(16 + 2 * i).toString(16));
    return { kind: 'done', length, address: { ip: plainAddress(groups.join(':')), port: bytes.readUInt16BE(48) } };
  }
  return { kind: 'bad', why: 'PROXY header without an IP address' };
}
