import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { kitWords } from '../../kit/kit-words.ts';
import { Ago } from '../../kit/moment.tsx';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { Clip } from '../parts/clip.tsx';
import { NameCell, NameFilter } from '../parts/name-filter.tsx';
import { RowMenu } from '../parts/row-menu.tsx';
import { useRun } from '../parts/run.ts';
import { AddToken } from './add-token.tsx';
import { settingsWords } from './words.ts';

type Token = Awaited<ReturnType<typeof api.tokens.list>>['items'][number];

const SORTS = ['user', '-user', 'name', '-name', 'createdAt', '-createdAt', 'lastUsedAt', '-lastUsedAt'] as const;

export default function TokensPage() {
  const t = useWords(settingsWords);
  const kit = useWords(kitWords);
  const { day } = useFormat();
  const [get, set] = useUrlState();
  const [adding, add] = useDisclosure(false);
  const confirm = useConfirm();
  const run = useRun('tokens');
  const [text, user] = [get('text'), get('user')];
  const sort = SORTS.find((name) => name === get('sort')) ?? 'user';
  const query = { text, user, sort };
  const list = usePaged('tokens', query, (page) => api.tokens.list({ ...query, ...page }));
  const remove = (row: Token) =>
    confirm({
      title: t.removeToken(row.name || row.user),
      text: t.removeTokenText,
      action: kit.remove,
      run: () =>
        run.each(
          [row],
          ({ id }) => api.tokens.remove({ id }),
          () => t.tokenRemoved,
        ),
    });
  const columns: Column<Token>[] = [
    {
      key: 'user',
      title: t.tokenUser,
      sort: 'user',
      render: (row) => <NameCell kind="user" name={row.user} max={200} />,
    },
    { key: 'name', title: t.tokenName, sort: 'name', render: (row) => <Clip text={row.name || '–'} max={280} /> },
    { key: 'made', title: t.createdAt, sort: 'createdAt', from: 'md', render: (row) => <Ago at={row.createdAt} /> },
    {
      key: 'expires',
      title: t.expires,
      from: 'sm',
      render: (row) => {
        if (row.expiresAt === null)
          return (
            <Text size="sm" c="dimmed">
              {t.tokenForever}
            </Text>
          );
        const ended = Date.parse(row.expiresAt) <= Date.now();
        return (
          <Text size="sm" c={ended ? 'red' : undefined}>
            {ended ? `${day(row.expiresAt)} (${t.expired})` : day(row.expiresAt)}
          </Text>
        );
      },
    },
    { key: 'used', title: t.lastUsed, sort: 'lastUsedAt', render: (row) => <Ago at={row.lastUsedAt} /> },
    {
      key: 'menu',
      title: '',
      width: 40,
      render: (row) => (
        <RowMenu name={row.name || row.user} items={[{ label: kit.remove, danger: true, run: () => remove(row) }]} />
      ),
    },
  ];
  return (
    <Page
      title={t.tokens}
      description={t.tokensText}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={add.open}>
          {t.addToken}
        </Button>
      }
    >
      <Group gap="xs">
        <SearchInput w={220} value={text ?? ''} onChange={(value) => set({ text: value })} />
        <NameFilter kind="user" />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => row.name}
        sort={sort}
        onSort={(next) => set({ sort: next })}
        filtered={text !== undefined || user !== undefined}
        empty={<Empty icon={IconKey} title={t.tokensEmpty} text={t.tokensEmptyText} />}
      />
      <AddToken opened={adding} close={add.close} />
    </Page>
  );
}
