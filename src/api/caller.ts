import { actorOf as actorOfPerson } from '../auth/actor.ts';
import type { Identity } from '../auth/identity.ts';
import type { Actor } from '../store/model.ts';

/**
 * Who speaks to the API: a proven person, the owner of the machine (`admin.sock`, or the command line on a stopped
 * daemon's data) under the name the machine knows them by, or nobody yet.
 */
export type Caller =
  | { readonly kind: 'person'; readonly identity: Identity }
  | { readonly kind: 'machine'; readonly name: string }
  /** `via`: whether a page asks or a program. */
  | { readonly kind: 'nobody'; readonly ip: string; readonly via: 'web' | 'api' };

/** The caller as audit rows name it. */
export function actorOf(caller: Caller): Actor {
  switch (caller.kind) {
    case 'person':
      return actorOfPerson(caller.identity);
    case 'machine':
      return { kind: 'machine', userId: null, name: caller.name, ip: null, via: 'socket' };
    case 'nobody':
      return { kind: 'user', userId: null, name: '', ip: caller.ip, via: caller.via };
  }
}
