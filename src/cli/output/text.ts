import { stripped } from '../../kernel/printable.ts';
import { isWide } from '../../kernel/wide.ts';

/** User data made safe for one line of a terminal: line breaks and tabs become spaces, other controls go. */
export function clean(text: string): string {
  return stripped(text.replace(/[\r\n\t]+/g, ' '));
}

/** As `clean`, for text of several lines: the line breaks stay. */
export function cleanLines(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map(clean)
    .join('\n');
}

/** Shown as a picture, which is wide, whatever the character alone would be. */
const PICTURE = /^\p{Extended_Pictographic}\ufe0f/u;
const PLAIN = /^[\x20-\x7e]*$/;
const MARKS_ONLY = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function clusterWidth(cluster: string): number {
  if (MARKS_ONLY.test(cluster)) return 0;
  return isWide(String.fromCodePoint(cluster.codePointAt(0)!)) || PICTURE.test(cluster) ? 2 : 1;
}

/** Columns a text without control characters takes on a terminal. */
export function displayWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += clusterWidth(segment);
  return width;
}

/** Cuts a text to at most `width` columns; a cut text ends in `…`. */
export function truncate(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let out = '';
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    const w = clusterWidth(segment);
    if (used + w > width - 1) break;
    out += segment;
    used += w;
  }
  return `${out}…`;
}

/** As `truncate`, of which the end is kept: `…/tmp/file`. */
export function truncateStart(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width <= 0) return '';
  let out = '';
  let used = 0;
  for (const { segment } of [...segmenter.segment(text)].reverse()) {
    const w = clusterWidth(segment);
    if (used + w > width - 1) break;
    out = segment + out;
    used += w;
  }
  return `…${out}`;
}

/** Breaks lines between words, so that none is wider than `width`; a word that is stays whole. */
export function wrap(text: string, width: number | undefined): string[] {
  if (width === undefined) return text.split('\n');
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    for (const word of line.split(' ')) {
      const joined = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
      if (lines.length > 0 && displayWidth(joined) <= width) lines[lines.length - 1] = joined;
      else lines.push(word);
    }
    return lines;
  });
}

/** Fills a text with spaces up to `width` columns. */
export function pad(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'left' ? text + fill : fill + text;
}
