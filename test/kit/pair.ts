import type { BastionOptions } from './bastion.ts';
import { SSH_OPTIONS } from './bastion.ts';
import { type House, startHouse } from './house.ts';
import { type RunOptions, type RunResult, run } from './process.ts';
import { type SshdOptions, TEST_USER } from './sshd.ts';
import { Terminal, type TerminalSize } from './terminal.ts';

export interface SshCall extends RunOptions {
  /** Options of ssh, before the destination. */
  readonly flags?: readonly string[];
}

export type Way = 'direct' | 'through';

/** The same ssh command directly to the target and through the bastion, to be compared. */
export interface Pair {
  readonly house: House;
  /** The arguments of ssh up to its destination. */
  args(way: Way, flags?: readonly string[]): string[];
  ssh(way: Way, command: readonly string[], call?: SshCall): Promise<RunResult>;
  terminal(way: Way, flags?: readonly string[], command?: readonly string[], size?: TerminalSize): Terminal;
}

export const WAYS: readonly Way[] = ['direct', 'through'];

/** The client without what the machine's configuration and the test's own environment would bring in. */
const PLAIN_ENV = { TERM: 'xterm-256color', LANG: 'C.UTF-8', PATH: process.env.PATH, HOME: '/nonexistent' };

export async function startPair(
  options: BastionOptions & { sshd?: SshdOptions } = {},
): Promise<Pair & AsyncDisposable> {
  const house = await startHouse(options);
  const args = (way: Way, flags: readonly string[] = []) => {
    const key = way === 'direct' ? house.targetKey : house.key;
    const port = way === 'direct' ? house.sshd.port : house.bastion.sshPort;
    const login = way === 'direct' ? TEST_USER.name : `alice@${TEST_USER.name}@web1`;
    const auth = ['-i', key.file, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'];
    return [...SSH_OPTIONS, ...auth, '-p', String(port), ...flags, `${login}@127.0.0.1`];
  };
  return {
    house,
    args,
    ssh: (way, command, { flags, ...rest } = {}) =>
      run('ssh', [...args(way, flags), ...command], { env: PLAIN_ENV, stdin: '', ...rest }),
    terminal: (way, flags = ['-tt'], command = [], size = { cols: 100, rows: 30 }) =>
      new Terminal('ssh', [...args(way, flags), ...command], size),
    [Symbol.asyncDispose]: () => house[Symbol.asyncDispose](),
  };
}
