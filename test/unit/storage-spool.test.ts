import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { FRAME, type SpoolEnd, type SpoolHeader } from '../../src/storage/frames.ts';
import { SpoolWriter } from '../../src/storage/spool.ts';
import { SpoolReader } from '../../src/storage/spool-reader.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const END: SpoolEnd = { cause: 'target-closed', detail: null, exitCode: 0, exitSignal: null, bytesIn: 1, bytesOut: 2 };
const QUIET = { onError: () => {}, onDrain: () => {} };

function header(): SpoolHeader {
  const size = { cols: 80, rows: 24 };
  return {
    version: 1,
    id: newId<SessionId>(),
    startedAt: Date.now(),
    size,
    term: 'xterm',
    user: 'alice',
    asset: 'web1',
    account: 'root',
    command: null,
  };
}

async function writeSpool(chunks: readonly Buffer[]): Promise<string> {
  const path = join(directory, 'one.spool');
  const writer = await SpoolWriter.create(path, header(), systemClock, QUIET);
  for (const chunk of chunks) writer.append(FRAME.output, chunk);
  expect(await writer.finish(END)).toBeUndefined();
  return path;
}

function readAll(path: string) {
  const reader = new SpoolReader(path);
  const frames: { kind: number; micros: number; text: string }[] = [];
  for (let frame = reader.next(); frame; frame = reader.next()) {
    frames.push({ kind: frame.kind, micros: frame.micros, text: frame.payload.toString() });
  }
  reader.close();
  return { frames, tail: reader.tail };
}

