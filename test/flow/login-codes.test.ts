import { TOTP } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { askedLogin, IN, keyLogin, lastAudit, passwordLogin, REFUSED } from '../kit/logins.ts';
import { finished, seen, start } from '../kit/process.ts';
import { onPty } from '../kit/pty.ts';
import { Keys } from '../unit/auth-support.ts';

const MAIN = 'dist/main.cjs';
const PASSWORD = 'seven quiet lanterns';
const BY_PASSWORD = ['-o', 'PubkeyAuthentication=no', '-o', 'PreferredAuthentications=password,keyboard-interactive'];

let bastion: Bastion;
const keys = new Keys();
const withKey = (name: string) => ['-i', keys.file(name), '-o', 'IdentitiesOnly=yes'];

beforeAll(async () => {
  const made = Promise.all(['first', 'second', 'exempt'].map((name) => keys.make(name, 'ed25519')));
  [bastion] = await Promise.all([startBastion(), made]);
});
afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  keys.remove();
});

/** A user with a password, two keys and codes; the codes of now and of the next half minute, and the recovery codes. */
async function enrolled(name: string, on = bastion): Promise<{ next: () => string; recovery: string[] }> {
  const files = ['--key-file', keys.file('first.pub'), '--key-file', keys.file('second.pub')];
  await on.ok(['user', 'add', name, '--password-stdin', ...files], { stdin: PASSWORD });
  const child = start(process.execPath, [MAIN, '--data', on.data, 'user', 'totp', 'enable', name, '--json']);
  const ended = finished(child);
  const [uri] = await seen(child.stderr!, /otpauth:\/\/totp\/\S+/);
  const totp = new TOTP({ secret: new URL(uri!).searchParams.get('secret')! });
  const at = Date.now();
  child.stdin!.end(`${totp.generate({ timestamp: at })}\n`);
  const result = await ended;
  expect(result, result.stderr).toMatchObject({ code: 0 });
  const { recoveryCodes } = JSON.parse(result.stdout) as { recoveryCodes: string[] };
  // The code that enabled it is used up; the one of the next half minute counts already
  return { next: () => totp.generate({ timestamp: at + 30_000 }), recovery: recoveryCodes };
}

/** Logs in on a terminal and answers the question for a code. */
async function withCode(user: string, code: string, flags: readonly string[], on = bastion): Promise<number> {
  using ssh = askedLogin(on, user, flags);
  await ssh.expect(/Verification code: /);
  ssh.type(`${code}\r`);
  return await ssh.ended;
}

it('codes are enabled on a terminal: the QR code, the address, the recovery codes', async () => {
  await bastion.ok(['user', 'add', 'tina', '--password-stdin'], { stdin: PASSWORD });
  using cli = onPty(process.execPath, [MAIN, '--data', bastion.data, 'user', 'totp', 'enable', 'tina']);
  await cli.expect(/[█▀▄]{10}/u);
  const [, secret] = await cli.expect(/otpauth:\/\/totp\/Bastion:tina\?\S*secret=([A-Z2-7]+)/);
  const totp = new TOTP({ secret: secret! });
  await cli.expect(/First code of the app: /);
  cli.type('000000\r');
  await cli.expect(/not right/);
  await cli.expect(/First code of the app: /);
  cli.type(`${totp.generate()}\r`);
  await cli.expect(/TOTP is on for tina\. Recovery codes/);
  expect(await cli.ended).toBe(0);
  expect(cli.output().match(/^ {2}(\w{4}-){3}\w{4}\r$/gm)).toHaveLength(10);
  expect(await bastion.json(['user', 'show', 'tina'])).toMatchObject({ totpEnabled: true, recoveryCodesLeft: 10 });
});

