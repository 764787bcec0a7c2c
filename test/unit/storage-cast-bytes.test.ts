import { describe, expect, it } from 'vitest';
import { escapeJson, MAX_GROWTH, Utf8Pieces } from '../../src/storage/cast-bytes.ts';
import { Seeded } from '../kit/seeded.ts';

function inPieces(bytes: Buffer, dice: Seeded): string {
  const decoder = new Utf8Pieces();
  // what it gives out is valid until the next call
  const out = dice.pieces(bytes, 7).map((piece) => Buffer.from(decoder.take(Buffer.from(piece))));
  return Buffer.concat([...out, decoder.rest()]).toString('utf8');
}

describe('text of a recording', () => {
  it('is the same however the bytes were cut', () => {
    const text = 'naïve ¥ 数据库 🚀 a\r\n\x1b[31m"\\\x00\x7f';
    const bytes = Buffer.from(text.repeat(20));
    for (let seed = 1; seed <= 50; seed++) expect(inPieces(bytes, new Seeded(seed))).toBe(text.repeat(20));
  });

  it('replaces what is no UTF-8 as any decoder does', () => {
    const dice = new Seeded(7);
    for (let round = 0; round < 300; round++) {
      const bytes = dice.bytes(40);
      expect(inPieces(bytes, dice)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }
  });

  it('is escaped so that JSON reads it back', () => {
    const text = Array.from({ length: 0x180 }, (_, code) => String.fromCharCode(code)).join('');
    const utf8 = Buffer.from(text);
    const out = Buffer.alloc(utf8.length * MAX_GROWTH);
    const escaped = out.toString('utf8', 0, escapeJson(utf8, out, 0, false));
    expect(JSON.parse(`"${escaped}"`)).toBe(text);
    expect(JSON.stringify(text)).toBe(`"${escaped}"`);
    const crlf = out.toString('utf8', 0, escapeJson(Buffer.from('a\nb\n'), out, 0, true));
    expect(JSON.parse(`"${crlf}"`)).toBe('a\r\nb\r\n');
  });
});
