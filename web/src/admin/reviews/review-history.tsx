import { Badge } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { ReviewView } from '../../../../src/api/contract/commands.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import { Stretch } from '../parts/stretch.tsx';
import { reviewWords } from './words.ts';

const COLORS = { pending: 'violet', approved: 'teal', refused: 'red', cancelled: 'gray' } as const;
const REFRESH_MS = 10_000;

/** What came of the commands that waited. */
export function ReviewHistory({ state }: { readonly state: 'approved' | 'refused' | 'cancelled' | undefined }) {
  const t = useWords(reviewWords);
  const list = usePaged(
    'reviews',
    { state: state ?? 'all' },
    (page) => api.reviews.list({ state: state ?? 'all', ...page }),
    {
      refreshMs: REFRESH_MS,
    },
  );
  // those that wait stand above
  const settled = { ...list, rows: list.rows.filter((row) => row.state !== 'pending') };
  const columns: Column<ReviewView>[] = [
    {
      key: 'line',
      title: t.line,
      width: '40%',
      render: (row) => (
        <Stretch>
          <Clip mono text={row.line} max="100%" />
        </Stretch>
      ),
    },
    { key: 'who', title: t.who, render: (row) => <Clip text={row.user} max={160} /> },
    {
      key: 'where',
      title: t.where,
      from: 'sm',
      render: (row) => <Clip text={t.onAs(row.account, row.asset)} max={220} />,
    },
    { key: 'filter', title: t.filter, from: 'lg', render: (row) => <Clip text={row.filter} max={160} /> },
    {
      key: 'outcome',
      title: t.outcome,
      render: (row) => (
        <Badge miw="max-content" color={COLORS[row.state]}>
          {t[`state_${row.state}`]}
        </Badge>
      ),
    },
    { key: 'by', title: t.by, from: 'md', render: (row) => <Clip text={row.settledBy ?? '–'} max={140} /> },
    { key: 'when', title: t.when, from: 'md', render: (row) => <Ago at={row.settledAt} /> },
  ];
  return (
    <DataTable
      list={settled}
      columns={columns}
      idOf={(row) => row.id}
      nameOf={(row) => row.line}
      filtered={state !== undefined}
      empty={<Empty icon={IconHistory} title={t.historyNone} text={t.historyNoneText} />}
    />
  );
}
