// Hostile lines: those of the corpus torn and glued, and random pieces of shell.
import { expect, test } from 'vitest';
import { LineFilter } from '../../src/session/filter/line-filter.ts';
import { corpus } from '../commands/filter/corpus.ts';
import { rounds, Seeded } from '../kit/seeded.ts';

const ROUNDS = rounds(1200);
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
  const random = new Seeded(20_240_311);
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
function torn(random: Seeded): string {
  let line = pick(lines, random);
  for (let times = 1 + Math.floor(random.chance() * 4); times > 0; times--) {
    const at = Math.floor(random.chance() * (line.length + 1));
    const length = Math.floor(random.chance() * 4);
    const between = random.chance() < 0.3 ? pick(lines, random) : random.chance() < 0.7 ? pick(PIECES, random) : '';
    line = line.slice(0, at) + between + line.slice(random.chance() < 0.5 ? at : at + length);
  }
  return line;
}

function glued(random: Seeded): string {
  const count = 1 + Math.floor(random.chance() * 40);
  const blank = random.chance() < 0.5 ? ' ' : '';
  return Array.from({ length: count }, () => pick(PIECES, random)).join(blank);
}

function pick<T>(list: readonly T[], random: Seeded): T {
  return list[Math.floor(random.chance() * list.length)]!;
}
