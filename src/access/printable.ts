/**
 * Control characters (C0, DEL, C1), line and paragraph separators, and the marks that turn writing round or hide:
 * what could move a cursor, forge a line or disguise a name.
 */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** A text of unknown origin made fit for one line of a terminal or log: each unsafe character becomes `?`. */
export function printable(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const safe = text.replace(UNSAFE, '?').toWellFormed();
  return safe.length <= maxLength ? safe : `${safe.slice(0, maxLength - 1).toWellFormed()}…`;
}
