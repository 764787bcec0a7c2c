import { Paper, SegmentedControl, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../kit/api.ts';
import { Page } from '../../kit/page.tsx';
import { Failed } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { AssetSelect, UserSelect } from '../pickers/pickers.tsx';
import { LineInput } from './tester.tsx';
import { VerdictView } from './verdict-view.tsx';
import { filterWords } from './words.ts';

const PAUSE_MS = 250;

/** What the filters that are saved would do with a line: one of them alone, or all that hold for a person somewhere. */
export function TryPage() {
  const t = useWords(filterWords);
  const [get, set] = useUrlState();
  const one = get('filter') !== undefined || get('mode') === 'one';
  const [line, setLine] = useState('');
  const [asked] = useDebouncedValue(line, PAUSE_MS);
  return (
    <Page title={t.tryLine} description={t.tryText} back={{ href: '/admin/filters', word: t.title }}>
      <Paper withBorder p="lg" maw={820}>
        <Stack gap="md">
          <SegmentedControl
            aria-label={t.tryLine}
            data={[
              { value: 'all', label: t.allFilters },
              { value: 'one', label: t.oneFilter },
            ]}
            value={one ? 'one' : 'all'}
            onChange={(mode) => set({ mode: mode === 'one' ? 'one' : undefined, filter: undefined })}
          />
          {one ? <OneFilter /> : <Person />}
          <LineInput value={line} onChange={setLine} />
          {one ? <OneVerdict line={asked} /> : <AllVerdict line={asked} />}
        </Stack>
      </Paper>
    </Page>
  );
}

function OneFilter() {
  const t = useWords(filterWords);
  const [get, set] = useUrlState();
  const { data } = useQuery({
    queryKey: ['filters', 'all'],
    queryFn: async () => (await api.filters.list({ limit: 1000 })).items,
  });
  return (
    <Select
      label={t.filter}
      searchable
      data={(data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
      value={get('filter') ?? null}
      onChange={(filter) => set({ filter: filter ?? undefined, mode: 'one' })}
    />
  );
}

function OneVerdict({ line }: { readonly line: string }) {
  const [get] = useUrlState();
  const name = get('filter');
  const ready = name !== undefined && line !== '';
  const { data, error } = useQuery({
    queryKey: ['filters', 'test', name, line],
    queryFn: () => api.filters.test({ name: name!, line }),
    placeholderData: keepPreviousData,
    enabled: ready,
  });
  if (!ready) return null;
  if (error) return <Failed error={error} />;
  return data ? <VerdictView verdict={data} /> : null;
}

function Person() {
  const t = useWords(filterWords);
  const [get, set] = useUrlState();
  const asset = get('asset');
  const { data: accounts = [] } = useQuery({
    queryKey: ['accounts', 'of', asset],
    queryFn: async () => (await api.accounts.list({ asset, limit: 200 })).items.map(({ login }) => login),
    enabled: asset !== undefined,
  });
  return (
    <SimpleGrid cols={{ base: 1, xs: 3 }}>
      <UserSelect label={t.user} value={get('user') ?? null} onChange={(name) => set({ user: name ?? undefined })} />
      <AssetSelect
        label={t.asset}
        value={asset ?? null}
        onChange={(name) => set({ asset: name ?? undefined, account: undefined })}
      />
      <Select
        label={t.account}
        data={[...new Set(accounts)]}
        value={get('account') ?? null}
        onChange={(account) => set({ account: account ?? undefined })}
      />
    </SimpleGrid>
  );
}

function AllVerdict({ line }: { readonly line: string }) {
  const t = useWords(filterWords);
  const [get] = useUrlState();
  const [user, asset, account] = [get('user'), get('asset'), get('account')];
  const ready = user !== undefined && asset !== undefined && account !== undefined && line !== '';
  const { data, error } = useQuery({
    queryKey: ['filters', 'explain', user, asset, account, line],
    queryFn: () => api.filters.explain({ user: user!, asset: asset!, account: account!, line }),
    placeholderData: keepPreviousData,
    enabled: ready,
  });
  if (!ready) return null;
  if (error) return <Failed error={error} />;
  if (!data) return null;
  return (
    <>
      <VerdictView verdict={data} />
      <Text size="sm" c="dimmed">
        {data.filters.length === 0 ? t.noneHold : t.holding(data.filters.join(', '))}
      </Text>
    </>
  );
}
