import { TooIntricate } from './budget.ts';
import { withoutEscapes } from './escapes.ts';
import { baseName, type Field, knownText, type Output } from './field.ts';

const UNKNOWN_OUTPUT: Output = { text: '', complete: false };

/** What a command writes that says only what it is told. Values that are not known stand in it as they were written. */
export function outputOf(argv: readonly Field[], input: Output | undefined): Output {
  const [head, ...args] = argv;
  if (!head || head.undecided.length > 0) return UNKNOWN_OUTPUT;
  const complete = knownText(args) !== null;
  switch (baseName(head.text)) {
    case 'echo':
      return { text: echoed(args), complete };
    case 'printf': {
      const text = printed(args.map((arg) => arg.text));
      return text === null ? UNKNOWN_OUTPUT : { text, complete };
    }
    case 'tee':
      return input ?? UNKNOWN_OUTPUT;
    case 'cat':
      return args.every((arg) => arg.text === '-') ? (input ?? UNKNOWN_OUTPUT) : piped(args);
    case 'base64':
      if (!decodes(args) || !input?.complete) return UNKNOWN_OUTPUT;
      return { text: Buffer.from(input.text, 'base64').toString(), complete };
    // where a command lies: it is run by the name all the same
    case 'which':
    case 'command':
    case 'type':
    case 'whereis': {
      const names = args.map((arg) => arg.text).filter((text) => !text.startsWith('-'));
      return { text: names.join('\n'), complete };
    }
    default:
      return UNKNOWN_OUTPUT;
  }
}

/** With backslash escapes: some shells read them without `-e`. */
function echoed(args: readonly Field[]): string {
  const first = args.findIndex((arg) => !/^-[neE]+$/.test(arg.text));
  const words = first < 0 ? [] : args.slice(first).map((arg) => arg.text);
  return `${withoutEscapes(words.join(' '))}\n`;
}

/** `cat <(echo …)` */
function piped(args: readonly Field[]): Output {
  const inputs = args.map((arg) => arg.input ?? UNKNOWN_OUTPUT);
  return { text: inputs.map(({ text }) => text).join(''), complete: inputs.every(({ complete }) => complete) };
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
