/**
 * What may be done through which door: the whole of it as tables a person can read, written down from the contract and
 * from nothing in `src`. The cells of the matrix are the product of these tables; `leftOut` says which of them cannot
 * be, and why.
 */

/** How a person gets to the asset. */
export const ENTRIES = {
  direct: 'user@account@asset',
  'second channel': 'user@account@asset on a connection that has a first channel open already',
  menu: 'user, and the asset picked in the menu',
  jump: 'ssh -J user@bastion account@asset',
  stdio: 'ssh -W ADDRESS:PORT user@bastion as a ProxyCommand',
  tree: 'sftp user@bastion, and the path /folder/asset/account/…',
  'web ticket': 'a browser: a ticket of the API, and with it a terminal over a WebSocket, or files over HTTP',
  'kept ticket': 'the same, with a ticket from a time when everything was allowed',
} as const;
export type Entry = keyof typeof ENTRIES;

type Restriction =
  | 'no terminal'
  | 'no forwarding'
  | 'forced command'
  | 'only the listed destination'
  | 'sftp only'
  | 'no changes';

interface CredentialRow {
  /** Whether the login succeeds at all. */
  readonly getsIn: boolean;
  readonly restrictions: readonly Restriction[];
}
const free: CredentialRow = { getsIn: true, restrictions: [] };
const only = (...restrictions: Restriction[]): CredentialRow => ({ getsIn: true, restrictions });
const out: CredentialRow = { getsIn: false, restrictions: [] };

export const CREDENTIALS = {
  'public key': free,
  password: free,
  'key and code': free,
  'password and code': free,
  'remembered key': free,
  certificate: free,
  'key from here': free,
  'key not yet expired': free,
  'key no-pty': only('no terminal'),
  'key restrict': only('no terminal', 'no forwarding'),
  'key no-port-forwarding': only('no forwarding'),
  'key permitopen': only('only the listed destination'),
  'key command': only('forced command'),
  'key internal-sftp': only('sftp only'),
  'key internal-sftp -R': only('sftp only', 'no changes'),
  'certificate without extensions': only('no terminal', 'no forwarding'),
  'certificate with force-command': only('forced command'),
  'key from elsewhere': out,
  'expired key': out,
  'certificate of a stranger': out,
  'certificate of yesterday': out,
  'key of somebody else': out,
  'key without its code': out,
} as const satisfies Record<string, CredentialRow>;
export type Credential = keyof typeof CREDENTIALS;

export const ACTIONS = ['connect', 'upload', 'download', 'delete', 'forward'] as const;
export type Action = (typeof ACTIONS)[number];

interface ChannelRow {
  /** Actions without any one of which it is refused. */
  readonly needs: readonly Action[];
  readonly kind: 'terminal' | 'command' | 'sftp' | 'forward' | 'jump' | 'request';
  /** Refused to everybody, whatever they may. */
  readonly never?: true;
}
const terminal: ChannelRow = { kind: 'terminal', needs: ['connect'] };
const command = (...more: Action[]): ChannelRow => ({ kind: 'command', needs: ['connect', ...more] });
const sftp = (...more: Action[]): ChannelRow => ({ kind: 'sftp', needs: ['connect', ...more] });
const forward: ChannelRow = { kind: 'forward', needs: ['forward'] };
const never = (kind: ChannelRow['kind']): ChannelRow => ({ kind, needs: [], never: true });

export const CHANNELS = {
  shell: terminal,
  'shell without a terminal': command(),
  exec: command(),
  'exec with a terminal': terminal,
  'sftp stat': sftp(),
  'sftp lstat': sftp(),
  'sftp realpath': sftp(),
  'sftp readdir': sftp(),
  'sftp readlink': sftp(),
  'sftp read': sftp('download'),
  'sftp write': sftp('upload'),
  'sftp append': sftp('upload'),
  'sftp read and write': sftp('upload', 'download'),
  'sftp mkdir': sftp('upload'),
  'sftp setstat': sftp('upload'),
  'sftp symlink': sftp('upload'),
  'sftp hardlink': sftp('upload'),
  'sftp rename': sftp('upload', 'delete'),
  'sftp posix-rename': sftp('upload', 'delete'),
  'sftp remove': sftp('delete'),
  'sftp rmdir': sftp('delete'),
  'scp up': command('upload'),
  'scp down': command('download'),
  'rsync up': command('upload'),
  'rsync down': command('download'),
  'rsync up with --delete': command('upload', 'delete'),
  'git push': command('upload'),
  'git fetch': command('download'),
  'tar up': command('upload'),
  'tar down': command('download'),
  'exec of sftp-server, read': sftp('download'),
  'exec of sftp-server, write': sftp('upload'),
  'another subsystem': command(),
  'forward to the asset': forward,
  'forward elsewhere': never('forward'),
  'forward to a socket': forward,
  'jump to an asset of theirs': { kind: 'jump', needs: [] },
  'jump to an asset not theirs': never('jump'),
  'remote forwarding': never('request'),
  'remote forwarding of a socket': never('request'),
  X11: never('request'),
  agent: never('request'),
  'a channel type nobody knows': never('request'),
} as const satisfies Record<string, ChannelRow>;
export type Channel = keyof typeof CHANNELS;

