/** One page of rows that were asked for with one more than `limit`: whether there is a next page shows without counting. */
export function pageOf<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; next: string | null } {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
