import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { DaemonInfo } from '../../src/api/handlers/system.ts';
import { configSchema } from '../../src/config/schema.ts';
import { showSettings } from '../../src/config/show.ts';
import { storageUse } from '../../src/storage/usage.ts';
import type { AuditDraft } from '../../src/store/model.ts';
import { StandingClock } from '../kit/clock.ts';
import { sessionRow } from '../kit/rows.ts';
import { openApiHouse } from './api-house.ts';
import { draft, tempDir } from './store-kit.ts';

const DAY = 86_400_000;
const T = Date.UTC(2026, 5, 1);
const GIB = 2 ** 30;

/** A daemon with this much room and a certificate of so many days. */
async function house(room: { free?: number; certificateDays?: number } = {}) {
  const clock = new StandingClock(T);
  const daemon: DaemonInfo = {
    version: '1.2.3',
    startedAt: T - 5000,
    listeners: () => [],
    certificateEnd: () => (room.certificateDays === undefined ? null : T + room.certificateDays * DAY),
    storage: async () => ({
      diskTotal: 10 * GIB,
      diskFree: room.free ?? 5 * GIB,
      spool: 1,
      database: 2,
      searchIndex: 3,
    }),
  };
  const made = await openApiHouse({ daemon }, {}, clock);
  onTestFinished(() => made[Symbol.asyncDispose]());
  const health = () => made.owner.system.health();
  const state = async (name: string) => (await health()).checks.find((check) => check.name === name)?.state;
  return { ...made, clock, health, state };
}

describe('health', () => {
  it('says what there is, and that all is well', async () => {
    const { owner, health } = await house();
    await owner.users.add({ name: 'alice' });
    await owner.assets.add({ name: 'web1', address: '192.0.2.1' });
    const found = await health();
    expect(found).toMatchObject({
      storage: { diskTotal: 10 * GIB, diskFree: 5 * GIB, diskReserve: GIB / 2, recordings: 0, spool: 1, database: 2 },
      process: { uptimeSeconds: 5, version: '1.2.3', startedAt: new Date(T - 5000).toISOString() },
      counts: { users: 1, assets: 1, permissions: 0, liveSessions: 0, pendingReviews: 0, changedHostKeys: 0 },
    });
    expect(found.process.memory).toBeGreaterThan(1e6);
    expect(found.checks.map(({ name, state }) => `${name} ${state}`)).toEqual(
      ['disk', 'recordings', 'host-keys', 'reviews', 'audit', 'certificate', 'clock'].map((name) => `${name} ok`),
    );
  });

  it.each([
    [GIB / 2 - 1, 'bad'],
    [GIB - 1, 'warn'],
    [GIB, 'ok'],
  ] as const)('of a disk with %d bytes free is %s', async (free, state) => {
    expect(await (await house({ free })).state('disk')).toBe(state);
  });

  it.each([
    [-1, 'bad'],
    [6, 'bad'],
    [29, 'warn'],
    [31, 'ok'],
  ] as const)('of a certificate with %d days is %s', async (certificateDays, state) => {
    expect(await (await house({ certificateDays })).state('certificate')).toBe(state);
  });

  it('minds failed recordings of the week and counts the bytes of those there are', async () => {
    const { store, state, health } = await house();
    const add = (more: object) =>
      store.sessions.create(sessionRow({ state: 'ended', ...more }), draft('session.start'));
    await add({ recording: 'failed', startedAt: T - 8 * DAY });
    await add({ recording: 'ready', recordingBytes: 700, startedAt: T });
    expect(await state('recordings')).toBe('ok');
    expect((await health()).storage.recordings).toBe(700);
    await add({ recording: 'failed', startedAt: T - DAY });
    expect(await state('recordings')).toBe('warn');
  });

  it('minds an audit that nobody verifies, and one that was found wanting', async () => {
    const { store, state, clock } = await house();
    const verified = (outcome: AuditDraft['outcome']) => store.audit.append({ ...draft('audit.verify'), outcome });
    clock.at = T + 36 * DAY;
    expect(await state('audit')).toBe('warn');
    await verified('ok');
    expect(await state('audit')).toBe('ok');
    clock.at += 37 * DAY;
    expect(await state('audit')).toBe('warn');
    await verified('failed');
    expect(await state('audit')).toBe('bad');
  });

  it('notices a clock that was set back', async () => {
    const { store, state, clock } = await house();
    await store.audit.append(draft('x'));
    clock.at = T - 30_000;
    expect(await state('clock')).toBe('ok');
    clock.at = T - DAY;
    expect(await state('clock')).toBe('bad');
  });

  it('is for those who may see sessions, and needs the daemon', async () => {
    const { person } = await house();
    await expect((await person('u', 'user')).client.system.health()).rejects.toMatchObject({ code: 'forbidden' });
    await expect((await person('a', 'auditor')).client.system.health()).resolves.toBeDefined();
    const stopped = await openApiHouse();
    onTestFinished(() => stopped[Symbol.asyncDispose]());
    await expect(stopped.owner.system.health()).rejects.toMatchObject({ code: 'needs_daemon' });
  });
});

