import type { IncomingMessage, ServerResponse } from 'node:http';
import { Secret } from '../kernel/secret.ts';
import { CSRF_HEADER } from './contract/ws-limits.ts';
import { type DoorSettings, isSecure } from './origin.ts';

/** A browser at the other end: the one kind of caller that can be given a cookie. */
export interface Browser {
  readonly ip: string;
  readonly userAgent: string;
  /** Gives it the cookie of a session; `expiresAt` in milliseconds. */
  keep(token: Secret, expiresAt: number): void;
  /** Takes the cookie away. */
  forget(): void;
}

const NAME = 'bastion_session';
/** Under TLS: a browser takes a cookie of this name only from this very host, over TLS. */
const SECURE_NAME = `__Host-${NAME}`;

/** The session's cookie, undefined without one. Under TLS only that counts which nobody could have set without it. */
export function sessionCookie(request: IncomingMessage, settings: DoorSettings): Secret | undefined {
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
  settings: DoorSettings,
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
