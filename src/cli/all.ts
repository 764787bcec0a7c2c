import { type PageArgs, type PagedCall, pages } from '../sdk/pages.ts';

/** The most that a page may hold. */
const LIMIT = 1000;

/** Every row of a list that comes in pages. */
export async function all<A extends PageArgs, Row>(
  list: PagedCall<A, { readonly items: readonly Row[]; readonly next: string | null }>,
  args: NonNullable<A>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const { items } of pages(list, { ...args, limit: LIMIT })) rows.push(...items);
  return rows;
}
