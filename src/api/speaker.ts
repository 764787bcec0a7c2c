import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import { hasCsrfHeader, sessionCookie } from './browser.ts';
import type { Caller } from './caller.ts';
import { clientAddress } from './client-address.ts';
import type { DoorSettings } from './origin.ts';

/** Says who sent a request. Rejects with AppError `unauthenticated` when it carries a credential that does not hold. */
export type Speaker = (request: IncomingMessage) => Promise<Caller>;

/** For `admin.sock`: whoever can open it owns the machine. */
export function machineSpeaker(name: string): Speaker {
  return async () => ({ kind: 'machine', name });
}

/**
 * For TCP: an API token, the cookie of a browser that is signed in, or nobody. Where a request comes from, loopback
 * included, proves nothing. A cookie that does not hold (any more) is nobody's, so that who has one can sign in anew.
 */
export function doorSpeaker(
  authenticator: Pick<Authenticator, 'bearer' | 'webSessions'>,
  settings: DoorSettings,
): Speaker {
  return async (request) => {
    const ip = clientAddress(request, settings.trusted_proxies);
    const header = request.headers.authorization;
    if (header === undefined) {
      const cookie = sessionCookie(request, settings);
      const identity = cookie && (await authenticator.webSessions.find(cookie, { ip }));
      if (identity) return { kind: 'person', identity };
      return { kind: 'nobody', ip, via: hasCsrfHeader(request) ? 'web' : 'api' };
    }
    const token = /^Bearer +([\x21-\x7e]{1,512})$/i.exec(header)?.[1];
    const identity = token === undefined ? undefined : await authenticator.bearer(Secret.of(token), { ip });
    if (!identity) {
      throw new AppError(
        'unauthenticated',
        'The API token is not valid (any more). "bastion token add USER" makes a new one.',
      );
    }
    return { kind: 'person', identity };
  };
}
