import { expect, test } from 'vitest';
import type { Size } from '../../src/kernel/channel.ts';
import { systemClock } from '../../src/kernel/clock.ts';
import { Screen } from '../../src/session/screen.ts';
import { rounds, Seeded } from '../kit/seeded.ts';

const SIZE: Size = { cols: 80, rows: 24, width: 0, height: 0 };

const PLAIN = ['user@web1:~$ ', 'ls -l\r\n', '漢字', 'é', '🙂', '\t', '\b \b', '\r', '\n', '\x07', '\x0e', '\x0f'];
const FINALS = 'ABCDEFGHIJKLMPSTXZ`abcdefghilmnopqrstu@'.split('');
const PRIVATE = [1, 3, 5, 6, 7, 12, 25, 47, 69, 1000, 1002, 1006, 1047, 1048, 1049, 2004, 2026];

/** Terminal output as no program writes it, but a hostile one might. */
function output(random: Seeded): Buffer {
  const parts: (string | Buffer)[] = [];
  for (let i = 0; i < 40; i++) {
    const number = () => random.one([0, 1, 2, 24, 80, 999, 65535, 2 ** 31]);
    switch (random.below(8)) {
      case 0:
        parts.push(random.bytes(random.below(30)));
        break;
      case 1:
        parts.push(`\x1b[${number()};${number()}${random.one(FINALS)}`);
        break;
      case 2:
        parts.push(`\x1b[?${random.one(PRIVATE)}${random.one(['h', 'l'])}`);
        break;
      case 3:
        parts.push(`\x1b]${random.below(140)};${'x'.repeat(random.below(50))}${random.one(['\x07', '\x1b\\', ''])}`);
        break;
      case 4:
        parts.push(`\x1b${random.one(['P', '_', '^', 'X', '#8', '(0', ')B', 'c', '7', '8', 'D', 'M', 'E', 'H'])}`);
        break;
      default:
        parts.push(random.one(PLAIN).repeat(1 + random.below(20)));
    }
  }
  return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
}

function size(random: Seeded): Size {
  return { ...SIZE, cols: random.one([1, 2, 40, 80, 200, 100_000]), rows: random.one([1, 2, 10, 24, 100, 100_000]) };
}

const look = (screen: Screen) =>
  new Promise<string>((resolve) => screen.snapshot((snapshot) => resolve(snapshot.screen.toString('latin1'))));

test('the screen survives whatever a target writes, in whatever pieces', async () => {
  const random = new Seeded(99);
  for (let round = 0; round < rounds(80); round++) {
    const screen = new Screen(SIZE, systemClock);
    for (let turn = 0; turn < 4; turn++) {
      const bytes = output(random);
      if (random.below(2) === 0) screen.output(bytes);
      else for (const piece of random.pieces(bytes)) screen.output(piece);
      if (random.below(3) === 0) screen.resize(size(random));
      if (random.below(3) === 0) await look(screen);
    }
    expect(await look(screen)).toMatch(/^\x18/);
    expect(screen.restore()).toMatch(/\x1b\[0m$/);
  }
});
