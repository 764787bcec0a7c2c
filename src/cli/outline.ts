import type { Argument, Command, Option } from 'commander';
import type { Choices } from './parse.ts';

/** Names that only the data knows, and the daemon tells while somebody types. */
export const NAME_KINDS = [
  'users',
  'groups',
  'assets',
  'logins',
  'folders',
  'platforms',
  'permissions',
  'filters',
  'authorities',
  'tokens',
  'sessions',
  'live-sessions',
  'reviews',
] as const;
export type NameKind = (typeof NAME_KINDS)[number];

/** What stands in the place of an argument or of an option's value. */
export type Value =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'names'; readonly of: NameKind }
  | { readonly kind: 'file' | 'directory' | 'text' };

export interface ArgumentOutline {
  readonly name: string;
  readonly text: string;
  readonly required: boolean;
  readonly variadic: boolean;
  readonly value: Value;
}

export interface OptionOutline {
  /** `-h` and `--help`, those there are. */
  readonly flags: readonly string[];
  readonly text: string;
  /** Undefined where the option takes none. */
  readonly value: ArgumentOutline | undefined;
}

/** A command as a person sees it: what completions and the manual page are made from. */
export interface Outline {
  /** `['user', 'add']`; empty for the program. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly description: string;
  readonly args: readonly ArgumentOutline[];
  readonly options: readonly OptionOutline[];
  readonly commands: readonly Outline[];
}

/** The outline of a program, without what is hidden. */
export function outline(command: Command, path: readonly string[] = []): Outline {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  return {
    path,
    summary: command.summary(),
    description: command.description(),
    args: command.registeredArguments.map((argument) => argumentOutline(argument, path)),
    options: help.visibleOptions(command).map((option) => optionOutline(option, path)),
    commands: commands.map((one) => outline(one, [...path, one.name()])),
  };
}

/** Every command of an outline, those that hold others included. */
export function everyCommand(root: Outline): Outline[] {
  return [root, ...root.commands.flatMap(everyCommand)];
}

function argumentOutline(argument: Argument, path: readonly string[]): ArgumentOutline {
  return {
    name: argument.name(),
    text: argument.description,
    required: argument.required,
    variadic: argument.variadic,
    value: wordsOf(argument) ?? argumentValue(argument.name(), path),
  };
}

function optionOutline(option: Option, path: readonly string[]): OptionOutline {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined && flag !== null);
  const name = /[<[](.+?)(?:\.\.\.)?[>\]]$/.exec(option.flags)?.[1];
  return {
    flags,
    text: option.description,
    value:
      name === undefined
        ? undefined
        : {
            name,
            text: option.description,
            required: option.required,
            variadic: option.variadic,
            value: wordsOf(option) ?? optionValue(name, option.long ?? '', path),
          },
  };
}

/** The words that commander, or our own parser, takes and nothing else. */
function wordsOf({ argChoices, parseArg }: Argument | Option): Value | undefined {
  const words = argChoices ?? (parseArg as Partial<Choices> | undefined)?.words;
  return words && { kind: 'words', words };
}

/** What `<user>`, `<asset>`, … stand for wherever they stand. */
const BY_NAME: Readonly<Record<string, Value>> = {
  user: { kind: 'names', of: 'users' },
  users: { kind: 'names', of: 'users' },
  group: { kind: 'names', of: 'groups' },
  asset: { kind: 'names', of: 'assets' },
  account: { kind: 'names', of: 'logins' },
  login: { kind: 'names', of: 'logins' },
  path: { kind: 'names', of: 'folders' },
  file: { kind: 'file' },
  dir: { kind: 'directory' },
};

/** What `<name>` and `<id>` stand for depends on the command that takes them. */
const BY_COMMAND: Readonly<Record<string, NameKind>> = {
  user: 'users',
  group: 'groups',
  asset: 'assets',
  platform: 'platforms',
  permission: 'permissions',
  filter: 'filters',
  ca: 'authorities',
  token: 'tokens',
  session: 'sessions',
  review: 'reviews',
};

const LIVE = new Set(['watch', 'end', 'lock', 'unlock']);
const TEXT: Value = { kind: 'text' };

function argumentValue(name: string, path: readonly string[]): Value {
  const [noun = '', verb = ''] = path;
  // what is made now has no name yet
  const fresh = path.length === 2 && verb === 'add' && name !== 'asset' && name !== 'user';
  if (fresh) return name === 'path' ? BY_NAME.path! : TEXT;
  if (noun === 'session' && LIVE.has(verb)) return { kind: 'names', of: 'live-sessions' };
  const of = BY_COMMAND[noun];
  if ((name === 'name' || name === 'id') && of) return { kind: 'names', of };
  return BY_NAME[name] ?? TEXT;
}

function optionValue(name: string, long: string, path: readonly string[]): Value {
  if (long === '--rename') return TEXT;
  if (long === '--platform') return { kind: 'names', of: 'platforms' };
  if (name === 'id' && long === '--session') return { kind: 'names', of: 'sessions' };
  // ssh-config --asset <name...>
  if (name === 'name' && long === '--asset') return BY_NAME.asset!;
  if (name === 'path' && path[0] !== 'asset' && path[0] !== 'permission') return TEXT;
  return BY_NAME[name] ?? TEXT;
}