it('what stands on the disk is measured, links and directories aside', async () => {
  const data = tempDir();
  expect(await storageUse(data)).toMatchObject({ spool: 0, database: 0, searchIndex: 0 });
  mkdirSync(join(data, 'spool', 'directory'), { recursive: true });
  writeFileSync(join(data, 'spool', 'one.spool'), 'x'.repeat(10));
  writeFileSync(join(data, 'spool', 'two.spool'), 'x'.repeat(7));
  writeFileSync(join(data, 'bastion.db'), 'x'.repeat(5));
  writeFileSync(join(data, 'bastion.db-wal'), 'x');
  const use = await storageUse(data);
  expect(use).toMatchObject({ spool: 17, database: 6, searchIndex: 0 });
  expect(use.diskFree).toBeLessThanOrEqual(use.diskTotal);
});

describe('settings', () => {
  it('are the keys of a file as one would write them there, and say which are not the usual ones', async () => {
    const config = configSchema.parse({
      ssh: { listen: ['127.0.0.1:22', '[::1]:22'] },
      session: { idle_timeout: '90s' },
      http: { tls: { cert: '/c.pem', key: '/k.pem' } },
      retention: { audit: 'never' },
    });
    const found = new Map(showSettings(config).map((setting) => [setting.key, setting]));
    expect(found.get('session.idle_timeout')).toEqual({
      key: 'session.idle_timeout',
      value: '90s',
      isDefault: false,
      env: 'BASTION_SESSION__IDLE_TIMEOUT',
    });
    expect(found.get('session.max_time')).toMatchObject({ value: '1d', isDefault: true });
    expect(found.get('auth.lockout.tries')).toMatchObject({ value: '7', env: 'BASTION_AUTH__LOCKOUT__TRIES' });
    expect(found.get('ssh.listen')).toMatchObject({ value: '["127.0.0.1:22","[::1]:22"]', isDefault: false });
    expect(found.get('http.tls.key')).toMatchObject({ value: '/k.pem', isDefault: false });
    expect(found.get('http.public_url')).toMatchObject({ value: 'null', isDefault: true });
    expect(found.get('retention.audit')).toMatchObject({ value: 'never', isDefault: false });
  });

  it('come over the API for whoever may manage', async () => {
    const made = await openApiHouse({ configFile: '/etc/bastion/config.yml' });
    onTestFinished(() => made[Symbol.asyncDispose]());
    const { file, settings } = await made.owner.system.settings();
    expect(file).toBe('/etc/bastion/config.yml');
    expect(settings.find(({ key }) => key === 'http.listen')).toMatchObject({ value: '127.0.0.1:0', isDefault: false });
    await expect((await made.person('a', 'auditor')).client.system.settings()).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
