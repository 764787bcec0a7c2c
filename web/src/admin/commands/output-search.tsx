import { Button, Group, Mark, Text, TextInput } from '@mantine/core';
import { IconFileSearch, IconSearch } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useLocation } from 'wouter';
import type { OutputHitView } from '../../../../src/api/contract/search.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { usePaged } from '../../kit/paged.ts';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { NameFilter } from '../parts/name-filter.tsx';
import { rowColumns } from '../parts/row-columns.tsx';
import { Stretch } from '../parts/stretch.tsx';
import { TimeRangeFilter, useTimeRange } from '../parts/time-range.tsx';
import { commandWords } from './words.ts';

/** Full text over what sessions have shown. Each search is written into the audit log, so it is made at Enter only. */
export function OutputSearch() {
  const t = useWords(commandWords);
  const [get, set] = useUrlState();
  const asked = get('text') ?? '';
  const [text, setText] = useState(asked);
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          set({ text: text.trim() });
        }}
      >
        <Group gap="xs">
          <TextInput
            w={340}
            aria-label={t.searchOutput}
            placeholder={t.searchOutput}
            leftSection={<IconSearch size={16} />}
            maxLength={200}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <NameFilter kind="user" />
          <NameFilter kind="asset" />
          <TimeRangeFilter />
          <Button type="submit" disabled={text.trim() === ''}>
            {t.searchButton}
          </Button>
        </Group>
      </form>
      {asked.trim() === '' ? (
        <Empty icon={IconFileSearch} title={t.outputFirst} text={t.outputFirstText} />
      ) : (
        <Hits text={asked} />
      )}
    </>
  );
}

function Hits({ text }: { readonly text: string }) {
  const t = useWords(commandWords);
  const { short } = useFormat();
  const [, navigate] = useLocation();
  const [get] = useUrlState();
  const range = useTimeRange();
  const query = { text, user: get('user'), asset: get('asset'), ...range };
  const list = usePaged('search', query, (page) => api.search.output({ ...query, ...page }), { once: true });
  const { rows, more, loadingMore } = list;
  // a page may be short, or empty, although there is more
  useEffect(() => {
    if (rows.length === 0 && !loadingMore) more?.();
  }, [rows, more, loadingMore]);
  const columns: Column<OutputHitView>[] = [
    ...rowColumns<OutputHitView>(t, ({ at }) => at),
    {
      key: 'shown',
      title: t.shown,
      width: '60%',
      render: (row) => (
        <Stretch>
          <Text className="mono" size="sm" lineClamp={2} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {row.before}
            <Mark>{row.match}</Mark>
            {row.after}
          </Text>
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {`${short(row.at)} · ${row.asset}`}
          </Text>
        </Stretch>
      ),
    },
  ];
  return (
    <DataTable
      list={{ ...list, loading: list.loading || (rows.length === 0 && more !== undefined) }}
      columns={columns}
      idOf={(row) => `${row.session} ${row.seconds} ${row.before}${row.match}`}
      nameOf={(row) => row.match}
      onOpen={(row) => navigate(`/replay/${row.session}?t=${row.seconds}`)}
      filtered
      empty={null}
    />
  );
}
