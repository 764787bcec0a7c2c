import type { Bastion } from './bastion.ts';
import { type RunResult, run } from './process.ts';
import { type OnPty, onPty } from './pty.ts';

/** A login that succeeds but names no destination ends with this exit code; a refused one with ssh's own 255. */
export const IN = 254;
export const REFUSED = 255;

const ONE_TRY = ['-o', 'NumberOfPasswordPrompts=1', '-o', 'PubkeyAuthentication=no'];

/** ssh with a key file to no destination: `IN` or `REFUSED`. */
export function keyLogin(
  bastion: Bastion,
  user: string,
  key: string,
  flags: readonly string[] = [],
): Promise<RunResult> {
  return bastion.ssh(user, key, ['true'], { flags: ['-o', 'PreferredAuthentications=publickey', ...flags] });
}

/** ssh with a password, given by sshpass. */
export function passwordLogin(
  bastion: Bastion,
  user: string,
  password: string,
  flags: readonly string[] = ['-o', 'PreferredAuthentications=password'],
): Promise<RunResult> {
  const args = bastion.sshArgs(user);
  return run('sshpass', ['-e', 'ssh', ...args.slice(0, -1), ...ONE_TRY, ...flags, args.at(-1)!, 'true'], {
    env: { ...process.env, SSHPASS: password },
  });
}

/** ssh on a terminal, for logins that ask. */
export function askedLogin(bastion: Bastion, user: string, flags: readonly string[], command = ['true']): OnPty {
  const args = bastion.sshArgs(user);
  // ssh shows what a server says along with its questions only from this level on
  const once = ['-o', 'NumberOfPasswordPrompts=1', '-o', 'LogLevel=INFO'];
  return onPty('ssh', [...once, ...args.slice(0, -1), ...flags, args.at(-1)!, ...command]);
}

export interface AuditEntry {
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly actor: {
    readonly kind: string;
    readonly name: string;
    readonly ip: string | null;
    readonly via: string | null;
  };
  readonly target: { readonly kind: string; readonly name: string } | null;
  readonly details: Readonly<Record<string, unknown>> | null;
}

/** The newest audit entry of an action about a target. */
export async function lastAudit(bastion: Bastion, action: string, target: string): Promise<AuditEntry> {
  const [entry] = await bastion.json<AuditEntry[]>([
    'audit',
    'list',
    '--action',
    action,
    '--target',
    target,
    '--limit',
    '1',
  ]);
  if (!entry) throw new Error(`no audit entry ${action} of ${target}`);
  return entry;
}
