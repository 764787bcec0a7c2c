import { Anchor, Badge, Text } from '@mantine/core';
import { IconBroadcast } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { SessionView } from '../../../../src/api/contract/sessions.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { clockText } from '../../kit/format.ts';
import { Ago } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { sessionsOfWords } from './words.ts';

const REFRESH_MS = 5_000;

/** The sessions of a user, or on an asset, the newest first. */
export function SessionsOf(of: { readonly user: string } | { readonly asset: string }) {
  const t = useWords(sessionsOfWords);
  const ofUser = 'user' in of;
  const list = usePaged('sessions', { ...of }, (page) => api.sessions.list({ ...of, ...page }), {
    refreshMs: REFRESH_MS,
  });
  const columns: Column<SessionView>[] = [
    { key: 'started', title: t.started, render: (row) => <Ago at={row.startedAt} /> },
    {
      key: 'other',
      title: ofUser ? t.asset : t.user,
      render: (row) => (
        <Text size="sm" truncate maw={220}>
          {ofUser ? row.asset : row.user}
        </Text>
      ),
    },
    {
      key: 'account',
      title: t.account,
      from: 'sm',
      render: (row) => (
        <Text size="sm" className="mono" truncate maw={160}>
          {row.account}
        </Text>
      ),
    },
    { key: 'use', title: t.use, from: 'sm', render: (row) => t[row.use] },
    { key: 'lasted', title: t.lasted, render: (row) => <Lasted row={row} /> },
    { key: 'look', title: '', align: 'right', render: (row) => <Look row={row} /> },
  ];
  return (
    <DataTable
      list={list}
      columns={columns}
      idOf={(row) => row.id}
      nameOf={(row) => row.id}
      empty={<Empty icon={IconBroadcast} title={t.empty} text={t.emptyText} />}
    />
  );
}

function Lasted({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionsOfWords);
  if (row.state === 'live') return <Badge color="green">{t.live}</Badge>;
  if (row.endedAt === null) return <Badge color="gray">{t.interrupted}</Badge>;
  return (
    <Text size="sm" className="mono">
      {clockText((Date.parse(row.endedAt) - Date.parse(row.startedAt)) / 1000)}
    </Text>
  );
}

function Look({ row }: { readonly row: SessionView }) {
  const t = useWords(sessionsOfWords);
  const watchable = row.state === 'live' && row.use === 'shell';
  if (!watchable && row.recording !== 'ready') return null;
  return (
    <Anchor component={Link} href={watchable ? `/watch/${row.id}` : `/replay/${row.id}`} size="sm">
      {watchable ? t.watch : t.replay}
    </Anchor>
  );
}
