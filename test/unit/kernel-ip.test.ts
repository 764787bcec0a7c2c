import { expect, test } from 'vitest';
import { addressBytes, plainAddress } from '../../src/kernel/ip.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:1.2.3.4', '1.2.3.4'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['2001:0DB8:0:0::1', '2001:db8::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['no address', 'no address'],
])('%s is spelt %s', (address, spelt) => {
  expect(plainAddress(address)).toBe(spelt);
});

test.each([
  ['10.0.0.255', '0a0000ff'],
  ['::', '00'.repeat(16)],
  ['2001:db8::1', `20010db8${'00'.repeat(11)}01`],
  ['fe80::1%eth0', `fe80${'00'.repeat(13)}01`],
  ['::ffff:1.2.3.4', `${'00'.repeat(10)}ffff01020304`],
])('%s is the bytes %s', (address, hex) => {
  expect(addressBytes(address).toString('hex')).toBe(hex);
});
