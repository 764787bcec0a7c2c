import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Playback, type PlaybackScreen } from '../../web/src/replay/playback.ts';
import type { Recording, ReplayEvent } from '../../web/src/replay/recording.ts';

/** Frames of a page come when the test says so, this far apart. */
const FRAME_MS = 16;
let frames: (() => void)[] = [];
let now = 0;

beforeEach(() => {
  frames = [];
  now = 0;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  vi.stubGlobal('cancelAnimationFrame', () => {
    frames = [];
  });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** Lets what was loaded arrive. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** As a page does that shows so many seconds. */
async function run(seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds * 1000; passed += FRAME_MS) {
    now += FRAME_MS;
    for (const frame of frames.splice(0)) frame();
    await settle();
  }
}

class Screen implements PlaybackScreen {
  shown = '';
  sizes: string[] = [];
  resets = 0;
  reset(): void {
    this.shown = '';
    this.resets++;
  }
  resize(cols: number, rows: number): void {
    this.sizes.push(`${cols}x${rows}`);
  }
  feed(text: string): void {
    this.shown += text;
  }
}

/** A recording of one letter a second, ten to a part; `kept`: parts that begin with their screen. */
function letters(count: number, kept: readonly number[] = []) {
  const parts = Array.from({ length: Math.ceil(count / 10) }, (_, part) => ({
    start: part * 10,
    bytes: 10,
    screen: kept.includes(part),
  }));
  const loads: string[] = [];
  const text = Array.from({ length: count }, (_, second) => String.fromCharCode(97 + (second % 26))).join('');
  const recording = {
    index: { cols: 80, rows: 24, duration: count - 1, bytes: count, parts },
    partAt: (seconds: number) => Math.min(parts.length - 1, Math.floor(seconds / 10)),
    drawnFrom(part: number) {
      let from = part;
      while (from > 0 && !parts[from]!.screen) from--;
      return from;
    },
    async load(part: number, screen: boolean): Promise<ReplayEvent[]> {
      loads.push(`${part}${screen ? '+' : ''}`);
      const events: ReplayEvent[] = [];
      if (screen && parts[part]!.screen)
        events.push([part * 10, 'r', '80x24'], [part * 10, 'o', text.slice(0, part * 10)]);
      for (let i = part * 10; i < Math.min(count, part * 10 + 10); i++) events.push([i, 'o', text[i]!]);
      return events;
    },
  } as unknown as Recording;
  const screen = new Screen();
  return { playback: new Playback(recording, screen), screen, loads, text };
}

test('it plays at its speed, over the borders of parts, to its end and then again from the beginning', async () => {
  const { playback, screen, text } = letters(25);
  await playback.seek(0);
  await playback.play();
  await run(5.5);
  expect(screen.shown).toBe('abcdef');
  playback.setSpeed(4);
  await run(3);
  expect(screen.shown).toBe(text.slice(0, 18));
  await run(3);
  expect(screen.shown).toBe(text);
  expect(playback.state).toMatchObject({ playing: false, time: 24 });
  await playback.play();
  await run(0.1);
  expect(screen.shown).toBe('a');
});

test('a moment far away is drawn from the last screen that was kept, one nearby on top of what is shown', async () => {
  const { playback, screen, loads, text } = letters(100, [4, 8]);
  await playback.seek(95);
  expect(screen.shown).toBe(text.slice(0, 96));
  expect(loads).toEqual(['8+', '9']);
  await playback.seek(97);
  expect(screen.shown).toBe(text.slice(0, 98));
  expect(screen.resets).toBe(1);
  await playback.seek(55);
  expect(screen.shown).toBe(text.slice(0, 56));
  expect(loads.slice(2)).toEqual(['4+', '5']);
});

test('without kept screens everything before is played', async () => {
  const { playback, screen, loads, text } = letters(50);
  await playback.seek(42);
  expect(screen.shown).toBe(text.slice(0, 43));
  expect(loads).toEqual(['0+', '1', '2', '3', '4']);
});

test('the last of several jumps counts', async () => {
  const { playback, screen, text } = letters(60, [3]);
  const jumps = [playback.seek(50), playback.seek(12), playback.seek(35)];
  await Promise.all(jumps);
  expect(screen.shown).toBe(text.slice(0, 36));
  expect(playback.state).toMatchObject({ time: 35, loading: false });
});

test('pauses are cut to two seconds, or kept', async () => {
  const screen = new Screen();
  const recording = {
    index: { cols: 80, rows: 24, duration: 101, bytes: 3, parts: [{ start: 0, bytes: 3, screen: false }] },
    partAt: () => 0,
    drawnFrom: () => 0,
    load: async (): Promise<ReplayEvent[]> => [
      [0, 'o', 'a'],
      [100, 'o', 'b'],
      [101, 'r', '90x30'],
    ],
  } as unknown as Recording;
  const playback = new Playback(recording, screen);
  await playback.seek(0);
  playback.setSkipIdle(false);
  await playback.play();
  await run(3);
  expect(screen.shown).toBe('a');
  playback.setSkipIdle(true);
  await run(0.1);
  expect(screen.shown).toBe('ab');
  await run(1.2);
  expect(screen.sizes).toEqual(['90x30']);
  expect(playback.state.playing).toBe(false);
});

test('what cannot be loaded is said, and can be tried again', async () => {
  const screen = new Screen();
  let broken = true;
  const failing = new Playback(
    {
      index: { cols: 80, rows: 24, duration: 19, bytes: 20, parts: [{ start: 0, bytes: 20, screen: false }] },
      partAt: () => 0,
      drawnFrom: () => 0,
      load: async () => {
        if (broken) throw new Error('no network');
        return [[0, 'o', 'x']] as ReplayEvent[];
      },
    } as unknown as Recording,
    screen,
  );
  await failing.seek(3);
  expect(failing.state).toMatchObject({ loading: false, error: expect.objectContaining({ message: 'no network' }) });
  broken = false;
  await failing.seek(3);
  expect(failing.state).toMatchObject({ error: undefined });
  expect(screen.shown).toBe('x');
});

test('a size that nobody has is not taken', async () => {
  const screen = new Screen();
  const recording = {
    index: { cols: 80, rows: 24, duration: 1, bytes: 3, parts: [{ start: 0, bytes: 3, screen: false }] },
    partAt: () => 0,
    drawnFrom: () => 0,
    load: async (): Promise<ReplayEvent[]> => [
      [0, 'r', '1000000x1000000'],
      [0, 'r', 'x'],
      [0, 'r', '100x40'],
    ],
  } as unknown as Recording;
  await new Playback(recording, screen).seek(1);
  expect(screen.sizes).toEqual(['100x40']);
});
