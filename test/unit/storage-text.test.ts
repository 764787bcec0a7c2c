import { describe, expect, it } from 'vitest';
import { TextBlocks } from '../../src/storage/text-blocks.ts';
import { TerminalText } from '../../src/storage/text-lines.ts';
import { PARTS, pack, type StoredBlock, type TextBlock, unpack } from '../../src/store/text/block.ts';
import { rounds, Seeded } from '../kit/seeded.ts';

interface Chunk {
  readonly ms: number;
  readonly text: string;
}

function blocksOf(chunks: readonly Chunk[], width = 80, limit = 1e9): TextBlock[] {
  const blocks = new TextBlocks(limit);
  const terminal = new TerminalText(blocks, width);
  for (const { ms, text } of chunks) terminal.write(text, ms);
  terminal.end();
  blocks.flush();
  return blocks.ready;
}

function timed(chunks: readonly Chunk[], width = 80): [ms: number, line: string][] {
  return blocksOf(chunks, width).flatMap(({ text, times }) =>
    text
      .toString()
      .split('\n')
      .slice(0, -1)
      .map((line, i): [number, string] => [times[i]!, line]),
  );
}

const lines = (text: string, width = 80) => timed([{ ms: 0, text }], width).map(([, line]) => line);

describe('text of a terminal', () => {
  it.each([
    ['plain lines', 'one\r\ntwo\r\n', ['one', 'two']],
    ['a last line without its end', 'one\r\ntwo', ['one', 'two']],
    [
      'colours and titles',
      '\x1b]0;title\x07\x1b[01;32mbin\x1b[0m  \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\r\n',
      ['bin link'],
    ],
    ['device control strings', 'a\x1bPq#0;2;0\x1b\\b\r\n', ['ab']],
    ['a progress line, as it stood at last', ' 10%\r 50%\r100%\r\n', ['100%']],
    ['a longer line overwritten by a shorter one', 'downloading\rdone\x1b[K\r\n', ['done']],
    ['backspaces', 'gti\b\b\x1b[K' + 'it status\r\n', ['git status']],
    ['a man page of old, bold by overstriking', 'N\bNA\bAM\bME\bE\r\n', ['NAME']],
    ['columns of a listing', 'a.txt     b.txt\tc.txt\r\n', ['a.txt b.txt c.txt']],
    ['insert and delete', 'abef\x1b[2D\x1b[2@cd\r\n' + 'abXXcd\x1b[4D\x1b[2P\r\n', ['abcdef', 'abcd']],
    ['insert mode', 'bc\r\x1b[4ha\x1b[4l\r\n', ['abc']],
    ['a repeated character', '=\x1b[4b\r\n', ['=====']],
    ['Chinese, corrected', '中文字\b\b\b\b\x1b[K件\r\n', ['中件']],
    ['an emoji, cut in two halves', 'ok 🚀 go\r\n', ['ok 🚀 go']],
    ['line drawing', '\x1b(0lqqk\x1b(B box \x0elqk\x0f\r\n', ['box lqk']],
    ['rows of a drawn screen', '\x1b[?1049h\x1b[1;1Htop line\x1b[5;3Hsecond\x1b[2J', ['top line', 'second']],
    [
      'a redrawn screen, once',
      '\x1b[1;1Hload 0.1\x1b[2;1Hmemory\x1b[1;1Hload 0.2\x1b[2;1Hmemory\x1b[1;1H',
      ['load 0.1', 'memory', 'load 0.2'],
    ],
    ['the same line again and again', 'wait\r\nwait\r\nwait\r\n', ['wait']],
    ['what cannot be seen', 'pass\u200bword\ufeff\r\n\x00\x7f\x85', ['password']],
  ] as const)('%s', (_name, text, expected) => {
    expect(lines(text)).toEqual(expected);
  });

  it('keeps a line whole that the terminal wrapped, also when an editor works in its second row', () => {
    expect(lines(`${'x'.repeat(15)}\r${'y'.repeat(3)}\r\n`, 10)).toEqual([`${'x'.repeat(10)}yyyxx`]);
    // how readline goes to the next row, back up, and down again
    expect(lines(`0123456789 \rabc\x1b[A\rX\x1b[B\r_\r\n`, 10)).toEqual(['X123456789_bc']);
  });

  it('says for each line when its last character came', () => {
    const chunks = [
      { ms: 1000, text: '$ ' },
      { ms: 5200, text: 'l' },
      { ms: 5900, text: 's' },
      { ms: 7000, text: '\r\nfile\r\n$ ' },
    ];
    expect(timed(chunks)).toEqual([
      [5900, '$ ls'],
      [7000, 'file'],
      [7000, '$'],
    ]);
  });

  it('parts a line without end so that a text across the cut is found', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `w${i}`).join(' ');
    const parts = lines(text);
    expect(parts.length).toBeGreaterThan(3);
    for (let i = 0; i < 2990; i++) {
      const phrase = `w${i} w${i + 1} w${i + 2} `;
      expect(
        parts.some((part) => `${part} `.includes(phrase)),
        phrase,
      ).toBe(true);
    }
  });

  it('stops at its limit', () => {
    const text = Array.from({ length: 1000 }, (_, i) => `line ${i}\r\n`).join('');
    const kept = blocksOf([{ ms: 0, text }], 80, 1000).reduce((sum, block) => sum + block.text.length, 0);
    expect(kept).toBeGreaterThanOrEqual(1000);
    expect(kept).toBeLessThan(1020);
  });

  it('gives the same text however the output was cut, and survives anything', () => {
    const random = new Seeded(7);
    for (let round = 0; round < rounds(300); round++) {
      const text = Array.from({ length: 400 }, () => random.one(PIECES)(random)).join('');
      const whole = timed([{ ms: 0, text }], 20);
      const cut: Chunk[] = [];
      for (let at = 0; at < text.length; ) {
        const length = 1 + random.below(7);
        cut.push({ ms: 0, text: text.slice(at, at + length) });
        at += length;
      }
      expect(timed(cut, 20), `round ${round}`).toEqual(whole);
      for (const [, line] of whole) expect(line, `round ${round}`).not.toMatch(CONTROL);
    }
  });

  it('takes time in proportion to the output, whatever a hostile target sends', () => {
    const hostile = [
      '\x1b[4096b',
      `${'x'.repeat(4000)}\r\x1b[4h${'y\r'.repeat(2000)}`,
      '\x1b[4096@a',
      '\x1b]'.repeat(9),
      'a\x1b[4096C',
    ];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(200_000 / piece.length));
      const kept = blocksOf([{ ms: 0, text }]).reduce((sum, block) => sum + block.text.length, 0);
      expect(kept).toBeLessThan(40 * text.length);
    }
  });
});

