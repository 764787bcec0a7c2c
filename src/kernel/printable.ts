/**
 * Beyond C0: DEL and C1 controls, line and paragraph separators, and the marks that turn writing round or hide: what
 * could move a cursor, forge a line or disguise a name.
 */
const INVISIBLE = '\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb';
const BEYOND_JSON = new RegExp(`[${INVISIBLE}]`, 'g');
const UNSAFE = new RegExp(`[\\u0000-\\u001f${INVISIBLE}]`, 'g');
const UNSAFE_RUN = new RegExp(`[\\u0000-\\u001f${INVISIBLE}]+`, 'g');

const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A text of unknown origin made fit for one line of a terminal or log: each unsafe character becomes `?`. */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  return shortened(text.replace(UNSAFE, '?').toWellFormed(), maxLength);
}

/** As `printable`, for what people wrote themselves: unsafe characters are left out. */
export function stripped(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  return shortened(text.replace(UNSAFE, ''), maxLength);
}

/** As `printable`, for sentences of other programs: line breaks and the like become spaces. */
export function plain(text: string): string {
  return text.replace(UNSAFE_RUN, ' ').trim();
}

/** As `printable`, losing nothing: every unsafe character is written as an escape. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, escaped);
}

/**
 * JSON text that means the same and does nothing to the terminal that shows it: `JSON.stringify` leaves DEL, the C1
 * controls and the marks that turn writing round as they are, and a terminal obeys them.
 */
export function terminalSafeJson(json: string): string {
  return json.replace(BEYOND_JSON, escaped);
}

function shortened(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).toWellFormed()}…`;
}