/** What permission there is, and what becomes of it. */
export const STATES = [
  'everything allowed',
  'without connect',
  'without upload',
  'without download',
  'without delete',
  'without forward',
  'not named',
  'ended before',
  'ends meanwhile',
  'revoked meanwhile',
] as const;
export type State = (typeof STATES)[number];
export const LIVE_STATES: readonly State[] = ['ends meanwhile', 'revoked meanwhile'];

/** The credential that runs what no credential makes a difference to. */
const plainOf = (entry: Entry): Credential => (isWeb(entry) ? 'password' : 'public key');

const isWeb = (entry: Entry) => entry === 'web ticket' || entry === 'kept ticket';
/** What pages ask a target for. */
const WEB_CHANNELS = [
  'shell',
  'sftp stat',
  'sftp readdir',
  'sftp read',
  'sftp write',
  'sftp append',
  'sftp mkdir',
  'sftp rename',
  'sftp remove',
  'sftp rmdir',
] as const satisfies readonly Channel[];
export type WebChannel = (typeof WEB_CHANNELS)[number];

export interface Cell {
  readonly entry: Entry;
  readonly credential: Credential;
  readonly channel: Channel;
  readonly state: State;
}
export const nameOf = ({ entry, credential, channel, state }: Cell) =>
  `${entry} · ${credential} · ${channel} · ${state}`;

/**
 * `done`: it had its effect. `refused`: the client was told, and there was no effect. `forced`: the key's own command
 * ran instead. `ended`: it ran, and was over soon after. `no login`: the person did not get in.
 */
export type Expected = 'done' | 'refused' | 'forced' | 'ended' | 'no login';

/** States in which nothing of the asset is open to anybody, so that it is not even dialled. */
export const NO_RIGHT: readonly State[] = ['not named', 'ended before'];
/** A way in through a jump is for who may connect. */
const closes = (state: State) => NO_RIGHT.includes(state) || state === 'without connect';

/** What must come of a cell, by the first of these sentences that fits. */
export function expected({ entry, credential, channel, state }: Cell): Expected {
  const { getsIn, restrictions }: CredentialRow = CREDENTIALS[credential];
  const { kind, needs, never: refusedToAll }: ChannelRow = CHANNELS[channel];
  const lacks = (action: Action) => state === `without ${action}`;
  if (!getsIn) return 'no login';
  if (refusedToAll) return 'refused';
  if ((entry === 'jump' || entry === 'stdio') && closes(state)) return 'refused';
  if (kind === 'jump') return 'done'; // to an asset of their own, whatever holds for the first one
  if (NO_RIGHT.includes(state)) return 'refused';
  if (kind === 'terminal' && restrictions.includes('no terminal')) return 'refused';
  if (kind === 'forward' && restrictions.includes('no forwarding')) return 'refused';
  // the list of a key can hold hosts and ports only
  if (channel === 'forward to a socket' && restrictions.includes('only the listed destination')) return 'refused';
  const forced = kind !== 'forward' && kind !== 'request';
  if (forced && restrictions.includes('sftp only') && kind !== 'sftp') return lacks('connect') ? 'refused' : 'forced';
  // a command needs a target to run on, and the tree is none
  if (forced && restrictions.includes('forced command'))
    return lacks('connect') || entry === 'tree' ? 'refused' : 'forced';
  if (restrictions.includes('no changes') && (needs.includes('upload') || needs.includes('delete'))) return 'refused';
  if (needs.some(lacks)) return 'refused';
  return LIVE_STATES.includes(state) ? 'ended' : 'done';
}

interface Rule {
  readonly when: (cell: Cell) => boolean;
  readonly why: string;
}

