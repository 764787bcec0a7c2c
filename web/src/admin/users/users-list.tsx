import { Anchor, Button, Group, Select, Stack, Text } from '@mantine/core';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { UserView } from '../../../../src/api/contract/users.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useMe } from '../../kit/me.ts';
import { Ago } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { GroupSelect } from '../pickers/pickers.tsx';
import { thingPath } from '../thing-path.ts';
import { NewUser } from './new-user.tsx';
import { Factors, ROLES, type Role, RoleMark, StateMark } from './user-marks.tsx';
import { UsersBulk } from './users-bulk.tsx';
import { userWords } from './words.ts';

type Sort = NonNullable<Parameters<typeof api.users.list>[0]>['sort'];

export function UsersList() {
  const t = useWords(userWords);
  const me = useMe();
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const text = get('text');
  const role = get('role') as Role | undefined;
  const group = get('group');
  const sort = get('sort') as Sort;
  const args = { text, role, group, sort };
  const list = usePaged('users', args, (page) => api.users.list({ ...args, ...page }));
  const open = (user: UserView) => navigate(thingPath('users', user.name));
  const add = () => set({ new: '1' });

  const columns: Column<UserView>[] = [
    {
      key: 'name',
      title: t.name,
      sort: 'name',
      render: (user) => (
        <Stack gap={0} maw={280}>
          <Anchor
            component={Link}
            tabIndex={-1}
            href={thingPath('users', user.name)}
            size="sm"
            fw={500}
            truncate
            c="inherit"
          >
            {user.name}
            {user.name === me.name && (
              <Text span c="dimmed" size="xs">
                {' '}
                · {t.you}
              </Text>
            )}
          </Anchor>
          {user.displayName !== '' && (
            <Text size="xs" c="dimmed" truncate>
              {user.displayName}
            </Text>
          )}
        </Stack>
      ),
    },
    { key: 'role', title: t.role, sort: 'role', render: (user) => <RoleMark role={user.role} /> },
    {
      key: 'groups',
      title: t.groups,
      from: 'md',
      render: (user) => (
        <Text size="sm" c="dimmed" truncate maw={220} title={user.groups.join(', ')}>
          {user.groups.join(', ')}
        </Text>
      ),
    },
    { key: 'state', title: t.state, render: (user) => <StateMark user={user} /> },
    { key: 'factors', title: t.factors, from: 'lg', render: (user) => <Factors user={user} /> },
    {
      key: 'lastLogin',
      title: t.lastLogin,
      sort: 'lastLoginAt',
      from: 'sm',
      render: (user) => <Ago at={user.lastLoginAt} />,
    },
  ];

  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        <Button leftSection={<IconUserPlus size={16} />} onClick={add}>
          {t.add}
        </Button>
      }
    >
      <Group gap="sm">
        <SearchInput value={text ?? ''} onChange={(value) => set({ text: value })} flex="1 1 220px" maw={360} />
        <Select
          aria-label={t.filterRole}
          placeholder={t.anyRole}
          data={ROLES.map((value) => ({ value, label: t[value] }))}
          value={role ?? null}
          onChange={(value) => set({ role: value ?? undefined })}
          clearable
          w={160}
        />
        <GroupSelect
          aria-label={t.filterGroup}
          placeholder={t.anyGroup}
          value={group ?? null}
          onChange={(value) => set({ group: value ?? undefined })}
          clearable
          w={180}
        />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(user) => user.name}
        nameOf={(user) => user.name}
        onOpen={open}
        sort={sort ?? 'name'}
        onSort={(value) => set({ sort: value })}
        selection={{ ids: chosen, change: choose }}
        bulk={<UsersBulk names={[...chosen]} done={() => choose(new Set())} />}
        filtered={Boolean(text || role || group)}
        empty={
          <Empty
            icon={IconUsers}
            title={t.emptyTitle}
            text={t.emptyText}
            action={<Button onClick={add}>{t.add}</Button>}
          />
        }
      />
      <NewUser opened={get('new') !== undefined} close={() => set({ new: undefined })} />
    </Page>
  );
}
