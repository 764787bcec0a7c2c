import type { Identity } from '../../auth/identity.ts';
import { AppError } from '../../kernel/errors.ts';
import type { Caller } from '../caller.ts';

/** Who calls for themselves. The owner of the machine has nothing here that would be their own. */
export function personOf(caller: Caller): Identity {
  if (caller.kind === 'person') return caller.identity;
  throw new AppError(
    'invalid',
    'This is about the one who calls, and here the owner of the machine does, who is no user. Name a user instead (bastion user --help).',
  );
}

/**
 * Who calls from a browser that is signed in. What would outlive a leaked API token is not for a token to make.
 * @throws AppError `forbidden` for a token; `what` completes "An API token may not …".
 */
export function signedInPerson(caller: Caller, what: string): Identity {
  const who = personOf(caller);
  if (who.factors.webSession !== undefined) return who;
  throw new AppError('forbidden', `An API token may not ${what}: sign in with a browser for that.`);
}
