import { z } from 'zod';
import { line, page, pageQuery, time } from './common.ts';
import { route } from './route.ts';

const hit = z.object({
  session: z.string(),
  user: z.string(),
  asset: z.string(),
  account: z.string(),
  startedAt: time,
  /** When the line came. */
  at: time,
  /** The same, in whole seconds of the recording: a replay from there shows it come. */
  seconds: z.number(),
  /** The line around the first place where the text stands; `…` where it was shortened. */
  before: z.string(),
  match: z.string(),
  after: z.string(),
});
export type OutputHitView = z.output<typeof hit>;

const name = z.string().min(1).max(512);

export const search = {
  output: route({
    method: 'GET',
    path: '/search/output',
    needs: 'recordings.read',
    summary:
      'Search the output of recorded sessions that have ended, the last one first; a page may be short although there are more; the search is audited',
    query: z.strictObject({
      ...pageQuery,
      /** Found anywhere in a line, whatever the case; white space of any length counts as one space. */
      text: line(200).refine((text) => text.trim() !== '', 'must not be empty'),
      user: name.optional(),
      asset: name.optional(),
      session: name.optional(),
      since: time.optional(),
      until: time.optional(),
    }),
    response: page(hit),
  }),
};
