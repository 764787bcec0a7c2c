import { ActionIcon, Paper, SimpleGrid, Stack, TextInput, Title, Tooltip } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from 'wouter';
import type { GroupView } from '../../../../src/api/contract/groups.ts';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { Page } from '../../kit/page.tsx';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { EditBar } from '../edit/edit-bar.tsx';
import { useEdit } from '../edit/use-edit.ts';
import { PermissionsOf } from '../reach/permissions-of.tsx';
import { thingPath } from '../thing-path.ts';
import { GroupMembers } from './group-members.tsx';
import { groupWords } from './words.ts';

/** One group: who is in it, and which permissions use it. */
export function GroupPage({ name }: { readonly name: string }) {
  const t = useWords(groupWords);
  const confirm = useConfirm();
  const tell = useTell();
  const [, navigate] = useLocation();
  const { data, error, refetch } = useQuery({
    queryKey: ['groups', 'one', name],
    queryFn: () => api.groups.show({ name }),
  });
  const remove = () =>
    confirm({
      title: t.removeTitle(name),
      text: t.removeText,
      action: t.remove,
      typed: name,
      run: async () => {
        await api.groups.remove({ name });
        navigate('/admin/groups');
        await Promise.all([
          queries.invalidateQueries({ queryKey: ['groups'] }),
          queries.invalidateQueries({ queryKey: ['users'] }),
          queries.invalidateQueries({ queryKey: ['permissions'] }),
        ]);
        tell.done(t.removed(name));
      },
    });
  return (
    <Page
      title={name}
      back={{ href: '/admin/groups', word: t.title }}
      description={data?.comment || undefined}
      actions={
        <Tooltip label={t.remove}>
          <ActionIcon variant="default" size={36} aria-label={t.remove} onClick={remove}>
            <IconTrash size={17} />
          </ActionIcon>
        </Tooltip>
      }
    >
      {data ? (
        <Stack gap="xl" maw={900}>
          <GroupMembers group={data} />
          <PermissionsOf group={data.name} />
          <Settings group={data} />
        </Stack>
      ) : error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : (
        <Waiting />
      )}
    </Page>
  );
}

const fieldsOf = (group: GroupView) => ({ name: group.name, comment: group.comment });

function Settings({ group }: { readonly group: GroupView }) {
  const t = useWords(groupWords);
  const [, navigate] = useLocation();
  const edit = useEdit({
    thing: group,
    fieldsOf,
    load: () => api.groups.show({ name: group.name }),
    async save({ name: rename, comment }, version) {
      const saved = await api.groups.set({
        name: group.name,
        version,
        ...(rename !== undefined && { rename }),
        ...(comment !== undefined && { comment }),
      });
      await queries.invalidateQueries({ queryKey: ['groups'] });
      if (saved.name !== group.name) {
        void queries.invalidateQueries({ queryKey: ['users'] });
        void queries.invalidateQueries({ queryKey: ['permissions'] });
        navigate(thingPath('groups', saved.name), { replace: true });
      }
      return saved;
    },
  });
  return (
    <Stack gap="sm">
      <Title order={2}>{t.settings}</Title>
      <Paper withBorder p="lg">
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput
            label={t.name}
            required
            value={edit.fields.name}
            onChange={(event) => edit.set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t.comment}
            value={edit.fields.comment}
            onChange={(event) => edit.set({ comment: event.currentTarget.value })}
          />
        </SimpleGrid>
      </Paper>
      <EditBar edit={edit} names={{ name: t.name, comment: t.comment }} invalid={edit.fields.name.trim() === ''} />
    </Stack>
  );
}
