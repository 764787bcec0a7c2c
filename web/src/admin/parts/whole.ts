import { useQuery } from '@tanstack/react-query';
import type { Paged } from '../../kit/paged.ts';

/** A list that comes as a whole, as the tables want it. `refreshMs`: what is live asks again by itself. */
export function useWhole<T>(resource: string, load: () => Promise<readonly T[]>, refreshMs?: number): Paged<T> {
  const query = useQuery({
    queryKey: [resource, 'whole'],
    queryFn: load,
    refetchInterval: refreshMs ?? false,
  });
  return {
    rows: query.data ?? [],
    total: query.data?.length,
    loading: query.isPending,
    error: query.data ? undefined : query.error,
    more: undefined,
    loadingMore: false,
    retry: () => void query.refetch(),
  };
}
