/**
 * Stand-ins inside a word for what is decided only on the target. They are no characters of any language, and a line
 * that holds them itself is read to the severe side.
 */
export const MANY = '\u{f0000}';
export const ONE = '\u{f0001}';
/** A value nobody knows here. */
export const UNKNOWN = '\u{f0002}';

const WILD = /[\u{f0000}-\u{f0002}]/u;

/** Whether what the word becomes is not quite known. */
export function isWild(shape: string): boolean {
  return WILD.test(shape);
}

/** Unquoted text with its file patterns marked. A bracket expression may be any character. */
export function globShape(text: string): string {
  if (!/[*?[]/.test(text)) return text;
  let shape = '';
  let end = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    // the first bracket may be a member itself; found once for all that are opened before it
    if (char === '[' && end >= 0 && end < at + 2) end = text.indexOf(']', at + 2);
    if (char === '[' && end > at && text.lastIndexOf('/', end) < at) {
      shape += ONE;
      at = end;
    } else shape += char === '*' ? MANY : char === '?' ? ONE : char;
  }
  return shape;
}

/** A pattern of a rule: `*` is any text, `?` any character. */
export function ruleShape(text: string): string {
  return text.replaceAll('*', MANY).replaceAll('?', ONE);
}

/** A file pattern that says nothing of the name it becomes. */
export function isAnything(shape: string): boolean {
  return shape.replaceAll(MANY, '') === '';
}

/** Whether the text fits the pattern of a rule. */
export function fitsPattern(pattern: string, text: string): boolean {
  const known = pattern.search(WILD);
  if (known > 0 && !text.startsWith(pattern.slice(0, known))) return false;
  const a = [...pattern];
  const b = [...text];
  let at = 0;
  let star = -1;
  let taken = 0;
  for (let j = 0; j < b.length; ) {
    if (a[at] === MANY) {
      star = at++;
      taken = j;
    } else if (a[at] === b[j] || a[at] === ONE) {
      at++;
      j++;
    } else if (star >= 0) {
      // the last `*` takes one more
      at = star + 1;
      j = ++taken;
    } else return false;
  }
  while (a[at] === MANY) at++;
  return at === a.length;
}

/** No name of a file is as long, and what is may be anything. */
const LONGEST_SHAPE = 1000;

/** Whether some text fits both. `pattern` is of a rule, where `*` also crosses `/`; `shape` is of a line. */
export function canMeet(pattern: string, shape: string): boolean {
  if (shape.length > LONGEST_SHAPE) return true;
  const a = [...pattern];
  const b = [...shape];
  // row[j]: the pattern so far and the first j of the shape fit
  let row = Array.from({ length: b.length + 1 }, () => false);
  row[0] = true;
  for (let j = 0; j < b.length && b[j] === MANY; j++) row[j + 1] = true;
  for (const one of a) {
    const next: boolean[] = [one === MANY && row[0]!];
    for (let j = 0; j < b.length; j++) {
      const other = b[j]!;
      if (one === MANY) next.push(row[j + 1]! || next[j]! || (other === MANY && row[j]!));
      else if (other === MANY) next.push(next[j]! || (one !== '/' && row[j + 1]!));
      else next.push(row[j]! && meet(one, other));
    }
    row = next;
  }
  return row[b.length]!;
}

function meet(one: string, other: string): boolean {
  if (one === ONE) return other !== UNKNOWN;
  return one === other || (other === ONE && one !== '/');
}
