import { Alert, Badge, Box, Button, Group, Menu, Text } from '@mantine/core';
import { IconChevronDown, IconFilterCog, IconFlask, IconShieldQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { FilterView } from '../../../../src/api/contract/filters.ts';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { kitWords } from '../../kit/kit-words.ts';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { Clip, Names } from '../parts/clip.tsx';
import { partWords } from '../parts/part-words.ts';
import { RowMenu } from '../parts/row-menu.tsx';
import { useRun } from '../parts/run.ts';
import { Stretch } from '../parts/stretch.tsx';
import { ACTION_COLORS } from './draft.ts';
import { OrderCell, useReorder } from './reorder.tsx';
import { TEMPLATES } from './templates.ts';
import { filterWords } from './words.ts';

export function FilterList() {
  const t = useWords(filterWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const change = useChanges();
  const text = get('text');
  // all of them: their order is a thing of the whole list
  const list = usePaged('filters', { text }, (page) => api.filters.list({ text, sort: 'priority', ...page }), {
    limit: 1000,
  });
  const reorder = useReorder(list.rows);
  const chosen = list.rows.filter((row) => selected.has(row.id));
  const done = () => setSelected(new Set());

  const columns: Column<FilterView>[] = [
    {
      key: 'order',
      title: t.order,
      width: 90,
      // among some of them a place has no meaning
      render: (row) => <OrderCell filter={row} reorder={text === undefined ? reorder : undefined} />,
    },
    {
      key: 'name',
      title: common.name,
      render: (row) => (
        <>
          <Group gap={6} wrap="nowrap">
            <Clip text={row.name} fw={500} max="min(200px, 24vw)" />
            {!row.active && (
              <Badge miw="max-content" color="gray">
                {common.inactive}
              </Badge>
            )}
          </Group>
          {row.comment !== '' && <Clip text={row.comment} size="xs" c="dimmed" max={220} />}
        </>
      ),
    },
    {
      key: 'action',
      title: t.action,
      render: (row) => (
        <Badge miw="max-content" color={ACTION_COLORS[row.action]} variant={row.active ? 'light' : 'outline'}>
          {t[row.action]}
        </Badge>
      ),
    },
    {
      key: 'minds',
      title: t.minds,
      width: '26%',
      from: 'sm',
      render: (row) => (
        <Stretch min={90}>
          <Clip mono text={row.regex ?? row.words.join(', ')} max="100%" />
        </Stretch>
      ),
    },
    {
      key: 'who',
      title: t.who,
      from: 'md',
      render: (row) => (
        <Scope all={row.forAllUsers} allText={t.everybody} names={[...row.groups, ...row.users]} none={t.nobody} />
      ),
    },
    {
      key: 'where',
      title: t.where,
      from: 'lg',
      render: (row) => <Scope all={row.forAllAssets} allText={t.everyAsset} names={row.assets} none={t.nothing} />,
    },
    {
      key: 'menu',
      title: '',
      width: 40,
      render: (row) => (
        <RowMenu
          name={row.name}
          items={[
            { label: common.edit, href: `/admin/filters/${row.id}` },
            { label: t.tryLine, href: `/admin/filters/try?filter=${row.id}` },
            { label: common.clone, href: `/admin/filters/new?from=${row.id}` },
            {
              label: row.active ? common.deactivate : common.activate,
              run: () => change.setActive([row], !row.active),
            },
            { label: kit.remove, danger: true, run: () => change.remove([row], done) },
          ]}
        />
      ),
    },
  ];
  return (
    <Page
      title={t.title}
      description={t.description}
      actions={
        <>
          <Button component={Link} href="/admin/filters/try" variant="default" leftSection={<IconFlask size={16} />}>
            {t.tryLine}
          </Button>
          <AddButton />
        </>
      }
    >
      <SearchInput w={220} value={text ?? ''} onChange={(value) => set({ text: value })} />
      <Box {...reorder.dropZone}>
        <DataTable
          list={list}
          columns={columns}
          idOf={(row) => row.id}
          nameOf={(row) => row.name}
          onOpen={(row) => navigate(`/admin/filters/${row.id}`)}
          filtered={text !== undefined}
          selection={{ ids: selected, change: setSelected }}
          bulk={
            <>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => void change.setActive(chosen, true).then(done)}
              >
                {common.activate}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => void change.setActive(chosen, false).then(done)}
              >
                {common.deactivate}
              </Button>
              <Button size="compact-sm" variant="light" color="red" onClick={() => change.remove(chosen, done)}>
                {kit.remove}
              </Button>
            </>
          }
          empty={<Empty icon={IconFilterCog} title={t.emptyTitle} text={t.emptyText} action={<Templates />} />}
        />
      </Box>
      <Alert variant="light" color="gray" icon={<IconShieldQuestion size={18} />}>
        {t.noSandbox}
      </Alert>
    </Page>
  );
}

function Scope(props: { all: boolean; allText: string; names: readonly string[]; none: string }) {
  if (props.all)
    return (
      <Text size="sm" c="dimmed">
        {props.allText}
      </Text>
    );
  if (props.names.length === 0)
    return (
      <Text size="sm" c="orange">
        {props.none}
      </Text>
    );
  return <Names names={props.names} max={180} />;
}

function AddButton() {
  const t = useWords(filterWords);
  return (
    <Menu position="bottom-end" shadow="md" width={320}>
      <Menu.Target>
        <Button rightSection={<IconChevronDown size={14} />}>{t.add}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href="/admin/filters/new">
          {t.own}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.startWith}</Menu.Label>
        {TEMPLATES.map((template) => (
          <Menu.Item key={template.id} component={Link} href={`/admin/filters/new?template=${template.id}`}>
            <Text size="sm">{t[template.title]}</Text>
            <Text size="xs" c="dimmed">
              {t[template.text]}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Templates() {
  const t = useWords(filterWords);
  return (
    <Group gap="xs" justify="center">
      {TEMPLATES.map((template) => (
        <Button
          key={template.id}
          size="xs"
          variant="default"
          component={Link}
          href={`/admin/filters/new?template=${template.id}`}
        >
          {t[template.title]}
        </Button>
      ))}
    </Group>
  );
}

function useChanges() {
  const t = useWords(filterWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const confirm = useConfirm();
  const run = useRun('filters');
  type Rows = readonly FilterView[];
  return {
    setActive: (rows: Rows, active: boolean) =>
      run
        .each(rows, ({ id }) => api.filters.set({ name: id, active }), active ? common.activated : common.deactivated)
        .catch(run.failed),
    remove: (rows: Rows, done: () => void) =>
      confirm({
        title: t.removeTitle(rows.length, rows[0]!.name),
        text: t.removeText,
        action: kit.remove,
        run: () => run.each(rows, ({ id }) => api.filters.remove({ name: id }), common.removed).then(done),
      }),
  };
}
