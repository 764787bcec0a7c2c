import type { ChildProcess } from 'node:child_process';
import type { SessionView } from '../../src/api/contract/sessions.ts';
import type { Pair, Way } from './pair.ts';
import { type RunResult, run, start } from './process.ts';

/** OpenSSH's sftp and scp have their port under another letter than ssh. */
function portable(args: readonly string[]): string[] {
  return args.map((arg) => (arg === '-p' ? '-P' : arg));
}

/** The arguments of sftp for this way; commands come on its standard input. */
function sftpArgs(pair: Pair, way: Way, flags: readonly string[]): string[] {
  const args = portable(pair.args(way));
  return [...args.slice(0, -1), ...flags, '-b', '-', args.at(-1)!];
}

/** sftp with these commands, to its end. A command that begins with `-` may fail. */
export function sftp(
  pair: Pair,
  way: Way,
  commands: readonly string[],
  flags: readonly string[] = [],
): Promise<RunResult> {
  return run('sftp', sftpArgs(pair, way, flags), { stdin: `${commands.join('\n')}\n` });
}

/** As `sftp`, while it runs. */
export function startSftp(pair: Pair, commands: readonly string[], flags: readonly string[] = []): ChildProcess {
  const child = start('sftp', sftpArgs(pair, 'through', flags));
  child.stdin!.end(`${commands.join('\n')}\n`);
  return child;
}

/** scp over SFTP; `@:` in an operand stands for the target. */
export function scp(pair: Pair, way: Way, flags: readonly string[], operands: readonly string[]): Promise<RunResult> {
  const args = portable(pair.args(way));
  const paths = operands.map((operand) => operand.replace(/^@:/, `${args.at(-1)}:`));
  return run('scp', ['-s', ...args.slice(0, -1), ...flags, ...paths]);
}

/** What the recording of a session says, line by line. */
export async function linesOf(pair: Pair, { id }: Pick<SessionView, 'id'>): Promise<string[]> {
  await pair.house.settled(id);
  return (await pair.house.bastion.ok(['session', 'replay', id])).split('\n');
}

/** The newest session, when it is over. */
export async function lastSession(pair: Pair): Promise<SessionView> {
  const [row] = (await pair.house.api.sessions.list({ limit: 1 })).items;
  return pair.house.settled(row!.id);
}
