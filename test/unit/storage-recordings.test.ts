import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { zstdDecompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { FRAME, type FrameKind, type SpoolHeader } from '../../src/storage/frames.ts';
import { createLocalRecordings, type Recordings } from '../../src/storage/local.ts';
import type { RecordingIndex } from '../../src/storage/render.ts';

const STARTED = Date.UTC(2026, 2, 9, 23, 59, 59);
const END = { cause: 'target-closed', detail: null, exitCode: 3, exitSignal: null, bytesIn: 1, bytesOut: 2 } as const;
let data: string;
let recordings: Recordings;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'recordings-'));
  recordings = createLocalRecordings({ data, reserve: 0, clock: systemClock });
  await recordings.prepare();
});
afterEach(async () => {
  await recordings.close();
  rmSync(data, { recursive: true, force: true });
});

function header(over: Partial<SpoolHeader> = {}): SpoolHeader {
  return {
    version: 1,
    id: newId<SessionId>(STARTED),
    startedAt: STARTED,
    size: { cols: 100, rows: 30 },
    term: 'xterm-256color',
    user: 'alice',
    asset: 'web1',
    account: 'root',
    command: null,
    ...over,
  };
}

async function begin(over: Partial<SpoolHeader> = {}) {
  const about = header(over);
  const writer = await recordings.begin(about, { onError: () => {}, onDrain: () => {} });
  const add = (kind: FrameKind, payload: Buffer | string) => writer.append(kind, Buffer.from(payload));
  return { id: about.id, writer, add };
}

async function cast(id: SessionId) {
  const lines = (await text(await recordings.open(id))).trimEnd().split('\n');
  const [head, ...events] = lines.map((line) => JSON.parse(line));
  return {
    head,
    events: events as [number, string, string][],
    output: events
      .filter((e) => e[1] === 'o')
      .map((e) => e[2])
      .join(''),
  };
}

function files(id: SessionId) {
  const path = join(data, 'recordings/2026/03/09', `${id}.cast.zst`);
  return { path, index: () => JSON.parse(readFileSync(`${path}.idx`, 'utf8')) as RecordingIndex };
}

