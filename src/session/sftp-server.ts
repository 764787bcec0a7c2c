import { readsCommands } from './commands/stdin-shell.ts';
import type { Field } from './filter/field.ts';
import { canMeet, isWild } from './filter/glob.ts';
import { takenApart } from './filter/line-filter.ts';
import { isInPlace, isQuiet, redirects } from './quiet-commands.ts';

const NAMES: readonly string[] = ['sftp-server', 'internal-sftp'];

/**
 * How a requested command runs an SFTP server, as `sudo /usr/lib/openssh/sftp-server` does. `mixed`: beside a shell that
 * reads the same standard input, where what is SFTP and what are commands cannot be told apart; or beside other
 * programs, or from where anybody may put a program of that name, which would do unseen what SFTP shows nothing of.
 */
export function sftpServerIn(command: string): 'alone' | 'mixed' | undefined {
  const found = takenApart(command);
  if ('unread' in found) return undefined;
  const servers = found.commands.filter(({ argv }) => argv[0] && isServer(argv[0]));
  if (servers.length === 0) return undefined;
  const plain = found.commands.every((one) => (servers.includes(one) ? isInPlace(one.argv[0]!) : isQuiet(one)));
  return plain && !redirects(command, found.commands) && !readsCommands(command) ? 'alone' : 'mixed';
}

function isServer({ shape }: Field): boolean {
  const base = shape.slice(shape.lastIndexOf('/') + 1);
  return NAMES.includes(base) || (isWild(base) && NAMES.some((name) => canMeet(base, name)));
}
