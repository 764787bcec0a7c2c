import { ActionIcon, Anchor, Group, Text, Tooltip } from '@mantine/core';
import { IconFingerprint, IconTrash } from '@tabler/icons-react';
import { Link } from 'wouter';
import { api } from '../../kit/api.ts';
import { CopyIcon } from '../../kit/copyable.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { Stretch } from '../parts/stretch.tsx';
import { thingPath } from '../thing-path.ts';
import { useHostKeyDeeds } from './use-host-key-deeds.ts';
import { hostKeyWords } from './words.ts';

type HostKey = Awaited<ReturnType<typeof api.hostKeys.list>>['items'][number];
type Sort = NonNullable<Parameters<typeof api.hostKeys.list>[0]>['sort'];

/** Pinned host keys, of all assets or of one. */
export function KnownKeys(props: {
  readonly asset?: string | undefined;
  readonly text?: string | undefined;
  readonly sort?: string | undefined;
  readonly onSort?: ((sort: string) => void) | undefined;
}) {
  const { asset, text, onSort } = props;
  const t = useWords(hostKeyWords);
  const { forget } = useHostKeyDeeds();
  const args = { asset, text, sort: props.sort as Sort, state: 'pinned' as const };
  const list = usePaged('host-keys', args, (page) => api.hostKeys.list({ ...args, ...page }));
  const columns: Column<HostKey>[] = [
    ...(asset === undefined
      ? [
          {
            key: 'asset',
            title: t.asset,
            sort: 'asset',
            render: (key: HostKey) => (
              <Anchor
                component={Link}
                href={thingPath('assets', key.asset)}
                size="sm"
                truncate
                maw="min(220px, 34vw)"
                display="block"
              >
                {key.asset}
              </Anchor>
            ),
          },
        ]
      : []),
    {
      key: 'fingerprint',
      title: t.fingerprint,
      width: '50%',
      render: (key) => (
        <Stretch min={130}>
          <Group gap={4} wrap="nowrap">
            <Text size="xs" c="dimmed" visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
              {key.type}
            </Text>
            <Text className="mono" size="sm" truncate title={key.fingerprint}>
              {key.fingerprint}
            </Text>
            <CopyIcon value={key.fingerprint} />
          </Group>
        </Stretch>
      ),
    },
    {
      key: 'endpoint',
      title: t.endpoint,
      from: 'md',
      render: (key) => (
        <Text className="mono" size="sm">
          {key.endpoint}
        </Text>
      ),
    },
    { key: 'first', title: t.first, sort: 'firstSeenAt', from: 'lg', render: (key) => <Ago at={key.firstSeenAt} /> },
    { key: 'last', title: t.last, sort: 'lastSeenAt', from: 'sm', render: (key) => <Ago at={key.lastSeenAt} /> },
    {
      key: 'forget',
      title: '',
      align: 'right',
      render: (key) => (
        <Tooltip label={t.forget}>
          <ActionIcon aria-label={`${t.forget} ${key.asset}`} onClick={() => forget(key.asset)}>
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      ),
    },
  ];
  return (
    <DataTable
      list={list}
      columns={columns}
      idOf={(key) => key.id}
      nameOf={(key) => key.asset}
      sort={props.sort ?? 'asset'}
      onSort={onSort}
      filtered={Boolean(text)}
      empty={
        <Empty icon={IconFingerprint} title={t.emptyTitle} text={asset === undefined ? t.emptyText : t.emptyAsset} />
      }
    />
  );
}
