import { useCallback } from 'react';
import { useLocation, useSearch } from 'wouter';

/**
 * Search words, filters and order in the address, so that a view can be linked to and "back" works. A value that is
 * undefined or '' leaves the address. Read from the address itself: wouter decodes twice, and `printf %20s` is a thing
 * people search for.
 */
export function useUrlState(): [
  get: (name: string) => string | undefined,
  set: (values: Record<string, string | undefined>) => void,
] {
  useSearch();
  const [, navigate] = useLocation();
  const params = new URLSearchParams(location.search);
  const get = (name: string) => params.get(name) ?? undefined;
  const set = useCallback(
    (values: Record<string, string | undefined>) => {
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined || value === '') next.delete(name);
        else next.set(name, value);
      }
      const text = next.toString();
      navigate(location.pathname + (text === '' ? '' : `?${text}`), { replace: true });
    },
    [navigate],
  );
  return [get, set];
}

/** A name in the path of the address, decoded once: `usePathPart(2)` of `/admin/users/alice` is `alice`. */
export function usePathPart(index: number): string | undefined {
  useLocation();
  const part = location.pathname.split('/')[index + 1];
  if (part === undefined || part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
