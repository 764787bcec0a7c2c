import { randomBytes } from 'node:crypto';

declare const brand: unique symbol;
type Id<B extends string> = string & { readonly [brand]: B };

export type UserId = Id<'user'>;
export type KeyId = Id<'key'>;
export type GroupId = Id<'group'>;
export type AssetId = Id<'asset'>;
export type AccountId = Id<'account'>;
export type PermissionId = Id<'permission'>;
export type SessionId = Id<'session'>;
export type GrantId = Id<'grant'>;
export type TokenId = Id<'token'>;
export type LinkId = Id<'link'>;
export type WebSessionId = Id<'webSession'>;
export type CaId = Id<'ca'>;
export type HostKeyId = Id<'hostKey'>;
export type AuditId = Id<'audit'>;
export type FilterId = Id<'filter'>;
export type CommandId = Id<'command'>;
export type ReviewId = Id<'review'>;
export type TransferId = Id<'transfer'>;
export type ShareId = Id<'share'>;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford base 32, lower case

/**
 * A new id: 48 bits of milliseconds and 80 random bits in 26 characters (the layout of ULID). Ids sort by the time
 * they were made and are unique without coordination.
 */
export function newId<T extends string>(now: number = Date.now()): T {
  let out = '';
  let time = now;
  for (let i = 0; i < 10; i++) {
    out = ALPHABET[time % 32] + out;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(16)) out += ALPHABET[byte & 31];
  return out as T;
}

/** Whether a text has the shape of an id (it may still name nothing). */
export function isId(text: string): boolean {
  return /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}
