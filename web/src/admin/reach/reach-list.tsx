import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { Link } from 'wouter';
import type { Result } from '../../../../src/api/contract/route.ts';
import type { Routes } from '../../../../src/api/contract/routes.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { usePaged } from '../../kit/paged.ts';
import { Empty } from '../../kit/states.tsx';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { reachWords } from './words.ts';

type Reach = Result<Routes['access']['reach']>['items'][number];

/** The assets a user may reach now, or the users who may reach an asset now. */
export function ReachList(of: { readonly user: string } | { readonly asset: string }) {
  const t = useWords(reachWords);
  const ofUser = 'user' in of;
  const list = usePaged('access', { ...of }, (page) => api.access.reach({ ...of, ...page }));
  const columns: Column<Reach>[] = [
    ofUser
      ? {
          key: 'asset',
          title: t.asset,
          render: (row) => (
            <Stack gap={0} maw={260}>
              <Anchor component={Link} href={thingPath('assets', row.asset)} size="sm" truncate>
                {row.asset}
              </Anchor>
              <Text size="xs" c="dimmed" truncate>
                {row.folder}
              </Text>
            </Stack>
          ),
        }
      : {
          key: 'user',
          title: t.user,
          render: (row) => (
            <Anchor component={Link} href={thingPath('users', row.user)} size="sm" truncate maw={260} display="block">
              {row.user}
            </Anchor>
          ),
        },
    {
      key: 'accounts',
      title: t.accounts,
      render: (row) => (
        <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
          {row.accounts.join(', ')}
        </Text>
      ),
    },
    { key: 'protocols', title: t.protocols, from: 'sm', render: (row) => row.protocols.join(', ') },
    {
      key: 'by',
      title: t.by,
      render: (row) => (
        <Group gap="xs">
          {row.permissions.map((name) => (
            <Anchor
              key={name}
              component={Link}
              href={`/admin/permissions/${encodeURIComponent(name)}`}
              size="sm"
              truncate
              maw={220}
            >
              {name}
            </Anchor>
          ))}
        </Group>
      ),
    },
  ];
  return (
    <Stack gap="sm">
      <div>
        <Title order={2}>{ofUser ? t.may : t.who}</Title>
        <Text size="sm" c="dimmed">
          {ofUser ? t.mayText : t.whoText}
        </Text>
      </div>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => `${row.user} ${row.asset}`}
        nameOf={(row) => (ofUser ? row.asset : row.user)}
        empty={
          <Empty
            icon={IconShieldCheck}
            title={ofUser ? t.mayEmptyTitle : t.whoEmptyTitle}
            text={ofUser ? t.mayEmpty : t.whoEmpty}
          />
        }
      />
    </Stack>
  );
}
