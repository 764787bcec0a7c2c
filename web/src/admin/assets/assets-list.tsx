import { Anchor, Badge, Button, Checkbox, Group, Menu, Select, Stack, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconColumns3, IconServer2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { AssetView } from '../../../../src/api/contract/assets.ts';
import { api } from '../../kit/api.ts';
import { type Column, DataTable } from '../../kit/data-table.tsx';
import { Ago } from '../../kit/moment.tsx';
import { usePaged } from '../../kit/paged.ts';
import { SearchInput } from '../../kit/search-input.tsx';
import { Empty } from '../../kit/states.tsx';
import { useUrlState } from '../../kit/url-state.ts';
import { useWords } from '../../kit/words.ts';
import { thingPath } from '../thing-path.ts';
import { AssetsBulk } from './assets-bulk.tsx';
import { carry } from './carried.ts';
import { assetWords } from './words.ts';

type Sort = NonNullable<Parameters<typeof api.assets.list>[0]>['sort'];

const OPTIONAL = ['platform', 'protocols', 'folder', 'labels', 'accounts', 'added'] as const;
type Optional = (typeof OPTIONAL)[number];

export function AssetsList({ folder, onAdd }: { readonly folder: string | undefined; readonly onAdd: () => void }) {
  const t = useWords(assetWords);
  const [, navigate] = useLocation();
  const [get, set] = useUrlState();
  const [chosen, choose] = useState<ReadonlyMap<string, AssetView>>(new Map());
  const [shown, setShown] = useLocalStorage<Optional[]>({
    key: 'bastion-admin-asset-columns',
    defaultValue: ['platform', 'protocols', 'folder', 'labels', 'accounts'],
    getInitialValueInEffect: false,
  });
  const platforms = useQuery({
    queryKey: ['platforms'],
    queryFn: () => api.platforms.list(),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const text = get('text');
  const platform = get('platform');
  const sort = get('sort') as Sort;
  const args = { text, platform, sort, folder };
  const list = usePaged('assets', args, (page) => api.assets.list({ ...args, ...page }));
  const byName = new Map(list.rows.map((row) => [row.name, row]));

  const optional: Readonly<Record<Optional, Column<AssetView>>> = {
    platform: { key: 'platform', title: t.platform, sort: 'platform', from: 'md', render: (row) => row.platform },
    protocols: {
      key: 'protocols',
      title: t.protocols,
      from: 'sm',
      render: (row) => row.protocols.map((protocol) => protocol.name).join(', '),
    },
    folder: {
      key: 'folder',
      title: t.folder,
      sort: 'folder',
      from: 'lg',
      render: (row) => (
        <Text size="sm" c="dimmed" truncate maw={160} title={row.folder}>
          {row.folder}
        </Text>
      ),
    },
    labels: {
      key: 'labels',
      title: t.labels,
      from: 'lg',
      render: (row) => <Labels labels={row.labels} onPick={(label) => set({ text: label })} />,
    },
    accounts: { key: 'accounts', title: t.accounts, align: 'right', render: (row) => row.accountCount },
    added: { key: 'added', title: t.added, sort: 'createdAt', from: 'lg', render: (row) => <Ago at={row.createdAt} /> },
  };
  const columns: Column<AssetView>[] = [
    {
      key: 'name',
      title: t.name,
      sort: 'name',
      render: (row) => <Name asset={row} />,
    },
    ...OPTIONAL.filter((key) => shown.includes(key)).map((key) => optional[key]),
  ];
  return (
    <Stack gap="md" miw={0}>
      <Group gap="sm">
        <SearchInput value={text ?? ''} onChange={(value) => set({ text: value })} flex="1 1 200px" maw={360} />
        <Select
          aria-label={t.filterPlatform}
          placeholder={t.anyPlatform}
          data={(platforms.data ?? []).map((one) => one.name)}
          value={platform ?? null}
          onChange={(value) => set({ platform: value ?? undefined })}
          clearable
          searchable
          w={170}
        />
        <Menu closeOnItemClick={false} position="bottom-end" width={180}>
          <Menu.Target>
            <Button variant="default" leftSection={<IconColumns3 size={16} />} ml="auto" visibleFrom="sm">
              {t.columns}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {OPTIONAL.map((key) => (
              <Menu.Item
                key={key}
                onClick={() =>
                  setShown((old) => (old.includes(key) ? old.filter((one) => one !== key) : [...old, key]))
                }
                leftSection={<Checkbox.Indicator size="xs" checked={shown.includes(key)} />}
              >
                {t[key]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      </Group>
      <DataTable
        list={list}
        columns={columns}
        idOf={(row) => row.name}
        nameOf={(row) => row.name}
        onOpen={(row) => navigate(thingPath('assets', row.name))}
        onDrag={(row, event) => {
          const assets = chosen.has(row.name) ? [...chosen.values()] : [row];
          carry({ kind: 'assets', assets }, event.dataTransfer, assets.map((asset) => asset.name).join(', '));
        }}
        sort={sort ?? 'name'}
        onSort={(value) => set({ sort: value })}
        selection={{
          ids: new Set(chosen.keys()),
          // what was selected on a page of before stays known
          change: (ids) => choose(new Map([...ids].map((id) => [id, byName.get(id) ?? chosen.get(id)!]))),
        }}
        bulk={<AssetsBulk assets={[...chosen.values()]} done={() => choose(new Map())} />}
        filtered={Boolean(text || platform)}
        empty={
          <Empty
            icon={IconServer2}
            title={folder === undefined ? t.emptyTitle : t.emptyFolder}
            text={folder === undefined ? t.emptyText : t.emptyFolderText}
            action={
              <Group gap="xs">
                <Button onClick={onAdd}>{t.add}</Button>
                {folder === undefined && (
                  <Button component={Link} href="/admin/import" variant="default">
                    {t.importCsv}
                  </Button>
                )}
              </Group>
            }
          />
        }
      />
    </Stack>
  );
}

function Name({ asset }: { readonly asset: AssetView }) {
  const t = useWords(assetWords);
  return (
    <Stack gap={0} maw={260}>
      <Group gap={6} wrap="nowrap">
        <Anchor
          component={Link}
          tabIndex={-1}
          href={thingPath('assets', asset.name)}
          size="sm"
          fw={500}
          c={asset.active ? 'inherit' : 'dimmed'}
          truncate
          draggable={false}
        >
          {asset.name}
        </Anchor>
        {!asset.active && <Badge color="gray">{t.off}</Badge>}
      </Group>
      <Text size="xs" c="dimmed" truncate>
        {asset.address}
        {asset.via !== null && ` · ${t.via(asset.via)}`}
      </Text>
    </Stack>
  );
}

const LABELS_SHOWN = 2;

function Labels(props: {
  readonly labels: Readonly<Record<string, string>>;
  readonly onPick: (label: string) => void;
}) {
  const labels = Object.entries(props.labels).map(([key, value]) => `${key}=${value}`);
  return (
    <Stack gap={3} align="flex-start" title={labels.join(', ')}>
      {labels.slice(0, LABELS_SHOWN).map((label, at) => (
        <Group key={label} gap={4} wrap="nowrap">
          <Badge
            component="button"
            variant="default"
            size="sm"
            w="max-content"
            maw={150}
            style={{ cursor: 'pointer' }}
            onClick={() => props.onPick(label)}
          >
            {label}
          </Badge>
          {at === LABELS_SHOWN - 1 && labels.length > LABELS_SHOWN && (
            <Text span size="xs" c="dimmed">
              +{labels.length - LABELS_SHOWN}
            </Text>
          )}
        </Group>
      ))}
    </Stack>
  );
}
