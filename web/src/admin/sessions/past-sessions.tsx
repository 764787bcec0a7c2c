import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { IconHistory, IconPlayerPlay } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { bytesText } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { Moment } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { ChoiceFilter } from '../parts/choice-filter.tsx';
import { NameCell, NameFilter } from '../parts/name-filter.tsx';
import { partWords, USES } from '../parts/part-words.ts';
import { TimeRangeFilter } from '../parts/time-range.tsx';
import { Ending, isPlayable, lengthOf, UseCell, Where } from './session-cells.tsx';
import { usePastQuery } from './session-query.ts';
import { sessionWords } from './words.ts';

export function PastSessions() {
  const t = useWords(sessionWords);
  const common = useWords(partWords);
  const may = useMay();
  const [get, set] = useUrlState();
  const query = usePastQuery();
  const list = usePaged('sessions', { live: false, ...query }, (page) =>
    api.sessions.list({ live: false, ...query, ...page }),
  );
  const columns: Column<SessionView>[] = [
    { key: 'user', title: common.user, render: (row) => <NameCell kind="user" name={row.user} /> },
    { key: 'where', title: t.where, render: (row) => <Where row={row} /> },
    { key: 'use', title: t.use, width: '24%', from: 'sm', render: (row) => <UseCell row={row} /> },
    {
      key: 'started',
      title: t.started,
      render: (row) => <Moment at={row.startedAt} />,
    },
    {
      key: 'length',
      title: t.length,
      align: 'right',
      from: 'md',
      render: (row) => <Text size="sm">{lengthOf(row)}</Text>,
    },
    { key: 'ended', title: t.ended, from: 'md', render: (row) => <Ending row={row} /> },
    {
      key: 'recording',
      title: t.recording,
      align: 'right',
      from: 'lg',
      render: (row) => (
        <Text size="sm" c={row.recording === 'failed' ? 'red' : 'dimmed'} style={{ whiteSpace: 'nowrap' }}>
          {row.recording === 'ready' ? bytesText(row.recordingBytes ?? 0) : t[`rec_${row.recording}`]}
        </Text>
      ),
    },
    {
      key: 'replay',
      title: '',
      width: 50,
      render: (row) =>
        may('recordings.read') &&
        isPlayable(row) && (
          <Tooltip label={t.replay}>
            <ActionIcon component={Link} href={`/replay/${row.id}`} aria-label={t.replay}>
              <IconPlayerPlay size={17} />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ];
  return (
    <>
      <Group gap="xs">
        <SearchInput w={260} placeholder={t.search} value={get('text') ?? ''} onChange={(text) => set({ text })} />
        <NameFilter kind="user" />
        <NameFilter kind="asset" />
        <ChoiceFilter
          w={140}
          aria-label={t.use}
          none={t.anyUse}
          choices={USES.map((use) => ({ value: use, label: common[`use_${use}`] }))}
          value={query.use ?? null}
          onChange={(use) => set({ use: use ?? undefined })}
        />
        <ChoiceFilter
          w={140}
          aria-label={t.via}
          none={t.anyVia}
          choices={[
            { value: 'ssh', label: 'SSH' },
            { value: 'web', label: 'Web' },
          ]}
          value={query.via ?? null}
          onChange={(via) => set({ via: via ?? undefined })}
        />
        <TimeRangeFilter />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => `${row.user} ${row.asset}`}
        onOpen={(row) => set({ id: row.id })}
        filtered={Object.values(query).some((value) => value !== undefined)}
        empty={<Empty icon={IconHistory} title={t.pastEmpty} text={t.pastEmptyText} />}
      />
    </>
  );
}
