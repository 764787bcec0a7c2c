import { useCallback } from 'react';
import { useSearchParams } from 'wouter';

/**
 * Search words, filters and order in the address, so that a view can be linked to and "back" works. A value that is
 * undefined or '' leaves the address.
 */
export function useUrlState(): [
  get: (name: string) => string | undefined,
  set: (values: Record<string, string | undefined>) => void,
] {
  const [params, setParams] = useSearchParams();
  const get = (name: string) => params.get(name) ?? undefined;
  const set = useCallback(
    (values: Record<string, string | undefined>) =>
      setParams(
        (old) => {
          const next = new URLSearchParams(old);
          for (const [name, value] of Object.entries(values)) {
            if (value === undefined || value === '') next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [get, set];
}
