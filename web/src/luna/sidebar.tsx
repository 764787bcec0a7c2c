import { ActionIcon, Box, Button, Group, SegmentedControl, Stack, Text, TextInput, Tooltip } from '@mantine/core';
import {
  IconChevronsLeft,
  IconCopy,
  IconFiles,
  IconHistory,
  IconLayoutColumns,
  IconPlugConnected,
  IconRefresh,
  IconSearch,
  IconSearchOff,
  IconServerOff,
  IconStar,
  IconStarOff,
  IconTerminal2,
  IconUserQuestion,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type RefObject, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { ReachableView } from '../../../src/api/contract/me.ts';
import { api, queries } from '../kit/api.ts';
import { Brand } from '../kit/brand.tsx';
import { useMay } from '../kit/me.ts';
import { reachableAsked } from '../kit/reachable.ts';
import { Empty, Failed, Waiting } from '../kit/states.tsx';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { AssetTree } from './asset-tree.tsx';
import { copyText } from './clipboard.ts';
import { useConnect } from './connecting.tsx';
import { useContextMenu } from './context-menu.tsx';
import classes from './luna.module.css';
import { dialog, filesOf } from './opened.ts';
import { useFavourites } from './preferences.ts';
import { remember, remembered } from './remembered.ts';
import { useStore } from './store.ts';
import { foundRows, listedRows, treeRows } from './tree-rows.ts';
import { words } from './words.ts';
import { activeTab, liveShells, pulse, workspace } from './workspace.ts';

export function useAssets() {
  return useQuery(reachableAsked);
}

interface Props {
  readonly search: RefObject<HTMLInputElement | null>;
  /** Something was opened: a drawer may close. */
  readonly onOpened: () => void;
  readonly onCollapse: () => void;
}

/** What can be reached: as a tree, the favourites, the last ones. */
export function Sidebar({ search, onOpened, onCollapse }: Props) {
  const t = useWords(words);
  const { data: assets, error, refetch } = useAssets();
  const { list, folders, recents } = useStore(remembered);
  const { tabs } = useStore(workspace);
  const beat = useStore(pulse);
  const { favourites, toggle } = useFavourites();
  const connect = useConnect();
  const tell = useTell();
  const { open, menu } = useContextMenu();
  const [text, setText] = useState('');
  const rows = useMemo(() => {
    if (!assets) return [];
    if (text.trim() !== '') return foundRows(assets, text);
    if (list === 'favourites') return listedRows(assets, favourites);
    return list === 'recents' ? listedRows(assets, recents) : treeRows(assets, folders);
  }, [assets, text, list, favourites, recents, folders]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the two say when something changed
  const live = useMemo(() => new Set(liveShells().map((shell) => shell.view.get().wish.id)), [tabs, beat]);

  const go = (asset: ReachableView) => {
    connect(asset);
    onOpened();
  };
  const showMenu = (asset: ReachableView, at: { clientX: number; clientY: number }) => {
    const beside = activeTab()?.focused;
    const starred = favourites.includes(asset.id);
    open(at, [
      { label: t.connect, icon: IconPlugConnected, run: () => go(asset) },
      { label: t.connectAs, icon: IconUserQuestion, run: () => connect(asset, { ask: true }) },
      {
        label: t.connectBeside,
        icon: IconLayoutColumns,
        not: beside === undefined ? t.noPane : undefined,
        run: () => beside && connect(asset, { at: { pane: beside, edge: 'right' } }),
      },
      'line',
      { label: t.files, icon: IconFiles, run: () => filesOf.set({ asset: asset.id }) },
      {
        label: t.copySsh,
        icon: IconCopy,
        run: async () => {
          try {
            const { ssh } = await api.me.clientLines({ asset: asset.id, host: location.hostname });
            await copyText(ssh);
            tell.done(t.copiedText(ssh));
          } catch (thrown) {
            tell.failed(thrown);
          }
        },
      },
      { label: t.ownClient, icon: IconTerminal2, run: () => dialog.set({ kind: 'client', asset: asset.id }) },
      'line',
      {
        label: starred ? t.unstar : t.star,
        icon: starred ? IconStarOff : IconStar,
        run: () => toggle(asset.id),
      },
    ]);
  };

  const body = () => {
    if (error && !assets)
      return (
        <Box p="sm">
          <Failed error={error} retry={() => void refetch()} />
        </Box>
      );
    if (!assets) return <Waiting />;
    // what to do about it stands in the middle of the page
    if (assets.length === 0)
      return (
        <Text size="xs" c="dimmed" ta="center" p="md">
          {t.nothing}
        </Text>
      );
    if (rows.length > 0)
      return (
        <AssetTree
          label={text === '' ? t[list] : t.found}
          rows={rows}
          starred={new Set(favourites)}
          live={live}
          onFolder={(path, isOpen) => remember({ folders: { ...remembered.get().folders, [path]: isOpen } })}
          onAsset={go}
          onMenu={showMenu}
        />
      );
    if (text !== '') return <Empty icon={IconSearchOff} title={t.noneFound} text={t.noneFoundText} />;
    return list === 'favourites' ? (
      <Empty icon={IconStar} title={t.noFavourites} text={t.noFavouritesText} />
    ) : (
      <Empty icon={IconHistory} title={t.noRecents} text={t.noRecentsText} />
    );
  };

  return (
    <Stack gap={0} h="100%" component="nav" aria-label={t.assets}>
      <Group justify="space-between" px="sm" h={44} wrap="nowrap">
        <Link href="/luna" className={classes.brand}>
          <Brand size={22} />
        </Link>
        <Group gap={2} wrap="nowrap">
          <Tooltip label={t.refresh}>
            <ActionIcon
              aria-label={t.refresh}
              onClick={() => void queries.invalidateQueries({ queryKey: reachableAsked.queryKey })}
            >
              <IconRefresh size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t.hideSide}>
            <ActionIcon aria-label={t.hideSide} onClick={onCollapse}>
              <IconChevronsLeft size={18} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Group>
      <Stack gap={8} px="sm" pb={8}>
        <TextInput
          ref={search}
          size="xs"
          type="search"
          aria-label={t.searchAssets}
          placeholder={t.searchAssets}
          leftSection={<IconSearch size={14} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setText('');
            if (event.key === 'ArrowDown') {
              event.preventDefault();
              event.currentTarget.closest('nav')?.querySelector<HTMLElement>('[role="tree"]')?.focus();
            }
            const first = rows.find((row) => row.kind === 'asset');
            if (event.key === 'Enter' && text.trim() !== '' && first) go(first.asset);
          }}
        />
        <SegmentedControl
          size="xs"
          fullWidth
          value={list}
          onChange={(value) => {
            setText('');
            remember({ list: value as typeof list });
          }}
          data={[
            { value: 'tree', label: t.tree },
            { value: 'favourites', label: t.favourites },
            { value: 'recents', label: t.recents },
          ]}
        />
      </Stack>
      <Box flex={1} mih={0}>
        {body()}
      </Box>
      {assets && assets.length > 0 && (
        <Text size="xs" c="dimmed" px="sm" py={6} className={classes.count}>
          {t.reachable(assets.length)}
        </Text>
      )}
      {menu}
    </Stack>
  );
}

/** Nobody has given this person anything yet: says whom to ask, or where to give. */
export function NothingReachable() {
  const t = useWords(words);
  const may = useMay();
  return may('manage') ? (
    <Empty
      icon={IconServerOff}
      title={t.nothing}
      text={t.nothingAdmin}
      action={
        <Button component={Link} href="/admin/permissions" variant="light">
          {t.toPermissions}
        </Button>
      }
    />
  ) : (
    <Empty icon={IconServerOff} title={t.nothing} text={t.nothingUser} />
  );
}
