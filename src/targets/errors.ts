import { AppError } from '../kernel/errors.ts';
import { bracketed } from '../kernel/ip.ts';

/** Where a connection stood when it failed. */
export type Phase = 'connect' | 'handshake' | 'auth' | 'ready';

/** The machine an error text speaks about. */
export interface Peer {
  /** Name of the asset. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly login: string;
  readonly legacy: boolean;
  readonly typed?: boolean;
}

interface NodeError extends Error {
  readonly code?: string | number;
  readonly level?: string;
  readonly errors?: readonly NodeError[];
}

/**
 * Any failure of an SSH connection as an AppError that says what to look at. `greeting` is the beginning of what the
 * machine sent, '' when it sent nothing. The original error is kept as the cause for the log; its text is not shown.
 */
export function connectError(thrown: unknown, peer: Peer, phase: Phase, greeting: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = firstOf(thrown);
  const where = `${peer.name} (${bracketed(peer.host)}:${peer.port})`;
  const fail = (code: AppError['code'], text: string) => new AppError(code, text, { cause: thrown });
  switch (error.code) {
    case 'ECONNREFUSED':
      return fail(
        'target_refused',
        `${where} refused the connection: check that its SSH server runs and the port is right.`,
      );
    case 'ETIMEDOUT':
      return timeoutError(where, thrown);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
      return fail(
        'target_name',
        `The name ${peer.host} of ${peer.name} cannot be resolved: check the address of the asset and the DNS of the bastion.`,
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'ENETDOWN':
    case 'EADDRNOTAVAIL':
      return fail(
        'target_unreachable',
        `There is no route from the bastion to ${where}: check the address and the network, or reach it through a jump asset (--via).`,
      );
  }
  if (isLoginRefusal(error, phase)) return authError(peer, thrown);
  if (/no matching/i.test(error.message)) {
    const advice = peer.legacy
      ? 'even the legacy set did not help'
      : 'if it is an old device, set a platform with legacy algorithms: `bastion asset set NAME --platform PLATFORM`';
    return fail('target_protocol', `${where} and the bastion share no ${missingKind(error.message)}: ${advice}.`);
  }
  if (phase === 'ready') return fail('target_closed', `The connection to ${where} broke off.`);
  if (phase === 'auth')
    return fail('target_closed', `${where} closed the connection during the login of ${peer.login}: its log says why.`);
  // what OpenSSH says instead of its identification when it has too many, or takes this address for an attacker
  if (/^(Exceeded MaxStartups|Not allowed at this time)/.test(greeting)) {
    return fail(
      'target_refused',
      `${where} takes no more connections from the bastion just now: try again, and look at MaxStartups and PerSourcePenalties in its sshd_config.`,
    );
  }
  if (greeting !== '' && !/(^|\n)SSH-/.test(greeting)) {
    return fail('target_protocol', `What answers at ${where} is not an SSH server: check the port of the asset.`);
  }
  if (greeting !== '' && error.code === undefined && !(error instanceof PeerClosed)) {
    return fail(
      'target_protocol',
      `The SSH handshake with ${where} failed: the log of its SSH server or of the bastion says why.`,
    );
  }
  return fail(
    'target_closed',
    `${where} closed the connection before the login: check its SSH server, its MaxStartups and the firewall in between.`,
  );
}

/** The target took nothing of what it was shown, or hung up (SSH_MSG_DISCONNECT) after too many tries. */
export function isLoginRefusal(error: NodeError, phase: Phase): boolean {
  return error.level === 'client-authentication' || (phase === 'auth' && typeof error.code === 'number');
}

/** The other side closed the connection without an error. */
export class PeerClosed extends Error {}

/** Somebody who waited gave up, or whoever ended it said why. */
export function abortError(signal: AbortSignal): AppError {
  if (signal.reason instanceof AppError) return signal.reason;
  return new AppError('target_closed', 'The connection was given up before it stood.', { cause: signal.reason });
}

export function timeoutError(where: string, cause?: unknown): AppError {
  return new AppError(
    'target_timeout',
    `${where} did not answer in time: check that the machine is up and a firewall lets the bastion through.`,
    { cause },
  );
}

export function authError(peer: Peer, cause?: unknown, why = 'did not accept the secret'): AppError {
  const next = peer.typed
    ? '.'
    : `: an administrator stores the right one with \`bastion account set ${peer.name} ${peer.login} --password-stdin\` (or --key-file).`;
  return new AppError('target_auth', `${peer.name} ${why} for ${peer.login}${next}`, { cause });
}

/** Happy eyeballs fail with all attempts in one error: the last one says most, as all addresses were tried. */
function firstOf(thrown: unknown): NodeError {
  if (!(thrown instanceof Error)) return new Error(String(thrown));
  const error = thrown as NodeError;
  return error.errors?.find((each) => each.code === 'ECONNREFUSED') ?? error.errors?.[0] ?? error;
}

function missingKind(message: string): string {
  if (/cipher/i.test(message)) return 'cipher';
  if (/mac/i.test(message)) return 'MAC';
  if (/host key/i.test(message)) return 'host key type';
  return 'key exchange method';
}
