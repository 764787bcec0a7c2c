import { ActionIcon, Anchor, Button, Group, Paper, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core';
import { IconUserMinus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'wouter';
import type { GroupView } from '../../../../src/api/contract/groups.ts';
import { api, queries } from '../../kit/api.ts';
import { useTell } from '../../kit/tell.tsx';
import { useLanguage, useWords } from '../../kit/words.ts';
import { UserPicker } from '../pickers/pickers.tsx';
import rows from '../rows.module.css';
import { thingPath } from '../thing-path.ts';
import { groupWords } from './words.ts';

/** From so many on, a search helps. */
const MANY = 12;

const changed = () =>
  Promise.all([
    queries.invalidateQueries({ queryKey: ['groups'] }),
    queries.invalidateQueries({ queryKey: ['users'] }),
  ]);

export function GroupMembers({ group }: { readonly group: GroupView }) {
  const t = useWords(groupWords);
  const tell = useTell();
  const [picked, setPicked] = useState<string[]>([]);
  const [text, setText] = useState('');
  const { name, members } = group;
  const { compare } = new Intl.Collator(useLanguage(), { numeric: true });
  const shown = members.filter((user) => user.toLowerCase().includes(text.toLowerCase())).sort(compare);

  const join = async (users: string[]) => {
    try {
      await api.groups.join({ name, users });
      setPicked([]);
      await changed();
      tell.done(t.joined(users.length));
    } catch (error) {
      tell.failed(error);
    }
  };
  const leave = async (user: string) => {
    try {
      await api.groups.leave({ name, users: [user] });
      await changed();
      tell.done(t.left(user), () => void join([user]));
    } catch (error) {
      tell.failed(error);
    }
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={2}>{t.members}</Title>
        {members.length > MANY && (
          <TextInput
            size="xs"
            aria-label={t.find}
            placeholder={t.find}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Group>
      <Group align="flex-start" gap="xs" wrap="nowrap">
        <UserPicker
          label={undefined}
          aria-label={t.addMembers}
          placeholder={t.addMembers}
          flex="1"
          value={picked}
          onChange={setPicked}
          without={members}
        />
        <Button disabled={picked.length === 0} onClick={() => void join(picked)}>
          {t.put}
        </Button>
      </Group>
      <Paper withBorder mah={420} style={{ overflow: 'auto' }}>
        {members.length === 0 && (
          <Text size="sm" c="dimmed" p="md">
            {t.noMembers}
          </Text>
        )}
        {shown.map((user) => (
          <Group key={user} px="md" py={6} justify="space-between" wrap="nowrap" className={rows.row}>
            <Anchor component={Link} href={thingPath('users', user)} size="sm" truncate>
              {user}
            </Anchor>
            <Tooltip label={t.take}>
              <ActionIcon aria-label={t.takeOne(user)} onClick={() => void leave(user)}>
                <IconUserMinus size={16} />
              </ActionIcon>
            </Tooltip>
          </Group>
        ))}
      </Paper>
    </Stack>
  );
}