it('a key is asked for a code once and then remembered, another key and the password are asked anew', async () => {
  const { next, recovery } = await enrolled('alice');
  expect(await withCode('alice', '000000', withKey('first'))).toBe(REFUSED);
  expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({ outcome: 'failed', reason: 'wrong code' });
  expect(await keyLogin(bastion, 'alice', keys.file('first'))).toMatchObject({ code: REFUSED });

  expect(await withCode('alice', next(), withKey('first'))).toBe(IN);
  expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({ outcome: 'ok', details: { totp: 'code' } });
  expect(await keyLogin(bastion, 'alice', keys.file('first'))).toMatchObject({ code: IN });
  expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({ outcome: 'ok', details: { totp: 'remembered' } });

  expect(await keyLogin(bastion, 'alice', keys.file('second'))).toMatchObject({ code: REFUSED });
  expect(await withCode('alice', next(), withKey('second'))).toBe(REFUSED);
  expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({ reason: 'code used before' });

  for (const code of recovery.slice(0, 2)) {
    using ssh = askedLogin(bastion, 'alice', BY_PASSWORD);
    await ssh.expect(/assword: ?/);
    ssh.type(`${PASSWORD}\r`);
    await ssh.expect(/Verification code: /);
    ssh.type(`${code}\r`);
    expect(await ssh.ended).toBe(IN);
  }
  // the password alone is never enough, and the memory of the key has outlived all that
  expect((await passwordLogin(bastion, 'alice', PASSWORD)).code).not.toBe(IN);
  expect(await keyLogin(bastion, 'alice', keys.file('first'))).toMatchObject({ code: IN });
});

it('a recovery code works once, in any writing', async () => {
  const { recovery } = await enrolled('rita');
  const code = recovery[3]!;
  expect(await withCode('rita', code.toUpperCase().replaceAll('-', ' '), withKey('second'))).toBe(IN);
  expect(await bastion.json(['user', 'show', 'rita'])).toMatchObject({ recoveryCodesLeft: 9 });
  expect(await withCode('rita', code, withKey('first'))).toBe(REFUSED);
  expect(await lastAudit(bastion, 'login', 'rita')).toMatchObject({ reason: 'wrong code' });
});

it('resetting takes codes and memory away; enrolling anew asks every key again', async () => {
  const { next } = await enrolled('rose');
  expect(await withCode('rose', next(), withKey('first'))).toBe(IN);
  await bastion.ok(['user', 'totp', 'reset', 'rose']);
  expect(await keyLogin(bastion, 'rose', keys.file('second'))).toMatchObject({ code: IN });
  expect(await bastion.json(['user', 'show', 'rose'])).toMatchObject({ totpEnabled: false, recoveryCodesLeft: 0 });
});

it('a key may be exempt from codes only with from=', async () => {
  await enrolled('eva');
  const add = (line: string) =>
    bastion.cli(['user', 'key', 'add', 'eva', '--totp-exempt', '--key-file', '-'], { stdin: line });
  const refused = await add(keys.publicLine('exempt'));
  expect(refused).toMatchObject({ code: 2 });
  expect(refused.stderr).toMatch(/from=/);
  expect(await add(`from="127.0.0.1" ${keys.publicLine('exempt')}`)).toMatchObject({ code: 0 });
  expect(await keyLogin(bastion, 'eva', keys.file('exempt'))).toMatchObject({ code: IN });
  expect(await keyLogin(bastion, 'eva', keys.file('exempt'), ['-b', '127.0.0.2'])).toMatchObject({ code: REFUSED });
});

