import { Alert, Anchor, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { GroupView } from '../../../../src/api/contract/groups.ts';
import { api, queries } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty, useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { UserPicker } from '../pickers/pickers.tsx';
import { thingPath } from '../thing-path.ts';
import { groupWords } from './words.ts';

type Sort = NonNullable<Parameters<typeof api.groups.list>[0]>['sort'];

export function GroupsList() {
  const t = useWords(groupWords);
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const text = get('text');
  const sort = get('sort') as Sort;
  const list = usePaged('groups', { text, sort }, (page) => api.groups.list({ text, sort, ...page }));
  const add = () => set({ new: '1' });
  const columns: Column<GroupView>[] = [
    {
      key: 'name',
      title: t.name,
      sort: 'name',
      render: (group) => (
        <Anchor
          component={Link}
          tabIndex={-1}
          href={thingPath('groups', group.name)}
          size="sm"
          fw={500}
          c="inherit"
          truncate
          maw={280}
          display="block"
        >
          {group.name}
        </Anchor>
      ),
    },
    {
      key: 'members',
      title: t.members,
      render: (group) => (
        <Text size="sm" c="dimmed" truncate maw={360} title={group.members.join(', ')}>
          {group.members.length === 0
            ? t.nobody
            : `${t.membersN(group.members.length)}: ${group.members.slice(0, 5).join(', ')}${group.members.length > 5 ? ' …' : ''}`}
        </Text>
      ),
    },
    {
      key: 'comment',
      title: t.comment,
      from: 'md',
      render: (group) => (
        <Text size="sm" truncate maw={320} title={group.comment}>
          {group.comment}
        </Text>
      ),
    },
  ];
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={add}>
          {t.add}
        </Button>
      }
    >
      <SearchInput value={text ?? ''} onChange={(value) => set({ text: value })} maw={360} />
      <DataTable
        list={list}
        columns={columns}
        idOf={(group) => group.id}
        nameOf={(group) => group.name}
        onOpen={(group) => navigate(thingPath('groups', group.name))}
        sort={sort ?? 'name'}
        onSort={(value) => set({ sort: value })}
        filtered={Boolean(text)}
        empty={
          <Empty
            icon={IconUsersGroup}
            title={t.emptyTitle}
            text={t.emptyText}
            action={<Button onClick={add}>{t.add}</Button>}
          />
        }
      />
      <Modal opened={get('new') !== undefined} onClose={() => set({ new: undefined })} title={t.newTitle}>
        <NewGroup />
      </Modal>
    </Page>
  );
}

function NewGroup() {
  const t = useWords(groupWords);
  const tell = useTell();
  const errorText = useErrorText();
  const [, navigate] = useLocation();
  const [name, setName] = useState('');
  const [comment, setComment] = useState('');
  const [members, setMembers] = useState<string[]>([]);
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const create = async () => {
    setSaving(true);
    setError(undefined);
    try {
      const group = await api.groups.add({ name, comment });
      if (members.length > 0) await api.groups.join({ name: group.name, users: members });
      void queries.invalidateQueries({ queryKey: ['groups'] });
      void queries.invalidateQueries({ queryKey: ['users'] });
      tell.done(t.added(name));
      navigate(thingPath('groups', group.name));
    } catch (thrown) {
      setError(thrown);
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void create();
      }}
    >
      <Stack>
        <TextInput
          label={t.name}
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput label={t.comment} value={comment} onChange={(event) => setComment(event.currentTarget.value)} />
        <UserPicker label={t.members} value={members} onChange={setMembers} />
        {error !== undefined && (
          <Alert color="red" variant="light" role="alert">
            {errorText(error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={saving}>
            {t.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