test('what is appended is read back in order, and the file is the owner’s alone', async () => {
  const path = await writeSpool([
    Buffer.from('one'),
    Buffer.from(''),
    Buffer.alloc(3_000_000, 'x'),
    Buffer.from('last'),
  ]);
  const { frames, tail } = readAll(path);
  expect(frames.map((f) => f.kind)).toEqual([1, 2, 2, 2, 2, 9]);
  expect(frames.slice(1, 5).map((f) => f.text.length)).toEqual([3, 0, 3_000_000, 4]);
  expect(JSON.parse(frames[5]!.text)).toEqual(END);
  expect([...frames].sort((a, b) => a.micros - b.micros)).toEqual(frames);
  expect(tail).toEqual({ state: 'whole', lostBytes: 0 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('a torn tail ends the reading and its bytes are counted, wherever it is cut', async () => {
  const path = await writeSpool([Buffer.from('first'), Buffer.from('second')]);
  const whole = readFileSync(path);
  const { frames } = readAll(path);
  const endFrame = 16 + frames.at(-1)!.text.length;
  const lastGood = whole.length - endFrame;
  for (const cut of [whole.length - 1, lastGood + 17, lastGood + 16, lastGood + 3]) {
    truncateSync(path, cut);
    const read = readAll(path);
    expect(read.frames.map((f) => f.text).slice(1)).toEqual(['first', 'second']);
    expect(read.tail).toEqual({ state: 'torn', lostBytes: cut - lastGood });
  }
});

test('a flipped bit anywhere in a frame stops the reading before it', async () => {
  const path = await writeSpool([Buffer.from('first'), Buffer.from('second'), Buffer.from('third')]);
  const whole = readFileSync(path);
  const at = whole.indexOf('second') - 16;
  for (let offset = at; offset < at + 22; offset++) {
    const damaged = Buffer.from(whole);
    damaged[offset]! ^= 0x10;
    writeFileSync(path, damaged);
    const read = readAll(path);
    expect(read.frames.map((f) => f.text).slice(1)).toEqual(['first']);
    expect(read.tail.state).not.toBe('whole');
    expect(read.tail.lostBytes).toBe(whole.length - at);
  }
});

test('zeros behind the last frame, as a power cut leaves them, are no frames', async () => {
  const path = await writeSpool([Buffer.from('first')]);
  appendFileSync(path, Buffer.alloc(4096));
  expect(readAll(path).tail).toEqual({ state: 'corrupt', lostBytes: 4096 });
});

test('more than 4 MB waiting asks for a pause and says when there is room again', async () => {
  let drained: () => void = () => {};
  const drain = new Promise<void>((resolve) => {
    drained = resolve;
  });
  const writer = await SpoolWriter.create(join(directory, 'full.spool'), header(), systemClock, {
    onError: () => {},
    onDrain: () => drained(),
  });
  const chunk = Buffer.alloc(64 * 1024);
  let taken = 0;
  while (writer.append(FRAME.output, chunk)) taken++;
  expect((taken + 1) * chunk.length).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  await drain;
  await writer.finish(END);
  expect(readAll(writer.path).frames.length).toBe(taken + 3);
});

test('a full disk is told once and later appends are harmless', async () => {
  const mount = join(directory, 'small');
  execFileSync('mkdir', [mount]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
  try {
    const errors: NodeJS.ErrnoException[] = [];
    let failed: () => void = () => {};
    const failure = new Promise<void>((resolve) => {
      failed = resolve;
    });
    const writer = await SpoolWriter.create(join(mount, 'one.spool'), header(), systemClock, {
      onDrain: () => {},
      onError: (error) => {
        errors.push(error);
        failed();
      },
    });
    for (let i = 0; i < 40; i++) writer.append(FRAME.output, Buffer.alloc(64 * 1024, 'x'));
    await failure;
    expect(writer.append(FRAME.output, Buffer.from('more'))).toBe(true);
    expect((await writer.finish(END)) as NodeJS.ErrnoException).toMatchObject({ code: 'ENOSPC' });
    expect(errors).toHaveLength(1);
    const read = readAll(writer.path);
    expect(read.frames.length).toBeGreaterThan(5);
    // a file system that is full from the start refuses the header
    execFileSync('sh', ['-c', `cat /dev/zero > ${mount}/filler 2>/dev/null || true`]);
    await expect(SpoolWriter.create(join(mount, 'two.spool'), header(), systemClock, QUIET)).rejects.toMatchObject({
      code: 'ENOSPC',
    });
  } finally {
    execFileSync('umount', [mount]);
  }
});

test('kill -9 in the middle loses at most what was appended in the last second', async () => {
  const path = join(directory, 'killed.spool');
  const modules = new URL('../../src/', import.meta.url).href;
  const program = `
    const { SpoolWriter } = await import('${modules}storage/spool.ts');
    const { systemClock } = await import('${modules}kernel/clock.ts');
    const writer = await SpoolWriter.create(${JSON.stringify(path)}, ${JSON.stringify(header())}, systemClock, { onError() {}, onDrain() {} });
    let n = 0;
    setInterval(() => {
      writer.append(2, Buffer.from(String(++n)));
      process.stdout.write(n + ' ' + Date.now() + '\\n');
    }, 5);`;
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const appended = new Map<number, number>();
  await new Promise<void>((resolve) => {
    child.stdout!.on('data', (data: Buffer) => {
      for (const line of data.toString().trim().split('\n')) {
        const [n, at] = line.split(' ').map(Number);
        appended.set(n!, at!);
      }
      if (appended.size > 300) child.kill('SIGKILL');
    });
    child.on('close', () => resolve());
  });
  const { frames } = readAll(path);
  const kept = Number(frames.at(-1)!.text);
  const numbers = frames.slice(1).map((f) => Number(f.text));
  expect(numbers).toEqual(numbers.map((_, i) => i + 1));
  const lastAt = Math.max(...appended.values());
  expect(lastAt - appended.get(kept)!).toBeLessThan(1000);
});

test('frames of single bytes fill the queue by what they weigh, not by their bytes', async () => {
  const writer = await SpoolWriter.create(join(directory, 'tiny.spool'), header(), systemClock, QUIET);
  let frames = 0;
  while (frames < 100_000 && writer.append(FRAME.output, Buffer.from('x'))) frames++;
  expect(frames).toBeLessThan(20_000);
  expect(await writer.finish(END)).toBeUndefined();
  expect(readAll(writer.path).frames.filter((frame) => frame.kind === FRAME.output)).toHaveLength(frames + 1);
});
