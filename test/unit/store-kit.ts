import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/kernel/clock.ts';
import { newId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import type { Actor, AuditDraft } from '../../src/store/model.ts';
import { openStore } from '../../src/store/open.ts';
import type { NewAccount, NewAsset, NewPermission, NewUser, Store } from '../../src/store/store.ts';

export const T0 = Date.UTC(2026, 0, 1);

export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'bastion-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export async function testStore(options: { dataDir?: string; clock?: Clock } = {}): Promise<Store> {
  const store = await openStore({ dataDir: options.dataDir ?? tempDir(), log: silentLog(), clock: options.clock });
  onTestFinished(() => store.close());
  return store;
}

export const actor: Actor = { kind: 'machine', userId: null, name: 'root', ip: null, via: 'socket' };

export function draft(action: string, name = 'thing'): AuditDraft {
  return { actor, action, outcome: 'ok', target: { kind: 'thing', id: null, name }, reason: null, details: null };
}

export function newUser(name: string, more: Partial<NewUser> = {}): NewUser {
  return {
    id: newId(),
    name,
    displayName: '',
    email: '',
    comment: '',
    role: 'user',
    validUntil: null,
    passwordHash: null,
    groups: [],
    ...more,
  };
}

export function newAsset(name: string, more: Partial<NewAsset> = {}): NewAsset {
  return {
    id: newId(),
    name,
    address: `${name}.example.test`,
    protocols: [{ name: 'ssh', port: 22 }],
    platform: 'linux',
    folder: '/',
    labels: {},
    comment: '',
    active: true,
    charset: null,
    viaId: null,
    ...more,
  };
}

export function newAccount(assetId: NewAccount['assetId'], login: string, more: Partial<NewAccount> = {}): NewAccount {
  return {
    id: newId(),
    assetId,
    login,
    secretKind: 'none',
    secret: null,
    passphrase: null,
    publicKey: null,
    comment: '',
    active: true,
    ...more,
  };
}

export function newPermission(name: string, more: Partial<NewPermission> = {}): NewPermission {
  return {
    id: newId(),
    name,
    comment: '',
    active: true,
    users: [],
    groups: [],
    assets: [],
    folders: [],
    labels: [],
    accounts: ['@all'],
    protocols: [],
    actions: ['connect'],
    from: null,
    until: null,
    forwardTo: [],
    record: 'required',
    ...more,
  };
}

export async function actions(store: Store): Promise<string[]> {
  return (await store.audit.list({})).map((row) => row.action);
}
