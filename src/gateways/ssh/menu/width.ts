import { printable } from '../../../kernel/printable.ts';
import { isWide } from '../../../kernel/wide.ts';

const ZERO = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
/** Terminals count two regional indicators as one flag of two columns, or each as one: two columns either way. */
const FLAG_HALF = /\p{Regional_Indicator}/u;
/** What joins or tints emoji: terminals disagree on the width of the result, so a name is shown without. */
const JOINERS = /\u200c|\u200d|[\ufe00-\ufe0f]|\p{Emoji_Modifier}|[\u{e0000}-\u{e0fff}]/gu;
const MARK_PILE = /(\p{M}{3})\p{M}+/gu;
const PLAIN = /^[\x20-\x7e]*$/;

/** Text of others made fit for the screen: one line, nothing that moves the cursor, a width everybody agrees on. */
export function clean(text: string): string {
  return PLAIN.test(text) ? text : printable(text).replace(JOINERS, '').replace(MARK_PILE, '$1');
}

function charWidth(char: string): number {
  if (PLAIN.test(char)) return 1;
  if (ZERO.test(char)) return 0;
  return isWide(char) && !FLAG_HALF.test(char) ? 2 : 1;
}

/** Columns a clean text takes on a terminal. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Cuts a clean text to at most `width` columns; what was cut shows as an ellipsis. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width < 1) return '';
  let out = '';
  let used = 0;
  for (const char of text) {
    used += charWidth(char);
    if (used > width - 1) break;
    out += char;
  }
  return `${out}…`;
}

/** Cuts or pads a clean text to exactly `width` columns. */
export function padded(text: string, width: number): string {
  const short = cut(text, width);
  return short + ' '.repeat(Math.max(0, width - textWidth(short)));
}

/** The longest end of a clean text that takes at most `width` columns. */
export function tail(text: string, width: number): string {
  const chars = [...text];
  let used = 0;
  let from = chars.length;
  while (from > 0 && used + charWidth(chars[from - 1]!) <= width) used += charWidth(chars[--from]!);
  return chars.slice(from).join('');
}

/** Breaks a clean text at spaces into lines of at most `width` columns; a longer word is broken where it must. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(' ')) {
    const joined = line === '' ? word : `${line} ${word}`;
    if (textWidth(joined) <= width) {
      line = joined;
      continue;
    }
    if (line !== '') lines.push(line);
    while (textWidth(word) > width) {
      const head = cut(word, width + 1).slice(0, -1) || [...word][0]!;
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  return [...lines, line];
}
