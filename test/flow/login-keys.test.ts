import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bastion, startBastion } from '../kit/bastion.ts';
import { IN, keyLogin, lastAudit, passwordLogin, REFUSED } from '../kit/logins.ts';
import { run } from '../kit/process.ts';
import { Keys, SK_DUMMY } from '../unit/auth-support.ts';

const SK = ['-o', `SecurityKeyProvider=${SK_DUMMY}`];
const PASSWORD = 'seven quiet lanterns';

let bastion: Bastion;
const keys = new Keys();

beforeAll(async () => {
  const made = Promise.all([
    keys.make('ed25519', 'ed25519'),
    keys.make('ecdsa', 'ecdsa', 384),
    keys.make('rsa', 'rsa', 2048),
    keys.make('sk-ed25519', 'ed25519-sk'),
    keys.make('sk-ecdsa', 'ecdsa-sk'),
    keys.make('other', 'ed25519'),
    keys.make('ca', 'ed25519'),
    keys.make('second-ca', 'ecdsa', 256),
  ]);
  [bastion] = await Promise.all([startBastion(), made]);
  const files = ['ed25519', 'ecdsa', 'rsa', 'sk-ed25519', 'sk-ecdsa'].flatMap((name) => [
    '--key-file',
    keys.file(`${name}.pub`),
  ]);
  await bastion.ok(['user', 'add', 'alice', ...files, '--password-stdin'], { stdin: PASSWORD });
  await bastion.ok(['user', 'add', 'carol', '--password-stdin'], { stdin: PASSWORD });
  await bastion.ok(['ca', 'add', 'company', '--key-file', keys.file('ca.pub')]);
});
afterAll(async () => {
  await bastion?.[Symbol.asyncDispose]();
  keys.remove();
});

describe('a key', () => {
  it.each(['ed25519', 'ecdsa', 'rsa', 'sk-ed25519', 'sk-ecdsa'])('%s logs in, and the audit names it', async (name) => {
    const result = await keyLogin(bastion, 'alice', keys.file(name), SK);
    expect(result, result.stderr).toMatchObject({ code: IN });
    const entry = await lastAudit(bastion, 'login', 'alice');
    expect(entry).toMatchObject({
      outcome: 'ok',
      actor: { kind: 'user', name: 'alice', ip: '127.0.0.1' },
      details: { publicKey: await keys.fingerprint(name), password: false },
    });
  });

  it('of nobody, or of somebody else, is refused and the audit says why', async () => {
    expect(await keyLogin(bastion, 'alice', keys.file('other'))).toMatchObject({ code: REFUSED });
    expect(await keyLogin(bastion, 'carol', keys.file('ed25519'))).toMatchObject({ code: REFUSED });
    expect(await keyLogin(bastion, 'nobody', keys.file('ed25519'))).toMatchObject({ code: REFUSED });
  });

  it('that was removed is refused, the others still log in', async () => {
    await bastion.ok([
      'user',
      'add',
      'dora',
      '--key-file',
      keys.file('ed25519.pub'),
      '--key-file',
      keys.file('rsa.pub'),
    ]);
    await bastion.ok(['user', 'key', 'remove', 'dora', await keys.fingerprint('ed25519')]);
    expect(await keyLogin(bastion, 'dora', keys.file('ed25519'))).toMatchObject({ code: REFUSED });
    expect(await keyLogin(bastion, 'dora', keys.file('rsa'))).toMatchObject({ code: IN });
    const shown = await bastion.json<{ fingerprint: string; lastUsedAt: string | null }[]>([
      'user',
      'key',
      'list',
      'dora',
    ]);
    expect(shown).toEqual([
      expect.objectContaining({ fingerprint: await keys.fingerprint('rsa'), lastUsedAt: expect.any(String) }),
    ]);
  });
});

describe('a password', () => {
  it.each(['password', 'keyboard-interactive'])('logs in by %s, a wrong one does not', async (method) => {
    const flags = ['-o', `PreferredAuthentications=${method}`];
    // sshpass has no other code for a password that was refused than 5
    const wrong = await passwordLogin(bastion, 'alice', `${PASSWORD}!`, flags);
    expect(wrong.code, wrong.stderr).toBeOneOf([5, REFUSED]);
    expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({ outcome: 'failed', reason: 'wrong password' });
    const right = await passwordLogin(bastion, 'alice', PASSWORD, flags);
    expect(right.code, right.stderr).toBe(IN);
    expect(await lastAudit(bastion, 'login', 'alice')).toMatchObject({
      outcome: 'ok',
      details: { password: true, publicKey: null },
    });
  });

  it('can be changed and taken away', async () => {
    await bastion.ok(['user', 'set', 'carol', '--password-stdin'], { stdin: 'another nine clouds' });
    expect((await passwordLogin(bastion, 'carol', PASSWORD)).code).not.toBe(IN);
    expect((await passwordLogin(bastion, 'carol', 'another nine clouds')).code).toBe(IN);
    await bastion.ok(['user', 'set', 'carol', '--clear', 'password']);
    expect((await passwordLogin(bastion, 'carol', 'another nine clouds')).code).not.toBe(IN);
    expect(await lastAudit(bastion, 'login', 'carol')).toMatchObject({ reason: 'no password set' });
  });
});

