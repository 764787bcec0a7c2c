import { describe, expect, test } from 'vitest';
import { Admission } from '../../src/gateways/ssh/admission.ts';
import { ClientEnvironment } from '../../src/gateways/ssh/env.ts';
import { parseProxyHeader } from '../../src/gateways/ssh/proxy-protocol.ts';
import { v2 } from './gateway-kit.ts';

const v1 = (line: string, rest = '') => parseProxyHeader(Buffer.from(`${line}\r\n${rest}`));

describe('PROXY version 1', () => {
  test('names the client, whatever follows the line', () => {
    const line = 'PROXY TCP4 203.0.113.9 10.0.0.1 51234 2222';
    expect(v1(line, 'SSH-2.0-x')).toEqual({
      kind: 'done',
      length: line.length + 2,
      address: { ip: '203.0.113.9', port: 51234 },
    });
    expect(v1('PROXY TCP6 2001:DB8:0::9 ::1 5 22')).toMatchObject({ address: { ip: '2001:db8::9', port: 5 } });
    expect(v1('PROXY UNKNOWN')).toMatchObject({ kind: 'done', address: null });
    expect(v1('PROXY UNKNOWN ffff::1 ffff::2 1 2')).toMatchObject({ kind: 'done', address: null });
  });

  test('waits for the rest, byte by byte', () => {
    const whole = Buffer.from('PROXY TCP4 203.0.113.9 10.0.0.1 51234 2222\r\n');
    for (let i = 0; i < whole.length; i++) expect(parseProxyHeader(whole.subarray(0, i))).toEqual({ kind: 'more' });
  });

  test.each([
    'PROXY TCP4 203.0.113.9 10.0.0.1 51234',
    'PROXY TCP4 203.0.113.9 10.0.0.1 51234 2222 9',
    'PROXY TCP4 2001:db8::9 ::1 1 2',
    'PROXY TCP4 203.0.113.900 10.0.0.1 1 2',
    'PROXY TCP4 203.0.113.9 10.0.0.1 99999 2',
    'PROXY TCP4 203.0.113.9 10.0.0.1 1e3 2',
    'PROXY UDP4 203.0.113.9 10.0.0.1 1 2',
    'PROXY  TCP4 203.0.113.9 10.0.0.1 1 2',
    `PROXY TCP4 ${'1'.repeat(120)}`,
  ])('refuses %j', (line) => {
    expect(v1(line).kind).toBe('bad');
  });
});

describe('PROXY version 2', () => {
  const ip4 = [203, 0, 113, 9, 10, 0, 0, 1, 0xc8, 0x22, 8, 0xae];
  const ip6 = [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 9, ...Array(15).fill(0), 1, 0, 5, 0, 22];

  test('names the client and skips what extensions follow', () => {
    expect(parseProxyHeader(v2(1, ip4))).toEqual({
      kind: 'done',
      length: 28,
      address: { ip: '203.0.113.9', port: 51234 },
    });
    expect(parseProxyHeader(v2(1, [...ip4, 3, 0, 1, 0]))).toMatchObject({ length: 32, address: { ip: '203.0.113.9' } });
    expect(parseProxyHeader(v2(2, ip6))).toMatchObject({ length: 52, address: { ip: '2001:db8::9', port: 5 } });
    expect(parseProxyHeader(v2(0, [], 0))).toEqual({ kind: 'done', length: 16, address: null });
  });

  test('waits for the rest and refuses what is malformed', () => {
    const whole = v2(1, ip4);
    for (let i = 0; i < whole.length; i++) expect(parseProxyHeader(whole.subarray(0, i))).toEqual({ kind: 'more' });
    expect(parseProxyHeader(v2(1, ip4.slice(0, 8))).kind).toBe('bad');
    expect(parseProxyHeader(v2(3, Array(216).fill(0))).kind).toBe('bad');
    expect(parseProxyHeader(v2(1, ip4, 5)).kind).toBe('bad');
    expect(parseProxyHeader(v2(1, Array(5000).fill(0))).kind).toBe('bad');
    expect(parseProxyHeader(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')).kind).toBe('bad');
    expect(parseProxyHeader(Buffer.from('\r\n\r\nGET')).kind).toBe('bad');
  });
});

describe('admission', () => {
  test('no address takes more than half, and all is bounded', () => {
    const admission = new Admission(10, () => 1);
    const one = Array.from({ length: 8 }, () => admission.enter('192.0.2.1'));
    expect(one.filter(Boolean)).toHaveLength(5);
    const others = Array.from({ length: 8 }, (_, i) => admission.enter(`192.0.2.${i + 2}`));
    expect(others.filter(Boolean)).toHaveLength(5);
    expect(admission.enter('192.0.2.99')).toBeUndefined();
    one[0]!();
    one[0]!();
    expect(admission.waiting).toBe(9);
    expect(admission.enter('192.0.2.99')).toBeDefined();
  });

  test('an IPv6 network of 64 bits, which one machine has all of, counts as one address', () => {
    const admission = new Admission(4, () => 1);
    const one = Array.from({ length: 4 }, (_, i) => admission.enter(`2001:db8:0:1::${i}`));
    expect(one.filter(Boolean)).toHaveLength(2);
    expect(admission.enter('2001:db8:0:2::1')).toBeDefined();
  });

  test('above half full a second connection may be refused, a first one is not', () => {
    const admission = new Admission(4, () => 0);
    for (const ip of ['a', 'b', 'c']) expect(admission.enter(ip)).toBeDefined();
    expect(admission.enter('a')).toBeUndefined();
    expect(admission.enter('d')).toBeDefined();
  });
});

test('the environment takes what the list names, within bounds', () => {
  const env = new ClientEnvironment(['LANG', 'LC_*']);
  expect(env.set('LANG', 'C')).toBe(true);
  expect(env.set('LC_ALL', 'de_DE.UTF-8')).toBe(true);
  expect(env.set('LANGUAGE', 'x')).toBe(false);
  expect(env.set('LD_PRELOAD', 'x')).toBe(false);
  expect(env.set('LC_X', 'a\0b')).toBe(false);
  expect(env.set('LC_LONG', 'x'.repeat(5000))).toBe(false);
  expect(env.set('LC_\nX', 'x')).toBe(false);
  for (let i = 0; i < 100; i++) env.set(`LC_${i}`, 'x');
  expect(env.entries()).toHaveLength(64);
  expect(new ClientEnvironment(['*']).set('ANY_THING', 'x')).toBe(true);
});
