import { isWide } from '../kernel/wide.ts';

/** Breaks a sentence at its blanks into rows of so many columns. A word that is longer is left to the terminal. */
export function wrapped(text: string, cols: number): string {
  const rows: string[] = [];
  let row = '';
  let width = 0;
  for (const word of text.split(' ')) {
    const length = widthOf(word);
    if (row !== '' && width + 1 + length > cols) {
      rows.push(row);
      row = word;
      width = length;
    } else {
      width += length + (row === '' ? 0 : 1);
      row += row === '' ? word : ` ${word}`;
    }
  }
  return [...rows, row].join('\r\n');
}

function widthOf(word: string): number {
  let width = 0;
  for (const char of word) width += /\p{M}/u.test(char) ? 0 : isWide(char) ? 2 : 1;
  return width;
}
