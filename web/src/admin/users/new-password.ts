/** Without characters that look alike. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const LENGTH = 20;

/** A random password of some 115 bits. */
export function newPassword(): string {
  // 256 is no multiple of the number of letters: bytes of the rest are thrown away, so that every letter is as likely
  const limit = 256 - (256 % LETTERS.length);
  let password = '';
  while (password.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH))) {
      if (byte < limit && password.length < LENGTH) password += LETTERS[byte % LETTERS.length];
    }
  }
  return password;
}
