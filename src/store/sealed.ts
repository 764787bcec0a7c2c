/**
 * How a sealed value is laid out: a version byte, 4 bytes of key id, a 12-byte nonce, the ciphertext, a 16-byte tag.
 * The key id says which master key it was sealed under; it is the start of that key's check value.
 */
export const SEALED_VERSION = 1;
export const KEY_ID_BYTES = 4;
export const NONCE_BYTES = 12;
export const TAG_BYTES = 16;
export const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

export function keyIdOf(keyCheck: Buffer): Buffer {
  return keyCheck.subarray(0, KEY_ID_BYTES);
}

/** The key id in a sealed value, undefined when it is too short or of another version. */
export function sealedKeyId(sealed: Buffer): Buffer | undefined {
  if (sealed.length < HEADER_BYTES + TAG_BYTES || sealed[0] !== SEALED_VERSION) return undefined;
  return sealed.subarray(1, 1 + KEY_ID_BYTES);
}
