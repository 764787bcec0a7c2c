import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OUTPUT_WINDOW } from '../../src/api/contract/ws-limits.ts';
import { OutputWindow } from '../../src/gateways/web/terminal/output-window.ts';

function taken(window: OutputWindow): Buffer {
  const pieces: Buffer[] = [];
  for (let piece = window.take(); piece; piece = window.take()) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('the window of output', () => {
  it('hands on the very buffers it was given', () => {
    const window = new OutputWindow();
    const chunk = Buffer.from('hello');
    window.push(chunk);
    expect(window.take()).toBe(chunk);
    expect(window.take()).toBeUndefined();
    expect(window.allSent).toBe(true);
  });

  it('is full at its size and has room again at half of it', () => {
    const window = new OutputWindow();
    window.push(Buffer.alloc(OUTPUT_WINDOW - 1));
    expect(window.full).toBe(false);
    window.push(Buffer.alloc(1));
    expect(window.full).toBe(true);
    taken(window);
    expect(window.full).toBe(true);
    expect(window.ack(OUTPUT_WINDOW / 2 - 1)).toBe(true);
    expect(window.hasRoom).toBe(false);
    expect(window.ack(OUTPUT_WINDOW / 2)).toBe(true);
    expect(window.hasRoom).toBe(true);
  });

  it('takes no word for what was not sent; an old word says nothing', () => {
    const window = new OutputWindow();
    window.push(Buffer.from('abcdef'));
    expect(window.ack(1)).toBe(false);
    window.take();
    expect(window.ack(7)).toBe(false);
    expect(window.ack(4)).toBe(true);
    expect(window.ack(2)).toBe(true);
    expect(window.acked).toBe(4);
  });

  it('begins again anywhere between what was acknowledged and what was sent, and nowhere else', () => {
    const window = new OutputWindow();
    for (const text of ['abc', 'def', 'ghi', 'jkl']) window.push(Buffer.from(text));
    for (let n = 0; n < 3; n++) window.take();
    window.ack(2);
    expect(window.rewind(1)).toBe(false);
    expect(window.rewind(10)).toBe(false);
    expect(window.rewind(4)).toBe(true);
    expect(taken(window).toString()).toBe('efghijkl');
    expect(window.rewind(12)).toBe(true);
    expect(taken(window).toString()).toBe('');
    window.push(Buffer.from('mno'));
    expect(taken(window).toString()).toBe('mno');
  });

  it('cuts what is too large for one frame', () => {
    const window = new OutputWindow();
    const chunk = randomBytes(200_000);
    window.push(chunk);
    expect(window.take()!.length).toBe(64 * 1024);
    expect(Buffer.concat([chunk.subarray(0, 64 * 1024), taken(window)]).equals(chunk)).toBe(true);
  });

  it('keeps few objects for many small chunks, and not their large buffers', () => {
    const window = new OutputWindow();
    const all: Buffer[] = [];
    for (let n = 0; n < 10_000; n++) {
      const chunk = Buffer.alloc(4096, n % 251).subarray(7, 9);
      all.push(chunk);
      window.push(chunk);
      if (n === 2000) window.take();
    }
    let frames = 0;
    const rest: Buffer[] = [];
    for (let piece = window.take(); piece; piece = window.take()) {
      frames++;
      rest.push(piece);
    }
    expect(frames).toBeLessThan(2100);
    expect(Buffer.concat(rest).equals(Buffer.concat(all).subarray(2))).toBe(true);
  });

  it('gives every byte once and in order, whatever comes between: 20 000 random steps', () => {
    const window = new OutputWindow();
    const written: Buffer[] = [];
    let shown: Buffer[] = [];
    let shownBytes = 0;
    let acked = 0;
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let step = 0; step < 20_000; step++) {
      const what = random(10);
      if (what < 4) {
        const chunk = randomBytes(random(3) === 0 ? random(100_000) : random(20));
        written.push(chunk);
        if (!window.full) window.push(chunk);
        else written.pop();
      } else if (what < 8) {
        const piece = window.take();
        if (piece) {
          shown.push(piece);
          shownBytes += piece.length;
        }
      } else if (what === 8) {
        acked += random(shownBytes - acked + 1);
        expect(window.ack(acked)).toBe(true);
      } else if (random(20) === 0) {
        // a cut: some of what was sent never arrived
        const arrived = acked + random(shownBytes - acked + 1);
        shown = [Buffer.concat(shown).subarray(0, arrived)];
        shownBytes = arrived;
        acked = arrived;
        expect(window.rewind(arrived)).toBe(true);
      }
    }
    shown.push(taken(window));
    expect(Buffer.concat(shown).equals(Buffer.concat(written))).toBe(true);
  });
});
