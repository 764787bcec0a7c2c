import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/kernel/secret.ts';
import { openVault } from '../../src/store/aes-vault.ts';
import { createMasterKey } from '../../src/store/master-key.ts';
import type { Store } from '../../src/store/store.ts';
import { actions, draft, newAccount, newAsset, newUser, tempDir, testStore } from './store-kit.ts';

async function testVault() {
  const dir = tempDir();
  const keyFile = join(dir, 'master.key');
  createMasterKey(keyFile);
  const store = await testStore({ dataDir: dir });
  return { dir, keyFile, store, vault: await openVault({ keyFile, store }) };
}
type Vaulted = Awaited<ReturnType<typeof testVault>>;

const place = { table: 'accounts', column: 'secret', id: 'a1' };
const failure = { name: 'AppError', code: 'internal' };

/** An account whose password and passphrase are sealed, and a user with a TOTP secret. */
async function fill({ store, vault }: Vaulted) {
  const asset = await store.assets.create(newAsset('web1'), draft('x'));
  const wanted = newAccount(asset.id, 'root', { secretKind: 'key' });
  const sealed = (column: string, text: string) =>
    vault.seal(Secret.of(text), { table: 'accounts', column, id: wanted.id });
  await store.accounts.create(
    { ...wanted, secret: sealed('secret', 'key'), passphrase: sealed('passphrase', 'phrase') },
    draft('x'),
  );
  const user = await store.users.create(newUser('alice'), draft('x'));
  const totp = (column: string) => vault.seal(Secret.of(column), { table: 'users', column, id: user.id });
  await store.users.setTotpPending(user.id, totp('totp_pending'), draft('x'));
  await store.users.confirmTotp(user.id, 1, [], totp('totp_secret'), draft('x'));
  await store.users.setTotpPending(user.id, totp('totp_pending'), draft('x'));
  return { accountId: wanted.id, userId: user.id };
}

async function texts({ store, vault }: Pick<Vaulted, 'store' | 'vault'>) {
  return (await store.vaultRows.all())
    .map((row) => `${row.table}.${row.column}=${vault.open(row.sealed, row).exposeText()}`)
    .sort();
}
const FILLED = [
  'accounts.passphrase=phrase',
  'accounts.secret=key',
  'users.totp_pending=totp_pending',
  'users.totp_secret=totp_secret',
];

describe('sealing', () => {
  test('gives back what was sealed, never twice the same bytes, and shows nothing', async () => {
    const { vault } = await testVault();
    for (const text of ['', 'pässwörd', 'x'.repeat(100_000)]) {
      const one = vault.seal(Secret.of(text), place);
      const two = vault.seal(Secret.of(text), place);
      expect(one.equals(two)).toBe(false);
      expect(vault.open(one, place).exposeText()).toBe(text);
      if (text) expect(one.includes(text)).toBe(false);
    }
    const opened = vault.open(vault.seal(Secret.of('hush'), place), place);
    expect(inspect({ opened, vault }, { depth: 9, showHidden: true })).not.toContain('hush');
  });

  test('a value moved to another table, column or row does not open', async () => {
    const { vault } = await testVault();
    const sealed = vault.seal(Secret.of('secret'), place);
    for (const other of [{ table: 'users' }, { column: 'passphrase' }, { id: 'a2' }, { column: 'secret\0a1', id: '' }])
      expect(() => vault.open(sealed, { ...place, ...other })).toThrowError(expect.objectContaining(failure));
  });

  test('a value changed in any bit, cut or lengthened does not open', async () => {
    const { vault } = await testVault();
    const sealed = vault.seal(Secret.of('secret'), place);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(() => vault.open(changed, place)).toThrowError(expect.objectContaining(failure));
    }
    for (let length = 0; length < sealed.length; length++)
      expect(() => vault.open(sealed.subarray(0, length), place)).toThrowError(expect.objectContaining(failure));
    expect(() => vault.open(Buffer.concat([sealed, Buffer.of(0)]), place)).toThrowError(
      expect.objectContaining(failure),
    );
  });
});

describe('the master key', () => {
  test('is made once, for its owner only', async () => {
    const file = join(tempDir(), 'master.key');
    createMasterKey(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect(text).toMatch(/^[A-Za-z0-9+/]{43}=\n$/);
    expect(() => createMasterKey(file)).toThrowError(expect.objectContaining({ code: 'conflict' }));
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('that is missing, open to others, damaged or of another database is refused with what to do', async () => {
    const { keyFile, store } = await testVault();
    const open = () => openVault({ keyFile, store });
    const good = readFileSync(keyFile);
    chmodSync(keyFile, 0o640);
    await expect(open()).rejects.toMatchObject({
      code: 'config',
      exitCode: 2,
      message: expect.stringContaining(`chmod 600 ${keyFile}`),
    });
    chmodSync(keyFile, 0o600);
    writeFileSync(keyFile, 'short\n');
    await expect(open()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('no master key') });
    rmSync(keyFile);
    await expect(open()).rejects.toMatchObject({ code: 'config', message: expect.stringContaining('missing') });
    createMasterKey(keyFile);
    await expect(open()).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining('does not belong to this database'),
    });
    writeFileSync(keyFile, good);
    await expect(open()).resolves.toBeDefined();
  });
});

