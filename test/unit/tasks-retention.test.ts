import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { createLocalRecordings } from '../../src/storage/local.ts';
import type { Store } from '../../src/store/store.ts';
import { startRetention } from '../../src/tasks/retention.ts';
import { FakeClock, StandingClock } from '../kit/clock.ts';
import { commandRow, sessionRow } from '../kit/rows.ts';
import { behindItsBack, openChained, verified } from './audit-kit.ts';
import { draft, T0 } from './store-kit.ts';

const DAY = 24 * 3_600_000;

async function house(retention: Record<string, string> = {}) {
  const clock = new StandingClock(T0);
  const chained = await openChained(undefined, clock);
  onTestFinished(() => chained.close());
  const { dataDir, store, evidence } = chained;
  const recordings = createLocalRecordings({ data: dataDir, reserve: 0, clock });
  await recordings.prepare();
  onTestFinished(() => recordings.close());
  const keep = configSchema.parse({ retention }).retention;
  const forgotten: string[] = [];
  const deps = { store, evidence, recordings, keep, clock, log: silentLog() };
  const forget = async (id: string) => void forgotten.push(id);
  const fileOf = (id: SessionId, at: number) =>
    join(dataDir, 'recordings', new Date(at).toISOString().slice(0, 10).replaceAll('-', '/'), `${id}.cast.zst`);

  /** A session of this moment with a stored recording. */
  async function recorded(at: number): Promise<{ id: SessionId; file: string; sha256: string }> {
    clock.at = at;
    const id = newId<SessionId>(at);
    const file = fileOf(id, at);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `recording of ${id}`);
    writeFileSync(`${file}.idx`, '{}');
    const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
    const session = sessionRow({ id, startedAt: at, endedAt: at, state: 'ended', recording: 'spool' });
    await store.sessions.create(session, draft('session.start'));
    const stored = { ...draft('recording.stored'), target: { kind: 'session', id, name: id }, details: { sha256 } };
    await store.sessions.setRecording(id, { state: 'ready', bytes: 1, sha256 }, stored);
    return { id, file, sha256 };
  }

  const verify = () => verified(chained, { digest: (id) => recordings.digest(id as SessionId) });
  const start = (more: Partial<Parameters<typeof startRetention>[0]> = {}) => {
    const retention = startRetention({ ...deps, forget, ...more });
    onTestFinished(() => retention.stop());
    return retention;
  };
  return { ...chained, clock, recordings, forgotten, recorded, verify, start };
}

async function commandsLeft(store: Store): Promise<number[]> {
  return (await store.commands.list({})).map((row) => row.at).sort();
}

