import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
  readonly total?: number | undefined;
}

export interface Paged<T> {
  readonly rows: readonly T[];
  /** How many there are in all, where the list is counted. */
  readonly total: number | undefined;
  readonly loading: boolean;
  readonly error: unknown;
  /** Loads the following page; undefined at the end. */
  readonly more: (() => void) | undefined;
  readonly loadingMore: boolean;
  readonly retry: () => void;
}

/**
 * A list that is loaded page by page. `args` (search, filters, order) are part of its key; the rows of before stay
 * while new ones come. `refreshMs`: what is live asks again by itself. `once`: what is written into the audit log when
 * it is asked is not asked again by itself.
 */
export function usePaged<T>(
  resource: string,
  args: Readonly<Record<string, unknown>>,
  load: (page: { after?: string; limit: number }) => Promise<PageOf<T>>,
  options: { readonly limit?: number; readonly refreshMs?: number; readonly once?: boolean } = {},
): Paged<T> {
  const limit = options.limit ?? 50;
  const query = useInfiniteQuery({
    queryKey: [resource, 'list', args, limit],
    queryFn: ({ pageParam }) => load({ limit, ...(pageParam !== null && { after: pageParam }) }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
    refetchInterval: options.refreshMs ?? false,
    ...(options.once && { staleTime: Number.POSITIVE_INFINITY }),
  });
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data]);
  return {
    rows,
    total: query.data?.pages[0]?.total,
    loading: query.isPending,
    error: query.data ? undefined : query.error,
    more: query.hasNextPage ? () => void query.fetchNextPage() : undefined,
    loadingMore: query.isFetchingNextPage,
    retry: () => void query.refetch(),
  };
}
