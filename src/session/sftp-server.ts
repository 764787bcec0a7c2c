import { readsCommands } from './commands/stdin-shell.ts';
import type { Field } from './filter/field.ts';
import { canMeet, isWild } from './filter/glob.ts';
import { takenApart } from './filter/line-filter.ts';

const NAMES: readonly string[] = ['sftp-server', 'internal-sftp'];

/**
 * How a requested command runs an SFTP server, as `sudo /usr/lib/openssh/sftp-server` does. `mixed`: beside a shell that
 * reads the same standard input, where what is SFTP and what are commands cannot be told apart.
 */
export function sftpServerIn(command: string): 'alone' | 'mixed' | undefined {
  const found = takenApart(command);
  if ('unread' in found || !found.commands.some(({ argv }) => argv[0] && isServer(argv[0]))) return undefined;
  return readsCommands(command) ? 'mixed' : 'alone';
}

function isServer({ shape }: Field): boolean {
  const base = shape.slice(shape.lastIndexOf('/') + 1);
  return NAMES.includes(base) || (isWild(base) && NAMES.some((name) => canMeet(base, name)));
}
