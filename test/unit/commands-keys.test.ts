import { describe, expect, it } from 'vitest';
import { type Key, KeyReader } from '../../src/session/commands/keys.ts';
import { Seeded } from '../kit/seeded.ts';

function read(...chunks: (string | Buffer)[]): string[] {
  const keys: Key[] = [];
  const reader = new KeyReader();
  for (const chunk of chunks) reader.read(Buffer.from(chunk), (key) => void keys.push(key));
  return keys.map((key) => (key.kind === 'text' ? key.text : key.kind === 'paste' ? `paste ${key.on}` : key.kind));
}

describe('keys', () => {
  it('characters stand for themselves, wherever a chunk is cut', () => {
    const bytes = Buffer.from('ls 日本 é🙂');
    for (const piece of [1, 2, 3, 5]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, i) =>
        bytes.subarray(i * piece, (i + 1) * piece),
      );
      expect(read(...pieces).join('')).toBe('ls 日本 é🙂');
    }
  });

  it('line breaks and Ctrl-O may end a line, as does the Enter of a keypad or of newer protocols', () => {
    for (const keys of ['\r', '\n', '\x0f', '\x1bOM', '\x1b[13u', '\x1b[13;5u', '\x1b[27;5;13~'])
      expect(read(keys), JSON.stringify(keys)).toEqual(['enter']);
  });

  it('what terminals answer and mice do are no keys', () => {
    expect(read('\x1b[I', '\x1b[O', '\x1b[24;80R', '\x1b[?65;1c', '\x1b[<0;10;10M', '\x1b[?2026;2$y', 'a')).toEqual([
      'a',
    ]);
    // characters, for all a program knows that did not ask for a mouse
    expect(read('\x1b[M !!', 'a')).toEqual(['edit', 'a']);
  });

  it('a string that no terminal sent as its answer hides nothing that is typed behind it', () => {
    for (const begun of ['\x1b]0;', '\x1bP', '\x1b_', '\x1b[M '])
      expect(read(begun, 'rm').at(-1), JSON.stringify(begun)).toBe('rm');
    expect(read('\x1b]11;rgb:0000/0000/0000\x1b\\', 'a')).toEqual(['edit', 'a']);
  });

  it('a NUL is no key: no program takes it for a part of a line', () => {
    expect(read('to\0uch').join('')).toBe('touch');
  });

  it('a line break ends whatever has begun: nothing hides in a sequence no program waits for', () => {
    for (const begun of ['\x1b]0;', '\x1bP', '\x1b_', '\x1b[1;', '\x1b[M', '\x1b', '\x1bO'])
      expect(read(`${begun}rm\r`).at(-1), JSON.stringify(begun)).toBe('enter');
  });

  it('Escape is told from the sequences that begin with it', () => {
    expect(read('\x1b')).toEqual(['escape']);
    expect(read('\x1b[A')).toEqual(['edit']);
    expect(read('\x1b', '[A')).toEqual(['escape', 'edit']);
    expect(read('\x1b:q\r')).toEqual(['escape', ':', 'q', 'enter']);
  });

  it('a paste is told with its ends, and its line breaks inside', () => {
    expect(read('\x1b[200~one\rtwo\x1b[20', '1~')).toEqual(['paste true', 'one', 'enter', 'two', 'paste false']);
  });

  it('names the place behind each key, and stops where it is told to', () => {
    const chunk = Buffer.from('ab\x1b[A\rrest');
    const seen: [string, number][] = [];
    new KeyReader().read(chunk, (key, end) => {
      seen.push([key.kind, end]);
      return key.kind !== 'enter';
    });
    expect(seen).toEqual([
      ['text', 2],
      ['edit', 5],
      ['enter', 6],
    ]);
  });

  it('every line break of any input is seen, however it is cut', () => {
    const random = new Seeded(5);
    for (let round = 0; round < 200; round++) {
      const bytes = random
        .bytes(60)
        .map((byte) => (byte < 40 ? random.one([0x1b, 0x0d, 0x5b, 0x4f, 0x5d, byte]) : byte));
      const breaks = bytes.filter((byte) => byte === 0x0d || byte === 0x0a).length;
      const reader = new KeyReader();
      let seen = 0;
      for (const piece of random.pieces(Buffer.from(bytes), 7)) {
        reader.read(piece, (key, end) => {
          if (key.kind === 'enter' && (piece[end - 1] === 0x0d || piece[end - 1] === 0x0a)) seen++;
          return undefined;
        });
      }
      expect(seen).toBe(breaks);
    }
  });
});
