import { SerializeAddon } from '@xterm/addon-serialize';
import * as headless from '@xterm/headless';
import { expect, test } from 'vitest';
import type { Size } from '../../src/kernel/channel.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { ModeTracker } from '../../src/kernel/term-modes.ts';
import { Screen } from '../../src/session/screen.ts';

const { Terminal } = (headless as { default?: typeof headless }).default ?? headless;
const SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };

function terminal(size: Size = SIZE) {
  const made = new Terminal({ cols: size.cols, rows: size.rows, scrollback: 0, allowProposedApi: true });
  const serializer = new SerializeAddon();
  made.loadAddon(serializer);
  const write = (data: Buffer | string) => new Promise<void>((resolve) => made.write(data, resolve));
  /** Everything a watcher could see: cells with attributes, cursor, modes. */
  const look = () => {
    const { buffer } = made;
    const lines = Array.from({ length: made.rows }, (_, y) =>
      buffer.active.getLine(buffer.active.baseY + y)!.translateToString(false),
    );
    return {
      lines,
      serialised: serializer.serialize({ scrollback: 0 }),
      type: buffer.active.type,
      cursor: [buffer.active.cursorX, buffer.active.cursorY],
      modes: { ...made.modes },
    };
  };
  return { made, write, look };
}

const snapshotOf = (screen: Screen) =>
  new Promise<{ screen: Buffer; size: Size }>((resolve) =>
    screen.snapshot(({ screen: bytes, size }) => resolve({ screen: bytes, size })),
  );

/** What an editor writes: alternate screen, modes, a scroll region, colours, wide characters, a status line. */
function editor(): string {
  const rows = Array.from(
    { length: 22 },
    (_, i) => `\x1b[${i + 1};1H\x1b[3${i % 8}m${i + 1} 漢字 line é \x1b[1mbold\x1b[0m\x1b[K`,
  );
  return (
    'user@web1:~$ vi file\r\n\x1b[?1049h\x1b[22;0;0t\x1b[?1h\x1b=\x1b[?2004h\x1b[?1006;1002h\x1b[1;24r\x1b[?12h\x1b[27m\x1b[H\x1b[2J' +
    `${rows.join('')}\x1b[24;1H\x1b[7m-- INSERT --\x1b[0m\x1b[2;20r\x1b[20;1H\nscrolled\x1b[?25l\x1b[5;9Hx`
  );
}

test.each([1, 3, 17, 4096])(
  'a snapshot shows what a terminal that saw everything shows (chunks of %i bytes)',
  async (step) => {
    const bytes = Buffer.from(editor());
    const direct = terminal();
    await direct.write(bytes);
    const screen = new Screen(SIZE, systemClock);
    for (let at = 0; at < bytes.length; at += step) screen.output(bytes.subarray(at, at + step));
    const { screen: snapshot, size } = await snapshotOf(screen);
    expect(size).toEqual(SIZE);
    const watcher = terminal();
    await watcher.write('\x1b[?1049h\x1b[31mleft over from before\x1b[5;10r\x1b[?25l');
    await watcher.write(snapshot);
    expect(watcher.look()).toEqual(direct.look());
    // and both go on alike: scroll region, character attributes, leaving the alternate screen
    const more = '\x1b[20;1H\n\nmore\x1b[3;3H\x1b[L\x1b(0lqk\x1b(B\x1b[?1049l\x1b[?25h$ ls\r\n';
    await Promise.all([watcher.write(more), direct.write(more)]);
    expect(watcher.look()).toEqual(direct.look());
  },
);

test('snapshots cut anywhere in sequences and characters continue seamlessly', async () => {
  const bytes = Buffer.from(`${editor()}\x1b]0;title\x07\x1b[?1049l\x1b(0qqq\x1b(B 🚀 \x1b[38;5;196mred`);
  const direct = terminal();
  await direct.write(bytes);
  for (let cut = 1; cut < bytes.length; cut += 7) {
    const screen = new Screen(SIZE, systemClock);
    screen.output(bytes.subarray(0, cut));
    const { screen: snapshot } = await snapshotOf(screen);
    const watcher = terminal();
    await watcher.write(snapshot);
    await watcher.write(bytes.subarray(cut));
    expect(watcher.look(), `cut at ${cut}`).toEqual(direct.look());
    // the screen itself went through a snapshot too
    screen.output(bytes.subarray(cut));
    const again = terminal();
    await again.write((await snapshotOf(screen)).screen);
    expect(again.look(), `second snapshot, cut at ${cut}`).toEqual(direct.look());
  }
});

test('resizes apply in order', async () => {
  const small: Size = { ...SIZE, cols: 40, rows: 10 };
  const direct = terminal();
  const screen = new Screen(SIZE, systemClock);
  const line = 'a line that is wrapped in a small window because it is long enough\r\n';
  await direct.write(line);
  screen.output(Buffer.from(line));
  direct.made.resize(40, 10);
  screen.resize(small);
  await direct.write(line);
  screen.output(Buffer.from(line));
  const { screen: snapshot, size } = await snapshotOf(screen);
  expect(size).toEqual(small);
  const watcher = terminal(small);
  await watcher.write(snapshot);
  expect(watcher.look().lines).toEqual(direct.look().lines);
});

