import { useQuery } from '@tanstack/react-query';
import { api } from '../kit/api.ts';
import { useMay } from '../kit/me.ts';

const REVIEWS_MS = 5_000;
const HEALTH_MS = 30_000;

/** What the daemon stands on; undefined while that is not known, or not for the eyes of who is signed in. */
export function useHealth() {
  const may = useMay();
  return useQuery({
    queryKey: ['health'],
    queryFn: () => api.system.health(),
    refetchInterval: HEALTH_MS,
    enabled: may('sessions.read'),
  });
}

/** How many things wait for a person, for the marks in the menu. */
export function useWaiting(): Readonly<Record<'reviews' | 'hostKeys', number>> {
  const may = useMay();
  const reviews = useQuery({
    queryKey: ['reviews', 'waiting'],
    queryFn: async () => (await api.reviews.list({ state: 'pending', limit: 100 })).items.length,
    refetchInterval: REVIEWS_MS,
  });
  const health = useHealth();
  return {
    reviews: reviews.data ?? 0,
    hostKeys: may('manage') ? (health.data?.counts.changedHostKeys ?? 0) : 0,
  };
}