describe('retention', () => {
  test('removes recordings of days that are too old, says so, and the rest verifies', async () => {
    const { recorded, start, clock, store, verify, forgotten } = await house();
    const old = await recorded(T0);
    const young = await recorded(T0 + 2 * DAY);
    clock.at = T0 + 181 * DAY;
    expect(await start().run()).toEqual({ recordings: 1, commands: 0, auditRows: 0 });
    expect([existsSync(old.file), existsSync(`${old.file}.idx`), existsSync(dirname(old.file))]).toEqual([
      false,
      false,
      false,
    ]);
    expect(existsSync(young.file)).toBe(true);
    expect(forgotten).toEqual([old.id]);
    expect(await store.sessions.byId(old.id)).toMatchObject({ recording: 'removed', recordingSha256: old.sha256 });
    const [row] = await store.audit.list({ action: 'recording.removed' });
    expect(row).toMatchObject({ target: { id: old.id }, details: { sha256: old.sha256 } });
    expect(await verify()).toMatchObject({ found: [], summary: { recordings: 1 } });
    expect(await start().run()).toMatchObject({ recordings: 0 });
  });

  test('goes on after a crash at each step, and verifies at each', async () => {
    const { recorded, start, clock, verify, recordings } = await house();
    const one = await recorded(T0);
    clock.at = T0 + 200 * DAY;
    const crash = () => Promise.reject(new Error('crash'));
    const broken = { ...recordings, remove: crash };
    expect(await start({ forget: crash }).run()).toMatchObject({ recordings: 0 });
    expect((await verify()).found).toEqual([]);
    expect(await start({ recordings: broken }).run()).toMatchObject({ recordings: 0 });
    expect([existsSync(one.file), (await verify()).found]).toEqual([true, []]);
    expect(await start().run()).toMatchObject({ recordings: 1 });
    expect([existsSync(one.file), (await verify()).found]).toEqual([false, []]);
  });

  test('removes old audit rows from the beginning, in steps, and the log verifies from there', async () => {
    const { start, clock, store, verify, evidence } = await house({ recordings: '180d', audit: '400d' });
    for (let i = 0; i < 5; i++) await store.audit.append(Array.from({ length: 1000 }, () => draft('old')));
    const old = await evidence.head();
    clock.at = T0 + 300 * DAY;
    await store.audit.append(draft('young'));
    const kept = await evidence.head();
    clock.at = T0 + 401 * DAY;
    expect(await start().run()).toMatchObject({ auditRows: 5001 });
    expect((await store.audit.list({})).map((row) => row.action)).toEqual([
      'audit.prune',
      'audit.prune',
      'audit.prune',
      'young',
    ]);
    expect(await verify()).toMatchObject({ found: [], summary: { rows: 4, firstSeq: 5002 } });
    expect(await verified({ store, evidence }, { head: kept })).toMatchObject({ found: [] });
    const { found, summary } = await verified({ store, evidence }, { head: old });
    expect([found, summary.head]).toEqual([[], 'older than the log, which retention lets begin at row 5002']);
    // everything may be old: the row that tells of it stays
    clock.at = T0 + 1000 * DAY;
    expect(await start().run()).toMatchObject({ auditRows: 4 });
    expect(await verify()).toMatchObject({ found: [], summary: { rows: 1 } });
  });

  test('does not hide that somebody removed more', async () => {
    const { start, clock, store, verify, dataDir } = await house();
    await store.audit.append([draft('a'), draft('b')]);
    clock.at = T0 + 300 * DAY;
    await store.audit.append([draft('c'), draft('d')]);
    clock.at = T0 + 401 * DAY;
    await start().run();
    expect((await verify()).found).toEqual([]);
    behindItsBack(dataDir, (sqlite) => sqlite.exec('delete from audit where seq = 4'));
    expect((await verify()).found).toEqual(['missing@5']);
  });

  test('waits while somebody walks along the chain', async () => {
    const { start, clock, store, evidence } = await house();
    await store.audit.append(draft('a'));
    clock.at = T0 + 500 * DAY;
    const walk = evidence.walk();
    await walk.next();
    expect(await start().run()).toMatchObject({ auditRows: 0 });
    await walk.return(undefined);
    expect(await start().run()).toMatchObject({ auditRows: 2 });
  });

  test('removes old commands in steps', async () => {
    const { start, clock, store } = await house({ commands: '30d' });
    const row = (at: number) => commandRow({ at });
    await store.commands.add([...Array.from({ length: 1200 }, (_, i) => row(T0 + i)), row(T0 + 20 * DAY)]);
    clock.at = T0 + 31 * DAY;
    expect(await start().run()).toMatchObject({ commands: 1200 });
    expect(await commandsLeft(store)).toEqual([T0 + 20 * DAY]);
  });

  test('never keeps for ever', async () => {
    const { recorded, start, clock, store } = await house({ recordings: 'never', commands: 'never', audit: 'never' });
    const { file } = await recorded(T0);
    clock.at = T0 + 10_000 * DAY;
    expect(await start().run()).toEqual({ recordings: 0, commands: 0, auditRows: 0 });
    expect([existsSync(file), (await store.audit.list({})).length]).toEqual([true, 3]);
  });

  test('keeps a recording of no known session', async () => {
    const { start, clock, dataDir, recordings } = await house();
    const id = newId<SessionId>(T0);
    const file = join(dataDir, 'recordings/2026/01/01', `${id}.cast.zst`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    clock.at = T0 + 500 * DAY;
    expect(await start().run()).toMatchObject({ recordings: 0 });
    expect(await recordings.digest(id)).toMatch(/^[0-9a-f]{64}$/);
  });

  test('runs soon after the start and then daily', async () => {
    const { store, evidence, recordings } = await house();
    const clock = new FakeClock();
    let runs = 0;
    const counting = {
      ...recordings,
      storedBefore: (at: number) => {
        runs++;
        return recordings.storedBefore(at);
      },
    };
    const keep = configSchema.parse({ retention: { commands: 'never', audit: 'never', recordings: '1d' } }).retention;
    const retention = startRetention({
      store,
      evidence,
      recordings: counting,
      keep,
      clock,
      log: silentLog(),
      forget: async () => undefined,
    });
    clock.advance(59_000);
    expect(runs).toBe(0);
    clock.advance(2000);
    expect(runs).toBe(1);
    await retention.run();
    clock.advance(DAY);
    expect(runs).toBeGreaterThan(1);
    await retention.stop();
    const before = runs;
    clock.advance(3 * DAY);
    expect(runs).toBe(before);
  });
});

describe('a recording', () => {
  test('that was swapped, is missing, or has another row than the audit says is found', async () => {
    const { recorded, verify, dataDir } = await house();
    const [a, b, c, d, e] = [
      await recorded(T0),
      await recorded(T0 + 1),
      await recorded(T0 + 2),
      await recorded(T0 + 3),
      await recorded(T0 + 4),
    ];
    expect(await verify()).toMatchObject({ found: [], summary: { recordings: 5 } });
    writeFileSync(a.file, readFileSync(b.file));
    behindItsBack(dataDir, (sqlite) => {
      sqlite.prepare('update sessions set recording_sha256 = ? where id = ?').run(b.sha256, a.id);
      sqlite.prepare("update sessions set recording = 'none' where id = ?").run(c.id);
      sqlite.prepare('delete from sessions where id = ?').run(d.id);
    });
    rmSync(e.file);
    const { found, texts } = await verify();
    expect(found).toEqual(['recording@3', 'recording@7', 'recording@9', 'recording@11']);
    expect(texts.join('\n')).toContain(`The recording of session ${e.id} is missing.`);
  });

  test('whose file was changed is found, with both hashes', async () => {
    const { recorded, verify } = await house();
    const { id, file, sha256 } = await recorded(T0);
    writeFileSync(file, 'something else');
    const { found, texts } = await verify();
    expect(found).toEqual(['recording@3']);
    expect(texts[0]).toContain(id);
    expect(texts[0]).toContain(sha256);
  });

  test('of which the audit does not tell is found', async () => {
    const { recorded, verify, dataDir } = await house();
    const { id } = await recorded(T0);
    behindItsBack(dataDir, (sqlite) => sqlite.exec("delete from audit where action = 'recording.stored'"));
    const { found, texts } = await verify();
    expect(found).toEqual(['cut', 'recording']);
    expect(texts[1]).toContain(id);
  });
});

describe('the configuration', () => {
  test('keeps at least a day, or for ever, and the audit as long as the recordings it proves', () => {
    const of = (retention: Record<string, unknown>) => configSchema.safeParse({ retention });
    expect(of({}).data?.retention).toEqual({ recordings: 180 * DAY, commands: 180 * DAY, audit: 400 * DAY });
    for (const never of ['never', '0', 0, '0d'])
      expect(of({ recordings: never, commands: never, audit: never }).data?.retention).toEqual({
        recordings: null,
        commands: null,
        audit: null,
      });
    expect(of({ commands: '1h' }).success).toBe(false);
    expect(of({ recordings: '401d' }).success).toBe(false);
    expect(of({ recordings: 'never' }).success).toBe(false);
    expect(of({ recordings: 'never', audit: 'never' }).success).toBe(true);
  });
});
