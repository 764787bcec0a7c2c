import { type Field, knownText } from './field.ts';
import type { Names } from './names.ts';
import { printed } from './outputs.ts';
import type { Input } from './unwrap.ts';

const NAME = /^[A-Za-z_]\w*$/;
const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;

/** Builtins that give values to names. */
export function rememberNames(names: Names, command: string, args: readonly Field[], input: Input): void {
  switch (command) {
    case 'export':
    case 'declare':
    case 'typeset':
    case 'local':
    case 'readonly':
    case 'env':
      for (const { text, undecided } of args) {
        const [, name, value = ''] = ASSIGNMENT.exec(text) ?? [];
        if (name !== undefined) names.assign(name, undecided.length > 0 ? null : [value], false);
      }
      break;
    case 'read':
      read(
        names,
        args.map((arg) => arg.text).filter((text) => NAME.test(text)),
        input,
      );
      break;
    case 'printf':
      if (args[0]?.text === '-v' && args[1]) {
        const text = knownText(args) === null ? null : printed(args.map((arg) => arg.text));
        names.assign(args[1].text, text === null ? null : [text], false);
      }
      break;
    case 'set': {
      const options = args.findIndex(({ text }) => !/^[-+]./.test(text) || text === '--');
      const marked = ['--', '-'].includes(args[options]?.text ?? '');
      if (options >= 0) setPositional(names, args.slice(marked ? options + 1 : options));
      break;
    }
    case 'shift':
      names.positional = names.positional?.slice(Number.parseInt(args[0]?.text ?? '1', 10) || 0) ?? null;
  }
}

/** `set a b`: null when a value is not known. */
function setPositional(names: Names, values: readonly Field[]): void {
  names.positional = knownText(values) === null ? null : values.map(({ text }) => text);
}

/** Line by line, as `while read` goes through them; the last name takes the rest of the line. */
function read(names: Names, variables: readonly string[], input: Input): void {
  const lines: (string | null)[] = (input?.text ?? '').split('\n').filter((line) => line !== '');
  if (!input?.complete) lines.push(null);
  for (const line of lines) {
    const words = line?.split(/[ \t]+/);
    variables.forEach((variable, n) => {
      const value = n === variables.length - 1 ? words?.slice(n).join(' ') : words?.[n];
      names.assign(variable, words ? [value ?? ''] : null, false);
    });
  }
}