describe('replacing the master key', () => {
  test('seals everything anew; the old key opens nothing more', async () => {
    const vaulted = await testVault();
    await fill(vaulted);
    const { store, vault, keyFile, dir } = vaulted;
    const before = { rows: await store.vaultRows.all(), key: readFileSync(keyFile, 'utf8') };
    expect(await vault.rotateKey(draft('vault.rotate'))).toBe(4);
    expect(await texts(vaulted)).toEqual(FILLED);
    for (const row of before.rows)
      expect(() => vault.open(row.sealed, row)).toThrowError(expect.objectContaining(failure));
    expect(readFileSync(keyFile, 'utf8')).not.toBe(before.key);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    expect(existsSync(`${keyFile}.new`)).toBe(false);
    expect((await actions(store))[0]).toBe('vault.rotate');
    // and again after a restart
    await store.close();
    const again = await testStore({ dataDir: dir });
    expect(await texts({ store: again, vault: await openVault({ keyFile, store: again }) })).toEqual(FILLED);
  });

  test('two at the same time follow each other', async () => {
    const vaulted = await testVault();
    await fill(vaulted);
    const { vault, keyFile, store } = vaulted;
    expect(await Promise.all([vault.rotateKey(draft('vault.rotate')), vault.rotateKey(draft('vault.rotate'))])).toEqual(
      [4, 4],
    );
    expect(await texts({ store, vault: await openVault({ keyFile, store }) })).toEqual(FILLED);
  });

  test('a secret stored meanwhile is not lost', async () => {
    const vaulted = await testVault();
    const { accountId } = await fill(vaulted);
    const { store, keyFile } = vaulted;
    const here = { ...place, id: accountId };
    let late: Buffer | undefined = vaulted.vault.seal(Secret.of('late'), here);
    const stored = late;
    const vaultRows: Store['vaultRows'] = {
      ...store.vaultRows,
      all: async () => {
        const rows = await store.vaultRows.all();
        const secret = late;
        late = undefined;
        // lands between the reading and the writing of the rotation, which starts over
        if (secret) await store.accounts.update(accountId, { secret }, draft('x'));
        return rows;
      },
    };
    const vault = await openVault({ keyFile, store: { vaultRows } });
    await vault.rotateKey(draft('vault.rotate'));
    const kept = await store.accounts.secret(accountId);
    expect(vault.open(kept!.secret!, here).exposeText()).toBe('late');
    // sealed under the old key and stored after the change: refused, for nobody could open it
    const tooLate = store.accounts.update(accountId, { secret: stored }, draft('x'));
    await expect(tooLate).rejects.toMatchObject({ code: 'conflict' });
  });

  const crash = new Error('the process ends here');
  /** The store, with `replaceAll` as a crash before or after its commit shows it. */
  function crashing(store: Store, when: 'before' | 'after'): Pick<Store, 'vaultRows'> {
    return {
      vaultRows: {
        ...store.vaultRows,
        // what the process would do after the crash must not run either
        keyCheck: () => Promise.reject(crash),
        replaceAll: async (...args) => {
          if (when === 'after') await store.vaultRows.replaceAll(...args);
          throw crash;
        },
      },
    };
  }

  test.each(['before', 'after'] as const)('a crash %s the commit loses nothing', async (when) => {
    const vaulted = await testVault();
    const { store, keyFile } = vaulted;
    await fill(vaulted);
    const dying = crashing(store, when);
    let opened = false;
    const vault = await openVault({
      keyFile,
      store: {
        vaultRows: {
          ...dying.vaultRows,
          keyCheck: () => (opened ? Promise.reject(crash) : store.vaultRows.keyCheck()),
        },
      },
    });
    opened = true;
    await expect(vault.rotateKey(draft('vault.rotate'))).rejects.toBe(crash);
    expect(existsSync(`${keyFile}.new`)).toBe(true);

    const next = await openVault({ keyFile, store });
    expect(await texts({ store, vault: next })).toEqual(FILLED);
    expect(existsSync(`${keyFile}.new`)).toBe(false);
    expect(await next.rotateKey(draft('vault.rotate'))).toBe(4);
  });

  test('a half-written new key is nothing', async () => {
    const vaulted = await testVault();
    const { store, keyFile } = vaulted;
    await fill(vaulted);
    writeFileSync(`${keyFile}.new`, 'AAAA', { mode: 0o600 });
    expect(await texts({ store, vault: await openVault({ keyFile, store }) })).toEqual(FILLED);
    expect(existsSync(`${keyFile}.new`)).toBe(false);
  });

  test('an error while resealing leaves the old key in charge', async () => {
    const vaulted = await testVault();
    const { store, vault, keyFile } = vaulted;
    await fill(vaulted);
    const broken = { ...draft('vault.rotate'), outcome: 'perhaps' as 'ok' };
    await expect(vault.rotateKey(broken)).rejects.toMatchObject({ code: 'internal' });
    expect(existsSync(`${keyFile}.new`)).toBe(false);
    expect(await texts(vaulted)).toEqual(FILLED);
    expect(await texts({ store, vault: await openVault({ keyFile, store }) })).toEqual(FILLED);
  });
});

describe('a credential of the service', () => {
  test('opens the vault whatever its mode, and is neither written nor replaced', async () => {
    const dir = tempDir();
    const [data, credentials] = [join(dir, 'data'), join(dir, 'credentials')];
    mkdirSync(data);
    mkdirSync(credentials);
    const keyFile = join(credentials, 'master.key');
    createMasterKey(keyFile);
    // as systemd gives it to a service with a user of its own: the list of who may read shows as the group's mode
    chmodSync(keyFile, 0o440);
    chmodSync(credentials, 0o500);
    const store = await testStore({ dataDir: data });
    const vault = await openVault({ keyFile, credential: true, store });
    const filled = { dir: data, keyFile, store, vault };
    await fill(filled);
    await expect(vault.rotateKey(draft('vault.rotate'))).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('credential of the service'),
    });
    expect(readdirSync(credentials)).toEqual(['master.key']);
    const again = await openVault({ keyFile, credential: true, store });
    expect(await texts({ store, vault: again })).toEqual(FILLED);
    await expect(openVault({ keyFile, store })).rejects.toMatchObject({ code: 'config', message: /open to others/ });
  });
});
