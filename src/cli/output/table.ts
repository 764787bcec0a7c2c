import type { OutputStream } from '../io.ts';
import { clean, displayWidth, pad, truncate, truncateStart } from './text.ts';

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** May be cut when the terminal is too narrow; ids and times should stay whole. */
  readonly flexible?: boolean;
  /** A flexible column that says what matters keeps this width while another can be cut or left out; otherwise it is a little. */
  readonly least?: number;
  /** Where too long a value is cut; a path says most at its end. Default: its end. */
  readonly cut?: 'start' | 'end';
  /** May be left out when even cut columns do not fit: those marked `first`, then the others, the last ones first. */
  readonly optional?: boolean | 'first';
  /** Which part of the value stands out on a terminal: `from` to before `to`, of a value without control characters. */
  readonly emphasis?: (row: Row) => readonly [from: number, to: number];
}

const GAP = '  ';
const NARROWEST = 6;

/**
 * Rows as aligned columns. On a terminal they fit its width: flexible columns are cut, widest first, and optional ones
 * left out where that is not enough. Into a pipe or a file everything goes whole. Every value is cleaned of control characters.
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | undefined,
): string {
  const cells = rows.map((row) => columns.map((column) => clean(column.value(row))));
  // a column in which no row has anything to say is left out
  const used = columns.map((_, i) => cells.some((row) => row[i] !== '' && row[i] !== '-'));
  const full = columns.map((column, i) =>
    Math.max(displayWidth(column.title), ...cells.map((row) => displayWidth(row[i]!))),
  );
  const kept = fitting(
    columns,
    full,
    columns.map((_, i) => i).filter((i) => used[i]),
    width,
  );
  const widths = kept.map((i) => full[i]!);
  if (width !== undefined) {
    const flexible = kept.map((i) => columns[i]!.flexible === true);
    shrink(
      widths,
      kept.map((i, k) => (flexible[k] ? leastOf(columns[i]!) : Number.POSITIVE_INFINITY)),
      width,
    );
    shrink(
      widths,
      flexible.map((cut) => (cut ? NARROWEST : Number.POSITIVE_INFINITY)),
      width,
    );
  }

  const line = (values: readonly string[], row?: Row) =>
    kept
      .map((i, k) => {
        const cell = pad(cutTo(values[i]!, widths[k]!, columns[i]!), widths[k]!, columns[i]!.align);
        const part = width !== undefined && row !== undefined && columns[i]!.emphasis?.(row);
        return part ? emphasised(cell, part) : cell;
      })
      .join(GAP)
      .trimEnd();
  const body = cells.map((values, i) => line(values, rows[i]));
  return [line(columns.map((column) => column.title)), ...body].map((text) => `${text}\n`).join('');
}

function emphasised(cell: string, [from, to]: readonly [number, number]): string {
  const part = cell.slice(from, to);
  return part === '' ? cell : `${cell.slice(0, from)}\x1b[1m${part}\x1b[22m${cell.slice(to)}`;
}

function cutTo(text: string, width: number, { cut }: { readonly cut?: 'start' | 'end' }): string {
  return cut === 'start' ? truncateStart(text, width) : truncate(text, width);
}

const leastOf = (column: { readonly least?: number }) => column.least ?? NARROWEST;

/** The columns that find room, cut as far as they may be. */
function fitting<Row>(
  columns: readonly Column<Row>[],
  full: readonly number[],
  wanted: readonly number[],
  width: number | undefined,
): readonly number[] {
  if (width === undefined) return wanted;
  const least = (i: number) => (columns[i]!.flexible ? Math.min(full[i]!, leastOf(columns[i]!)) : full[i]!);
  const needed = wanted.reduce((sum, i) => sum + least(i) + GAP.length, -GAP.length);
  const last = wanted.findLast((i) => columns[i]!.optional === 'first') ?? wanted.findLast((i) => columns[i]!.optional);
  if (needed <= width || last === undefined) return wanted;
  return fitting(
    columns,
    full,
    wanted.filter((i) => i !== last),
    width,
  );
}

/** Takes room away from the widest columns until the table fits, or all are as narrow as they may be. */
function shrink(widths: number[], least: readonly number[], width: number): void {
  let over = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (widths.length - 1) - width;
  while (over > 0) {
    let widest = -1;
    for (let i = 0; i < widths.length; i++) {
      if (widths[i]! > least[i]! && (widest < 0 || widths[i]! > widths[widest]!)) widest = i;
    }
    if (widest < 0) return;
    widths[widest]!--;
    over--;
  }
}

/** One thing with its properties: `name   value`, one a line. Empty values are left out. */
export function formatDetails(pairs: readonly (readonly [name: string, value: string])[]): string {
  const shown = pairs.filter(([, value]) => value !== '' && value !== '-');
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${pad(name, width)}  ${clean(value)}\n`).join('');
}

/** The width a table must fit, undefined when it goes into a pipe or a file. */
export function tableWidth(out: OutputStream): number | undefined {
  return out.isTTY === true ? Math.max(40, out.columns ?? 80) : undefined;
}
