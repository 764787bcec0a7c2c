import type { FoundCommand } from './filter/commands-of.ts';
import type { Field } from './filter/field.ts';
import { isWild } from './filter/glob.ts';

/**
 * What stands beside a transfer or an SFTP server in a line and writes nothing of its own to the standard output. By the
 * plain forms that are in use and by nothing else: what is not known here counts as a command that may write.
 */

/** Directories that only an administrator of the target fills, or none: then the shell looks in them. */
const PLACE = /^(?:\/(?:usr|opt|bin|sbin|lib\d*|nix\/store|run\/current-system)\/(?:[\w.+-]+\/)*)?[^/]+$/;
/** The only `>` and `=` that say nothing about where output goes and what runs: `2>/dev/null`, `--name=value`, a language. */
const HARMLESS = /(?<=^|\s)(?:2>\s*\/dev\/null(?=$|[\s;&|)'"])|--[a-z][a-z-]*=|(?:LANG|LC_[A-Z]+|TZ)=)/g;

type Args = readonly string[];
const anything = () => true;
/** Before the command it runs stand only these options; the last letters of some take the next word. */
const runs =
  (options = /^$/, withValue = '') =>
  (args: Args) => {
    let at = 0;
    for (; args[at]?.startsWith('-'); at++) {
      const word = args[at]!;
      if (!options.test(word)) return false;
      if (withValue.includes(word.at(-1)!)) at++;
    }
    return at < args.length;
  };
const all = (pattern: RegExp) => (args: Args) => args.every((word) => pattern.test(word));
const shell = ([first, script]: Args) => /^-l?c$/.test(first ?? '') && script !== undefined;
/** They read what comes through a pipe. */
const pipe = all(/^-[cdfknqT\d]+$/);

/** By name: whether it writes nothing with these words behind it. */
const QUIET: ReadonlyMap<string, (args: Args) => boolean> = new Map([
  ['cd', (args) => args[0] !== '-'],
  ['true', anything],
  [':', anything],
  ['test', anything],
  ['[', anything],
  ['umask', (args) => /^\d+$/.test(args[0] ?? '')],
  ['set', (args) => args.length > 0 && all(/^[-+][a-z]+$|^pipefail$/)(args)],
  ...['exec', 'nohup', 'setsid', 'command', 'env', 'timeout', 'busybox'].map((name) => [name, runs()] as const),
  ['nice', runs(/^-n?-?\d*$/, 'n')],
  ['ionice', runs(/^-[cn]\d?$/, 'cn')],
  ['sudo', runs(/^-[nEHu]+$/, 'u')],
  ['doas', runs(/^-[nu]+$/, 'u')],
  ['su', all(/^(?:-|-l?c|[^-].*)$/s)],
  ['runuser', all(/^(?:-|-l?[cu]|[^-].*)$/s)],
  ...['sh', 'bash', 'dash', 'ash', 'ksh', 'zsh'].map((name) => [name, shell] as const),
  ...['gzip', 'pigz', 'bzip2', 'xz', 'zstd', 'lz4'].map((name) => [name, pipe] as const),
  ['cat', (args) => args.length === 0],
]);

export function isQuiet({ argv }: FoundCommand): boolean {
  const [head, ...fields] = argv;
  if (!head || argv.some(isOpen)) return false;
  const quiet = isInPlace(head) ? QUIET.get(nameOf(head)) : undefined;
  return quiet?.(fields.map((field) => field.text)) ?? false;
}

/** It is known, and where programs of this name are. */
export function isInPlace(head: Field): boolean {
  return !isOpen(head) && PLACE.test(head.text) && !/(?:^|\/)\.\.?\//.test(head.text);
}

/**
 * Whether the line says where output goes, what is read, or what programs see (`X=1`), other than by commands and pipes:
 * looked for in the line as it was written and in all words that were found in it.
 */
export function redirects(line: string, commands: readonly FoundCommand[]): boolean {
  const texts = [line, ...commands.flatMap(({ argv }) => argv.map((field) => field.text))];
  return texts.some((text) => /[<>=]/.test(text.replace(HARMLESS, ' ')));
}

/** It may become something else. */
export function isOpen(field: Field): boolean {
  return field.undecided.length > 0 || field.input !== undefined || isWild(field.shape);
}

function nameOf({ text }: Field): string {
  return text.slice(text.lastIndexOf('/') + 1);
}
