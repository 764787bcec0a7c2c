import { printable } from '../kernel/printable.ts';
import type { Actor, AuditDraft, User } from '../store/model.ts';
import type { Identity } from './identity.ts';

/** Where an unfinished login or a one-time link comes from. */
export interface Origin {
  readonly ip: string | null;
  readonly via: Actor['via'];
}

/** The proven person as the author of an audit row. */
export function actorOf(who: Identity): Actor {
  return { kind: 'user', userId: who.user.id, name: who.user.name, ip: who.from.ip, via: who.from.via };
}

/** The daemon itself, where no person did it. */
export function systemActor(): Actor {
  return { kind: 'system', userId: null, name: 'bastion', ip: null, via: 'system' };
}

/** Somebody who gives a name and has not proven it (yet). The user is known when there is one of that name. */
export function claimant(name: string, user: User | undefined, origin: Origin): Actor {
  return {
    kind: 'user',
    userId: user?.id ?? null,
    name: user?.name ?? printableName(name),
    ip: origin.ip,
    via: origin.via,
  };
}

/** A name from outside, fit for logs and terminals. */
export function printableName(name: string): string {
  return printable(name, 64);
}

/** The audit row of something done to a user. */
export function userAudit(
  user: Pick<User, 'id' | 'name'>,
  actor: Actor,
  action: string,
  details: AuditDraft['details'] = null,
): AuditDraft {
  return {
    actor,
    action,
    outcome: 'ok',
    target: { kind: 'user', id: user.id, name: user.name },
    reason: null,
    details,
  };
}
