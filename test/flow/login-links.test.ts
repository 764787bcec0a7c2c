import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { IN, keyLogin, lastAudit, passwordLogin } from '../kit/logins.ts';
import { onPty } from '../kit/pty.ts';
import { Keys } from '../unit/auth-support.ts';

const PASSWORD = 'seven quiet lanterns';

let bastion: Bastion;
const keys = new Keys();

beforeAll(async () => {
  [bastion] = await Promise.all([startBastion(), keys.make('one', 'ed25519'), keys.make('two', 'ed25519')]);
});
afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  keys.remove();
});

/** Bastion, the words after it, and the token of a printed link. */
const LINK = /bastion --data (\S+) user accept-invite (?:--name YOUR_NAME )?(bsl_[\w-]+)/;
const tokenIn = (text: string) => {
  const token = text.match(LINK)?.[2];
  if (!token) throw new Error(`no link in: ${text}`);
  return token;
};
const accept = (token: string, args: readonly string[], stdin = PASSWORD, on = bastion) =>
  on.cli(['user', 'accept-invite', token, ...args], { stdin });

describe('the set-up link', () => {
  it('is printed while there is no administrator, makes one, once, and is not printed again', async () => {
    await using fresh = await startBastion();
    const [, data, token] = fresh.greeting().match(LINK)!;
    expect(data).toBe(fresh.data);
    expect(fresh.log()).not.toContain(token);

    const nameless = await accept(token!, ['--password-stdin'], PASSWORD, fresh);
    expect(nameless.code).not.toBe(0);
    const weak = await accept(token!, ['--name', 'root1', '--password-stdin'], 'short', fresh);
    expect(weak).toMatchObject({ code: 2, stderr: expect.stringMatching(/at least 10 characters/) });

    const made = await accept(token!, ['--name', 'root1', '--password-stdin'], PASSWORD, fresh);
    expect(made, made.stderr).toMatchObject({ code: 0, stdout: 'root1 can log in now, with the password.\n' });
    expect(await fresh.json(['user', 'show', 'root1'])).toMatchObject({ role: 'admin', hasPassword: true });
    expect((await passwordLogin(fresh, 'root1', PASSWORD)).code).toBe(IN);
    const again = await accept(token!, ['--name', 'root2', '--password-stdin'], PASSWORD, fresh);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/used, has expired or never existed/) });

    expect(await fresh.stop()).toMatchObject({ code: 0 });
    await using later = await startBastion({ dir: fresh.dir });
    expect(later.greeting()).not.toMatch(LINK);
  });

  it('expires, and a restart makes the earlier one useless', async () => {
    await using fresh = await startBastion();
    const first = tokenIn(fresh.greeting());
    await fresh.stop();
    const database = new BetterSqlite(join(fresh.data, 'bastion.db'));
    database.prepare("update links set expires_at = ? where kind = 'setup'").run(Date.now() - 1);
    database.close();
    const late = await accept(first, ['--name', 'root1', '--password-stdin'], PASSWORD, fresh);
    expect(late).toMatchObject({ code: 1, stderr: expect.stringMatching(/restart the bastion/) });

    await using later = await startBastion({ dir: fresh.dir });
    const second = tokenIn(later.greeting());
    expect((await accept(first, ['--name', 'root1', '--password-stdin'], PASSWORD, later)).code).toBe(1);
    expect((await accept(second, ['--name', 'root1', '--password-stdin'], PASSWORD, later)).code).toBe(0);
  });
});

