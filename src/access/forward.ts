import { bracketed } from '../kernel/ip.ts';
import type { Asset, Permission } from '../store/model.ts';

interface Pattern {
  readonly host: string;
  readonly port: string;
}

/**
 * The destinations the forwarding permissions and the key's `permitopen=` leave together: a destination must be in a
 * permission and, when the key names any, in the key. Empty means the asset itself (`Limits.forwardTo`), null that
 * nothing is left.
 */
export function forwardDestinations(
  permissions: readonly Permission[],
  asset: Asset,
  permitOpen: readonly string[],
): string[] | null {
  const unlimited = permissions.every((permission) => permission.forwardTo.length === 0);
  if (unlimited && permitOpen.length === 0) return [];
  const permitted = permissions.flatMap((permission) =>
    permission.forwardTo.length === 0 ? itself(asset) : permission.forwardTo,
  );
  if (permitOpen.length === 0) return [...new Set(permitted)];
  const keys = permitOpen.flatMap(parse);
  const both = permitted.flatMap(parse).flatMap((pattern) => keys.flatMap((key) => intersect(pattern, key)));
  return both.length === 0 ? null : [...new Set(both)];
}

/** The asset's own ports: by its address and, as its sshd dials, by its loopback. */
function itself(asset: Asset): string[] {
  return [asset.address, 'localhost', '127.0.0.1', '::1'].map((host) => `${bracketed(host)}:*`);
}

function parse(text: string): Pattern[] {
  const match = /^(\[[^\]]+\]|[^:]+):(\*|\d{1,5})$/.exec(text.trim());
  return match ? [{ host: match[1]!.toLowerCase(), port: match[2]! }] : [];
}

function intersect(a: Pattern, b: Pattern): string[] {
  const host = matches(a.host, b.host) ? b.host : matches(b.host, a.host) ? a.host : undefined;
  const port = a.port === '*' ? b.port : b.port === '*' || a.port === b.port ? a.port : undefined;
  return host === undefined || port === undefined ? [] : [`${host}:${port}`];
}

/** `*` and `?` as in OpenSSH's patterns. */
function matches(pattern: string, host: string): boolean {
  if (pattern === host || pattern === '*') return true;
  if (/[*?]/.test(host) || !/[*?]/.test(pattern)) return false;
  return glob(pattern, host);
}

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