test('what is skipped under bulk output keeps its mode switches and the screen shows the tail', async () => {
  const head = Buffer.from(editor());
  const filler = Buffer.from('0123456789 filler line\r\n'.repeat(1000));
  const last = Buffer.from(Array.from({ length: 30 }, (_, i) => `\x1b[${(i % 20) + 2};1Hlast ${i}\x1b[K`).join(''));
  const chunks = [head, ...Array.from({ length: 40 }, () => filler), last];
  const direct = terminal();
  const screen = new Screen(SIZE, systemClock);
  for (const chunk of chunks) {
    await direct.write(chunk);
    screen.output(chunk);
  }
  const watcher = terminal();
  await watcher.write((await snapshotOf(screen)).screen);
  const [seen, truth] = [watcher.look(), direct.look()];
  expect(seen.type).toBe('alternate');
  expect(seen.modes).toEqual(truth.modes);
  expect(seen.cursor).toEqual(truth.cursor);
  expect(seen.lines.slice(1, 20)).toEqual(truth.lines.slice(1, 20));
});

test('the end of a session undoes the modes that its output left on', async () => {
  const screen = new Screen(SIZE, systemClock);
  screen.output(Buffer.from(editor()));
  const user = terminal();
  const before = user.look().modes;
  await user.write(editor());
  expect(user.look().type).toBe('alternate');
  await user.write(screen.restore());
  expect(user.look().type).toBe('normal');
  expect(user.look().modes).toEqual(before);
  expect(new Screen(SIZE, systemClock).restore()).toBe('\x1b[0m');
});

test('strings, resets and unfinished sequences do not confuse the mode tracker', () => {
  const tracker = new ModeTracker();
  tracker.scan(Buffer.from('\x1b]52;c;\x0e[?1049h'));
  tracker.scan(Buffer.from('still the string \x1b\\\x1b[?2004'));
  expect(tracker.partial.toString()).toBe('\x1b[?2004');
  expect(tracker.state.changed.size).toBe(0);
  tracker.scan(Buffer.from('h\x1b[?25;1000l\x1b[?1003h'));
  expect([...tracker.state.changed].sort()).toEqual([1003, 2004, 25].sort());
  tracker.scan(Buffer.from([0xf0, 0x9f]));
  expect(tracker.partial).toEqual(Buffer.from([0xf0, 0x9f]));
  tracker.scan(Buffer.from([0x9a]));
  expect(tracker.partial).toEqual(Buffer.from([0xf0, 0x9f, 0x9a]));
  tracker.scan(Buffer.from([0x80]));
  expect(tracker.partial.length).toBe(0);
  tracker.scan(Buffer.from(`\x1bPq${'x'.repeat(10_000)}`));
  expect(tracker.partial.toString()).toBe('\x1bP');
  tracker.scan(Buffer.from('\x1b\\\x1bc'));
  expect(tracker.state.changed.size).toBe(0);
});

test('a made-up window size costs no memory', async () => {
  const screen = new Screen({ cols: 4_000_000_000, rows: 4_000_000_000, width: 0, height: 0 }, systemClock);
  screen.output(Buffer.from('hello'));
  expect((await snapshotOf(screen)).screen.toString()).toContain('hello');
});

test('output made to keep a terminal busy does not', async () => {
  const screen = new Screen(SIZE, systemClock);
  const worst = [...'LMSTIZb'].map((final) => `x\x1b[2147483647${final}`).join('');
  screen.output(Buffer.from(`${worst.repeat(20)}\x1b[2J\x1b[Hstill here`));
  expect((await snapshotOf(screen)).screen.toString()).toContain('still here');
});

test('the mode tracker reads each byte once, whatever they are', () => {
  // searched again from every position, one of these chunks would take minutes
  for (const piece of ['\x0e', '\x1b]', '\x1b[', '\x0f\x1b', '\x1b\x1b', '\x1bP\x18']) {
    const tracker = new ModeTracker();
    tracker.scan(Buffer.from(piece.repeat(2_000_000)));
    expect(tracker.state.changed.size).toBe(0);
  }
});

/** 250 KB of what costs the emulator most. */
const EXPENSIVE: readonly (readonly [string, string])[] = [
  ['colours of the palette', `\x1b]4;${'1;?;'.repeat(62_000)}\x07`],
  ['hyperlinks', Array.from({ length: 9000 }, (_, i) => `\x1b]8;;h:${i}\x07a\x1b]8;;\x07`).join('')],
  ['the other screen and back', '\x1b[?1049h\x1b[?1049l'.repeat(15_000)],
  ['resets', '\x1bc'.repeat(125_000)],
];

test.each(EXPENSIVE)(
  '%s hold nobody up: few steps are long, and all of them together take a second',
  async (_, text) => {
    const screen = new Screen({ cols: 1000, rows: 500, width: 0, height: 0 }, systemClock);
    screen.output(Buffer.from(text));
    const before = process.cpuUsage();
    let turns = 0;
    let waiting = true;
    const turn = () => {
      turns++;
      if (waiting) setImmediate(turn);
    };
    turn();
    await snapshotOf(screen);
    waiting = false;
    const { user, system } = process.cpuUsage(before);
    // CPU, not time: other tests run beside this one. A minute and more without the bounds
    expect((user + system) / 1e6).toBeLessThan(10);
    expect(turns).toBeGreaterThan(3);
  },
);