const kindOf = (channel: Channel): ChannelRow['kind'] => CHANNELS[channel].kind;
const needsOf = (channel: Channel): readonly Action[] => CHANNELS[channel].needs;
/** The channel that stands for all of an entry where nothing is opened. */
const firstOf = (entry: Entry): Channel => (entry === 'menu' ? 'shell' : entry === 'tree' ? 'sftp stat' : 'exec');

/** One channel for each way the channels of a kind come to be judged. */
const REPRESENTATIVES: readonly Channel[] = [
  'shell',
  'shell without a terminal',
  'exec',
  'exec with a terminal',
  'sftp stat',
  'sftp read',
  'sftp write',
  'sftp rename',
  'scp up',
  'scp down',
  'rsync up with --delete',
  'exec of sftp-server, read',
  'another subsystem',
  'forward to the asset',
  'forward to a socket',
  'jump to an asset of theirs',
  'remote forwarding',
  'agent',
];
/** The same for entries other than the first. */
const FEW: readonly Channel[] = ['shell', 'exec', 'sftp read', 'scp up', 'forward to the asset'];
/** Those whose credential or entry is shown by others already. */
const ENOUGH: readonly Credential[] = ['public key', 'password and code', 'key restrict', 'key command', 'certificate'];

/** Which cells of the product are no cells, each with the reason. */
export const LEFT_OUT: readonly Rule[] = [
  { when: ({ entry, channel }) => entry === 'menu' && channel !== 'shell', why: 'the menu opens terminals only' },
  {
    when: ({ entry, credential }) => entry === 'menu' && credential.startsWith('key internal-sftp'),
    why: 'a key for SFTP alone has the tree in place of the menu',
  },
  {
    when: ({ entry, channel }) => entry === 'tree' && (kindOf(channel) !== 'sftp' || channel.startsWith('exec')),
    why: 'the tree is one SFTP channel',
  },
  {
    when: ({ entry, credential }) => isWeb(entry) && credential !== 'password' && credential !== 'password and code',
    why: 'a browser signs in with a password, and a code where there is one',
  },
  {
    when: ({ entry, channel }) => isWeb(entry) && !(WEB_CHANNELS as readonly Channel[]).includes(channel),
    why: 'pages ask for terminals and files, and of files for what people do with them',
  },
  {
    when: ({ entry, channel, credential, state }) =>
      !CREDENTIALS[credential].getsIn && (state !== 'everything allowed' || channel !== firstOf(entry)),
    why: 'who does not get in opens nothing: one cell stands for all',
  },
  {
    when: ({ entry, credential, channel, state }) =>
      credential !== plainOf(entry) &&
      state.startsWith('without ') &&
      !needsOf(channel).some((action) => state.endsWith(action)),
    why: 'that an action opens nothing else does not depend on the credential: the plain key shows it',
  },
  {
    when: ({ entry, credential, channel, state }) =>
      credential !== plainOf(entry) && state !== 'everything allowed' && needsOf(channel).length === 0,
    why: 'what asks for no right of this asset is refused or done in every state: the plain key shows it',
  },
  {
    when: ({ entry, credential, channel }) =>
      credential !== plainOf(entry) &&
      CREDENTIALS[credential].getsIn &&
      !(entry === 'direct' ? REPRESENTATIVES : FEW).includes(channel),
    why: 'channels of a kind are told apart by what they ask for, not by who asks: the plain key runs them all',
  },
  {
    when: ({ entry, credential }) =>
      (entry === 'second channel' || entry === 'stdio') &&
      CREDENTIALS[credential].getsIn &&
      !ENOUGH.includes(credential),
    why: 'a second channel comes with the login of the first, and -W is opened as -J is: all credentials run those',
  },
  {
    when: (cell) => LIVE_STATES.includes(cell.state) && expected(cell) !== 'ended',
    why: 'there is nothing that could end',
  },
];

/** The whole product. */
export function everyCell(): Cell[] {
  const keys = <K extends string>(table: Readonly<Record<K, unknown>>) => Object.keys(table) as K[];
  return keys(ENTRIES).flatMap((entry) =>
    keys(CREDENTIALS).flatMap((credential) =>
      keys(CHANNELS).flatMap((channel) => STATES.map((state) => ({ entry, credential, channel, state }))),
    ),
  );
}

/** Every cell there must be. */
export function allCells(): Cell[] {
  return everyCell().filter((cell) => !LEFT_OUT.some((rule) => rule.when(cell)));
}
