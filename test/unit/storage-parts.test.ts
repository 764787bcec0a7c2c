import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SerializeAddon } from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { FRAME } from '../../src/storage/frames.ts';
import { createLocalRecordings, type Recordings } from '../../src/storage/local.ts';

const STARTED = Date.UTC(2026, 2, 9);
const END = { cause: 'target-closed', detail: null, exitCode: 0, exitSignal: null, bytesIn: 1, bytesOut: 2 } as const;
type Event = [number, 'o' | 'r' | 'm', string];
let data: string;
let recordings: Recordings;

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'parts-'));
  recordings = createLocalRecordings({ data, reserve: 0, clock: systemClock });
  await recordings.prepare();
});
afterEach(async () => {
  await recordings.close();
  rmSync(data, { recursive: true, force: true });
});

/** A finished recording of a terminal of 60x12 (or without one) that showed these. */
async function recorded(
  chunks: readonly (string | { cols: number; rows: number })[],
  size: unknown = { cols: 60, rows: 12 },
) {
  const id = newId<SessionId>(STARTED);
  const about = {
    version: 1,
    id,
    startedAt: STARTED,
    term: 'xterm',
    user: 'a',
    asset: 'b',
    account: 'c',
    command: null,
  };
  const writer = await recordings.begin({ ...about, size } as never, { onError: () => {}, onDrain: () => {} });
  for (const chunk of chunks) {
    if (typeof chunk === 'string') writer.append(FRAME.output, Buffer.from(chunk));
    else writer.append(FRAME.resize, Buffer.from(JSON.stringify(chunk)));
  }
  await writer.finish(END);
  const { bytes } = await recordings.store(id);
  expect(await recordings.has(id, bytes)).toBe(true);
  return id;
}

const events = (lines: Buffer): Event[] =>
  lines
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);

async function shown(all: readonly Event[]) {
  const terminal = new headless.Terminal({ cols: 60, rows: 12, scrollback: 0, allowProposedApi: true });
  const serializer = new SerializeAddon();
  terminal.loadAddon(serializer);
  let waiting = '';
  const draw = () => new Promise<void>((resolve) => terminal.write(waiting, resolve));
  for (const [, kind, value] of all) {
    if (kind === 'o') waiting += value;
    if (kind !== 'r') continue;
    await draw();
    waiting = '';
    const [cols, rows] = value.split('x').map(Number);
    terminal.resize(cols!, rows!);
  }
  await draw();
  return serializer.serialize({ scrollback: 0 });
}

/** A frame around a screen whose middle changes; the frame is drawn once, at the beginning. */
function longOutput(lines: number): string[] {
  const frame = `\x1b[?1049h\x1b[2J\x1b[1;1H\x1b[44mtop of it\x1b[0m\x1b[12;1Hbottom\x1b[3;10r`;
  const rest = Array.from(
    { length: lines },
    (_, i) => `\x1b[10;1H\r\n\x1b[3${i % 8}mline ${i} ${'漢字 text '.repeat(9)}\x1b[0m`,
  );
  return [frame, ...rest];
}

test('the parts of a recording are its events, one after the other', async () => {
  const id = await recorded(['one\r\n', 'two\r\n']);
  const { cols, rows, duration, bytes, parts } = await recordings.parts(id);
  expect({ cols, rows }).toEqual({ cols: 60, rows: 12 });
  expect(parts).toEqual([{ start: 0, bytes, screen: false }]);
  const lines = await recordings.part(id, 0, true);
  const [, ...cast] = (await text(await recordings.open(id))).split('\n');
  expect(lines.toString()).toBe(cast.join('\n'));
  expect(duration).toBe(events(lines).at(-1)![0]);
  await expect(recordings.part(id, 1, false)).rejects.toMatchObject({ code: 'not_found' });
  await expect(recordings.parts(newId<SessionId>(STARTED))).rejects.toMatchObject({ code: 'not_found' });
  await expect(recordings.parts('../../etc/passwd' as SessionId)).rejects.toMatchObject({ code: 'not_found' });
});

test('a long recording is drawn from the screen of a part as from the beginning', async () => {
  const chunks: (string | { cols: number; rows: number })[] = longOutput(80_000);
  chunks.splice(40_000, 0, { cols: 60, rows: 12 }, '\x1b[?25l');
  const id = await recorded(chunks);
  const { parts } = await recordings.parts(id);
  const kept = parts.flatMap(({ screen }, part) => (screen ? [part] : []));
  expect(kept.length).toBeGreaterThan(1);
  expect(Math.max(...kept.map((part, index) => part - (kept[index - 1] ?? 0)))).toBeLessThanOrEqual(5);
  const last = kept.at(-1)!;
  const before: Event[] = [];
  for (let part = 0; part <= last; part++) before.push(...events(await recordings.part(id, part, false)));
  const alone = events(await recordings.part(id, last, true));
  expect(alone.slice(0, 2).map(([at, kind]) => [at, kind])).toEqual([
    [parts[last]!.start, 'r'],
    [parts[last]!.start, 'o'],
  ]);
  expect(alone[1]![2]).toMatch(/\x1b\[\?25l/);
  expect(await shown(alone)).toBe(await shown(before));
  expect(await shown(alone)).toContain('top of it');
  expect(alone.slice(2)).toEqual(events(await recordings.part(id, last, false)));

  // screens are nothing to those who read the file as what it is
  const path = await recordings.file(id);
  const whole = execFileSync('zstd', ['-dc', path], { maxBuffer: 1e8 }).toString();
  expect(whole).toBe(await text(await recordings.open(id)));
  expect(whole).not.toContain('[?1049l');
});

test('of a recording of an earlier version, the size stands in its header, and there are no screens', async () => {
  const id = await recorded(['hello\r\n']);
  const idx = `${await recordings.file(id)}.idx`;
  const { size: _, screens: __, ...old } = JSON.parse(readFileSync(idx, 'utf8'));
  writeFileSync(idx, JSON.stringify(old));
  expect(await recordings.parts(id)).toMatchObject({ cols: 60, rows: 12, parts: [{ start: 0, screen: false }] });
  expect(events(await recordings.part(id, 0, true))[0]).toMatchObject([expect.any(Number), 'o', 'hello\r\n']);
});

test('output without a terminal keeps no screens', async () => {
  const id = await recorded(
    Array.from({ length: 60_000 }, (_, i) => `line ${i} ${'x'.repeat(90)}\n`),
    null,
  );
  const { cols, rows, parts } = await recordings.parts(id);
  expect({ cols, rows }).toEqual({ cols: 80, rows: 24 });
  expect(parts.length).toBeGreaterThan(4);
  expect(parts.some(({ screen }) => screen)).toBe(false);
});
