import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/kernel/clock.ts';
import { newId, type SessionId } from '../../src/kernel/id.ts';
import { FRAME, FRAME_HEAD, type SpoolEnd } from '../../src/storage/frames.ts';
import { inspectSpool, renderPlain, renderRecording } from '../../src/storage/render.ts';
import { SpoolWriter } from '../../src/storage/spool.ts';
import { SpoolReader } from '../../src/storage/spool-reader.ts';
import { rounds, Seeded } from '../kit/seeded.ts';

const END: SpoolEnd = { cause: 'target-closed', detail: null, exitCode: 0, exitSignal: null, bytesIn: 1, bytesOut: 2 };
let directory: string;
let whole: Buffer;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'fuzz-spool-'));
  const path = join(directory, 'whole.spool');
  const size = { cols: 80, rows: 24 };
  const about = { user: 'alice', asset: 'web1', account: 'root', command: null, term: 'xterm', size };
  const writer = await SpoolWriter.create(
    path,
    { version: 1, id: newId<SessionId>(), startedAt: Date.now(), ...about },
    systemClock,
    { onError: () => {}, onDrain: () => {} },
  );
  const random = new Seeded(7);
  for (let i = 0; i < 60; i++) writer.append(FRAME.output, random.bytes(random.below(400)));
  writer.append(FRAME.resize, Buffer.from(JSON.stringify({ cols: 100, rows: 30 })));
  writer.append(FRAME.marker, Buffer.from('marker'));
  await writer.finish(END);
  whole = readFileSync(path);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function framesOf(path: string): string[] {
  const reader = new SpoolReader(path);
  const frames: string[] = [];
  for (let frame = reader.next(); frame; frame = reader.next())
    frames.push(`${frame.kind} ${frame.micros} ${frame.payload.toString('hex')}`);
  const { lostBytes } = reader.tail;
  reader.close();
  const read = frames.reduce((sum, frame) => sum + FRAME_HEAD + frame.split(' ')[2]!.length / 2, 0);
  return [...frames, `${read + lostBytes}`];
}

/** Cut, flipped, overwritten, repeated or with something in between. */
function damaged(random: Seeded): { bytes: Buffer; from: number } {
  const at = random.below(whole.length);
  const head = whole.subarray(0, at);
  const rest = whole.subarray(at);
  switch (random.below(5)) {
    case 0:
      return { bytes: Buffer.from(head), from: at };
    case 1: {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 1 << random.below(8);
      return { bytes, from: at };
    }
    case 2: {
      const noise = random.bytes(1 + random.below(40));
      return { bytes: Buffer.concat([head, noise, rest.subarray(noise.length)]), from: at };
    }
    case 3:
      return { bytes: Buffer.concat([head, rest, whole.subarray(random.below(whole.length))]), from: whole.length };
    default:
      return { bytes: Buffer.concat([head, random.bytes(1 + random.below(40)), rest]), from: at };
  }
}

test('a damaged spool gives exactly the frames before the damage, and counts the rest as lost', () => {
  const path = join(directory, 'damaged.spool');
  const all = framesOf(join(directory, 'whole.spool')).slice(0, -1);
  let end = 0;
  const ends = all.map((frame) => {
    end += FRAME_HEAD + frame.split(' ')[2]!.length / 2;
    return end;
  });
  const random = new Seeded(2026);
  for (let round = 0; round < rounds(600); round++) {
    const { bytes, from } = damaged(random);
    writeFileSync(path, bytes);
    const got = framesOf(path);
    expect(Number(got.pop())).toBe(bytes.length);
    const intact = ends.filter((end) => end <= from).length;
    expect(got.slice(0, intact)).toEqual(all.slice(0, intact));
  }
});

test('whatever is left of a spool can be rendered, or is refused in words', () => {
  const path = join(directory, 'damaged.spool');
  const random = new Seeded(42);
  for (let round = 0; round < rounds(60); round++) {
    writeFileSync(path, random.below(4) === 0 ? random.bytes(random.below(2000)) : damaged(random).bytes);
    const out = join(directory, `${round}.cast`);
    for (const work of [
      () => renderRecording(path, `${out}.zst`),
      () => renderPlain(path, out),
      () => inspectSpool(path),
    ]) {
      try {
        work();
      } catch (error) {
        expect((error as Error).message).toMatch(/has no readable header/);
      }
    }
    rmSync(out, { force: true });
  }
});
