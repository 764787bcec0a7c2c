import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { silentLog } from '../../src/kernel/log.ts';
import { FRAME, type SpoolHeader } from '../../src/storage/frames.ts';
import { openStore } from '../../src/store/open.ts';
import { FakeClock } from '../kit/clock.ts';
import { sha256 } from '../kit/hash.ts';
import { sessionRow } from '../kit/rows.ts';
import { execOptions, FakeWatcher, grant, house, readCast, tempData } from './session-kit.ts';

test('beyond its limit a terminal recording keeps one picture of the screen a second', async () => {
  const clock = new FakeClock();
  const { open, recording, audit } = await house({ clock, session: { recording_limit: '100' } });
  const { target, session, client } = await open();
  target.say(`first ${'.'.repeat(84)}`);
  target.say('\x1b[H\x1b[2Jcrossing the limit');
  for (let second = 0; second < 3; second++) {
    for (let i = 0; i < 1000; i++) target.say(`\x1b[1;1Hsecond ${second} frame ${i}`);
    clock.advance(1000);
    // who asks after the recorder gets the same picture after it
    const watcher = new FakeWatcher();
    session.watch(watcher);
    await watcher.saw('snapshot');
  }
  target.leave();
  await session.ended;
  expect(client.shown).toContain('second 2 frame 999');
  const { rows, markers } = await recording(session);
  expect(markers[0]).toContain('recording limit reached');
  expect(markers.at(-2)).toMatch(/^\d+ bytes of output are not in this recording$/);
  const pictures = rows.filter(([, kind, data]) => kind === 'o' && data.includes('second'));
  expect(pictures.map(([, , data]) => /second \d frame \d+/.exec(data)![0])).toEqual(
    [0, 1, 2].map((s) => `second ${s} frame 999`),
  );
  expect(await audit('session.end')).toMatchObject([{ details: { output: { limited: true } } }]);
});

test('a command keeps its output up to the limit, then counts and hashes of each whole stream', async () => {
  const { open, recording, audit, row } = await house({ session: { exec_output_limit: '10' } });
  const { target, session } = await open(execOptions());
  const out = randomBytes(300_000);
  target.say('12345678');
  target.sink.data(out);
  target.sink.stderr(Buffer.from('error'));
  target.leave();
  await session.ended;
  const { markers, output } = await recording(session);
  expect(output.startsWith('12345678')).toBe(true);
  const hash = sha256(Buffer.concat([Buffer.from('12345678'), out]));
  expect(markers.join('\n')).toContain(`stdout SHA-256 ${hash} (300008 bytes)`);
  expect(markers.join('\n')).toContain(`${300_008 - 10 + 5} bytes of output are not in this recording`);
  const output_ = (await audit('session.end'))[0]!.details!.output;
  expect(output_).toMatchObject({
    limited: true,
    stdoutSha256: hash,
    stderrSha256: sha256(Buffer.from('error')),
    skippedBytes: 300_003,
  });
  expect(await row(session.id)).toMatchObject({ bytesOut: 300_013, recording: 'ready' });
});

/** A spool directory that holds one megabyte. */
function smallSpool(): string {
  const data = tempData();
  const spool = join(data, 'spool');
  mkdirSync(spool);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', spool]);
  onTestFinished(() => {
    execFileSync('umount', ['-l', spool]);
  });
  return data;
}

test('a full disk ends a session that must be recorded, and says so', async () => {
  const { open, recording, row, audit } = await house({ data: smallSpool() });
  const { target, session, client } = await open();
  for (let i = 0; i < 40; i++) target.sink.data(Buffer.alloc(64 * 1024, 'x'));
  expect(await session.ended).toEqual({ cause: 'recording-failed', detail: 'ENOSPC' });
  expect(client.shown).toContain('must be recorded and cannot be any more');
  expect(client.calls.slice(-3)).toEqual(['exit 254', 'eof', 'close']);
  expect(await audit('session.end')).toMatchObject([{ outcome: 'failed', reason: 'ENOSPC' }]);
  // what had been written can be seen
  expect((await recording(session)).output.length).toBeGreaterThan(500_000);
  expect(await row(session.id)).toMatchObject({ endCause: 'recording-failed', recording: 'ready' });
});

test('under best-effort a full disk is audited and the session goes on', async () => {
  const { open, audit } = await house({ data: smallSpool() });
  const { target, session, client } = await open({ grant: grant({ record: 'best-effort' }) });
  for (let i = 0; i < 40; i++) target.sink.data(Buffer.alloc(64 * 1024, 'x'));
  await expect.poll(async () => (await audit('session.unrecorded')).length).toBe(1);
  target.say('still here');
  expect(client.shown.endsWith('still here')).toBe(true);
  target.leave({ kind: 'code', code: 0 });
  expect(await session.ended).toMatchObject({ cause: 'target-closed' });
});

