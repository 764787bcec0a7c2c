import { scryptSync } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { Passwords } from '../../src/auth/password.ts';
import { checkPassword } from '../../src/auth/password-policy.ts';
import { checkUserName } from '../../src/auth/user-name.ts';
import { Secret } from '../../src/kernel/secret.ts';

describe('password hashes', () => {
  const passwords = new Passwords();
  afterAll(() => passwords.close());

  it('DESIGN §7.13: are scrypt with N=2^17, r=8, p=1 in PHC form, which any scrypt can check', async () => {
    const phc = await passwords.hash(Secret.of('correct horse'), 'test');
    const [, id, params, salt, hash] = phc.split('$');
    expect([id, params]).toEqual(['scrypt', 'ln=17,r=8,p=1']);
    const again = scryptSync('correct horse', Buffer.from(salt!, 'base64'), 32, {
      N: 2 ** 17,
      r: 8,
      p: 1,
      maxmem: 2 ** 28,
    });
    expect(again.toString('base64').replace(/=+$/, '')).toBe(hash);
  });

  it('verifies the right password only, with a salt of its own each time', async () => {
    const [one, two] = await Promise.all([
      passwords.hash(Secret.of('a b c d'), 'test'),
      passwords.hash(Secret.of('a b c d'), 'test'),
    ]);
    expect(one).not.toBe(two);
    expect(await passwords.verify(Secret.of('a b c d'), one, 'test')).toBe(true);
    expect(await passwords.verify(Secret.of('a b c e'), one, 'test')).toBe(false);
    expect(await passwords.verify(Secret.of(''), one, 'test')).toBe(false);
  });

  it('knows a letter typed composed and decomposed as the same', async () => {
    const hash = await passwords.hash(Secret.of('Schl\u00fcssel'), 'test');
    expect(await passwords.verify(Secret.of('Schlu\u0308ssel'), hash, 'test')).toBe(true);
  });

  it('says no to everything when there is no usable hash', async () => {
    expect(await passwords.verify(Secret.of('x'), null, 'test')).toBe(false);
    expect(
      await passwords.verify(Secret.of('x'), '$scrypt$ln=40,r=8,p=1$AAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA', 'test'),
    ).toBe(false);
    expect(await passwords.verify(Secret.of('x'), '$argon2id$v=19$m=1$AAAA$AAAA', 'test')).toBe(false);
  });

  it('DESIGN §7.9: bounds what waits, per source, and serves others meanwhile', async () => {
    const mine = Array.from({ length: 17 }, () => passwords.verify(Secret.of('x'), null, '192.0.2.1'));
    const refused = expect(mine[16]).rejects.toMatchObject({ code: 'rate_limited' });
    const other = passwords.verify(Secret.of('x'), null, '192.0.2.2');
    await refused;
    expect(await other).toBe(false);
    expect(await Promise.all(mine.slice(0, 16))).toEqual(Array(16).fill(false));
  });

  it('rejects what waits when it is closed, and ends the threads', async () => {
    const closing = new Passwords();
    const waiting = [1, 2, 3].map(() =>
      expect(closing.verify(Secret.of('x'), null, 'test')).rejects.toMatchObject({ code: 'shutting_down' }),
    );
    await closing.close();
    await Promise.all(waiting);
    await expect(closing.hash(Secret.of('x'), 'test')).rejects.toMatchObject({ code: 'shutting_down' });
  });
});

describe('password policy', () => {
  const alice = { name: 'alice.miller', email: 'amiller@example.com' };
  const check =
    (text: string, min = 10) =>
    () =>
      checkPassword(Secret.of(text), alice, min);

  it.each(['three blind mice', 'xK9#mQ2$vL', '密码很长而且没人猜得到的', 'aaaabbbbcccc dddd'])('takes %s', (text) => {
    expect(check(text)).not.toThrow();
  });

  it.each([
    ['short', /at least 10 characters/],
    ['密码密码', /at least 10/],
    ['password123', /first that are tried/],
    ['P@ssw0rd2024!', /first that are tried/],
    ['Administrator1', /first that are tried/],
    ['qwertyuiop', /first that are tried/],
    ['1234567890', /first that are tried/],
    ['12345678901234', /first that are tried/],
    ['abcdefghijkl', /first that are tried/],
    ['1q2w3e4r5t', /first that are tried/],
    ['aaaaaaaaaaaa', /same characters/],
    ['ababababababab', /same characters/],
    ['alice.miller', /name or e-mail/],
    ['Alice.Miller2026!', /name or e-mail/],
    ['amiller@example.com', /name or e-mail/],
    ['x'.repeat(500).concat('yz'.repeat(300)), /longer than 1024/],
  ])('refuses %s', (text, why) => {
    expect(check(text)).toThrow(why);
  });

  it('refuses bytes that are no text', () => {
    expect(() =>
      checkPassword(Secret.of(Buffer.from([0xff, 0xfe, 0xfd, 65, 66, 67, 68, 69, 70, 71])), alice, 10),
    ).toThrow(/UTF-8/);
  });
});

describe('user names', () => {
  it.each(['alice', 'Åsa', '王伟', 'a.b-c_d', "o'neill", 'x'])('takes %s', (name) => {
    expect(() => checkUserName(name)).not.toThrow();
  });
  it.each(['', 'a@b', 'a#b', 'a:b', 'a/b', 'a b', 'a\tb', 'a\u001b[2J', 'a\u202eb', '-rf', 'ticket', 'x'.repeat(65)])(
    'refuses %j',
    (name) => {
      expect(() => checkUserName(name)).toThrow();
    },
  );
});
