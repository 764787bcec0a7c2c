import { AppError } from '../../kernel/errors.ts';
import type { FoundCommand } from './commands-of.ts';
import { baseName } from './field.ts';
import { canMeet, fitsPattern, isAnything, isWild, ruleShape, UNKNOWN } from './glob.ts';
import type { MatchWork } from './match-work.ts';

const LONGEST_ENTRY = 200;
const MOST_ENTRIES = 500;
/** A shell keeps them out of words, so an entry that holds one never matches. */
const NEVER_IN_A_WORD = /[;&|<>()'"`\\]/;

/** A command of a word list, ready to be compared. */
export interface WordEntry {
  readonly head: string;
  readonly rest: readonly string[];
  readonly headIsPath: boolean;
}

/** A command of a line, as a rule sees it: its letters made small unless case matters. */
export interface ComparableCommand {
  /** Without its directory. What is not known stands as it was written, and once more as `$`. */
  readonly names: readonly string[];
  readonly path: string;
  readonly args: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly wildName: string | null;
  readonly wildArgs: readonly string[];
}

/** Throws AppError `invalid` when an entry of a word list can never match, or there is none. */
export function checkWords(words: readonly string[]): void {
  if (words.length === 0 || words.length > MOST_ENTRIES) {
    throw new AppError('invalid', `A word list names 1 to ${MOST_ENTRIES} commands, as in rm,reboot,git push --force`);
  }
  for (const word of words) {
    if (word.trim() === '') throw new AppError('invalid', 'A word list holds an empty entry: leave it out.');
    if (word.length > LONGEST_ENTRY) {
      throw new AppError('invalid', `An entry of a word list has at most ${LONGEST_ENTRY} characters.`);
    }
    const found = NEVER_IN_A_WORD.exec(word)?.[0] ?? (/[\x00-\x1f\x7f]/.test(word) ? 'a control character' : undefined);
    if (found !== undefined) {
      const advice = 'Name one command with its arguments, or use a regular expression for anything else.';
      throw new AppError(
        'invalid',
        `The entry ${JSON.stringify(word)} holds ${found} and would never match. ${advice}`,
      );
    }
  }
}

export function wordEntry(entry: string, matchCase: boolean): WordEntry {
  const [head = '', ...rest] = fold(entry, matchCase).trim().split(/\s+/).map(ruleShape);
  return { head, rest, headIsPath: head.includes('/') };
}

export function comparable(command: FoundCommand, matchCase: boolean): ComparableCommand | null {
  const [head, ...args] = command.argv;
  if (!head) return null;
  const path = fold(head.text, matchCase);
  const shape = fold(head.shape, matchCase);
  const texts = args.map((arg) => fold(arg.text, matchCase));
  return {
    names: head.undecided.length > 0 ? [baseName(path), baseName(shape).replaceAll(UNKNOWN, '$')] : [baseName(path)],
    path,
    args: texts,
    flags: new Set(texts.flatMap(flagLetters)),
    wildName: isWild(shape) && !isAnything(baseName(shape)) ? shape : null,
    wildArgs: args.map((arg) => fold(arg.shape, matchCase)).filter(isWild),
  };
}

/**
 * `mayBe`: a file pattern in the line that could become the entry is taken for it, and so is what there is no work left
 * to compare.
 */
export function matchesEntry(entry: WordEntry, command: ComparableCommand, mayBe: boolean, work: MatchWork): boolean {
  const { head, rest, headIsPath } = entry;
  const { names, path, wildName } = command;
  const fits = (pattern: string, text: string) =>
    pattern === text ||
    (isWild(pattern) && (work.take(pattern.length + text.length) ? fitsPattern(pattern, text) : mayBe));
  const canBe = (pattern: string, shape: string) =>
    mayBe && (!work.take(pattern.length * shape.length) || canMeet(pattern, shape));
  if (!(headIsPath ? fits(head, path) : names.some((name) => fits(head, name)))) {
    if (wildName === null || !canBe(head, headIsPath ? wildName : baseName(wildName))) return false;
  }
  return rest.every(
    (want) =>
      command.args.some((arg) => fits(want, arg) || (want.startsWith('--') && arg.startsWith(`${want}=`))) ||
      hasFlags(want, command.flags) ||
      (want.includes('/') && command.wildArgs.some((shape) => canBe(want, shape))),
  );
}

/** The long forms everybody writes for a letter; GNU tools take beginnings of them. */
const LONG_FORMS: Readonly<Record<string, string>> = { recursive: 'r', force: 'f' };
const SHORT_FLAGS = /^-([A-Za-z]+)$/;

function flagLetters(arg: string): readonly string[] {
  const letters = SHORT_FLAGS.exec(arg)?.[1];
  if (letters !== undefined) return [...letters];
  if (!/^--[a-z]/.test(arg)) return [];
  return Object.entries(LONG_FORMS).flatMap(([long, letter]) => (long.startsWith(arg.slice(2)) ? [letter] : []));
}

/** `-rf` asks for both letters, wherever they stand. Longer ones are words, as find's `-delete`. */
function hasFlags(want: string, flags: ReadonlySet<string>): boolean {
  if (want === '--recursive' || want === '--force') return flags.has(LONG_FORMS[want.slice(2)]!);
  const letters = SHORT_FLAGS.exec(want)?.[1];
  return letters !== undefined && letters.length <= 3 && [...letters].every((letter) => flags.has(letter));
}

function fold(text: string, matchCase: boolean): string {
  return matchCase ? text : text.toLowerCase();
}
