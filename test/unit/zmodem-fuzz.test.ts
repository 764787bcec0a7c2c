import { expect, test } from 'vitest';
import { rounds, Seeded } from '../kit/seeded.ts';
import { bin16, bin32, bytes, dataFrames, END, FakeTerminal, fileFrame, hex, subpacket, Z } from './zmodem-kit.ts';

const content = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 11 + 65) & 0xff));
const pieces: readonly Buffer[] = [
  ...Object.values(Z).flatMap((type) => [hex(type), bin16(type), bin32(type, 1000)]),
  fileFrame('a', 3000),
  dataFrames(content),
  subpacket(content.subarray(0, 500), END.more),
  subpacket(content.subarray(0, 50), END.wait, 16),
  bytes('\x18'.repeat(5)),
  bytes('\x18\x18'),
  bytes('*'.repeat(40)),
  bytes('\x11\x13'.repeat(50)),
  bytes('OO'),
  bytes('rz\r'),
  bytes('ls -l\r\n$ '),
  bytes('\x18'.repeat(8) + '\b'.repeat(10)),
];

/** What makes a whole transfer, in its order. */
const EXCHANGE: readonly (readonly ['output' | 'input', Buffer])[] = [
  ['output', hex(Z.rqinit)],
  ['input', hex(Z.rinit)],
  ['output', fileFrame('a', 3000)],
  ['input', hex(Z.rpos)],
  ['output', dataFrames(content)],
  ['input', hex(Z.rinit)],
  ['output', hex(Z.fin)],
  ['input', hex(Z.fin)],
  ['output', bytes('OO$ ')],
];

const SEEDS = Array.from({ length: rounds(200) }, (_, i) => i + 1);

/** Plays one seed: frames, damaged or whole, and text, cut anywhere, in both directions. */
function play(seed: number, each: (terminal: FakeTerminal, roll: (below: number) => number) => void) {
  const dice = new Seeded(seed);
  const roll = (below: number) => dice.below(below);
  const terminal = new FakeTerminal();
  const streams = { output: '', input: '' };
  const script = Array.from({ length: 100 }, () => {
    if (roll(10) === 0) return EXCHANGE.map(([way, frame]) => [way, frame] as const);
    const piece = Buffer.from(pieces[roll(pieces.length)]!);
    if (roll(4) === 0) piece[roll(piece.length)] = roll(256);
    return [[roll(2) === 0 ? 'output' : 'input', piece] as const];
  });
  for (const [way, whole] of script.flat()) {
    for (let at = 0; at < whole.length; ) {
      const chunk = whole.subarray(at, at + 1 + roll(roll(3) === 0 ? 3 : 2000));
      terminal[way](chunk);
      streams[way] += chunk.toString('latin1');
      at += chunk.length;
    }
    each(terminal, roll);
  }
  return { terminal, ...streams };
}

/** Whether `part` is `whole` with nothing but omissions. */
function isPart(part: string, whole: string): boolean {
  let at = 0;
  for (let i = 0; i < whole.length && at < part.length; i++) if (whole[i] === part[at]) at++;
  return at === part.length;
}

test('in whatever pieces: nothing throws, and no byte of the output is changed or lost', () => {
  let files = 0;
  for (const seed of SEEDS) {
    const { terminal, output, input } = play(seed, (played, roll) => {
      if (roll(30) === 0) played.clock.advance(2000);
    });
    expect(terminal.given === output, `seed ${seed}`).toBe(true);
    expect(isPart(terminal.shown, output), `seed ${seed}`).toBe(true);
    // input is lost only where the target has given up
    expect(isPart(terminal.sent, input), `seed ${seed}`).toBe(true);
    files += terminal.files.length;
  }
  // the dice do reach transfers
  expect(files).toBeGreaterThan(SEEDS.length);
});

test('the same while rights come and go and sessions are locked: every file has its row', () => {
  const results = new Set<string>();
  for (const seed of SEEDS) {
    const { terminal } = play(seed, (played, roll) => {
      if (roll(10) === 0) played.allowed.clear();
      if (roll(3) === 0) played.allowed.add('download').add('upload');
      if (roll(30) === 0) played.watch.stop({ result: 'cancelled', detail: 'locked', gone: undefined });
      if (roll(30) === 0) played.clock.advance(2000);
    });
    terminal.watch.finish({ result: 'failed', detail: 'over', gone: undefined });
    const begun = terminal.told.filter((text) => text.startsWith('file transfer begins')).length;
    expect(terminal.files.filter((file) => file.path !== '').length, `seed ${seed}`).toBe(begun);
    for (const file of terminal.files) results.add(file.result);
  }
  expect([...results].sort()).toEqual(['cancelled', 'denied', 'failed', 'ok']);
});

test('bytes of no meaning, for long', () => {
  const dice = new Seeded(7);
  const terminal = new FakeTerminal();
  terminal.output(hex(Z.rqinit));
  terminal.input(hex(Z.rinit));
  terminal.output(bin32(Z.data));
  for (let i = 0; i < 300; i++) {
    const chunk = Buffer.from(
      Array.from({ length: 1000 }, () => dice.one([0x18, 0x2a, 0x11, 0x41 + dice.below(4), dice.below(256)])),
    );
    terminal.output(chunk);
    terminal.input(chunk);
  }
  for (const mark of ['*', '\x11', '\x18', '\x18J', 'O', '\b', '0']) {
    terminal.output(mark.repeat(300_000));
    terminal.input(mark.repeat(300_000));
  }
  expect(terminal.files).toEqual([]);
});
