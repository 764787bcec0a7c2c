import { describe, expect, test } from 'vitest';
import { parseDestination } from '../../src/gateways/ssh/destination.ts';

const to = (login: string, asset?: string, account?: string, protocol?: string) => ({
  login,
  asset,
  account,
  protocol,
  problem: undefined,
});

describe('the direct forms', () => {
  test.each([
    ['alice', to('alice')],
    ['alice@web1', to('alice', 'web1')],
    ['alice#web1', to('alice', 'web1')],
    ['alice@root@web1', to('alice', 'web1', 'root')],
    ['alice#root#web1', to('alice', 'web1', 'root')],
    ['alice@root#web1', to('alice', 'web1', 'root')],
    ['alice@telnet@root@sw1', to('alice', 'sw1', 'root', 'telnet')],
    ['alice@SSH@root@sw1', to('alice', 'sw1', 'root', 'ssh')],
    ['alice@admin%40corp@web1', to('alice', 'web1', 'admin@corp')],
    ['alice@a%23b@web1', to('alice', 'web1', 'a#b')],
    ['alice@50%25@web1', to('alice', 'web1', '50%')],
    ['alice@50%@web1', to('alice', 'web1', '50%')],
    ['alice@%E7%8E%8B@web1', to('alice', 'web1', '王')],
    ['alice@DOMAIN\\bob@web1', to('alice', 'web1', 'DOMAIN\\bob')],
    ['alice@@input@web1', to('alice', 'web1', '@input')],
    ['alice@ssh@@input@web1', to('alice', 'web1', '@input', 'ssh')],
    ['alice@%40input@web1', to('alice', 'web1', '@input')],
    ['alice@192.0.2.7', to('alice', '192.0.2.7')],
    ['alice@2001:db8::7', to('alice', '2001:db8::7')],
    ['alice@root@[2001:db8::7]', to('alice', '2001:db8::7', 'root')],
    ['alice@root@fe80::1%eth0', to('alice', 'fe80::1%eth0', 'root')],
    ['alice@root@01jh3v9x7q8r5t2w4y6z8b0c1d', to('alice', '01jh3v9x7q8r5t2w4y6z8b0c1d', 'root')],
    ['王@服务器', to('王', '服务器')],
    ['😀@web1', to('😀', 'web1')],
    [`o'brien"; rm -rf /@web1`, to(`o'brien"; rm -rf /`, 'web1')],
    ['', to('')],
  ])('%j', (text, expected) => {
    expect(parseDestination(text)).toEqual(expected);
  });

  test.each([
    ['alice@'],
    ['alice@@web1'],
    ['alice@root@'],
    ['a@b@c@d@e'],
    ['alice@gopher@root@web1'],
    ['alice@__proto__@root@web1'],
    ['alice@%ff@web1'],
    ['alice@a%0ab@web1'],
    ['alice@web\n1'],
    ['alice@we\x1b[2Jb1'],
    ['alice@web1\u202e'],
    [`alice@${'x'.repeat(600)}`],
  ])('%j names no destination, and alice may still log in to be told so', (text) => {
    const destination = parseDestination(text);
    expect(destination.asset).toBeUndefined();
    expect(destination.problem).toMatch(/./);
    expect(destination.login).toMatch(/^(alice|a)$/);
  });

  test('a login never carries what could steer a terminal or a log', () => {
    for (const text of ['al\nice', 'al\rice', 'al\x1b]0;x\x07ice', 'al\u0000ice', '\u202eecila@web1']) {
      expect(parseDestination(text).login).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
});
