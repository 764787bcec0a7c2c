import { expect, test } from 'vitest';
import type { Size } from '../../src/kernel/channel.ts';
import { KeyReader } from '../../src/session/commands/keys.ts';
import { CommandReader } from '../../src/session/commands/reader.ts';
import { FakeClock } from '../kit/clock.ts';
import { rounds, Seeded } from '../kit/seeded.ts';

const SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };
const SAID = [
  '$ ',
  'Password: ',
  'user@web1:~$ ',
  '\r\n',
  '\n',
  '\r',
  '漢字',
  'é',
  '🙂',
  '\t',
  '\b \b',
  '\x1b[K',
  '\x1b[J',
  '\x1b[A',
  '\x1b[2B',
  '\x1b[H',
  '\x1b[?1049h',
  '\x1b[?1049l',
  '\x1b[?2004h',
  '\x1b[?2004l',
  '\x1b]133;D;1\x07',
  '\x1b]7;file://h/%zz\x07',
  '\x1b]633;E;\\x\x07',
  '\x1b[5;10r',
  '\x1b(0',
  '\x1b[90mghost\x1b[m',
  '│',
  '[0] 0:bash*',
  ':!ls',
  '\x1bc',
  '!!',
  'echo hi',
];
const TYPED = [
  'a',
  'echo hi',
  '!!',
  '^a^b',
  '漢',
  '\r',
  '\n',
  '\x0f',
  '\x03',
  '\x04',
  '\x15',
  '\x7f',
  '\t',
  '\x1b',
  '\x1b[A',
  '\x1b[200~',
  '\x1b[201~',
  ':!ls',
  '\x02',
  '\x1b[M!!!',
  '\x1b[I',
  '\x1b]11;rgb\x07',
];

test('the reader of commands survives whatever is typed and said, in whatever pieces and sizes', () => {
  const random = new Seeded(77);
  for (let round = 0; round < rounds(120); round++) {
    const clock = new FakeClock();
    let rows = 0;
    let size = SIZE;
    const reader = new CommandReader({
      clock,
      size: () => size,
      commands: {
        add: ({ line }) => {
          rows++;
          expect(line).not.toContain('\0');
          return 'id' as never;
        },
        report: () => {},
      },
      ranUnjudged: () => undefined,
    });
    const keys = new KeyReader();
    for (let turn = 0; turn < 150; turn++) {
      switch (random.below(9)) {
        case 0:
        case 1:
        case 2:
          for (const piece of random.pieces(Buffer.from(random.one(TYPED)), 4))
            keys.read(piece, (key) => void reader.key(key));
          break;
        case 3:
        case 4:
        case 5:
          for (const piece of random.pieces(Buffer.from(random.one(SAID).repeat(1 + random.below(3))), 12))
            reader.output(piece);
          break;
        case 6:
          reader.output(random.bytes(random.below(200)));
          break;
        case 7:
          size = { ...SIZE, cols: random.one([1, 2, 20, 80, 200, 1e5]), rows: random.one([1, 2, 24, 1e5]) };
          reader.resize(size);
          break;
        default:
          clock.advance(random.one([1, 30, 300, 5000, 100_000]));
          if (random.below(3) === 0) expect(reader.current().lines.length).toBeLessThan(30);
      }
    }
    reader.finish();
    expect(rows).toBeLessThan(200);
  }
});

test('output made to be costly does not keep the thread: the line is known by its keys instead', () => {
  const clock = new FakeClock();
  const lines: string[] = [];
  const reader = new CommandReader({
    clock,
    size: () => ({ ...SIZE, cols: 1000, rows: 500 }),
    commands: {
      add: ({ line, confidence }) => {
        lines.push(`${confidence} ${line}`);
        return 'id' as never;
      },
      report: () => {},
    },
    ranUnjudged: () => undefined,
  });
  const keys = new KeyReader();
  const type = (text: string) => keys.read(Buffer.from(text), (key) => void reader.key(key));
  const costly = Buffer.from('\x1bc\x1b[?1049h\x1b[?1049l'.repeat(5000));
  const start = performance.now();
  let longest = 0;
  for (let round = 0; round < 50; round++) {
    const before = performance.now();
    type('ls\r');
    reader.output(costly);
    reader.current();
    longest = Math.max(longest, performance.now() - before);
  }
  reader.finish();
  const spent = performance.now() - start;
  // without the bound a single round takes longer than all of them may
  expect(spent).toBeLessThan(8000);
  expect(longest).toBeLessThan(1000);
  expect(lines.length).toBeGreaterThan(0);
});
