import { configKeys } from '../config/reference.ts';
import { type ArgumentOutline, everyCommand, type OptionOutline, type Outline } from './outline.ts';

/** What the day of the page is taken from. */
interface Moment {
  now(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const EXIT_CODES: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'Done.'],
  ['1', 'It failed.'],
  ['2', 'Wrong usage or configuration, or another process holds the data directory.'],
  ['3', 'Not found.'],
  ['4', 'Conflict: it exists already, or it was changed meanwhile.'],
  ['130', 'Interrupted.'],
];

const FILES: readonly (readonly [path: string, meaning: string])[] = [
  ['/etc/bastion/config.yml', 'The configuration, where neither --config, BASTION_CONFIG nor ./config.yml names one.'],
  ['/var/lib/bastion', 'The data directory of the service that "bastion install" sets up.'],
  ['DATA/master.key', 'Opens the stored secrets. It belongs in a backup of its own, apart from the database.'],
  ['DATA/admin.sock', 'The way of this command to the daemon; it speaks for the owner of the machine.'],
];

/** The page bastion(1) in mdoc, which man-db and mandoc read. SOURCE_DATE_EPOCH gives its day, for packages that are built twice. */
export function manualPage(root: Outline, moment: Moment): string {
  const leaves = everyCommand(root).filter(({ commands }) => commands.length === 0);
  return [
    `.Dd ${day(moment)}`,
    '.Dt BASTION 1',
    '.Os',
    '.Sh NAME',
    '.Nm bastion',
    '.Nd jump server that records every session',
    '.Sh SYNOPSIS',
    '.Nm',
    '.Ar command',
    '.Op Ar arguments',
    '.Op Ar options',
    '.Sh DESCRIPTION',
    '.Nm',
    ...sentences(
      'is a jump server in one process: it knows who may log in where, relays SSH, files and forwarded connections, records each session, and lets others watch and end it.',
    ),
    '.Pp',
    ...sentences(
      'One command runs it, all others talk to the running daemon over its socket, or work on the data of one that is stopped.',
    ),
    ...sentences('Secrets are never arguments: they come from a file, from standard input, or are asked for.'),
    '.Pp',
    ...sentences('These options are taken by every command, before or after its words:'),
    ...options(root.options),
    '.Sh COMMANDS',
    ...leaves.flatMap(section),
    '.Sh ENVIRONMENT',
    ...sentences(
      'Each key of the configuration is also an environment variable, which counts more than the file. "bastion config example" explains them all.',
    ),
    '.Bl -tag -width Ds',
    '.It Ev BASTION_CONFIG',
    ...sentences('The configuration file.'),
    ...configKeys().flatMap(({ env, path, usual }) => [
      `.It Ev ${word(env)}`,
      `${word(path.join('.'))}`,
      ...sentences(`(default: ${usual.replaceAll('\n', ' ')})`),
    ]),
    '.It Ev CREDENTIALS_DIRECTORY',
    ...sentences(
      'Set by systemd. Where a credential master.key lies in it, it is the master key, and the data directory holds none.',
    ),
    '.El',
    '.Sh FILES',
    '.Bl -tag -width Ds',
    ...FILES.flatMap(([path, meaning]) => [`.It Pa ${word(path)}`, ...sentences(meaning)]),
    '.El',
    '.Sh EXIT STATUS',
    '.Bl -tag -width Ds',
    ...EXIT_CODES.flatMap(([code, meaning]) => [`.It ${code}`, ...sentences(meaning)]),
    '.El',
    '.Sh EXAMPLES',
    ...sentences('From nothing to a first session:'),
    '.Bd -literal -offset indent',
    ...[
      'bastion serve',
      'bastion user add alice --key-file alice.pub',
      'bastion asset add web1 --address 10.0.0.5',
      'bastion account add web1 root --generate-key',
      'bastion permission add ops --user alice --asset web1 --account root',
      'ssh -p 2222 alice@root@web1@bastion.example',
    ],
    '.Ed',
    '.Sh SEE ALSO',
    '.Xr ssh 1 ,',
    '.Xr ssh_config 5 ,',
    '.Xr systemd.service 5',
    '',
  ].join('\n');
}

function section(command: Outline): string[] {
  const words = command.path.map(word).join(' ');
  const text = command.description || `${command.summary}.`;
  return [
    `.Ss ${words}`,
    '.Bd -ragged -compact',
    '.Nm bastion',
    `.Cm ${words}`,
    ...command.args.map(argumentLine),
    ...(own(command).length > 0 ? ['.Op Ar options'] : []),
    '.Ed',
    '.Pp',
    ...paragraphs(text),
    ...command.args
      .filter(({ text: about }) => about !== '')
      .flatMap(({ name, text: about }) => ['.Pp', `.Ar ${word(name)} :`, ...sentences(about)]),
    ...options(own(command)),
  ];
}

/** The options of a command beside --help, which all have. */
const own = ({ options: all }: Outline) => all.filter(({ flags }) => !flags.includes('--help'));

function options(all: readonly OptionOutline[]): string[] {
  if (all.length === 0) return [];
  const items = all.flatMap(({ flags, text, value }) => {
    const names = flags.map((flag) => `Fl ${word(flag.slice(1))}`).join(' , ');
    const argument = value ? ` Ar ${word(value.name)}${value.variadic ? ' ...' : ''}` : '';
    return [`.It ${names}${argument}`, ...sentences(text)];
  });
  return ['.Bl -tag -width Ds', ...items, '.El'];
}

function argumentLine({ name, required, variadic }: ArgumentOutline): string {
  return `${required ? '.Ar' : '.Op Ar'} ${word(name)}${variadic ? ' ...' : ''}`;
}

/** A text of help: an indented block in it stays as it is, everything else flows. */
function paragraphs(text: string): string[] {
  return text.split(/\n{2,}/).flatMap((block, at) => {
    const lines = block.split('\n');
    const body = /^ {2}/.test(block)
      ? ['.Bd -literal -offset indent', ...lines.map((line) => plain(line.replace(/^ {2}/, ''))), '.Ed']
      : sentences(lines.join(' '));
    return at === 0 || body[0]?.startsWith('.Bd') ? body : ['.Pp', ...body];
  });
}

/** Each sentence begins a line of its own, as the formatter wants it to space them, and lines are short. */
function sentences(text: string): string[] {
  return text
    .trim()
    .split(/(?<=[a-z0-9)"][.?!])\s+(?=[A-Z"])/)
    .flatMap((sentence) => sentence.match(/\S.{0,76}\S(?=\s|$)|\S+/g) ?? [])
    .map(plain);
}

/** Plain text that holds no request: a dot or quote at the start of a line would be one. */
function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replace(/^([.'])/, '\\&$1')
    .replaceAll('…', '...')
    .replaceAll('-', '\\-');
}

/** One argument of a macro: what is a macro or a delimiter itself is kept from being one. */
function word(text: string): string {
  return plain(text)
    .split(' ')
    .map((one) => (/^(?:[A-Z][a-z]|[.,:;()[\]?!|]$)/.test(one) ? `\\&${one}` : one))
    .join(' ');
}

function day({ now, env }: Moment): string {
  const seconds = Number(env.SOURCE_DATE_EPOCH);
  const at = new Date(env.SOURCE_DATE_EPOCH !== undefined && Number.isFinite(seconds) ? seconds * 1000 : now());
  const month = at.toLocaleString('en-US', { month: 'long', timeZone: 'UTC' });
  return `${month} ${at.getUTCDate()}, ${at.getUTCFullYear()}`;
}
