import { AppError } from '../kernel/errors.ts';
import { plain } from '../kernel/printable.ts';
import { type Place, placeText } from '../kernel/program.ts';
import { OPEN_REFUSED } from '../kernel/ssh2/forward-opening.ts';
import { ChannelRefused } from './upstream.ts';

/** What a target says is shown to people: so much of it. */
const LONGEST_WORD = 200;

/** Why the target's sshd made no connection to a place, in its own words where it has some. */
export function forwardError(error: Error & { reason?: unknown }, to: Place): Error {
  const place = placeText(to);
  const word = plain(error.message.replace(/^\(SSH\) Channel open failure: ?/, '').slice(0, LONGEST_WORD));
  const why = word === '' || word === 'undefined' ? '' : `: ${word}`;
  if (error.reason === OPEN_REFUSED.shortage) return new ChannelRefused(error.message);
  if (error.reason === OPEN_REFUSED.connectFailed) {
    return new AppError('target_refused', `The target cannot connect to ${place}${why}`, { cause: error });
  }
  if (error.reason === OPEN_REFUSED.prohibited || error.reason === OPEN_REFUSED.unknownType) {
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