describe('a certificate', () => {
  const login = (user: string, key: string, as: string) =>
    keyLogin(bastion, user, keys.file(key), [...SK, '-o', `CertificateFile=${keys.file(`${as}-cert.pub`)}`]);

  it.each(['ed25519', 'ecdsa', 'rsa', 'sk-ed25519', 'sk-ecdsa'])('on a key of %s logs in', async (name) => {
    await keys.certify(name, 'ca', `good-${name}`, ['-n', 'carol', '-V', '-1m:+10m']);
    const result = await login('carol', name, `good-${name}`);
    expect(result.code, result.stderr).toBe(IN);
    expect((await lastAudit(bastion, 'login', 'carol')).details).toMatchObject({
      certificate: `good-${name}`,
      authority: await keys.fingerprint('ca'),
    });
  });

  it.each([
    ['that has expired', 'ca', ['-n', 'carol', '-V', '-10m:-1m']],
    ['that is not valid yet', 'ca', ['-n', 'carol', '-V', '+10m:+20m']],
    ['for another principal', 'ca', ['-n', 'alice', '-V', '-1m:+10m']],
    ['for nobody in particular', 'ca', ['-V', '-1m:+10m']],
    ['of an authority nobody trusts', 'second-ca', ['-n', 'carol', '-V', '-1m:+10m']],
    ['for hosts', 'ca', ['-h', '-n', 'carol', '-V', '-1m:+10m']],
    ['from another address', 'ca', ['-n', 'carol', '-V', '-1m:+10m', '-O', 'source-address=10.0.0.0/8']],
    ['with a critical option nobody knows', 'ca', ['-n', 'carol', '-V', '-1m:+10m', '-O', 'critical:x@example=1']],
  ])('%s is refused', async (_what, ca, args) => {
    const name = `bad-${Math.random().toString(36).slice(2)}`;
    await keys.certify('ed25519', ca, name, args);
    expect(await login('carol', 'ed25519', name)).toMatchObject({ code: REFUSED });
  });

  it('of an authority that is no longer trusted is refused', async () => {
    await keys.certify('ed25519', 'second-ca', 'second', ['-n', 'carol', '-V', '-1m:+10m']);
    await bastion.ok(['ca', 'add', 'second', '--key-file', keys.file('second-ca.pub')]);
    expect(await login('carol', 'ed25519', 'second')).toMatchObject({ code: IN });
    await bastion.ok(['ca', 'remove', 'second']);
    expect(await login('carol', 'ed25519', 'second')).toMatchObject({ code: REFUSED });
  });
});

describe('options before a key', () => {
  const add = (user: string, options: string, key = 'ed25519') =>
    bastion.cli(['user', 'key', 'add', user, '--key-file', '-'], { stdin: `${options} ${keys.publicLine(key)}\n` });

  beforeAll(() => bastion.ok(['user', 'add', 'olga', '--password-stdin'], { stdin: PASSWORD }));

  it.each([
    ['from="10.0.0.0/8"', REFUSED],
    ['from="10.0.0.0/8,127.0.0.1"', IN],
    ['from="!127.0.0.1,*"', REFUSED],
    ['expiry-time="20200101"', REFUSED],
    ['expiry-time="20990101Z"', IN],
    ['restrict', IN],
  ])('%s is honoured', async (options, code) => {
    expect(await add('olga', options)).toMatchObject({ code: 0 });
    const result = await keyLogin(bastion, 'olga', keys.file('ed25519'));
    await bastion.ok(['user', 'key', 'remove', 'olga', await keys.fingerprint('ed25519')]);
    expect(result.code, result.stderr).toBe(code);
  });

  it.each([
    ['permitopen="nonsense"', /permitopen= needs HOST:PORT/],
    ['frobnicate', /unknown option "frobnicate"/],
    ['cert-authority', /bastion ca add/],
    ['environment="A=b"', /environment= cannot be set by a key/],
    ['from="', /quotation mark is not closed/],
    ['expiry-time="soon"', /expiry-time/],
  ])('%s is refused when the key is added, in one line', async (options, words) => {
    const result = await add('olga', options);
    expect(result).toMatchObject({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(/^bastion: [^\n]+\n$/);
    expect(result.stderr).toMatch(words);
    expect(await bastion.json(['user', 'key', 'list', 'olga'])).toEqual([]);
  });

  it('a private key and a key twice are refused', async () => {
    const secret = await bastion.cli(['user', 'key', 'add', 'olga', '--key-file', keys.file('ed25519')]);
    expect(secret).toMatchObject({ code: 2 });
    expect(secret.stderr).toMatch(/private key/);
    await bastion.ok(['user', 'key', 'add', 'olga', '--key-file', keys.file('rsa.pub')]);
    expect(await bastion.cli(['user', 'key', 'add', 'olga', '--key-file', keys.file('rsa.pub')])).toMatchObject({
      code: 4,
    });
  });
});

it('the same answer for unknown users, in the same words', async () => {
  const known = await run('ssh', [...bastion.sshArgs('alice').slice(0, -1), '-o', 'BatchMode=yes', 'alice@127.0.0.1']);
  const unknown = await run('ssh', [...bastion.sshArgs('x').slice(0, -1), '-o', 'BatchMode=yes', 'xalice@127.0.0.1']);
  expect(unknown.stderr.replaceAll('xalice', 'alice')).toBe(known.stderr);
});
