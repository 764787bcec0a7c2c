import { Alert, Button, Group, Paper, Stack, Text, TextInput } from '@mantine/core';
import { IconKey, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { api, queries } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { Copyable } from '../../kit/copyable.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { Ago } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { Empty, useErrorText } from '../../kit/states.tsx';
import { useTell } from '../../kit/tell.tsx';
import { useWords } from '../../kit/words.ts';
import { MomentInput } from '../edit/moment-input.tsx';
import { userPageWords } from './page-words.ts';

type Token = Awaited<ReturnType<typeof api.tokens.list>>['items'][number];

export function UserTokens({ name }: { readonly name: string }) {
  const t = useWords(userPageWords);
  const { day } = useFormat();
  const confirm = useConfirm();
  const tell = useTell();
  const list = usePaged('tokens', { user: name }, (page) => api.tokens.list({ user: name, ...page }));
  const remove = (token: Token) =>
    confirm({
      title: t.removeTokenTitle(token.name || t.unnamed),
      text: t.removeTokenText,
      action: t.removeToken,
      run: async () => {
        await api.tokens.remove({ id: token.id });
        await queries.invalidateQueries({ queryKey: ['tokens'] });
        tell.done(t.tokenRemoved);
      },
    });
  const columns: Column<Token>[] = [
    { key: 'name', title: t.name, render: (token) => token.name || <Text c="dimmed">{t.unnamed}</Text> },
    { key: 'created', title: t.tokenCreated, from: 'sm', render: (token) => <Ago at={token.createdAt} /> },
    { key: 'used', title: t.lastUsed, render: (token) => <Ago at={token.lastUsedAt} /> },
    { key: 'until', title: t.until, from: 'sm', render: (token) => (token.expiresAt ? day(token.expiresAt) : '–') },
    {
      key: 'remove',
      title: '',
      align: 'right',
      render: (token) => (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          leftSection={<IconTrash size={15} />}
          onClick={() => remove(token)}
        >
          {t.removeToken}
        </Button>
      ),
    },
  ];
  return (
    <Stack gap="lg" maw={860}>
      <NewToken user={name} />
      <DataTable
        list={list}
        columns={columns}
        idOf={(token) => token.id}
        nameOf={(token) => token.name}
        empty={<Empty icon={IconKey} title={t.tokensEmptyTitle} text={t.tokensEmpty} />}
      />
    </Stack>
  );
}

function NewToken({ user }: { readonly user: string }) {
  const t = useWords(userPageWords);
  const errorText = useErrorText();
  const [name, setName] = useState('');
  const [expiresAt, setExpires] = useState<string | null>(null);
  const [made, setMade] = useState<string>();
  const [saving, setSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const add = async () => {
    setSaving(true);
    setError(undefined);
    try {
      setMade((await api.tokens.add({ user, name, expiresAt })).secret);
      setName('');
      await queries.invalidateQueries({ queryKey: ['tokens'] });
    } catch (thrown) {
      setError(thrown);
    } finally {
      setSaving(false);
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      <Paper withBorder p="md">
        <Stack gap="sm">
          <Group align="flex-end" gap="sm">
            <TextInput
              label={t.tokenName}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              flex="1 1 200px"
              error={error === undefined ? undefined : errorText(error)}
            />
            <MomentInput label={t.tokenUntil} value={expiresAt} onChange={setExpires} w={200} />
            <Button type="submit" variant="default" loading={saving}>
              {t.addToken}
            </Button>
          </Group>
          {made !== undefined && (
            <Alert color="teal" variant="light" title={t.tokenSecret}>
              <Copyable value={made} />
            </Alert>
          )}
        </Stack>
      </Paper>
    </form>
  );
}
