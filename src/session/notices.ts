import { AppError } from '../kernel/errors.ts';
import { plain } from '../kernel/printable.ts';
import type { EndReason } from './types.ts';

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `30 minutes`, `1 hour`, `90 seconds`: in the largest unit that leaves no rest. */
export function spoken(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000)) * 1000;
  const [unit, length] = UNITS.find(([, size]) => seconds % size === 0) ?? UNITS[3]!;
  const count = seconds / length;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

interface About {
  readonly asset: string;
  readonly idleMs: number;
  readonly maxMs: number;
}

/** Why a session did not begin. */
export function refusal(reason: EndReason, about: About): AppError {
  const code =
    reason.cause === 'shutdown'
      ? 'shutting_down'
      : reason.cause === 'recording-failed'
        ? 'recording_failed'
        : 'forbidden';
  return new AppError(code, farewell(reason, about) ?? 'The connection was given up before it stood.');
}

/** What the user is told at the end of a session; undefined when there is nothing to say. */
export function farewell(reason: EndReason, about: About): string | undefined {
  const asset = plain(about.asset);
  switch (reason.cause) {
    case 'idle':
      return `Disconnected: idle for ${spoken(about.idleMs)}.`;
    case 'max-time':
      return `Disconnected: the time limit of ${spoken(about.maxMs)} is reached. Connect again to go on.`;
    case 'expired':
      return `Disconnected: your permission expired for ${asset}. Ask an administrator to extend it.`;
    case 'revoked':
      return reason.detail === undefined
        ? `Your access to ${asset} was withdrawn. Ask an administrator if you still need it.`
        : `Disconnected from ${asset}: ${plain(reason.detail)}. Ask an administrator if you still need it.`;
    case 'terminated':
      return `Terminated by ${plain(reason.detail ?? 'an administrator')}.`;
    case 'recording-failed':
      return 'Disconnected: this session must be recorded and cannot be any more. Ask an administrator to check the disk of the bastion.';
    case 'shutdown':
      return 'Disconnected: the bastion is going down. Connect again when it is back.';
    case 'target-closed':
      return reason.detail === undefined
        ? undefined
        : `The connection to ${asset} was lost: ${plain(reason.detail).replace(/\.$/, '')}. Connect again to go on.`;
    case 'protocol-error':
      return `Disconnected: ${plain(reason.detail ?? 'what was sent could not be read')}.`;
    case 'command-denied':
      return reason.detail;
    // nobody is there, or was ever there, to be told
    case 'client-closed':
    case 'connect-failed':
    case 'interrupted':
      return undefined;
  }
}
