import type { Field } from '../filter/field.ts';
import { MANY, ONE } from '../filter/glob.ts';
import { isInPlace } from '../quiet-commands.ts';
import { readWords } from './words.ts';

/**
 * Whether a command that moves files writes nothing but them, or the talk of its protocol, to its standard output. So
 * plain are the commands that clients send and people commonly type; every other option may run a program.
 */
export function isPlainTransfer(name: string, argv: readonly Field[]): boolean {
  const [head, ...fields] = argv;
  const form = FORMS.get(name);
  if (!head || !form || !isInPlace(head) || !fields.every(isOperandOrKnown)) return false;
  return form(fields.map((field) => field.text));
}

/** What a file pattern becomes could be an option, unless it begins with something else. */
function isOperandOrKnown({ shape, undecided, input }: Field): boolean {
  if (input !== undefined) return false;
  const first = shape.codePointAt(0);
  const open = first !== undefined && [MANY, ONE, '-'].some((mark) => mark.codePointAt(0) === first);
  return undecided.length === 0 && !(open && (shape.includes(MANY) || shape.includes(ONE)));
}

type Args = readonly string[];

const TAR_LONG = new Set(
  [
    ...['create', 'extract', 'get', 'verbose', 'gzip', 'bzip2', 'xz', 'zstd', 'lzma', 'dereference', 'sparse'],
    ...[
      'preserve-permissions',
      'same-permissions',
      'numeric-owner',
      'one-file-system',
      'no-same-owner',
      'no-recursion',
    ],
    ...['no-same-permissions', 'wildcards', 'no-wildcards', 'anchored', 'ignore-failed-read', 'absolute-names'],
    ...['acls', 'xattrs', 'selinux', 'file', 'directory', 'exclude', 'owner', 'group', 'mode', 'mtime', 'sort'],
    ...['format', 'strip-components', 'exclude-vcs', 'exclude-caches', 'hard-dereference', 'overwrite', 'touch'],
  ].map((name) => `--${name}`),
);

const scp = (args: Args) => args.every((word) => !word.startsWith('-') || /^-(?:[rpvdqtf]+|-)$/.test(word));
/** A push runs the hooks of the repository, an archive the commands in its configuration: what they write is recorded. */
const gitReads = (args: Args) => args.every((word) => !/^-(?:$|[^-])/.test(word));

const FORMS: ReadonlyMap<string, (args: Args) => boolean> = new Map([
  ['scp', scp],
  ['rsync', (args) => args[0] === '--server' && !args.includes('--daemon')],
  ['git', ([service, ...args]) => service === 'upload-pack' && gitReads(args)],
  ['git-upload-pack', gitReads],
  ...['tar', 'gtar', 'bsdtar'].map((name) => [name, tar] as const),
]);

/** Without the options that run programs (`-I`, `--checkpoint-action`, …), read more options from a file (`-T`), or show contents (`-O`). */
function tar(args: Args): boolean {
  const dashed = args[0]?.startsWith('-') ? args : [`-${args[0] ?? ''}`, ...args.slice(1)];
  const { letters, long } = readWords(dashed, { withValue: 'CfXH' });
  return /^[cxvzjJahpPSmkCfXH]*$/.test(letters) && long.every((word) => TAR_LONG.has(word.split('=')[0]!));
}
