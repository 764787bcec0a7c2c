const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:x([\dA-Fa-f]{1,2})|u([\dA-Fa-f]{1,4})|U([\dA-Fa-f]{1,8})|0?([0-7]{1,3})|c([\s\S])|([\s\S]))/g;

/** Backslash escapes as `$'…'`, `echo -e` and `printf` read them. */
export function withoutEscapes(text: string): string {
  return text.replace(ESCAPE, (_, hex, short, long, octal, control, other: string) => {
    const digits: string | undefined = hex ?? short ?? long;
    if (digits !== undefined) return codePoint(Number.parseInt(digits, 16));
    if (octal !== undefined) return codePoint(Number.parseInt(octal, 8) & 0xff);
    if (control !== undefined) return codePoint(control.charCodeAt(0) & 0x1f);
    return SIMPLE[other] ?? other;
  });
}

/** A NUL ends or leaves a text, whichever: it is left out. */
function codePoint(code: number): string {
  return code === 0 || code > 0x10ffff ? '' : String.fromCodePoint(code);
}
