import { Badge, Box, Group, Text, Tooltip } from '@mantine/core';
import { IconArrowDown, IconArrowsTransferDown, IconArrowUp } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { TransferView } from '../../../../src/api/contract/commands.ts';
import { api } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { bytesText, useFormat } from '../../kit/format.ts';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { useSaid } from '../../kit/said/said.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { OneSession } from '../commands/command-lines.tsx';
import { Clip } from '../parts/clip.tsx';
import { ExportButton } from '../parts/download.tsx';
import { NameFilter } from '../parts/name-filter.tsx';
import { partWords } from '../parts/part-words.ts';
import { rowColumns } from '../parts/row-columns.tsx';
import { Stretch } from '../parts/stretch.tsx';
import { TimeRangeFilter, useTimeRange } from '../parts/time-range.tsx';
import { transferWords } from './words.ts';

const RESULT_COLORS = { ok: 'teal', failed: 'orange', denied: 'red', cancelled: 'gray' } as const;

export default function TransfersPage() {
  const t = useWords(transferWords);
  const common = useWords(partWords);
  const said = useSaid();
  const { short } = useFormat();
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const query = {
    text: get('text'),
    user: get('user'),
    asset: get('asset'),
    session: get('session'),
    ...useTimeRange(),
  };
  const list = usePaged('transfers', query, (page) => api.transfers.list({ ...query, ...page }));
  const columns: Column<TransferView>[] = [
    ...rowColumns<TransferView>(t, ({ startedAt }) => startedAt),
    {
      key: 'file',
      title: t.file,
      width: '40%',
      render: (row) => (
        <Stretch>
          <Group gap={6} wrap="nowrap">
            <Direction row={row} />
            <Clip mono text={row.path} max="100%" />
            {row.partial && (
              <Tooltip label={t.partialText} multiline maw={320}>
                <Badge miw="max-content" color="gray">
                  {t.partial}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <Text size="xs" c="dimmed" hiddenFrom="sm">
            {`${short(row.startedAt)} · ${row.asset}`}
          </Text>
        </Stretch>
      ),
    },
    {
      key: 'size',
      title: t.size,
      align: 'right',
      render: (row) => (
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {bytesText(row.bytes)}
        </Text>
      ),
    },
    {
      key: 'method',
      title: t.method,
      from: 'md',
      render: (row) => (
        <Text size="sm" style={{ whiteSpace: 'nowrap' }}>
          {row.method === 'web' ? t.web : row.method}
        </Text>
      ),
    },
    {
      key: 'result',
      title: t.result,
      from: 'sm',
      render: (row) => (
        <Tooltip label={said(row.detail ?? '')} disabled={row.detail === null} multiline maw={400}>
          <Badge miw="max-content" color={RESULT_COLORS[row.result]}>
            {common[row.result]}
          </Badge>
        </Tooltip>
      ),
    },
    { key: 'hash', title: t.hash, from: 'lg', render: (row) => <Hash value={row.sha256} /> },
  ];
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={<ExportButton path="/transfers/export" values={query} what="transfers" />}
    >
      <Group gap="xs">
        <SearchInput w={260} placeholder={t.search} value={query.text ?? ''} onChange={(text) => set({ text })} />
        <NameFilter kind="user" />
        <NameFilter kind="asset" />
        <TimeRangeFilter />
        {query.session !== undefined && <OneSession close={() => set({ session: undefined })} />}
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => row.path}
        onOpen={(row) => navigate(`/admin/sessions/past?id=${row.session}`)}
        filtered={Object.values(query).some((value) => value !== undefined)}
        empty={<Empty icon={IconArrowsTransferDown} title={t.emptyTitle} text={t.emptyText} />}
      />
    </Page>
  );
}

function Direction({ row }: { readonly row: TransferView }) {
  const t = useWords(transferWords);
  const Glyph = row.direction === 'upload' ? IconArrowUp : IconArrowDown;
  const label = t[row.direction];
  return (
    <Tooltip label={label}>
      <Glyph size={16} aria-label={label} style={{ flexShrink: 0 }} />
    </Tooltip>
  );
}

function Hash({ value }: { readonly value: string | null }) {
  const t = useWords(transferWords);
  if (value === null)
    return (
      <Tooltip label={t.noHash}>
        <Text size="sm" c="dimmed">
          –
        </Text>
      </Tooltip>
    );
  return (
    <Group gap={2} wrap="nowrap">
      <Box component="span" className="mono" fz="xs" c="dimmed">
        {value.slice(0, 8)}…
      </Box>
      <CopyIcon value={value} label={t.copyHash} />
    </Group>
  );
}
