import { everyCommand, type Outline, type Value } from '../outline.ts';

/** A word that may stand somewhere, and what it means. */
export interface Word {
  readonly word: string;
  readonly text: string;
}

/** What may stand behind the words of one command. All three shells are told the same. */
export interface CommandPlace {
  /** ` user add`; empty for the program, so that a word is joined to it without asking whether it is the first. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
  /** A spec for each argument; the last one goes on where it may be repeated. */
  readonly args: readonly string[];
  readonly repeats: boolean;
}

/** An option that takes a value: with it the path and the value's spec. */
export interface OptionValue {
  /** ` user add --role`, or `* --data` for an option of every command. */
  readonly at: string;
  readonly everywhere: boolean;
  readonly spec: string;
}

/** `words user auditor admin`, `names users`, `file`, `directory` or `text`: what the scripts take apart by blanks. */
function spec(value: Value): string {
  if (value.kind === 'words') return ['words', ...value.words].join(' ');
  return value.kind === 'names' ? `names ${value.of}` : value.kind;
}

export function commandPlaces(root: Outline): CommandPlace[] {
  return everyCommand(root).map((command) => ({
    path: pathText(command),
    commands: command.commands.map(({ path, summary }) => ({ word: path.at(-1)!, text: summary })),
    options: [...command.options, ...(command === root ? [] : global(root))].flatMap(({ flags, text }) =>
      flags.filter((flag) => flag.startsWith('--')).map((word) => ({ word, text })),
    ),
    args: command.args.map(({ value }) => spec(value)),
    repeats: command.args.at(-1)?.variadic === true,
  }));
}

export function optionValues(root: Outline): OptionValue[] {
  return everyCommand(root).flatMap((command) =>
    command.options.flatMap(({ flags, value }) =>
      value === undefined
        ? []
        : flags.map((flag) => ({
            at: `${pathText(command)} ${flag}`,
            everywhere: command === root,
            spec: spec(value.value),
          })),
    ),
  );
}

/** Every command takes these; help is an option of each by itself, the version only of the program. */
function global(root: Outline) {
  return root.options.filter(({ flags }) => !flags.includes('--help') && !flags.includes('--version'));
}

const pathText = ({ path }: Outline) => path.map((word) => ` ${word}`).join('');