test('a live session can be exported up to now', async () => {
  const { open, recordings } = await house();
  const { target, session } = await open();
  target.say('so far');
  await expect.poll(async () => readCast(await text(await recordings.open(session.id))).output).toBe('so far');
});

function header(id: SessionId, startedAt: number): SpoolHeader {
  return {
    version: 1,
    id,
    startedAt,
    size: { cols: 80, rows: 24 },
    term: 'xterm',
    user: 'alice',
    asset: 'web1',
    account: 'root',
    command: null,
  };
}

test('kill -9 in mid-session: interrupted as of its last moment, and the recording plays to it', async () => {
  const data = tempData();
  const startedAt = Date.now();
  const id = newId<SessionId>(startedAt);
  const first = await openStore({ dataDir: data, log: silentLog() });
  await first.sessions.create(sessionRow({ id, startedAt }), []);
  await first.close();
  mkdirSync(join(data, 'spool'));
  const modules = new URL('../../src/', import.meta.url).href;
  const program = `
    const { SpoolWriter } = await import('${modules}storage/spool.ts');
    const { systemClock } = await import('${modules}kernel/clock.ts');
    const header = ${JSON.stringify(header(id, startedAt))};
    const writer = await SpoolWriter.create(${JSON.stringify(join(data, 'spool', `${id}.spool`))}, header, systemClock, { onError() {}, onDrain() {} });
    let n = 0;
    setInterval(() => { writer.append(2, Buffer.from(++n + '\\r\\n')); process.stdout.write(n + '\\n'); }, 5);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk;
    if (said.length > 1500) child.kill('SIGKILL');
  });
  await new Promise((resolve) => child.on('close', resolve));

  const { registry, row, recording, audit } = await house({ data });
  await registry.recover();
  const ended = await row(id);
  expect(ended).toMatchObject({ state: 'interrupted', endCause: 'interrupted' });
  expect(ended.endedAt).toBeGreaterThan(startedAt);
  expect(ended.endedAt).toBeLessThanOrEqual(Date.now());
  expect(await audit('session.end')).toMatchObject([{ actor: { kind: 'system' }, details: { cause: 'interrupted' } }]);
  const { output, rows } = await recording({ id });
  const numbers = output.trim().split('\r\n').map(Number);
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  expect(numbers.length).toBeGreaterThan(50);
  expect(ended.endedAt! - startedAt).toBe(Math.round(rows.filter((event) => event[1] === 'o').at(-1)![0] * 1000));
  expect(await row(id)).toMatchObject({ recording: 'ready', bytesOut: output.length });
});

test('recover: ended but unwritten rows, lost spools, spools of nobody, recordings already stored', async () => {
  const { registry, store, recordings, row, data } = await house();
  const at = Date.now();
  const quiet = { onError: () => {}, onDrain: () => {} };
  const begin = async () => {
    const id = newId<SessionId>(at);
    const writer = await recordings.begin(header(id, at), quiet);
    writer.append(FRAME.output, Buffer.from('hello'));
    await writer.finish({ cause: 'idle', detail: null, exitCode: 4, exitSignal: null, bytesIn: 9, bytesOut: 5 });
    return id;
  };
  const unwritten = await begin();
  await store.sessions.create(sessionRow({ id: unwritten, startedAt: at }), []);
  const lost = newId<SessionId>(at);
  await store.sessions.create(sessionRow({ id: lost, startedAt: at }), []);
  const orphan = await begin();
  const stored = await begin();
  await store.sessions.create(sessionRow({ id: stored, startedAt: at, state: 'ended' }), []);
  const { bytes, sha256: hash } = await recordings.store(stored);
  await store.sessions.setRecording(stored, { state: 'ready', bytes, sha256: hash }, []);
  const failed = await begin();
  await store.sessions.create(sessionRow({ id: failed, startedAt: at, state: 'ended', recording: 'failed' }), []);
  const broken = newId<SessionId>(at);
  writeFileSync(join(data, 'spool', `${broken}.spool`), randomBytes(100));
  await store.sessions.create(sessionRow({ id: broken, startedAt: at }), []);

  await registry.recover();
  await Promise.all([unwritten, failed, broken].map((id) => registry.rendered(id)));
  expect(await row(unwritten)).toMatchObject({
    state: 'ended',
    endCause: 'idle',
    exitCode: 4,
    bytesIn: 9,
    recording: 'ready',
  });
  expect(await row(lost)).toMatchObject({ state: 'interrupted', recording: 'failed' });
  expect(await row(stored)).toMatchObject({ recording: 'ready', recordingSha256: hash });
  expect(await row(failed)).toMatchObject({ recording: 'ready' });
  expect(await row(broken)).toMatchObject({ state: 'interrupted', recording: 'failed' });
  const left = (await recordings.spooled()).sort();
  expect(left).toEqual([orphan, broken].sort());
});
