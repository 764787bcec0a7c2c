// Hostile lines: those of the corpus torn and glued, and random pieces of shell. BASTION_FUZZ_ROUNDS=200000 is the long run.
import { expect, test } from 'vitest';
import { LineFilter } from '../../src/session/filter/line-filter.ts';
import { corpus } from '../commands/filter/corpus.ts';

const ROUNDS = Number(process.env.BASTION_FUZZ_ROUNDS ?? 1500);
const files = corpus();
const lines = files.flatMap((file) => file.lines.map(({ line }) => line));
const filter = new LineFilter(files.flatMap((file) => file.rules));

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: pieces of shell
const PIECES = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    '$',
    '${',
    '$(',
    '$((',
    '))',
    ')',
    '(',
    '{',
    '}',
    '<(',
    '>(',
    '<<E',
    '<<<',
    '\nE\n',
    '<',
    '>',
    '>>',
  ],
  ...[
    '|',
    '||',
    '&',
    '&&',
    ';',
    ';;',
    '\n',
    ' ',
    '\t',
    '#',
    '!',
    '*',
    '?',
    '[',
    ']',
    '~',
    '=',
    '+=',
    ',',
    '..',
    '@',
    '/',
    '-',
    '--',
  ],
  ...[
    'if',
    'then',
    'fi',
    'for x in',
    'do',
    'done',
    'case x in',
    'esac',
    'function f',
    'f()',
    'time',
    'coproc',
    'select',
    'while',
  ],
  ...[
    'sudo',
    'env',
    'xargs -I{}',
    'find . -exec',
    'bash -c',
    'sh',
    'eval',
    'ssh h',
    'echo',
    'printf',
    'cat',
    'base64 -d',
    'set --',
  ],
  ...[
    'rm',
    'x',
    'x=',
    '$x',
    '${x:-',
    '${x//',
    '${!x}',
    '${x[',
    '"$@"',
    "$'",
    '\\x72',
    '{a,b}',
    '{1..9}',
    'read x',
    'alias a=',
  ],
  ...['\0', '\r', 'é', '漢', '\u{1f600}', '\ud800', '\u{f0000}', '\u200b'],
];
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: pieces of shell

test(`${ROUNDS} hostile lines are judged, each within bounds, and always to the same verdict`, () => {
  const random = generator(20_240_311);
  for (let round = 0; round < ROUNDS; round++) {
    const line = round % 2 === 0 ? torn(random) : glued(random);
    const verdict = filter.judge(line);
    expect(verdict.commands.length, JSON.stringify(line)).toBeLessThanOrEqual(1001);
    expect(verdict.unread, JSON.stringify(line)).not.toBe('it could not be taken apart');
    if (round % 50 === 0) expect(filter.judge(line)).toEqual(verdict);
  }
});

test('a long line of any one piece ends within bounds', () => {
  const length = ROUNDS > 1500 ? 65_536 : 6000;
  for (const piece of PIECES) {
    for (const line of [
      piece.repeat(length / piece.length),
      `${`${piece} `.repeat(length / (piece.length + 2))}rm x`,
    ]) {
      expect(filter.judge(line).unread, piece).not.toBe('it could not be taken apart');
    }
  }
});

/** A line of the corpus with characters lost, doubled, exchanged, or another line put into it. */
function torn(random: () => number): string {
  let line = pick(lines, random);
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const at = Math.floor(random() * (line.length + 1));
    const length = Math.floor(random() * 4);
    const between = random() < 0.3 ? pick(lines, random) : random() < 0.7 ? pick(PIECES, random) : '';
    line = line.slice(0, at) + between + line.slice(random() < 0.5 ? at : at + length);
  }
  return line;
}

function glued(random: () => number): string {
  const count = 1 + Math.floor(random() * 40);
  const blank = random() < 0.5 ? ' ' : '';
  return Array.from({ length: count }, () => pick(PIECES, random)).join(blank);
}

function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