describe('an invite', () => {
  it('is accepted with a password typed twice on a terminal', async () => {
    const token = tokenIn(await bastion.ok(['user', 'add', 'ines']));
    using cli = onPty(process.execPath, ['dist/main.cjs', '--data', bastion.data, 'user', 'accept-invite', token]);
    await cli.expect(/Password: /);
    cli.type(`${PASSWORD}\r`);
    await cli.expect(/Password again: /);
    cli.type('something else\r');
    await cli.expect(/They differ/);
    await cli.expect(/Password: /);
    cli.type(`${PASSWORD}\r`);
    await cli.expect(/Password again: /);
    cli.type(`${PASSWORD}\r`);
    await cli.expect(/ines can log in now, with the password\./);
    expect(await cli.ended).toBe(0);
    expect(cli.output()).not.toContain(PASSWORD);
    expect((await passwordLogin(bastion, 'ines', PASSWORD)).code).toBe(IN);
    expect((await accept(token, ['--password-stdin'])).code).toBe(1);
    expect(await lastAudit(bastion, 'user.password', 'ines')).toMatchObject({ details: { by: 'invite' } });
  });

  it('is accepted with a key, and a new invite ends the earlier one', async () => {
    const first = tokenIn(await bastion.ok(['user', 'add', 'jan']));
    const second = tokenIn(await bastion.ok(['user', 'invite', 'jan']));
    expect(await accept(first, ['--key-file', keys.file('one.pub')])).toMatchObject({ code: 1 });
    expect(await accept(second, ['--key-file', keys.file('one.pub')])).toMatchObject({ code: 0 });
    expect(await keyLogin(bastion, 'jan', keys.file('one'))).toMatchObject({ code: IN });
  });

  it('of a user who was disabled, has expired or was removed is refused', async () => {
    for (const [name, ...words] of [
      ['k1', 'user', 'disable', 'k1'],
      ['k2', 'user', 'set', 'k2', '--until', '2020-01-01'],
      ['k3', 'user', 'remove', 'k3'],
    ]) {
      const token = tokenIn(await bastion.ok(['user', 'add', name!]));
      await bastion.ok(words);
      expect(await accept(token, ['--password-stdin']), name).toMatchObject({ code: 1 });
    }
  });

  it('redeemed by many at once is redeemed once', async () => {
    const { invite } = await bastion.json<{ invite: { token: string } }>(['user', 'add', 'racer']);
    const tries = await Promise.all(
      ['first winner here', 'second winner here', 'third winner here'].map(async (password) => ({
        password,
        code: (await accept(invite.token, ['--password-stdin'], password)).code,
      })),
    );
    expect(tries.map(({ code }) => code).sort()).toEqual([0, 1, 1]);
    for (const { password, code } of tries)
      expect((await passwordLogin(bastion, 'racer', password)).code === IN, password).toBe(code === 0);
  });
});

describe('a password is refused', () => {
  beforeAll(() =>
    bastion.ok([
      'user',
      'add',
      'maximilian',
      '--email',
      'max.mustermann@example.org',
      '--key-file',
      keys.file('one.pub'),
    ]),
  );

  it.each([
    ['too-short', /at least 10 characters; a few words in a row make a good one/],
    ['aaaaaaaaaaaaaa', /repeats the same characters/],
    ['password123', /one of the first that are tried/],
    ['P4ssw0rd!!1', /one of the first that are tried/],
    ['1234567890123', /one of the first that are tried/],
    ['maximilian2026', /name or e-mail address/],
    ['max.mustermann!', /name or e-mail address/],
  ])('%s', async (password, words) => {
    const result = await bastion.cli(['user', 'set', 'maximilian', '--password-stdin'], { stdin: password });
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^bastion: [^\n]+\n$/);
    expect(result.stderr).toMatch(words);
    expect(result.stderr).not.toContain(password);
  });

  it('when it is very long', async () => {
    const result = await bastion.cli(['user', 'set', 'maximilian', '--password-stdin'], { stdin: 'x1'.repeat(600) });
    expect(result).toMatchObject({ code: 2, stderr: 'bastion: password: is longer than 1024 characters\n' });
  });

  it('when it is empty', async () => {
    const result = await bastion.cli(['user', 'set', 'maximilian', '--password-stdin'], { stdin: '' });
    expect(result).toMatchObject({ code: 2, stderr: 'bastion: The password is empty; give it on standard input.\n' });
  });
});
