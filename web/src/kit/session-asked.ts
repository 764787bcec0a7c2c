import { api } from './api.ts';

/** The question for the facts of one session. */
export const sessionAsked = (id: string) => ({
  queryKey: ['sessions', 'one', id],
  queryFn: () => api.sessions.show({ id }),
});
