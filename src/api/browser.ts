import type { IncomingMessage, ServerResponse } from 'node:http';
import { addressMatches } from '../auth/address-patterns.ts';
import { plainAddress } from '../kernel/ip.ts';
import { Secret } from '../kernel/secret.ts';
import { CSRF_HEADER } from './contract/ws-limits.ts';
import { hostOf, isEncrypted } from './origin.ts';

/** A browser at the other end: the one kind of caller that can be given a cookie. */
export interface Browser {
  readonly ip: string;
  readonly userAgent: string;
  /** Gives it the cookie of a session; `expiresAt` in milliseconds. */
  keep(token: Secret, expiresAt: number): void;
  /** Takes the cookie away. */
  forget(): void;
}

export interface CookieSettings {
  readonly public_url: string | null;
  readonly trusted_proxies: readonly string[];
}

const NAME = 'bastion_session';
/** Under TLS: a browser takes a cookie of this name only from this very host, over TLS. */
const SECURE_NAME = `__Host-${NAME}`;

/** The session's cookie, undefined without one. Under TLS only that counts which nobody could have set without it. */
export function sessionCookie(request: IncomingMessage, settings: CookieSettings): Secret | undefined {
  const values = cookiesOf(request).get(isSecure(request, settings) ? SECURE_NAME : NAME);
  // two of one name: one of them was planted
  return values?.length === 1 ? Secret.of(values[0]!) : undefined;
}

/** Whether a request carries what a browser sends along by itself, good or not. */
export function hasCookie(request: IncomingMessage): boolean {
  const cookies = cookiesOf(request);
  return cookies.has(NAME) || cookies.has(SECURE_NAME);
}

/** Whether the header is there that no page of another origin can send. */
export function hasCsrfHeader(request: IncomingMessage): boolean {
  return request.headers[CSRF_HEADER] === '1';
}

export function browserOf(
  request: IncomingMessage,
  response: ServerResponse,
  ip: string,
  settings: CookieSettings,
): Browser {
  const secure = isSecure(request, settings);
  const set = (value: string, maxAge: number) => {
    const name = secure ? SECURE_NAME : NAME;
    response.setHeader(
      'Set-Cookie',
      `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`,
    );
  };
  return {
    ip,
    userAgent: request.headers['user-agent'] ?? '',
    keep: (token, expiresAt) => set(token.exposeText(), Math.max(0, Math.floor((expiresAt - Date.now()) / 1000))),
    forget: () => set('', 0),
  };
}

/** Whether the browser speaks TLS, to us or to a proxy before us. */
function isSecure(request: IncomingMessage, { public_url, trusted_proxies }: CookieSettings): boolean {
  if (isEncrypted(request)) return true;
  const peer = plainAddress(request.socket.remoteAddress ?? '');
  if (request.headers['x-forwarded-proto'] === 'https' && addressMatches(trusted_proxies, peer)) return true;
  if (public_url === null) return false;
  const { protocol, host } = new URL(public_url);
  return protocol === 'https:' && host === hostOf(request);
}

function cookiesOf(request: IncomingMessage): Map<string, string[]> {
  const cookies = new Map<string, string[]>();
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at < 0) continue;
    const name = pair.slice(0, at).trim();
    cookies.set(name, [...(cookies.get(name) ?? []), pair.slice(at + 1).trim()]);
  }
  return cookies;
}
