import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import { AppError } from '../kernel/errors.ts';
import { Secret } from '../kernel/secret.ts';
import type { Caller } from './caller.ts';
import { clientAddress } from './client-address.ts';

/** Says who sent a request. Rejects with AppError `unauthenticated` when it carries a credential that does not hold. */
export type Speaker = (request: IncomingMessage) => Promise<Caller>;

/** For `admin.sock`: whoever can open it owns the machine. */
export function machineSpeaker(name: string): Speaker {
  return async () => ({ kind: 'machine', name });
}

/** For TCP: an API token or nobody. Where a request comes from, loopback included, proves nothing. */
export function bearerSpeaker(
  authenticator: Pick<Authenticator, 'bearer'>,
  trustedProxies: readonly string[],
): Speaker {
  return async (request) => {
    const ip = clientAddress(request, trustedProxies);
    const header = request.headers.authorization;
    if (header === undefined) return { kind: 'nobody', ip };
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
