import { describe, expect, it, test } from 'vitest';
import { addressMatches } from '../../src/auth/address-patterns.ts';
import { parseAuthorizedOptions } from '../../src/auth/authorized-options.ts';
import { forcedSftp } from '../../src/auth/key-options.ts';

describe('from= patterns', () => {
  it.each([
    ['10.0.0.0/8', '10.200.3.4', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['192.168.1.7', '192.168.1.7', true],
    ['192.168.1.7', '192.168.1.70', false],
    ['192.168.1.*', '192.168.1.70', true],
    ['192.168.1.?', '192.168.1.70', false],
    ['192.168.1.??', '192.168.1.70', true],
    ['fd00::/8', 'fd12:3456::1', true],
    ['fd00::/8', 'fe80::1', false],
    ['2001:db8::1', '2001:0db8:0:0::1', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['10.0.0.0/8', '2001:db8::1', false],
    ['*', '2001:db8::1', true],
    ['*,!10.0.0.0/8', '10.1.2.3', false],
    ['!10.0.0.0/8,*', '10.1.2.3', false],
    ['*,!10.0.0.0/8', '11.1.2.3', true],
    ['10.0.0.0/8,!10.9.*', '10.9.0.1', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['::/0', '::1', true],
  ])('%s for %s: %s', (patterns, ip, expected) => {
    expect(addressMatches(patterns.split(','), ip)).toBe(expected);
  });

  it('a dot in a pattern is a dot', () => {
    expect(addressMatches(['1.1.1.*'], '1a1a1a1')).toBe(false);
  });
});

describe('authorized_keys options', () => {
  it('no options restrict nothing', () => {
    const { restrictions, presence } = parseAuthorizedOptions('');
    expect(restrictions).toEqual({
      from: [],
      expiresAt: null,
      pty: true,
      portForwarding: true,
      agentForwarding: true,
      permitOpen: [],
      forceCommand: null,
    });
    expect(presence).toEqual({ touch: true, verified: false });
  });

  it('restrict forbids, later words allow again, in the order written', () => {
    expect(parseAuthorizedOptions('restrict').restrictions).toMatchObject({ pty: false, portForwarding: false });
    expect(parseAuthorizedOptions('restrict,pty').restrictions).toMatchObject({ pty: true, portForwarding: false });
    expect(parseAuthorizedOptions('restrict').restrictions.agentForwarding).toBe(false);
    expect(parseAuthorizedOptions('restrict,agent-forwarding').restrictions.agentForwarding).toBe(true);
    expect(parseAuthorizedOptions('no-agent-forwarding').restrictions.agentForwarding).toBe(false);
    expect(parseAuthorizedOptions('pty,restrict').restrictions).toMatchObject({ pty: false });
    expect(parseAuthorizedOptions('no-pty,No-Port-Forwarding').restrictions).toMatchObject({
      pty: false,
      portForwarding: false,
    });
  });

  it('reads values with commas, spaces and escaped quotation marks', () => {
    const { restrictions } = parseAuthorizedOptions(
      'from="10.0.0.0/8,!10.9.0.0/16",command="echo \\"a, b\\"",permitopen="db:5432",permitopen="[fd00::1]:*"',
    );
    expect(restrictions.from).toEqual(['10.0.0.0/8', '!10.9.0.0/16']);
    expect(restrictions.forceCommand).toBe('echo "a, b"');
    expect(restrictions.permitOpen).toEqual(['db:5432', '[fd00::1]:*']);
  });

  it('reads expiry-time in UTC and local time, the earliest counts', () => {
    expect(parseAuthorizedOptions('expiry-time="20270102Z"').restrictions.expiresAt).toBe(Date.UTC(2027, 0, 2));
    expect(parseAuthorizedOptions('expiry-time="202701021504Z"').restrictions.expiresAt).toBe(
      Date.UTC(2027, 0, 2, 15, 4),
    );
    expect(parseAuthorizedOptions('expiry-time="20270102150405"').restrictions.expiresAt).toBe(
      new Date(2027, 0, 2, 15, 4, 5).getTime(),
    );
    expect(parseAuthorizedOptions('expiry-time="20280101Z",expiry-time="20270101Z"').restrictions.expiresAt).toBe(
      Date.UTC(2027, 0, 1),
    );
  });

  it('takes what security keys may say', () => {
    expect(parseAuthorizedOptions('no-touch-required,verify-required').presence).toEqual({
      touch: false,
      verified: true,
    });
  });

  it('takes words about things that are never open here', () => {
    expect(() => parseAuthorizedOptions('no-agent-forwarding,no-X11-forwarding,no-user-rc')).not.toThrow();
  });

  it.each([
    ['no-such-option', /unknown option "no-such-option"/],
    ['envronment="A=b"', /unknown option/],
    ['environment="A=b"', /environment= cannot be set/],
    ['cert-authority', /bastion ca add/],
    ['principals="a"', /certificate authorities/],
    ['tunnel="1"', /tunnel/],
    ['from', /needs a value/],
    ['pty="yes"', /takes no value/],
    ['from=10.0.0.1', /quotation marks/],
    ['from=""', /is empty/],
    ['from="10.0.0.0/33"', /not a CIDR block/],
    ['from="10.0.0.1/8"', /not a CIDR block/],
    ['from="fd00::1/8"', /not a CIDR block/],
    ['from="host.example.com"', /host names are not looked up/],
    ['from="!10.0.0.0/8"', /only excludes/],
    ['from="10.0.0.1",from="10.0.0.2"', /stands twice/],
    ['expiry-time="20270230"', /no such date/],
    ['expiry-time="tomorrow"', /YYYYMMDD/],
    ['expiry-time="202701012460"', /no such date/],
    ['permitopen="db"', /HOST:PORT/],
    ['command="a",command="b"', /stands twice/],
    ['command="internal-sftp -d /srv"', /only -R has a meaning/],
    ['command="a', /not closed/],
    ['pty,,restrict', /empty/],
    ['constructor', /unknown option/],
    ['__proto__="x"', /unknown option/],
    ['command="a\u001b[2Jb"', /control characters/],
  ])('refuses %s', (text, why) => {
    expect(() => parseAuthorizedOptions(text)).toThrow(why);
  });
});

test.each([
  ['internal-sftp', { readOnly: false }],
  ['internal-sftp -R', { readOnly: true }],
  ['internal-sftp -f AUTH -l INFO -R', { readOnly: true }],
  ['internal-sftp -e -fAUTH', { readOnly: false }],
  ['internal-sftp -d /srv', undefined],
  ['internal-sftp -P remove', undefined],
  ['internal-sftp; sh', undefined],
  ['internal-sftpx', undefined],
])('the forced command %s', (command, meaning) => {
  expect(forcedSftp(command)).toEqual(meaning);
});
