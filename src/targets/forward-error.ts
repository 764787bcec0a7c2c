import { AppError } from '../kernel/errors.ts';
import { plain } from '../kernel/printable.ts';
import { type Place, placeText } from '../kernel/program.ts';
import { ChannelRefused } from './upstream.ts';

/** RFC 4254 §5.1. */
const REASON = { prohibited: 1, connectFailed: 2, unknownType: 3, shortage: 4 } as const;
/** What a target says is shown to people: so much of it. */
const LONGEST_WORD = 200;

/** Why the target's sshd made no connection to a place, in its own words where it has some. */
export function forwardError(error: Error & { reason?: unknown }, to: Place): Error {
  const place = placeText(to);
  const word = plain(error.message.replace(/^\(SSH\) Channel open failure: ?/, '').slice(0, LONGEST_WORD));
  const why = word === '' || word === 'undefined' ? '' : `: ${word}`;
  if (error.reason === REASON.shortage) return new ChannelRefused(error.message);
  if (error.reason === REASON.connectFailed) {
    return new AppError('target_refused', `The target cannot connect to ${place}${why}`, { cause: error });
  }
  if (error.reason === REASON.prohibited || error.reason === REASON.unknownType) {
    return new AppError(
      'forbidden',
      `The target's own SSH server does not forward to ${place}${why}; AllowTcpForwarding, AllowStreamLocalForwarding and PermitOpen there decide it`,
      { cause: error },
    );
  }
  if (/strictVendor/.test(error.message)) {
    return new AppError('target_protocol', 'The SSH server of the target does not forward to sockets.', {
      cause: error,
    });
  }
  return new AppError('target_closed', 'The target closed the connection while it was asked to forward.', {
    cause: error,
  });
}

export function forwardTimeout(to: Place): AppError {
  return new AppError('target_timeout', `The target did not reach ${placeText(to)} in time.`);
}
