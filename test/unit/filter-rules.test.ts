import { describe, expect, test } from 'vitest';
import type { FilterId } from '../../src/kernel/id.ts';
import { LineFilter } from '../../src/session/filter/line-filter.ts';
import { checkPattern } from '../../src/session/filter/regex-rules.ts';
import { checkWords } from '../../src/session/filter/word-rules.ts';
import type { CommandRule } from '../../src/store/model.ts';

function rule(over: Partial<CommandRule>): CommandRule {
  const id = 'f' as FilterId;
  return {
    id,
    name: 'one',
    priority: 50,
    action: 'deny',
    words: [],
    regex: null,
    matchCase: false,
    reviewers: [],
    ...over,
  };
}
const noRm = rule({ name: 'no-rm', words: ['rm'] });

describe('a verdict', () => {
  test('names the rule, the command and what it stands in', () => {
    const verdict = new LineFilter([noRm]).judge("ls; sudo bash -c 'rm x'");
    expect(verdict).toMatchObject({ action: 'deny', rule: noRm, command: 'rm x' });
    expect(verdict.commands.at(-1)).toEqual({ text: 'rm x', rule: noRm, action: 'deny', via: ['sudo', 'bash -c'] });
    expect(verdict.commands[0]).toEqual({ text: 'ls', rule: null, action: 'allow' });
  });

  test('without rules is to let everything through, and still says what was found', () => {
    const filter = new LineFilter([]);
    expect(filter.empty).toBe(true);
    expect(filter.judge('ls;rm x')).toMatchObject({ action: 'allow', rule: null });
    expect(filter.judge('ls;rm x').commands.map(({ text }) => text)).toEqual(['ls', 'rm x']);
  });

  test.each([
    ["echo 'a", true],
    ['echo "a', true],
    ['ls \\', true],
    ['sh <<EOF', true],
    ['echo $(ls', true],
    ['f() {', true],
    ['sh <<EOF\nls\nEOF', undefined],
    ['echo "a"', undefined],
  ])('of %j says whether the next line belongs to it', (line, continues) => {
    expect(new LineFilter([noRm]).judge(line).continues).toBe(continues);
  });

  test('of a whole line counts like one more command: an exception for it frees no part', () => {
    const exception = rule({ name: 'fine', action: 'allow', priority: 1, regex: '^ls; rm x$' });
    const verdict = new LineFilter([exception, noRm]).judge('ls; rm x');
    expect(verdict.action).toBe('deny');
    expect(verdict.commands.at(-1)).toEqual({
      text: 'ls; rm x',
      rule: exception,
      action: 'allow',
      via: ['whole line'],
    });
  });
});

describe('a line that is not taken apart', () => {
  const fine = rule({ name: 'fine', action: 'allow', words: ['ls'] });
  const ask = rule({ name: 'ask', action: 'review', words: ['reboot'] });

  test.each([
    ['too long', `ls ${'x'.repeat(70_000)}`],
    ['too many commands', 'ls;'.repeat(2000)],
    ['too deep', `${'$('.repeat(100)}ls${')'.repeat(100)}`],
    ['too deep in functions', `${'sudo '.repeat(100)}ls`],
    ['growing without end', `x=aaaa; ${'x=$x$x; '.repeat(40)}ls $x`],
    ['a flood of braces', `ls ${'{a,b}'.repeat(30)}`],
  ])('because it is %s is decided by the severest rule', (_, line) => {
    const verdict = new LineFilter([fine, ask]).judge(line);
    expect(verdict).toMatchObject({ action: 'review', rule: ask, unread: expect.any(String) });
    expect(new LineFilter([fine]).judge(line).action).toBe('allow');
  });

  test('by a broken or too costly expression is stopped, and never let through by it', () => {
    const broken = '(';
    const costly = '(a|b){0,900}(a|b){0,900}c';
    const line = `x${'ab'.repeat(30_000)}`;
    for (const regex of [broken, costly]) {
      expect(new LineFilter([rule({ regex })]).judge(line).action).toBe('deny');
      expect(new LineFilter([rule({ regex, action: 'allow' }), rule({ regex: '^x' })]).judge(line).action).toBe('deny');
    }
  });
});

describe('an expression', () => {
  test.each(['rm\\s+-rf', '(?i)drop', '^reboot$', '\\bdd\\b', '.*', '\\p{Greek}'])('%s is taken', (text) => {
    expect(() => checkPattern(text, false)).not.toThrow();
  });

  test.each([
    ['(', /not understood: missing closing \): `\(`\./],
    ['(?=a)b', /neither look-ahead/],
    ['(a)\\1', /nor references to groups/],
    ['a{2000}', /not understood: invalid repeat count/],
    ['', /1 to 2000 characters/],
    ['x'.repeat(2001), /1 to 2000 characters/],
    ['(a|b|c|d){1000}', /too large/],
  ])('%s is refused with what to do', (text, reason) => {
    expect(() => checkPattern(text, false)).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => checkPattern(text, false)).toThrow(reason);
  });

  test('looks at case only when asked to', () => {
    const judge = (matchCase: boolean) =>
      new LineFilter([rule({ regex: 'Secret', matchCase })]).judge('echo secret').action;
    expect([judge(false), judge(true)]).toEqual(['deny', 'allow']);
  });
});

describe('a word list', () => {
  test('of commands with arguments is taken', () => {
    const words = ['rm', 'rm -rf', 'git push --force', 'mkfs*', 'DROP TABLE', '$*', '/usr/bin/x', '删除'];
    expect(() => checkWords(words)).not.toThrow();
  });

  test.each([
    [[], /1 to 500 commands/],
    [Array.from({ length: 501 }, (_, n) => `c${n}`), /1 to 500 commands/],
    [['rm', ' '], /empty entry/],
    [['x'.repeat(201)], /at most 200/],
    [['ls;rm'], /holds ; and would never match/],
    [['rm "x"'], /holds " and would never match/],
    [['rm\nls'], /control character/],
  ])('%j is refused with what to do', (words, reason) => {
    expect(() => checkWords(words)).toThrow(expect.objectContaining({ code: 'invalid' }));
    expect(() => checkWords(words)).toThrow(reason);
  });

  test('and many more of them are asked about a long line within bounds, to the severe side', () => {
    const words = Array.from({ length: 500 }, (_, n) => `*x${n}y*`);
    const lists = (action: CommandRule['action']) => [1, 2, 3].map((n) => rule({ name: `list ${n}`, action, words }));
    const line = `${'a'.repeat(60_000)} b`;
    expect(new LineFilter(lists('deny').slice(0, 1)).judge(line).action).toBe('allow');
    expect(new LineFilter(lists('deny')).judge(line).action).toBe('deny');
    expect(new LineFilter(lists('allow')).judge(line).rule).toBeNull();
  });
});
