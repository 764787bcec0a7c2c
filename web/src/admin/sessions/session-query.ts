import { useUrlState } from '../../kit/url-state.ts';
import { USES } from '../parts/part-words.ts';
import { useTimeRange } from '../parts/time-range.tsx';

export const DOORS = ['ssh', 'web'] as const;

/** Which live sessions are asked for, by the address: for the list as for its export. */
export function useLiveQuery() {
  const [get] = useUrlState();
  return { user: get('user'), asset: get('asset'), text: get('text') };
}

/** Which past ones. */
export function usePastQuery() {
  const [get] = useUrlState();
  const range = useTimeRange();
  return {
    user: get('user'),
    asset: get('asset'),
    text: get('text'),
    use: USES.find((use) => use === get('use')),
    via: DOORS.find((via) => via === get('via')),
    ...range,
  };
}
