import { isIP } from 'node:net';
import { isLoopback, plainAddress, spellings } from '../kernel/ip.ts';
import { printable } from '../kernel/printable.ts';
import { type Place, placeText } from '../kernel/program.ts';
import type { Asset, Permission } from '../store/model.ts';
import { nameKey } from '../store/name-key.ts';

/** In `--forward-to`: the asset itself. A permission that names no destination means just that. */
const ITSELF = '@asset';

type Pattern =
  | { readonly kind: 'itself' }
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'tcp';
      /** `any` is a lone `*`. A pattern of digits is for IPv4 only, one in brackets for IPv6 only. */
      readonly family: 'any' | 'name' | 4 | 6;
      readonly host: string;
      /** undefined: every port. */
      readonly port: number | undefined;
    };

/** What a permission or a key allows to forward to. */
export function forwardPatterns({ forwardTo }: Pick<Permission, 'forwardTo'>): readonly string[] {
  return forwardTo.length === 0 ? [ITSELF] : forwardTo;
}

/** `@asset` as people say it. */
export function patternText(pattern: string): string {
  return pattern === ITSELF ? 'the asset itself' : pattern;
}

/** Why this is no usable pattern; undefined when it is one. */
export function refuseForwardPattern(text: string): string | undefined {
  if (parsePattern(text)) return undefined;
  const shown = printable(text, 80);
  if (text.startsWith('/')) return `"${shown}" is no path of a socket: it must not hold //, /./ or /../, nor end in /`;
  if (/^[0-9a-f]*:[0-9a-f:]*:/i.test(text) && !text.startsWith('['))
    return `"${shown}": an IPv6 address stands in brackets, as in [fd00::5]:5432`;
  return `"${shown}" is no destination: write HOST:PORT (db1:5432, *.lan:443, 10.0.*:*, [fd00::5]:22; * and ? match in the host, * is every port), the path of a socket (/run/docker.sock, /run/*), or ${ITSELF} for the asset itself`;
}

/**
 * A destination as it is judged and dialled: the asset's name or id is its address, hosts are in small letters and
 * addresses in their usual spelling. Everything else stays as it is: what a resolver might make of `127.1` or
 * `localhost.` is not the asset by this list, and needs a pattern.
 */
export function plainPlace(place: Place, asset: Asset): Place {
  if (place.kind === 'socket') return place;
  const host = plainHost(place.host);
  return { ...place, host: isNamed(host, asset) ? plainHost(asset.address) : host };
}

/** Whether patterns let a destination (as `plainPlace` gives it) through. */
export function allowsPlace(patterns: readonly string[], place: Place, asset: Asset): boolean {
  return patterns.some((text) => {
    const pattern = parsePattern(text);
    return pattern !== undefined && covers(pattern, place, asset);
  });
}

/** Whether a key's `permitopen=` lets it through; as it can name no sockets, it lets none through. */
export function keyAllowsPlace(permitOpen: readonly string[], place: Place, asset: Asset): boolean {
  return permitOpen.length === 0 || (place.kind === 'tcp' && allowsPlace(permitOpen, place, asset));
}

function covers(pattern: Pattern, place: Place, asset: Asset): boolean {
  if (pattern.kind === 'itself') return isItself(place, asset);
  if (place.kind === 'socket') {
    return pattern.kind === 'socket' && isPlainPath(place.path) && glob(pattern.path, place.path);
  }
  if (pattern.kind === 'socket' || (pattern.port ?? place.port) !== place.port) return false;
  if (pattern.family === 'any') return true;
  return hostNames(place.host, asset).some((host) => family(host) === pattern.family && glob(pattern.host, host));
}

/** The asset's own ports and sockets: as its sshd dials, its loopback is the asset. */
function isItself(place: Place, asset: Asset): boolean {
  if (place.kind === 'socket') return true;
  const { host } = place;
  return (
    host === plainHost(asset.address) ||
    host === 'localhost' ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

/**
 * Whether it is the asset's own SSH port, however that is written. Nobody is forwarded there: it would be a login that
 * nothing sees. Who may connect is answered by the bastion itself before it comes to that.
 */
export function isOwnSshPort(place: Place, asset: Asset): boolean {
  if (place.kind === 'socket') return false;
  if (!asset.protocols.some(({ name, port }) => name === 'ssh' && port === place.port)) return false;
  return isLoopback(place.host) || spellings(place.host).some((host) => isItself({ ...place, host }, asset));
}

/** A pattern may call the asset by its name or id, too. */
function hostNames(host: string, asset: Asset): string[] {
  return host === plainHost(asset.address) ? [host, nameKey(asset.name), asset.id.toLowerCase()] : [host];
}

function isNamed(host: string, asset: Asset): boolean {
  return host === nameKey(asset.name) || host === asset.id.toLowerCase();
}

function plainHost(host: string): string {
  const bare = /^\[(.*)\]$/.exec(host)?.[1] ?? host;
  return (isIP(bare) === 0 || bare.includes('%') ? host : plainAddress(bare)).toLowerCase();
}

/** Without //, /./ and /../, with which a path would look like another one. */
function isPlainPath(path: string): boolean {
  return !/\/(?:\.{0,2}\/|\.{0,2}$)/.test(path);
}

function family(host: string): 'name' | 4 | 6 {
  const version = isIP(host);
  return version === 4 || version === 6 ? version : 'name';
}

function parsePattern(text: string): Pattern | undefined {
  if (printable(text) !== text || /\s/.test(text)) return undefined;
  if (text === ITSELF) return { kind: 'itself' };
  if (text.startsWith('/')) {
    return isPlainPath(text) ? { kind: 'socket', path: text } : undefined;
  }
  const match = /^(?:\[([0-9a-fA-F:.*?]+)\]|([^:[\]/%@]+)):(\*|\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const port = match[3] === '*' ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  const [, inBrackets, bare = ''] = match;
  const pattern = (family: 'any' | 'name' | 4 | 6, host: string): Pattern => ({ kind: 'tcp', family, host, port });
  if (inBrackets !== undefined) {
    if (/[*?]/.test(inBrackets)) return pattern(6, inBrackets.toLowerCase());
    if (isIP(inBrackets) !== 6) return undefined;
    const plain = plainHost(inBrackets);
    return pattern(isIP(plain) === 4 ? 4 : 6, plain);
  }
  if (bare === '*') return pattern('any', bare);
  return pattern(/^[\d.*?]*\d[\d.*?]*$/.test(bare) ? 4 : 'name', bare.toLowerCase());
}

/** `*` and `?` as in OpenSSH's patterns: any characters, and one. */
function glob(pattern: string, text: string): boolean {
  // the usual two-pointer match: linear, whatever the pattern
  let p = 0;
  let star = -1;
  let from = 0;
  for (let t = 0; t < text.length; ) {
    if (pattern[p] === '*') {
      star = p++;
      from = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(p));
}

/** For the person who may forward, and not connect. */
export function ownSshPort({ name }: Asset): string {
  return `The SSH port of ${name} is a login to it, which needs the action connect; ask an administrator for it.`;
}

/** Where to, and what may be: for the person who was refused. */
export function notPermitted(place: Place, asset: Asset, patterns: readonly string[]): string {
  const open = [...new Set(patterns)].map(patternText).join(', ');
  return `You may not forward to ${placeText(place)} over ${asset.name}, only to ${open}; ask an administrator to permit it (--forward-to).`;
}
