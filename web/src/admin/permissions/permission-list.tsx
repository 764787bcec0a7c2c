import { Badge, Button, Group, Text } from '@mantine/core';
import { IconHelpCircle, IconPlus, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { PermissionView } from '../../../../src/api/contract/permissions.ts';
import { api } from '../../kit/api.ts';
import { useConfirm } from '../../kit/confirm.tsx';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { useFormat } from '../../kit/format.ts';
import { kitWords } from '../../kit/kit-words.ts';
import { Page } from '../../kit/page.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { Clip, Names } from '../parts/clip.tsx';
import { NameFilter } from '../parts/name-filter.tsx';
import { partWords } from '../parts/part-words.ts';
import { RowMenu } from '../parts/row-menu.tsx';
import { useRun } from '../parts/run.ts';
import { Stretch } from '../parts/stretch.tsx';
import { stateOf } from './draft.ts';
import { permissionWords } from './words.ts';

const COLORS = { inactive: 'gray', notYet: 'blue', ended: 'red', soon: 'orange', inForce: 'teal' } as const;
const SORTS = ['name', '-name', 'createdAt', '-createdAt', 'until', '-until'] as const;

export function PermissionList() {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const { day } = useFormat();
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const change = useChanges();

  const [text, user, asset] = [get('text'), get('user'), get('asset')];
  const sort = SORTS.find((name) => name === get('sort')) ?? 'name';
  const query = { text, user, asset, sort };
  const list = usePaged('permissions', query, (page) => api.permissions.list({ ...query, ...page }));
  const chosen = list.rows.filter((row) => selected.has(row.id));
  const done = () => setSelected(new Set());

  const columns: Column<PermissionView>[] = [
    {
      key: 'name',
      title: common.name,
      sort: 'name',
      render: (row) => (
        <>
          <Clip text={row.name} fw={500} max="min(220px, 36vw)" />
          {row.comment !== '' && <Clip text={row.comment} size="xs" c="dimmed" max={220} />}
        </>
      ),
    },
    {
      key: 'who',
      title: t.who,
      render: (row) => <Names names={[...row.groups, ...row.users]} max="min(180px, 20vw)" />,
    },
    {
      key: 'what',
      title: t.what,
      width: '16%',
      from: 'sm',
      render: (row) => (
        <Stretch min={90}>
          <Names names={[...row.folders, ...row.labels, ...row.assets]} max="100%" />
        </Stretch>
      ),
    },
    { key: 'as', title: t.as, from: 'md', render: (row) => <Clip mono text={row.accounts.join(', ')} max={140} /> },
    {
      key: 'may',
      title: t.may,
      width: '18%',
      from: 'lg',
      render: (row) => (
        <Stretch min={90}>
          <Names names={row.actions.map((action) => common[`act_${action}`])} max="100%" />
        </Stretch>
      ),
    },
    {
      key: 'until',
      title: t.until,
      sort: 'until',
      from: 'md',
      render: (row) => (
        <Text size="sm" c={row.until === null ? 'dimmed' : undefined} style={{ whiteSpace: 'nowrap' }}>
          {row.until === null ? '–' : day(row.until)}
        </Text>
      ),
    },
    {
      key: 'state',
      title: t.state,
      render: (row) => {
        const state = stateOf(row);
        return (
          <Badge miw="max-content" color={COLORS[state]}>
            {state === 'inactive' ? common.inactive : t[state]}
          </Badge>
        );
      },
    },
    {
      key: 'menu',
      title: '',
      width: 40,
      render: (row) => (
        <RowMenu
          name={row.name}
          items={[
            { label: common.edit, href: `/admin/permissions/${row.id}` },
            { label: common.clone, href: `/admin/permissions/new?from=${row.id}` },
            row.active
              ? { label: common.deactivate, run: () => change.off([row]) }
              : { label: common.activate, run: () => change.on([row]) },
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
          <Button
            component={Link}
            href="/admin/permissions/explain"
            variant="default"
            leftSection={<IconHelpCircle size={16} />}
          >
            {t.explain}
          </Button>
          <Button component={Link} href="/admin/permissions/new" leftSection={<IconPlus size={16} />}>
            {t.add}
          </Button>
        </>
      }
    >
      <Group gap="xs">
        <SearchInput w={220} value={text ?? ''} onChange={(value) => set({ text: value })} />
        <NameFilter kind="user" />
        <NameFilter kind="asset" />
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.id}
        nameOf={(row) => row.name}
        onOpen={(row) => navigate(`/admin/permissions/${row.id}`)}
        sort={sort}
        onSort={(next) => set({ sort: next })}
        filtered={Boolean(text ?? user ?? asset)}
        selection={{ ids: selected, change: setSelected }}
        bulk={
          <>
            <Button size="compact-sm" variant="default" onClick={() => void change.on(chosen).then(done)}>
              {common.activate}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => change.off(chosen, done)}>
              {common.deactivate}
            </Button>
            <Button size="compact-sm" variant="light" color="red" onClick={() => change.remove(chosen, done)}>
              {kit.remove}
            </Button>
          </>
        }
        empty={
          <Empty
            icon={IconShieldCheck}
            title={t.emptyTitle}
            text={t.emptyText}
            action={
              <Button component={Link} href="/admin/permissions/new" variant="light">
                {t.add}
              </Button>
            }
          />
        }
      />
    </Page>
  );
}

/** What can be done with one or many; what may end sessions is asked about first. */
function useChanges() {
  const t = useWords(permissionWords);
  const common = useWords(partWords);
  const kit = useWords(kitWords);
  const confirm = useConfirm();
  const run = useRun('permissions');
  type Rows = readonly PermissionView[];
  const setActive = (rows: Rows, active: boolean) =>
    run.each(
      rows,
      ({ id }) => api.permissions.set({ name: id, active }),
      active ? common.activated : common.deactivated,
    );
  return {
    on: async (rows: Rows) => {
      await setActive(rows, true).catch(run.failed);
    },
    off: (rows: Rows, done?: () => void) =>
      confirm({
        title: t.offTitle(rows.length, rows[0]!.name),
        text: t.offText,
        action: common.deactivate,
        run: () => setActive(rows, false).then(done),
      }),
    remove: (rows: Rows, done: () => void) =>
      confirm({
        title: t.removeTitle(rows.length, rows[0]!.name),
        text: t.removeText,
        action: kit.remove,
        run: () => run.each(rows, ({ id }) => api.permissions.remove({ name: id }), common.removed).then(done),
      }),
  };
}
