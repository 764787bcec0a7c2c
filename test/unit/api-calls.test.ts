import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { URI } from 'otpauth';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/sdk/client.ts';
import { type ApiHouse, openApiHouse } from './api-house.ts';

let house: ApiHouse;
let keys: string;
beforeAll(async () => {
  house = await openApiHouse();
  keys = mkdtempSync(join(tmpdir(), 'bastion-api-keys-'));
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(keys, { recursive: true, force: true });
});

function keyPair(
  name: string,
  args: string[] = ['-t', 'ed25519', '-N', ''],
): { privateKey: string; publicKey: string } {
  const file = join(keys, name);
  execFileSync('ssh-keygen', ['-q', ...args, '-C', name, '-f', file]);
  return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8').trim() };
}

const lastAudit = async (action: string) => (await house.owner.audit.list({ action, limit: 1 })).items[0];
const PASSWORD = 'correct horse battery';
const NOTHING = { items: [], next: null, total: 0 };

describe('users', () => {
  it('get an invite when they have no credential, and accept it with nothing but its token', async () => {
    const { user, invite } = await house.owner.users.add({
      name: 'alice',
      displayName: 'Alice 中文',
      email: 'a@example.org',
    });
    expect(user).toMatchObject({ name: 'alice', role: 'user', hasPassword: false, groups: [] });
    const nobody = house.client(undefined);
    await expect(nobody.links.acceptInvite({ token: invite!.token, password: 'short' })).rejects.toMatchObject({
      code: 'invalid',
    });
    expect(await nobody.links.acceptInvite({ token: invite!.token, password: PASSWORD })).toEqual({ name: 'alice' });
    await expect(nobody.links.acceptInvite({ token: invite!.token, password: PASSWORD })).rejects.toMatchObject({
      code: 'expired',
      status: 410,
    });
    expect(await house.owner.users.show({ name: 'ALICE' })).toMatchObject({ hasPassword: true, keys: [] });
    expect((await lastAudit('user.password'))?.actor).toMatchObject({ name: 'alice', ip: '127.0.0.1' });
  });

  it('are changed, found by id, disabled, enabled and removed, and each change says before and after', async () => {
    const { user, invite } = await house.owner.users.add({ name: 'bob', password: PASSWORD });
    expect(invite).toBeNull();
    const until = '2099-01-01T00:00:00.000Z';
    const changed = await house.owner.users.set({
      name: user.id,
      rename: 'robert',
      role: 'auditor',
      validUntil: until,
    });
    expect(changed).toMatchObject({ name: 'robert', role: 'auditor', validUntil: until });
    expect((await lastAudit('user.update'))?.details).toEqual({
      before: { name: 'bob', role: 'user', validUntil: null },
      after: { name: 'robert', role: 'auditor', validUntil: until },
    });
    expect(await house.owner.users.set({ name: 'robert', password: null })).toMatchObject({ hasPassword: false });
    expect(await house.owner.users.disable({ name: 'robert' })).toMatchObject({ disabled: true });
    await expect(house.owner.users.invite({ name: 'robert' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await house.owner.users.enable({ name: 'robert' })).toMatchObject({ disabled: false });
    await house.owner.users.remove({ name: 'robert' });
    await expect(house.owner.users.show({ name: 'robert' })).rejects.toMatchObject({ code: 'not_found', status: 404 });
  });

  it('are refused with a taken, reserved or impossible name before anything is made', async () => {
    await house.owner.users.add({ name: 'carol' });
    await expect(house.owner.users.add({ name: 'Carol' })).rejects.toMatchObject({ code: 'conflict' });
    for (const name of ['ticket', 'a b', 'a@b', '..', '-x', 'a\u202eb', '']) {
      await expect(house.owner.users.add({ name })).rejects.toMatchObject({ code: 'invalid' });
    }
    await expect(house.owner.users.add({ name: 'dave', password: 'password' })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(house.owner.users.add({ name: 'dave', keys: ['nonsense'] })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(house.owner.users.show({ name: 'dave' })).rejects.toMatchObject({ code: 'not_found' });
  });

  it('hold keys with options, and a key without TOTP only with from=', async () => {
    const one = keyPair('one');
    const two = keyPair('two');
    await house.owner.users.add({ name: 'erin', keys: [`restrict,pty ${one.publicKey}`] });
    const listed = await house.owner.keys.list({ name: 'erin' });
    expect(listed).toMatchObject([{ type: 'ssh-ed25519', options: 'restrict,pty', comment: 'one', totpExempt: false }]);
    await expect(house.owner.keys.add({ name: 'erin', key: one.publicKey })).rejects.toMatchObject({
      code: 'conflict',
    });
    await expect(house.owner.keys.add({ name: 'erin', key: two.publicKey, totpExempt: true })).rejects.toMatchObject({
      code: 'invalid',
    });
    const key = await house.owner.keys.add({
      name: 'erin',
      key: `from="10.0.0.0/8" ${two.publicKey}`,
      totpExempt: true,
    });
    expect(key).toMatchObject({ totpExempt: true });
    await house.owner.keys.remove({ name: 'erin', fingerprint: key.fingerprint });
    expect(await house.owner.keys.list({ name: 'erin' })).toHaveLength(1);
    await expect(house.owner.keys.remove({ name: 'erin', fingerprint: key.fingerprint })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('enrol TOTP with a code and get recovery codes once', async () => {
    await house.owner.users.add({ name: 'frank' });
    const { uri } = await house.owner.totp.begin({ name: 'frank' });
    await expect(house.owner.totp.confirm({ name: 'frank', code: '000000x' })).rejects.toMatchObject({
      code: 'invalid',
    });
    const { recoveryCodes } = await house.owner.totp.confirm({ name: 'frank', code: URI.parse(uri).generate() });
    expect(await house.owner.users.show({ name: 'frank' })).toMatchObject({
      totpEnabled: true,
      recoveryCodesLeft: recoveryCodes.length,
    });
    await house.owner.totp.reset({ name: 'frank' });
    expect(await house.owner.users.show({ name: 'frank' })).toMatchObject({ totpEnabled: false });
  });

  it('join and leave groups', async () => {
    await house.owner.users.add({ name: 'grace' });
    await house.owner.groups.add({ name: 'Web team', comment: 'the ones' });
    expect(await house.owner.groups.join({ name: 'web team', users: ['grace', 'alice'] })).toMatchObject({
      members: ['alice', 'grace'],
    });
    expect((await house.owner.users.list()).items.find((user) => user.name === 'grace')?.groups).toEqual(['Web team']);
    expect(await house.owner.groups.leave({ name: 'web team', users: ['alice'] })).toMatchObject({
      members: ['grace'],
    });
    expect(await house.owner.groups.set({ name: 'web team', rename: 'web' })).toMatchObject({ name: 'web' });
    await house.owner.groups.remove({ name: 'web' });
    expect(await house.owner.groups.list()).toEqual(NOTHING);
  });
});

describe('authorities and tokens', () => {
  it('are added, listed and removed by name', async () => {
    const ca = await house.owner.authorities.add({ name: 'staff', key: keyPair('ca').publicKey });
    expect(await house.owner.authorities.list()).toEqual([ca]);
    await house.owner.authorities.remove({ name: 'staff' });
    expect(await house.owner.authorities.list()).toEqual([]);
    await house.owner.users.add({ name: 'robot' });
    const past = house.owner.tokens.add({ user: 'robot', expiresAt: '2001-01-01T00:00:00Z' });
    await expect(past).rejects.toMatchObject({ code: 'invalid' });
    const { token, secret } = await house.owner.tokens.add({ user: 'robot', name: 'ci' });
    expect(JSON.stringify(await house.owner.tokens.list())).not.toContain(secret);
    await house.owner.tokens.remove({ id: token.id });
    expect(await house.owner.tokens.list()).toEqual(NOTHING);
  });
});

describe('assets', () => {
  it('are added with defaults, go through each other, and are found by folder and text', async () => {
    const jump = await house.owner.assets.add({ name: 'jump', address: '192.0.2.1', folder: '/prod/' });
    expect(jump).toMatchObject({
      protocols: [{ name: 'ssh', port: 22 }],
      platform: 'linux',
      folder: '/prod',
      via: null,
    });
    const web = await house.owner.assets.add({
      name: 'web1',
      address: 'fd00::1',
      protocols: [{ name: 'ssh', port: 2200 }, { name: 'telnet' }],
      folder: '/prod/web',
      labels: { env: 'prod' },
      charset: 'GBK',
      via: 'JUMP',
    });
    expect(web).toMatchObject({ via: 'jump', protocols: [{ port: 2200 }, { name: 'telnet', port: 23 }] });
    const names = ({ items }: { items: { name: string }[] }) => items.map((asset) => asset.name);
    expect(names(await house.owner.assets.list({ folder: '/prod' }))).toEqual(['jump', 'web1']);
    expect(names(await house.owner.assets.list({ folder: '/prod/web' }))).toEqual(['web1']);
    expect(names(await house.owner.assets.list({ text: 'ENV=PROD' }))).toEqual(['web1']);
    await expect(house.owner.assets.set({ name: 'jump', via: 'web1' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(house.owner.assets.remove({ name: 'jump' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await house.owner.assets.set({ name: 'web1', rename: 'web-1', via: null })).toMatchObject({
      name: 'web-1',
      via: null,
    });
    const folders = await house.owner.folders.list();
    expect(folders.find((folder) => folder.path === '/prod/web')).toMatchObject({ assets: 1 });
    await house.owner.folders.move({ path: '/prod/web', to: '/live' });
    expect(await house.owner.assets.show({ name: 'web-1' })).toMatchObject({ folder: '/live', accounts: [] });
  });

  it('refuse what would not work, and say what does', async () => {
    const add = (over: object) => house.owner.assets.add({ name: 'x', address: 'x.example', ...over });
    await expect(add({ platform: 'toaster' })).rejects.toThrow(/There are: .*linux/);
    await expect(add({ charset: 'klingon' })).rejects.toThrow(/GBK/);
    await expect(add({ via: 'nowhere' })).rejects.toThrow(/no asset "nowhere"/);
    await expect(add({ protocols: [{ name: 'local' }] })).rejects.toThrow(/--demo/);
    await expect(add({ protocols: [{ name: 'ssh' }, { name: 'ssh', port: 23 }] })).rejects.toThrow(/twice/);
    await expect(add({ address: 'http://x/' })).rejects.toThrow(/address: /);
    await expect(add({ labels: { 'a=b': 'c' } })).rejects.toMatchObject({ code: 'invalid' });
    await expect(add({ folder: 'prod' })).rejects.toThrow(/folder: /);
  });

  it('are imported all or none, with every wrong row named by its line', async () => {
    const row = (line: number, asset: Record<string, unknown>) => ({ line, asset });
    const good = [row(2, { name: 'i1', address: '10.1.0.1', via: 'i2' }), row(3, { name: 'i2', address: '10.1.0.2' })];
    const bad = [
      ...good,
      row(4, { name: 'I2', address: '10.1.0.3' }),
      row(5, { name: 'i5', address: 'a b' }),
      row(6, { name: 'i6', address: '10.1.0.6', platform: 'toaster' }),
      row(7, { name: 'jump', address: '10.1.0.7' }),
    ];
    const refused = await house.owner.assets.import({ rows: bad }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ApiError);
    const rows = (refused as ApiError).details?.rows as { line: number; message: string }[];
    expect(rows.map((wrong) => wrong.line)).toEqual([4, 5, 6, 7]);
    expect(rows[0]?.message).toContain('line 3');
    await expect(house.owner.assets.show({ name: 'i1' })).rejects.toMatchObject({ code: 'not_found' });
    expect(await house.owner.assets.import({ rows: good })).toEqual({ added: 2 });
    expect(await house.owner.assets.show({ name: 'i1' })).toMatchObject({ via: 'i2' });
  });
});

describe('accounts', () => {
  it('keep their secret in the vault, give it to nobody, and never write it down', async () => {
    await house.owner.assets.add({ name: 'db1', address: '192.0.2.9' });
    const secret = 'S3cret-with-"quotes"-and-%40';
    const account = await house.owner.accounts.add({ asset: 'db1', login: 'root@pam/x', password: secret });
    expect(account).toMatchObject({ asset: 'db1', login: 'root@pam/x', secretKind: 'password', publicKey: null });
    const row = await house.store.accounts.secret(account.id as never);
    const opened = house.vault.open(row!.secret!, { table: 'accounts', column: 'secret', id: account.id });
    expect(opened.exposeText()).toBe(secret);
    expect(() => house.vault.open(row!.secret!, { table: 'accounts', column: 'passphrase', id: account.id })).toThrow();
    await house.owner.accounts.set({ asset: 'db1', login: 'root@pam/x', password: `${secret}2`, comment: 'new' });
    expect((await lastAudit('account.update'))?.details).toMatchObject({
      secretReplaced: true,
      after: { comment: 'new' },
    });
    const everything = JSON.stringify([
      await house.owner.accounts.list({ asset: 'db1' }),
      await house.owner.assets.show({ name: 'db1' }),
      (await house.owner.audit.list({ limit: 1000 })).items,
    ]);
    expect(everything).not.toContain('S3cret');
    await house.owner.accounts.remove({ asset: 'db1', login: 'root@pam/x' });
    expect(await house.owner.accounts.list({ asset: 'db1' })).toEqual(NOTHING);
  });

  it('take private keys, open or with a passphrase, and make new ones', async () => {
    const open = keyPair('open');
    const locked = keyPair('locked', ['-t', 'ed25519', '-N', 'open sesame']);
    await house.owner.assets.add({ name: 'db2', address: '192.0.2.10' });
    const add = (login: string, over: object) => house.owner.accounts.add({ asset: 'db2', login, ...over });
    expect(await add('a', { privateKey: open.privateKey })).toMatchObject({
      secretKind: 'key',
      publicKey: open.publicKey,
    });
    await expect(add('b', { privateKey: locked.privateKey })).rejects.toThrow(/passphrase/);
    await expect(add('b', { privateKey: locked.privateKey, passphrase: 'wrong' })).rejects.toThrow(
      /with this passphrase/,
    );
    const b = await add('b', { privateKey: locked.privateKey, passphrase: 'open sesame' });
    expect(b.publicKey?.split(' ')[1]).toBe(locked.publicKey.split(' ')[1]);
    await expect(add('c', { privateKey: open.publicKey })).rejects.toThrow(/public key/);
    await expect(add('c', { password: 'x', generateKey: true })).rejects.toThrow(/only one/);
    const made = await add('c', { generateKey: true });
    expect(made.publicKey).toMatch(/^ssh-ed25519 AAAA\S+ c@db2$/);
    const none = await house.owner.accounts.set({ asset: 'db2', login: 'c', noSecret: true });
    expect(none).toMatchObject({ secretKind: 'none', publicKey: null });
  });

  it('say that testing needs the daemon', async () => {
    await expect(house.direct.assets.test({ name: 'db2' })).rejects.toMatchObject({ code: 'needs_daemon' });
  });
});

describe('permissions', () => {
  it('are made, explained, changed and removed', async () => {
    await house.owner.users.add({ name: 'henry' });
    await house.owner.assets.add({ name: 'p1', address: '192.0.2.20' });
    await house.owner.accounts.add({ asset: 'p1', login: 'root', password: 'x' });
    const explain = (account?: string) => house.owner.access.explain({ user: 'henry', asset: 'p1', account });
    expect(await explain()).toMatchObject({ allowed: false, permissions: [] });
    await expect(house.owner.permissions.add({ name: 'p', users: ['henry'], accounts: ['root'] })).rejects.toThrow(
      /asset/,
    );
    await expect(house.owner.permissions.add({ name: 'p', assets: ['p1'], accounts: ['root'] })).rejects.toThrow(
      /user/,
    );
    const values = { name: 'Henry on p1', users: ['henry'], assets: ['p1'], accounts: ['root'] };
    await expect(house.owner.permissions.add({ ...values, users: ['nobody'] })).rejects.toMatchObject({
      code: 'not_found',
    });
    const backwards = { from: '2030-01-02T00:00:00Z', until: '2030-01-01T00:00:00Z' };
    await expect(house.owner.permissions.add({ ...values, ...backwards })).rejects.toThrow(/end before/);
    expect(await house.owner.permissions.add(values)).toMatchObject({ active: true, record: 'required', until: null });
    expect(await explain('root')).toMatchObject({ allowed: true, permissions: ['Henry on p1'], account: 'root' });
    await house.owner.permissions.set({ name: 'Henry on p1', until: '2001-01-01T00:00:00Z' });
    expect(await explain('root')).toMatchObject({ allowed: false });
    await house.owner.permissions.remove({ name: 'henry on P1' });
    await expect(house.owner.permissions.show({ name: 'Henry on p1' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the same calls', () => {
  it('work inside the process', async () => {
    const { invite } = await house.direct.users.add({ name: 'ivan' });
    expect(await house.direct.links.acceptInvite({ token: invite!.token, password: PASSWORD })).toEqual({
      name: 'ivan',
    });
    await expect(house.direct.users.show({ name: 'nobody' })).rejects.toMatchObject({ code: 'not_found', status: 404 });
    expect(await house.direct.system.me()).toMatchObject({ kind: 'machine', name: 'tester' });
    expect((await lastAudit('user.create'))?.actor).toMatchObject({ kind: 'machine', name: 'tester', via: 'socket' });
  });

  it('page through the audit without a gap', async () => {
    const all = (await house.owner.audit.list({ limit: 1000 })).items.map((row) => row.id);
    const seen: string[] = [];
    for (let after: string | undefined; ; ) {
      const page = await house.owner.audit.list({ limit: 7, after });
      seen.push(...page.items.map((row) => row.id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(all);
  });

  it('turn the master key for the owner of the machine', async () => {
    await house.owner.assets.add({ name: 'k1', address: '192.0.2.30' });
    const account = await house.owner.accounts.add({ asset: 'k1', login: 'root', password: 'stays' });
    expect((await house.owner.vault.rotateKey()).resealed).toBeGreaterThan(0);
    const row = await house.store.accounts.secret(account.id as never);
    expect(house.vault.open(row!.secret!, { table: 'accounts', column: 'secret', id: account.id }).exposeText()).toBe(
      'stays',
    );
  });
});
