import { posix } from 'node:path';
import type { PlannedTransfer } from './plan.ts';
import { type ReadWords, readWords } from './words.ts';

const WITH_VALUE = 'bCfFgHIKLNTVX';
/** Long options whose value may be the next word. */
const LONG_WITH_VALUE = [
  ...['add-file', 'after-date', 'blocking-factor', 'directory', 'exclude', 'exclude-from', 'file', 'files-from'],
  ...['format', 'group', 'index-file', 'info-script', 'label', 'listed-incremental', 'mode', 'mtime', 'newer', 'owner'],
  ...['record-size', 'starting-file', 'strip-components', 'suffix', 'tape-length', 'to-command', 'transform'],
  ...['use-compress-program', 'volno-file', 'xform'],
];

/** `tar c` to the standard output, `tar x` from the standard input, `tar x --to-stdout`. */
export function tarTransfers(_name: string, args: readonly string[]): readonly PlannedTransfer[] {
  const words = readWords(withLongValues(withDash(args)), { withValue: WITH_VALUE });
  const archive = value(words, 'f', 'file');
  const isPiped =
    archive === undefined ||
    /^(?:-|\/dev\/std(?:in|out)|\/(?:dev|proc\/self)\/fd\/[01])$/.test(posix.normalize(archive));
  const creates = has(words, 'c', 'create');
  const extracts = has(words, 'x', 'extract') || has(words, 'x', 'get');
  const path = pathOf(words);
  const plans: PlannedTransfer[] = [];
  if (creates && isPiped) plans.push({ method: 'tar', direction: 'download', path, needs: ['download'] });
  if (extracts && isPiped) plans.push({ method: 'tar', direction: 'upload', path, needs: ['upload'] });
  if (extracts && has(words, 'O', 'to-stdout')) {
    plans.push({ method: 'tar', direction: 'download', path: archive ?? path, needs: ['download'] });
  }
  return plans;
}

/** `tar czf - .`: the first word may be options without a dash, with their values behind it in their order. */
function withDash(args: readonly string[]): readonly string[] {
  const [first, ...rest] = args;
  if (first === undefined || first.startsWith('-')) return args;
  const given: string[] = [];
  for (const letter of first) given.push(`-${letter}${WITH_VALUE.includes(letter) ? (rest.shift() ?? '') : ''}`);
  return [...given, ...rest];
}

/** `--file -` as `--file=-`. */
function withLongValues(args: readonly string[]): readonly string[] {
  const words: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === '--') return [...words, ...args.slice(at)];
    const takesNext = /^--\w/.test(word) && fullName(word.slice(2)) !== undefined;
    words.push(takesNext && at + 1 < args.length && !word.includes('=') ? `${word}=${args[++at]}` : word);
  }
  return words;
}

/** Of a long option with a value, which may be shortened. */
function fullName(written: string): string | undefined {
  return LONG_WITH_VALUE.includes(written) ? written : LONG_WITH_VALUE.find((long) => long.startsWith(written));
}

/** Long options may be shortened. */
function has({ letters, long }: ReadWords, letter: string, name: string): boolean {
  return letters.includes(letter) || long.some((word) => /^--\w{2}/.test(word) && name.startsWith(word.slice(2)));
}

function value({ values, long }: ReadWords, letter: string, name: string): string | undefined {
  const short = values.get(letter);
  if (short !== undefined) return short;
  const word = long.find((one) => one.includes('=') && fullName(one.slice(2, one.indexOf('='))) === name);
  return word?.slice(word.indexOf('=') + 1);
}

function pathOf(words: ReadWords): string {
  const directory = value(words, 'C', 'directory');
  const list = value(words, 'T', 'files-from');
  const names = list === undefined ? words.operands : [...words.operands, `(named in ${list})`];
  if (names.length === 0) return directory ?? '.';
  return names.map((name) => (directory === undefined ? name : posix.join(directory, name))).join(', ');
}
