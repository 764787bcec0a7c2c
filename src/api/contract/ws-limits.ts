// Values the page needs too: apart from the schemas, so that it can have them without a validator.

export const TERMINAL_SOCKET = '/ws/terminal';
export const WATCH_SOCKET = '/ws/watch';

/** Bytes of output that may be on their way without having been acknowledged; also what a lost connection can make up for. */
export const OUTPUT_WINDOW = 512 * 1024;
/** Bytes of input that may be unacknowledged; the page holds back more. */
export const INPUT_WINDOW = 256 * 1024;
/** The largest frame that is taken from a page. */
export const MAX_FRAME = 128 * 1024;

/** The header that a state-changing request with a session cookie must carry; no page of another origin can send it. */
export const CSRF_HEADER = 'x-bastion-csrf';

/** Set by pages at which nobody is: what they ask for is no sign of life of who is signed in. */
export const ALONE_HEADER = 'x-bastion-alone';
