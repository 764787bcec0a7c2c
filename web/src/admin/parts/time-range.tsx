import { Group, Select } from '@mantine/core';
import { useMemo } from 'react';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { MomentInput } from '../edit/moment-input.tsx';
import { partWords } from './part-words.ts';

const HOUR = 3_600_000;
const PRESETS: Readonly<Record<string, number>> = { '1h': HOUR, '24h': 24 * HOUR, '7d': 168 * HOUR, '30d': 720 * HOUR };

export interface TimeRange {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** The time asked for, by the address: `range=24h`, or `since` and `until` as ISO times. Stays the same between renders. */
export function useTimeRange(): TimeRange {
  const [get] = useUrlState();
  const [range, since, until] = [get('range'), get('since'), get('until')];
  return useMemo(() => {
    const span = PRESETS[range ?? ''];
    if (span !== undefined) return { since: new Date(Date.now() - span).toISOString() };
    return { since: validTime(since), until: validTime(until) };
  }, [range, since, until]);
}

/** What somebody wrote into the address is not always a time. */
function validTime(text: string | undefined): string | undefined {
  return text === undefined || Number.isNaN(Date.parse(text)) ? undefined : new Date(text).toISOString();
}

/** Chooses the time, by the address. */
export function TimeRangeFilter() {
  const t = useWords(partWords);
  const [get, set] = useUrlState();
  const own = get('range') === 'own' || get('since') !== undefined || get('until') !== undefined;
  const value = own ? 'own' : (get('range') ?? '');
  return (
    <Group gap="xs">
      <Select
        aria-label={t.time}
        w={160}
        allowDeselect={false}
        value={value}
        data={[
          { value: '', label: t.anyTime },
          { value: '1h', label: t.lastHour },
          { value: '24h', label: t.lastDay },
          { value: '7d', label: t.lastWeek },
          { value: '30d', label: t.lastMonth },
          { value: 'own', label: t.ownRange },
        ]}
        onChange={(range) => set({ range: range ?? undefined, since: undefined, until: undefined })}
      />
      {own && (
        <>
          <Moment label={t.since} value={get('since')} onChange={(since) => set({ range: 'own', since })} />
          <Moment label={t.until} value={get('until')} onChange={(until) => set({ range: 'own', until })} />
        </>
      )}
    </Group>
  );
}

function Moment(props: { label: string; value: string | undefined; onChange: (iso: string | undefined) => void }) {
  return (
    <MomentInput
      w={190}
      aria-label={props.label}
      placeholder={props.label}
      value={validTime(props.value) ?? null}
      onChange={(iso) => props.onChange(iso ?? undefined)}
    />
  );
}