describe('blocks', () => {
  it('come back as they went, part by part', () => {
    const text = Array.from({ length: 3000 }, (_, i) => `line ${i} with Überlänge 中文\r\n`);
    const blocks = blocksOf(text.map((line, i) => ({ ms: i * 10, text: line })));
    expect(blocks.length).toBeGreaterThan(3);
    let count = 0;
    for (const block of blocks) {
      const stored: StoredBlock = unpack(pack(block));
      expect(stored.parts).toBeLessThanOrEqual(PARTS);
      for (let part = 0; part < stored.parts; part++) {
        const inPart = stored.text(part).split('\n').slice(0, -1);
        for (const [i, line] of inPart.entries()) {
          expect(line).toBe(`line ${count} with Überlänge 中文`);
          expect(stored.time(stored.firstLine(part) + i)).toBe(count * 10);
          count++;
        }
      }
    }
    expect(count).toBe(3000);
  });
});

const CONTROL = /\p{Cc}/u;
const PIECES: readonly ((random: Seeded) => string)[] = [
  (random) => 'abc xyz 中文🚀é\u0301'.slice(random.below(5), 5 + random.below(10)),
  (random) => random.one([...'\r\n\b\t\x0e\x0f\x07\x00\x18\x1a\x7f\x85\x9b\x90\x9c\xad']),
  (random) => `\x1b[${random.below(30)}${random.one([...'ABCDEFGHJKLMPX@abdefmhl`'])}`,
  (random) => `\x1b[?${random.one([25, 47, 1047, 1049, 2004])}${random.one(['h', 'l'])}`,
  (random) => `\x1b${random.one([...'()*78DEMc[]PX^_\\=>\x1b'])}`,
  (random) => `\x1b]${random.below(9)};title${random.one(['\x07', '\x1b\\', '\x9c', '\x18'])}`,
  (random) => String.fromCharCode(random.below(0x10000)),
];
