import { createHash, randomBytes } from 'node:crypto';
import { Secret } from '../kernel/secret.ts';

const TOKEN_BYTES = 32;
/** Prefixes make a leaked token recognisable and keep it from beginning with a dash. */
export type TokenPrefix = 'bst' | 'bsl' | 'bsw' | 'bsc' | 'bti' | 'bsh' | 'bre';

/**
 * A new token of 256 random bits: `bst_…` for the API, `bsl_…` for one-time links, `bsw_…` for a signed-in browser,
 * `bsc_…` for a sign-in under way, `bti_…` for a use of an asset, `bsh_…` for a link to a live session, `bre_…` for coming
 * back to one.
 */
export function newToken(prefix: TokenPrefix): Secret {
  return Secret.of(`${prefix}_${randomBytes(TOKEN_BYTES).toString('base64url')}`);
}

/** Whether a text has the shape of such a token; it may still be none. */
export function looksLikeToken(prefix: TokenPrefix, token: Secret): boolean {
  const text = token.exposeText().trim();
  return text.startsWith(`${prefix}_`) && /^[A-Za-z0-9_-]{47}$/.test(text);
}

/** The SHA-256 (hex) under which a token is kept, or undefined when the text is no such token. */
export function tokenHash(prefix: TokenPrefix, token: Secret): string | undefined {
  if (!looksLikeToken(prefix, token)) return undefined;
  return createHash('sha256').update(token.exposeText().trim()).digest('hex');
}