test('a session becomes an asciicast v2 file under its day that asciinema and zstd read', async () => {
  const { id, writer, add } = await begin();
  add(FRAME.output, 'login ok\r\n');
  add(FRAME.resize, JSON.stringify({ cols: 120, rows: 40 }));
  add(FRAME.marker, 'uptime');
  add(FRAME.output, 'up 3 days\r\n');
  await writer.finish(END);
  const stored = await recordings.store(id);
  const { path, index } = files(id);
  expect(stored.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  expect(stored.bytes).toBe(statSync(path).size);
  expect(index().sha256).toBe(stored.sha256);
  expect(await recordings.has(id, stored.bytes)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);

  const { head, events } = await cast(id);
  expect(head).toMatchObject({
    version: 2,
    width: 100,
    height: 30,
    timestamp: STARTED / 1000,
    title: 'alice on root@web1',
    env: { TERM: 'xterm-256color' },
  });
  expect(events.map((e) => e.slice(1))).toEqual([
    ['o', 'login ok\r\n'],
    ['r', '120x40'],
    ['m', 'uptime'],
    ['o', 'up 3 days\r\n'],
    ['m', 'session ended: target-closed, exit 3'],
  ]);
  const plain = join(data, 'plain.cast');
  writeFileSync(plain, execFileSync('zstd', ['-dc', path]));
  expect(readFileSync(plain, 'utf8')).toBe(await text(await recordings.open(id)));
  // asciinema wants a terminal of its own
  const shown = execFileSync('script', ['-qec', `asciinema cat ${plain}`, '/dev/null'], {
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
  }).toString();
  expect(shown.replaceAll(/\r+\n/g, '\n')).toBe('login ok\nup 3 days\n');
  await recordings.dropSpool(id);
  expect(await recordings.spooled()).toEqual([]);
});

test('what the bastion told the user stands where it was shown, and as a marker', async () => {
  const terminal = await begin();
  terminal.add(FRAME.output, '$ rm x');
  terminal.add(FRAME.notice, 'Command `rm x` is forbidden.');
  await terminal.writer.finish(END);
  await recordings.store(terminal.id);
  const shown = await cast(terminal.id);
  expect(shown.output).toBe('$ rm x\r\nCommand `rm x` is forbidden.\r\n');
  expect(shown.events).toContainEqual([expect.any(Number), 'm', 'Command `rm x` is forbidden.']);

  const command = await begin({ size: null, term: null, command: 'rm x' });
  command.add(FRAME.notice, 'Command `rm x` is forbidden.');
  await command.writer.finish(END);
  await recordings.store(command.id);
  expect((await cast(command.id)).output).toBe('bastion: Command `rm x` is forbidden.\r\n');
});

test('characters split across chunks stay whole and what is no UTF-8 is replaced', async () => {
  const { id, writer, add } = await begin();
  for (const byte of Buffer.from('é漢🚀')) add(FRAME.output, Buffer.from([byte]));
  add(FRAME.output, Buffer.from([0x61, 0xff, 0x62, 0xc3]));
  await writer.finish(END);
  await recordings.store(id);
  const { events, output } = await cast(id);
  expect(output).toBe('é漢🚀a\ufffdb\ufffd');
  expect(
    events
      .filter((e) => e[1] === 'o')
      .map((e) => e[2])
      .slice(0, 3),
  ).toEqual(['é', '漢', '🚀']);
});

test('stdout and stderr of a command are decoded apart and both are heard', async () => {
  const { id, writer, add } = await begin({ size: null, term: null, command: 'make' });
  const [first, second] = [Buffer.from([0xc3]), Buffer.from([0xa9])];
  add(FRAME.output, first);
  add(FRAME.stderr, 'warning\n');
  add(FRAME.output, second);
  await writer.finish(END);
  await recordings.store(id);
  const { head, output } = await cast(id);
  expect(output).toBe('warning\r\né');
  expect(head).toMatchObject({ width: 80, height: 24, command: 'make', env: {} });
});

test('a long recording is independent zstd frames of at most 1 MiB that the index points at', async () => {
  const { id, writer, add } = await begin();
  const chunks = Array.from({ length: 100 }, (_, i) => `${i} ${randomBytes(24_000).toString('base64')}\r\n`);
  chunks.push('\x1b'.repeat(300_000));
  for (const chunk of chunks) add(FRAME.output, chunk);
  await writer.finish(END);
  await recordings.store(id);
  const { path, index } = files(id);
  const bytes = readFileSync(path);
  const { frames } = index();
  expect(frames.length).toBeGreaterThan(3);
  let all = '';
  for (const [offset, stored, plain] of frames) {
    const block = zstdDecompressSync(bytes.subarray(offset, offset + stored));
    expect(block.length).toBe(plain);
    expect(plain).toBeLessThanOrEqual(2 ** 20);
    expect(block.at(-1)).toBe(10);
    all += block.toString();
  }
  expect(all).toBe(execFileSync('zstd', ['-dc', path], { maxBuffer: 1e8 }).toString());
  expect((await cast(id)).output).toBe(chunks.join(''));
});

test('a session still in the spool can be read up to now', async () => {
  const { id, writer, add } = await begin();
  add(FRAME.output, 'so far');
  writer.flush();
  await expect.poll(async () => (await cast(id)).output).toBe('so far');
  add(FRAME.output, ' and more');
  await writer.finish(END);
  expect((await cast(id)).output).toBe('so far and more');
  expect(readdirSync(join(data, 'recordings/tmp'))).toEqual([]);
});

test('a damaged spool is rendered up to the damage and says what is missing', async () => {
  const { id, writer, add } = await begin();
  add(FRAME.output, 'readable');
  add(FRAME.output, 'damaged');
  await writer.finish(END);
  const bytes = readFileSync(writer.path);
  bytes[bytes.indexOf('damaged')]! ^= 1;
  writeFileSync(writer.path, bytes);
  const stored = await recordings.store(id);
  expect(stored.tail.state).toBe('corrupt');
  const { events } = await cast(id);
  expect(events.map((e) => e[2])).toEqual([
    'readable',
    `recording cut short: ${stored.tail.lostBytes} bytes could not be read`,
  ]);
  expect(await recordings.inspect(id)).toMatchObject({ bytesOut: 8, end: null });
  await recordings.dropSpool(id, true);
  expect(existsSync(`${writer.path}.damaged`)).toBe(true);
});

test('what a crash left half written does not count as a recording', async () => {
  const { id, writer } = await begin();
  await writer.finish(END);
  const { path } = files(id);
  execFileSync('mkdir', ['-p', join(path, '..')]);
  writeFileSync(`${path}.tmp`, 'half');
  expect(await recordings.has(id, 4)).toBe(false);
  await recordings.store(id);
  expect(existsSync(`${path}.tmp`)).toBe(false);
  expect((await cast(id)).events).toHaveLength(1);
});

test('without a recording, or with no id at all, the answer is not_found', async () => {
  for (const id of [newId<SessionId>(), '../../etc/passwd' as SessionId]) {
    await expect(recordings.open(id)).rejects.toMatchObject({ code: 'not_found' });
  }
});

test('the disk reserve and a missing directory refuse with recording_failed', async () => {
  await expect(recordings.checkRoom()).resolves.toBeUndefined();
  const greedy = createLocalRecordings({ data, reserve: 2 ** 60, clock: systemClock });
  await expect(greedy.checkRoom()).rejects.toMatchObject({
    code: 'recording_failed',
    message: expect.stringContaining('MiB free'),
  });
  rmSync(join(data, 'spool'), { recursive: true });
  await expect(recordings.checkRoom()).rejects.toMatchObject({ code: 'recording_failed' });
  await expect(begin()).rejects.toMatchObject({ code: 'recording_failed' });
});
