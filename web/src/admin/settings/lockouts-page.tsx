import { Badge, Button, Text } from '@mantine/core';
import { IconLockOpen } from '@tabler/icons-react';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { Ago } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import { useRun } from '../parts/run.ts';
import { useWhole } from '../parts/whole.ts';
import { settingsWords } from './words.ts';

type Lockout = Awaited<ReturnType<typeof api.lockouts.list>>[number];

const REFRESH_MS = 10_000;

export default function LockoutsPage() {
  const t = useWords(settingsWords);
  const { short } = useFormat();
  const run = useRun('lockouts');
  const list = useWhole('lockouts', () => api.lockouts.list(), REFRESH_MS);
  const columns: Column<Lockout>[] = [
    { key: 'name', title: t.name, render: (row) => <Clip text={row.user} fw={500} max={240} /> },
    { key: 'from', title: t.address, from: 'sm', render: (row) => <Text size="sm">{row.ip}</Text> },
    { key: 'failures', title: t.failures, align: 'right', render: (row) => <Text size="sm">{row.failures}</Text> },
    { key: 'last', title: t.last, from: 'md', render: (row) => <Ago at={row.lastAt} /> },
    {
      key: 'state',
      title: t.state,
      render: (row) =>
        row.until === null ? (
          <Badge miw="max-content" color="gray">
            {t.counting}
          </Badge>
        ) : (
          <Badge miw="max-content" color="red">
            {t.lockedUntil(short(row.until))}
          </Badge>
        ),
    },
    {
      key: 'clear',
      title: '',
      width: 90,
      align: 'right',
      render: (row) => (
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => void run.one(() => api.lockouts.clear({ user: row.user }), t.cleared(row.user))}
        >
          {t.clear}
        </Button>
      ),
    },
  ];
  return (
    <Page title={t.lockouts} description={t.lockoutsText}>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => `${row.user} ${row.ip}`}
        nameOf={(row) => row.user}
        empty={<Empty icon={IconLockOpen} title={t.lockoutsEmpty} text={t.lockoutsEmptyText} />}
      />
    </Page>
  );
}
