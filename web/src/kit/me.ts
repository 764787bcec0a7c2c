import { useQuery } from '@tanstack/react-query';
import type { Result } from '../../../src/api/contract/route.ts';
import type { Routes } from '../../../src/api/contract/routes.ts';
import { api } from './api.ts';

export type Me = Result<Routes['system']['me']>;

/** The question itself, for who asks ahead. */
export const meAsked = { queryKey: ['me'], queryFn: () => api.system.me(), staleTime: 30_000 };

/** Who is signed in; `data` undefined while that is not known, `error` with status 401 when nobody is. */
export function useMeQuery() {
  return useQuery(meAsked);
}

/** Who is signed in. Only below `SignedIn`, which shows nothing before that is known. */
export function useMe(): Me {
  const { data } = useQuery(meAsked);
  if (!data) throw new Error('useMe outside of SignedIn');
  return data;
}

/** Whether the role of who is signed in opens this: `manage`, `audit.read`, … */
export function useMay(): (capability: string) => boolean {
  const { capabilities } = useMe();
  return (capability) => capabilities.includes(capability);
}
