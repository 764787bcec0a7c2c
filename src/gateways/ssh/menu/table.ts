import type { Entry, FolderNode } from './catalogue.ts';
import { bold, dim, reverse } from './style.ts';
import { cut, padded, textWidth } from './width.ts';
import { KEYS } from './words.ts';

type Column = 'name' | 'address' | 'platform' | 'comment';
const COLUMNS: readonly Column[] = ['name', 'address', 'platform', 'comment'];
/** Widest a column is shown, and narrowest before others are left out (an address is shown whole or not at all). */
const BOUNDS: Readonly<Record<Column, { readonly min: number; readonly max: number }>> = {
  name: { min: 16, max: 40 },
  address: { min: 39, max: 39 },
  platform: { min: 8, max: 16 },
  comment: { min: 10, max: 200 },
};
const GAP = '  ';

export interface Layout {
  readonly id: number;
  readonly columns: readonly { readonly key: Column; readonly width: number }[];
}

/**
 * Divides `width` columns among the table's. On narrow terminals comment, then platform, then address is left out;
 * columns nobody fills take no place. Widths come from all entries, so that they stay from page to page.
 */
export function layout(entries: readonly Entry[], width: number): Layout {
  const id = Math.max(2, String(entries.length).length);
  const wanted = new Map<Column, number>();
  for (const key of COLUMNS) {
    let widest = 0;
    for (const entry of entries) widest = Math.max(widest, textWidth(entry[key]));
    if (widest > 0 || key === 'name') wanted.set(key, Math.min(BOUNDS[key].max, Math.max(widest, key.length)));
  }
  const room = (shown: readonly Column[]) => width - 1 - id - shown.length * GAP.length;
  const least = (key: Column) => Math.min(wanted.get(key)!, BOUNDS[key].min);
  const need = (shown: readonly Column[]) => shown.reduce((sum, key) => sum + least(key), 0);
  let shown = [...wanted.keys()];
  while (shown.length > 1 && need(shown) > room(shown)) shown = shown.slice(0, -1);

  // everyone gets the least, then what is left goes to the columns in order
  let left = Math.max(0, room(shown) - need(shown));
  const columns = shown.map((key) => {
    const base = shown.length === 1 ? Math.min(least(key), room(shown)) : least(key);
    const more = Math.min(left, wanted.get(key)! - base);
    left -= more;
    return { key, width: base + more };
  });
  return { id, columns };
}

export function headerLine({ id, columns }: Layout): string {
  return bold(
    ` ${'ID'.padStart(id)}${columns.map(({ key, width }) => GAP + padded(key.toUpperCase(), width)).join('')}`.trimEnd(),
  );
}

export function rowLine({ id, columns }: Layout, number: number, entry: Entry, selected: boolean): string {
  const cells = columns.map(({ key, width }, i) => {
    const text = i === columns.length - 1 && !selected ? cut(entry[key], width) : padded(entry[key], width);
    return GAP + (selected || key === 'name' || key === 'address' ? text : dim(text));
  });
  const line = `${String(number).padStart(id)}${cells.join('')}`;
  return selected ? reverse(`>${line}`) : ` ${line}`;
}

export function folderLine(
  index: number,
  { name, depth, count }: FolderNode,
  selected: boolean,
  width: number,
): string {
  const start = `${String(index + 1).padStart(2)}  ${'  '.repeat(Math.min(depth, 8))}`;
  const number = ` (${count})`;
  const text = cut(name, width - 1 - start.length - number.length);
  return selected ? reverse(`>${start}${text}${number}`) : ` ${start}${text}${dim(number)}`;
}

const KEYS_WIDTH = Math.max(...KEYS.map(([keys]) => keys.length));

export function helpLine([keys, meaning]: (typeof KEYS)[number], width: number): string {
  return ` ${bold(padded(keys, KEYS_WIDTH))}  ${cut(meaning, width - KEYS_WIDTH - 3)}`;
}
