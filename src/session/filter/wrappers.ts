/** How to get past the words before the command that a command runs. */
export interface Wrapper {
  /** Letters of options that take a value. */
  readonly short?: string;
  /** Long options whose value is the next word. */
  readonly long?: readonly string[];
  /** Words before the command: the duration of `timeout`, the directory of `chroot`. */
  readonly operands?: number;
  /** `X=1` before the command. */
  readonly assignments?: boolean;
  /** Without a command it runs a shell. */
  readonly feedsShell?: boolean;
}

/** Commands that run the command in their arguments. */
export const WRAPPERS: ReadonlyMap<string, Wrapper> = new Map<string, Wrapper>([
  [
    'sudo',
    {
      short: 'CDghpRrtTUu',
      long: [
        'chdir',
        'chroot',
        'close-from',
        'command-timeout',
        'group',
        'host',
        'other-user',
        'prompt',
        'role',
        'type',
        'user',
      ],
      assignments: true,
      feedsShell: true,
    },
  ],
  ['doas', { short: 'Cu', feedsShell: true }],
  ['run0', { short: 'ugD', long: ['user', 'group', 'chdir', 'setenv', 'unit', 'property'], feedsShell: true }],
  ['pkexec', { long: ['user'] }],
  ['env', { short: 'uCP', long: ['unset', 'chdir'], assignments: true }],
  ['nohup', {}],
  ['setsid', {}],
  ['nice', { short: 'n', long: ['adjustment'] }],
  ['ionice', { short: 'cnpPu', long: ['class', 'classdata'] }],
  ['chrt', { short: 'TPD', operands: 1 }],
  ['taskset', { operands: 1 }],
  ['numactl', { short: 'imNCp' }],
  ['timeout', { short: 'ks', long: ['kill-after', 'signal'], operands: 1 }],
  ['stdbuf', { short: 'ioe', long: ['input', 'output', 'error'] }],
  ['unbuffer', {}],
  ['time', { short: 'fo', long: ['format', 'output'], assignments: true }],
  ['exec', { short: 'a' }],
  ['command', {}],
  ['builtin', {}],
  ['noglob', {}],
  ['nocorrect', {}],
  ['chroot', { long: ['userspec', 'groups'], operands: 1, feedsShell: true }],
  ['fakeroot', { short: 'lsib', feedsShell: true }],
  ['unshare', { short: 'SGRw', long: ['setuid', 'setgid', 'root', 'wd', 'map-user', 'map-group'], feedsShell: true }],
  ['nsenter', { short: 'tSG', long: ['target', 'setuid', 'setgid'], feedsShell: true }],
  ['setpriv', { long: ['reuid', 'regid', 'groups', 'inh-caps', 'ambient-caps', 'bounding-set', 'securebits'] }],
  ['systemd-run', { short: 'pEutHM', long: ['unit', 'property', 'uid', 'gid', 'slice', 'description', 'setenv'] }],
  ['systemd-inhibit', {}],
  ['busybox', {}],
  ['toybox', {}],
  ['sshpass', { short: 'pfdP' }],
  ['torsocks', {}],
  ['proxychains', { short: 'f' }],
  ['proxychains4', { short: 'f' }],
  ['strace', { short: 'abeEIoOpPsSuUX' }],
  ['ltrace', { short: 'aAeDFlnopsuwxX' }],
  ['gosu', { operands: 1 }],
  ['su-exec', { operands: 1 }],
  ['setarch', { operands: 1 }],
  ['linux64', {}],
  // fish
  ['and', {}],
  ['or', {}],
  ['not', {}],
  ['begin', {}],
  // a backslash before it, as in a database client: \! rm
  ['!', {}],
]);

/** Shells, and the names a login shell has for itself. */
const SHELLS = new Set([
  'sh',
  'bash',
  'rbash',
  'dash',
  'ash',
  'zsh',
  'ksh',
  'ksh93',
  'mksh',
  'pdksh',
  'yash',
  'fish',
  'csh',
  'tcsh',
]);
const SHELL_VARIABLES = /^"?\$(?:\{?(?:SHELL|BASH|0)\}?)"?$/;

export function isShell(name: string): boolean {
  return SHELLS.has(name) || SHELL_VARIABLES.test(name);
}
