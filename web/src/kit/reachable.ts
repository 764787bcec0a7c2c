import { api } from './api.ts';

/** What who is signed in may reach: the one question for it, so that whoever asks first asks for all. */
export const reachableAsked = { queryKey: ['me', 'assets'], queryFn: () => api.me.assets(), staleTime: 30_000 };