describe('where codes are required', () => {
  it('a user enrols while logging in, and administrators only with totp: admins', async () => {
    await using strict = await startBastion({ config: { auth: { totp: 'admins' } } });
    const file = ['--key-file', keys.file('first.pub')];
    await strict.ok(['user', 'add', 'plain', ...file]);
    await strict.ok(['user', 'add', 'boss', '--role', 'admin', ...file]);
    expect(await keyLogin(strict, 'plain', keys.file('first'))).toMatchObject({ code: IN });

    using ssh = askedLogin(strict, 'boss', withKey('first'));
    const [, secret] = await ssh.expect(/Secret: ((?:[A-Z2-7]{4} ?)+)/);
    await ssh.expect(/Verification code: /);
    ssh.type('123\r');
    await ssh.expect(/not right/);
    await ssh.expect(/Verification code: /);
    const totp = new TOTP({ secret: secret!.replaceAll(' ', '') });
    const at = Date.now();
    ssh.type(`${totp.generate({ timestamp: at })}\r`);
    const [, code] = await ssh.expect(/ {4}((?:\w{4}-){3}\w{4})/);
    await ssh.expect(/Press Enter/);
    ssh.type('\r');
    expect(await ssh.ended).toBe(IN);
    expect(await strict.json(['user', 'show', 'boss'])).toMatchObject({ totpEnabled: true, recoveryCodesLeft: 10 });
    expect(code).toBeDefined();
    // enrolling has proved a code with this key
    expect(await keyLogin(strict, 'boss', keys.file('first'))).toMatchObject({ code: IN });
  });
});

describe('lockout', () => {
  it('is for one user from one address, and can be cleared', async () => {
    await using strict = await startBastion({ config: { auth: { lockout: { tries: 3, for: '10m' } } } });
    const names = ['lena', 'mike'];
    for (const name of names)
      await strict.ok(['user', 'add', name, '--password-stdin', '--key-file', keys.file('first.pub')], {
        stdin: PASSWORD,
      });
    const from = (ip: string) => ['-o', 'PreferredAuthentications=password', '-b', ip];
    for (let tries = 0; tries < 3; tries++)
      expect((await passwordLogin(strict, 'lena', `wrong ${tries} guess`, from('127.0.0.1'))).code).not.toBe(IN);

    expect((await passwordLogin(strict, 'lena', PASSWORD, from('127.0.0.1'))).code).not.toBe(IN);
    expect(await lastAudit(strict, 'login', 'lena')).toMatchObject({ outcome: 'failed', reason: 'locked out' });
    expect(await lastAudit(strict, 'user.lockout', 'lena')).toMatchObject({
      outcome: 'denied',
      actor: { ip: '127.0.0.1' },
    });
    expect((await passwordLogin(strict, 'lena', PASSWORD, from('127.0.0.2'))).code).toBe(IN);
    expect((await passwordLogin(strict, 'mike', PASSWORD, from('127.0.0.1'))).code).toBe(IN);

    const listed = await strict.json<{ user: string; ip: string; failures: number; until: string | null }[]>([
      'lockout',
      'list',
    ]);
    expect(listed).toEqual([
      expect.objectContaining({ user: 'lena', ip: '127.0.0.1', failures: 3, until: expect.any(String) }),
    ]);
    expect(await strict.ok(['lockout', 'list'])).toMatch(/^USER +ADDRESS .*\nlena +127\.0\.0\.1 +3 /);

    expect(await strict.ok(['lockout', 'clear', 'lena'])).toBe('lena may try again; 1 address cleared.\n');
    expect((await passwordLogin(strict, 'lena', PASSWORD, from('127.0.0.1'))).code).toBe(IN);
    expect(await strict.json(['lockout', 'list'])).toEqual([]);
  });

  it('does not stop a key, whose login ends it', async () => {
    await using strict = await startBastion({ config: { auth: { lockout: { tries: 1, for: '10m' } } } });
    await strict.ok(['user', 'add', 'nora', '--password-stdin', '--key-file', keys.file('first.pub')], {
      stdin: PASSWORD,
    });
    expect((await passwordLogin(strict, 'nora', 'wrong guess')).code).not.toBe(IN);
    expect((await passwordLogin(strict, 'nora', PASSWORD)).code).not.toBe(IN);
    expect(await keyLogin(strict, 'nora', keys.file('first'))).toMatchObject({ code: IN });
    expect((await passwordLogin(strict, 'nora', PASSWORD)).code).toBe(IN);
  });
});
