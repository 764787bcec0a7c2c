const INVISIBLE = '\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ufff9-\\ufffb';
const BEYOND_JSON = new RegExp(`[${INVISIBLE}]`, 'g');
const UNSAFE = new RegExp(`[\\u0000-\\u001f${INVISIBLE}]`, 'g');

const escaped = (c: string) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * JSON text that means the same and does nothing to the terminal that shows it: `JSON.stringify` leaves DEL, the C1
 * controls and the marks that turn writing round as they are, and a terminal obeys them.
 */
export function terminalSafeJson(json: string): string {
  return json.replace(BEYOND_JSON, escaped);
}

/** A text of unknown origin on one line, with every control character written as an escape. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, escaped);
}
