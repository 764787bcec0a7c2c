import { expect, it } from 'vitest';
import { generateKeyPair, readPrivateKey } from '../../src/kernel/ssh2/keys.ts';

it('makes only keys that can be read back (one in 256 of ssh2 itself cannot)', async () => {
  const pairs = await Promise.all(Array.from({ length: 1500 }, () => generateKeyPair('ed25519', { comment: 'x' })));
  expect(pairs.filter((pair) => !readPrivateKey(pair.private))).toEqual([]);
});
