import { TooIntricate } from './budget.ts';
import { withoutEscapes } from './escapes.ts';
import { baseName, type Field, knownText } from './field.ts';

/** What a command that says only what it is told writes; null when that is not known here. */
export function outputOf(argv: readonly Field[], input: string | null | undefined): string | null {
  const [head, ...args] = argv;
  if (!head || head.undecided.length > 0) return null;
  switch (baseName(head.text)) {
    case 'echo':
      return echoed(args);
    case 'printf':
      return args.some((arg) => arg.undecided.length > 0) ? null : printed(args.map((arg) => arg.text));
    case 'cat':
    case 'tee':
      return args.every((arg) => arg.text === '-') || baseName(head.text) === 'tee' ? (input ?? null) : piped(args);
    case 'base64':
      return decodes(args) && typeof input === 'string' ? Buffer.from(input, 'base64').toString() : null;
    // where a command lies: it is run by the name all the same
    case 'which':
    case 'command':
    case 'type':
    case 'whereis':
      return knownText(args.filter((arg) => !arg.text.startsWith('-')));
    default:
      return null;
  }
}

/** With backslash escapes: some shells read them without `-e`. */
function echoed(args: readonly Field[]): string | null {
  const first = args.findIndex((arg) => !/^-[neE]+$/.test(arg.text));
  const text = knownText(first < 0 ? [] : args.slice(first));
  return text === null ? null : `${withoutEscapes(text)}\n`;
}

/** `cat <(echo …)` */
function piped(args: readonly Field[]): string | null {
  return args.every((arg) => arg.input !== undefined) ? args.map((arg) => arg.input).join('') : null;
}

function decodes(args: readonly Field[]): boolean {
  return args.length > 0 && args.every((arg) => /^(?:-[dDi]+|--decode|--ignore-garbage|-)$/.test(arg.text));
}

const LONGEST_OUTPUT = 64 * 1024;
const CONVERSION = /%(?:%|[-+ #0]*\d*(?:\.\d+)?([a-zA-Z]))/g;

/** `printf` of strings and whole numbers. */
export function printed(args: readonly string[]): string | null {
  const rest = args[0] === '--' || args[0] === '-v' ? args.slice(args[0] === '--' ? 1 : 2) : args.slice();
  const format = withoutEscapes(rest.shift() ?? '');
  let text = '';
  let known = true;
  do {
    const before = rest.length;
    text += format.replace(CONVERSION, (all, kind: string | undefined) => {
      if (kind === undefined) return '%';
      const value = rest.shift() ?? '';
      if (kind === 'b') return withoutEscapes(value);
      if (kind === 'd' || kind === 'i') return value === '' ? '0' : value;
      if (kind === 'c') return value.slice(0, 1);
      if (all !== '%s' && kind !== 'q') known = false;
      return value;
    });
    if (text.length > LONGEST_OUTPUT) throw new TooIntricate('printf writes more than is followed');
    if (rest.length === before) break;
  } while (rest.length > 0);
  return known ? text : null;
}
