import type { User } from '../store/model.ts';

/** Why this user may not be logged in at `now`, or null. The reason is for the audit, never for the person at the door. */
export function refuseUser(user: User | undefined, now: number): string | null {
  if (!user) return 'no such user';
  if (user.disabled) return 'user disabled';
  if (user.validUntil !== null && now >= user.validUntil) return 'user expired';
  return null;
}
