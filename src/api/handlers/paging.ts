import { AppError } from '../../kernel/errors.ts';

/** One page of rows that were asked for with one more than `limit`: whether there is a next page shows without counting. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

/** What a row is ordered by; the parts after the first decide where those before are equal. */
type SortKey = readonly (string | number)[];

/** How the rows of a list are searched and ordered. */
export interface Listing<Row, Sort extends string> {
  readonly id: (row: Row) => string;
  /** Where a text is looked for. */
  readonly texts: (row: Row) => Iterable<string | null>;
  readonly order: Readonly<Record<Sort, (row: Row) => SortKey>>;
}

interface ListQuery<Sort extends string> {
  readonly text?: string | undefined;
  readonly sort: Sort | `-${Sort}`;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Where a page ended. It names the place by what the rows are ordered by, so it holds when the row itself is gone. */
interface Place {
  readonly key: SortKey;
  readonly id: string;
}

/** As a person looks for names: web2 before web10, whatever the case. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/**
 * One page of a list that is held as a whole: searched, ordered and cut. Rows that come, go or are renamed between two
 * pages make no other row appear twice or be left out.
 * @throws AppError `invalid` when `after` is no place in this order.
 */
export function countedPage<Row, Sort extends string>(
  rows: readonly Row[],
  query: ListQuery<Sort>,
  { id, texts, order }: Listing<Row, Sort>,
): { items: Row[]; next: string | null; total: number } {
  const found = matching(rows, query.text, texts);
  const backwards = query.sort.startsWith('-');
  const keyOf = order[(backwards ? query.sort.slice(1) : query.sort) as Sort];
  const compare = (a: Place, b: Place) => (backwards ? comparePlaces(b, a) : comparePlaces(a, b));
  const start = query.after === undefined ? undefined : readCursor(query.after, query.sort);
  const behind = found
    .map((row) => ({ row, key: keyOf(row), id: id(row) }))
    .filter((place) => start === undefined || compare(place, start) > 0)
    .sort(compare);
  const page = behind.slice(0, query.limit);
  const last = page.at(-1);
  return {
    items: page.map(({ row }) => row),
    next: last !== undefined && behind.length > page.length ? writeCursor(query.sort, last) : null,
    total: found.length,
  };
}

function matching<Row>(
  rows: readonly Row[],
  text: string | undefined,
  texts: (row: Row) => Iterable<string | null>,
): readonly Row[] {
  const wanted = text?.trim().toLowerCase() ?? '';
  if (wanted === '') return rows;
  return rows.filter((row) => {
    for (const one of texts(row)) if (one?.toLowerCase().includes(wanted)) return true;
    return false;
  });
}

function comparePlaces(a: Place, b: Place): number {
  for (const [index, left] of a.key.entries()) {
    const difference = compareParts(left, b.key[index]!);
    if (difference !== 0) return difference;
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function compareParts(a: string | number, b: string | number): number {
  return typeof a === 'number' || typeof b === 'number' ? Number(a) - Number(b) : collator.compare(a, b);
}

function writeCursor(sort: string, { key, id }: Place): string {
  return Buffer.from(JSON.stringify([sort, id, ...key])).toString('base64url');
}

function readCursor(cursor: string, sort: string): Place {
  try {
    const [of, id, ...key] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    const known = key.length > 0 && key.every((part) => typeof part === 'string' || typeof part === 'number');
    if (of === sort && typeof id === 'string' && known) return { id, key };
  } catch {
    // said below
  }
  throw new AppError('invalid', 'after: is no place in this list as it is sorted; leave it out to begin again.');
}
