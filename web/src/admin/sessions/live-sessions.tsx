import { ActionIcon, Button, Group, Text, Tooltip } from '@mantine/core';
import { IconBroadcast, IconEye, IconLock, IconLockOpen, IconPower } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { bytesText } from '../../kit/format.ts';
import { useMay } from '../../kit/me.ts';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { NameCell, NameFilter } from '../parts/name-filter.tsx';
import { partWords } from '../parts/part-words.ts';
import { useSessionActions } from './session-actions.ts';
import { isWatchable, Others, Running, UseCell, Where } from './session-cells.tsx';
import { useLiveQuery } from './session-query.ts';
import { sessionWords } from './words.ts';

const REFRESH_MS = 3_000;

export function LiveSessions() {
  const t = useWords(sessionWords);
  const common = useWords(partWords);
  const may = useMay();
  const [get, set] = useUrlState();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const actions = useSessionActions();
  const query = useLiveQuery();
  const list = usePaged(
    'sessions',
    { live: true, ...query },
    (page) => api.sessions.list({ live: true, ...query, ...page }),
    { refreshMs: REFRESH_MS, limit: 200 },
  );
  const chosen = list.rows.filter((row) => selected.has(row.id));

  const columns: Column<SessionView>[] = [
    { key: 'user', title: common.user, render: (row) => <NameCell kind="user" name={row.user} /> },
    { key: 'where', title: t.where, render: (row) => <Where row={row} /> },
    { key: 'use', title: t.use, width: '24%', from: 'sm', render: (row) => <UseCell row={row} /> },
    {
      key: 'via',
      title: t.via,
      from: 'lg',
      render: (row) => (
        <>
          <Text size="sm">{row.via === 'web' ? 'Web' : 'SSH'}</Text>
          <Text size="xs" c="dimmed">
            {row.clientIp}
          </Text>
        </>
      ),
    },
    { key: 'length', title: t.length, render: (row) => <Running since={row.startedAt} /> },
    {
      key: 'bytes',
      title: t.bytes,
      align: 'right',
      from: 'md',
      render: (row) => (
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {bytesText(row.bytesIn + row.bytesOut)}
        </Text>
      ),
    },
    { key: 'others', title: t.state, from: 'sm', render: (row) => <Others row={row} /> },
    { key: 'actions', title: '', width: 110, align: 'right', render: (row) => <Actions row={row} /> },
  ];
  return (
    <>
      <Group gap="xs">
        <SearchInput w={260} placeholder={t.search} value={get('text') ?? ''} onChange={(text) => set({ text })} />
        <NameFilter kind="user" />
        <NameFilter kind="asset" />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => `${row.user} ${row.asset}`}
        onOpen={(row) => set({ id: row.id })}
        filtered={Object.values(query).some((value) => value !== undefined)}
        selection={may('sessions.control') ? { ids: selected, change: setSelected } : undefined}
        bulk={
          chosen.length > 0 && (
            <Button
              size="compact-sm"
              variant="light"
              color="red"
              leftSection={<IconPower size={14} />}
              onClick={() => actions.end(chosen, () => setSelected(new Set()))}
            >
              {t.end}
            </Button>
          )
        }
        empty={<Empty icon={IconBroadcast} title={t.liveEmpty} text={t.liveEmptyText} />}
      />
    </>
  );
}

function Actions({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionWords);
  const may = useMay();
  const actions = useSessionActions();
  const lock = row.locked ? t.unlock : t.lock;
  return (
    <Group gap={2} wrap="nowrap" justify="flex-end">
      {may('sessions.watch') && isWatchable(row) && (
        <Tooltip label={t.watch}>
          <ActionIcon component={Link} href={`/watch/${row.id}`} aria-label={t.watch}>
            <IconEye size={17} />
          </ActionIcon>
        </Tooltip>
      )}
      {may('sessions.control') && (
        <>
          <Tooltip label={lock}>
            <ActionIcon aria-label={lock} onClick={() => void actions.setLocked(row, !row.locked)}>
              {row.locked ? <IconLockOpen size={17} /> : <IconLock size={17} />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t.end}>
            <ActionIcon color="red" aria-label={t.end} onClick={() => actions.end([row])}>
              <IconPower size={17} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
    </Group>
  );
}
