import type { Algorithms } from 'ssh2';
import constants from 'ssh2/lib/protocol/constants.js';

/** ssh2 refuses names it does not know, and knows only what this OpenSSL has: keep what there is. */
function known<T extends string>(names: readonly string[], supported: readonly string[]): T[] {
  return names.filter((name) => supported.includes(name)) as T[];
}
const kex = (...names: string[]) =>
  known<NonNullable<Extract<Algorithms['kex'], unknown[]>>[number]>(names, constants.SUPPORTED_KEX);
const cipher = (...names: string[]) =>
  known<NonNullable<Extract<Algorithms['cipher'], unknown[]>>[number]>(names, constants.SUPPORTED_CIPHER);
const hmac = (...names: string[]) =>
  known<NonNullable<Extract<Algorithms['hmac'], unknown[]>>[number]>(names, constants.SUPPORTED_MAC);
const hostKey = (...names: string[]) =>
  known<NonNullable<Extract<Algorithms['serverHostKey'], unknown[]>>[number]>(
    names,
    constants.SUPPORTED_SERVER_HOST_KEY,
  );

type Lists = { readonly [K in keyof Required<Algorithms>]: Extract<Required<Algorithms>[K], unknown[]> };

const MODERN_KEX = [
  'mlkem768x25519-sha256',
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
];
const MODERN_CIPHERS = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const MODERN_MACS = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];
const MODERN_HOST_KEYS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** Towards clients: nothing with SHA-1 or CBC, and no compression, which ssh2 would inflate before the login. */
export const serverAlgorithms: Lists = {
  kex: kex(...MODERN_KEX),
  cipher: cipher(...MODERN_CIPHERS),
  hmac: hmac(...MODERN_MACS),
  compress: ['none'],
  serverHostKey: hostKey(...MODERN_HOST_KEYS),
};

/** Towards targets: the same, and what a supported system of today may still need first. */
export const targetAlgorithms: Lists = {
  ...serverAlgorithms,
  kex: kex(...MODERN_KEX, 'diffie-hellman-group-exchange-sha256'),
};

/** Towards targets of a platform with `legacyAlgorithms`: old devices. Modern names still come first. */
export const legacyTargetAlgorithms: Lists = {
  kex: kex(
    ...MODERN_KEX,
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group14-sha1',
    'diffie-hellman-group-exchange-sha1',
    'diffie-hellman-group1-sha1',
  ),
  cipher: cipher(...MODERN_CIPHERS, 'aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'),
  hmac: hmac(...MODERN_MACS, 'hmac-sha1-etm@openssh.com', 'hmac-sha1', 'hmac-sha1-96', 'hmac-md5'),
  compress: ['none'],
  serverHostKey: hostKey(...MODERN_HOST_KEYS, 'ssh-rsa', 'ssh-dss'),
};
