import { ActionIcon, Group, Text, Tooltip } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { IconFolderPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { api } from '../../kit/api.ts';
import { Failed, Waiting } from '../../kit/states.tsx';
import { useLanguage, useWords } from '../../kit/words.ts';
import { parentOf } from './carried.ts';
import { FolderRow } from './folder-row.tsx';
import { shownOf, treeOf } from './tree-of.ts';
import { useFolderDeeds } from './use-folder-deeds.tsx';
import { assetWords } from './words.ts';

/** The folders of assets. Assets and folders can be dropped on them; arrow keys, Enter and each row's menu do the same. */
export function FolderTree(props: {
  /** undefined: all of them. */
  readonly selected: string | undefined;
  readonly onSelect: (path: string | undefined) => void;
}) {
  const { selected, onSelect } = props;
  const t = useWords(assetWords);
  const language = useLanguage();
  const deeds = useFolderDeeds(onSelect);
  const { data, error, refetch } = useQuery({ queryKey: ['folders'], queryFn: () => api.folders.list() });
  const [open, setOpen] = useLocalStorage<string[]>({
    key: 'bastion-admin-folders',
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const [focused, setFocused] = useState('/');
  const box = useRef<HTMLDivElement>(null);
  const tree = useMemo(() => {
    const collator = new Intl.Collator(language, { numeric: true });
    return data && treeOf(data, collator.compare);
  }, [data, language]);
  if (!tree) return error ? <Failed error={error} retry={() => void refetch()} /> : <Waiting h={120} />;

  const shown = shownOf(tree.children, new Set(open));
  const paths = ['/', ...shown.map(({ node }) => node.path)];
  const current = paths.includes(focused) ? focused : '/';
  const turn = (path: string, opened: boolean) =>
    setOpen((old) => (opened ? [...new Set([...old, path])] : old.filter((one) => one !== path)));
  const focus = (path: string) => {
    setFocused(path);
    box.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (!(event.target instanceof HTMLElement) || event.target.dataset.path === undefined) return;
    const at = paths.indexOf(current);
    const row = shown[at - 1];
    if (event.key === 'ArrowDown') focus(paths[Math.min(at + 1, paths.length - 1)]!);
    else if (event.key === 'ArrowUp') focus(paths[Math.max(at - 1, 0)]!);
    else if (event.key === 'Home') focus('/');
    else if (event.key === 'End') focus(paths.at(-1)!);
    else if (event.key === 'ArrowRight' && row && !row.open) turn(row.node.path, true);
    else if (event.key === 'ArrowRight' && row) focus(row.node.children[0]?.path ?? current);
    else if (event.key === 'ArrowLeft' && row?.open) turn(row.node.path, false);
    else if (event.key === 'ArrowLeft' && row) focus(parentOf(row.node.path));
    else if (event.key === 'Enter' || event.key === ' ') onSelect(current === '/' ? undefined : current);
    else if (event.key === 'F2' && row) deeds.rename(row.node.path);
    else if (event.key === 'Delete' && row) deeds.remove(row.node.path);
    else return;
    event.preventDefault();
  };
  const shared = { deeds, focused: current, onFocus: setFocused, onTurn: turn };
  return (
    <div>
      <Group justify="space-between" mb={4} pl={8}>
        <Text size="xs" fw={600} c="dimmed">
          {t.folders}
        </Text>
        <Tooltip label={t.newFolder}>
          <ActionIcon size="sm" aria-label={t.newFolder} onClick={() => deeds.add(selected ?? '/')}>
            <IconFolderPlus size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
      <div role="tree" aria-label={t.folders} ref={box} onKeyDown={onKeyDown}>
        <FolderRow
          {...shared}
          path="/"
          name={t.all}
          assets={tree.total}
          level={1}
          open={undefined}
          selected={selected === undefined}
          onSelect={() => onSelect(undefined)}
        />
        {shown.map(({ node, level, open: opened }) => (
          <FolderRow
            {...shared}
            key={node.path}
            path={node.path}
            name={node.name}
            assets={node.assets}
            level={level}
            open={node.children.length > 0 ? opened : undefined}
            selected={node.path === selected}
            onSelect={() => onSelect(node.path)}
          />
        ))}
      </div>
    </div>
  );
}
