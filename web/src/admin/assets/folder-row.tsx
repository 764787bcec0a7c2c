import { ActionIcon, Menu, Text } from '@mantine/core';
import {
  IconArrowRight,
  IconChevronRight,
  IconDots,
  IconFolder,
  IconFolderPlus,
  IconPencil,
  IconStack2,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { useWords } from '../../kit/words.ts';
import { carry, fits, letGo } from './carried.ts';
import classes from './folder-tree.module.css';
import type { FolderDeeds } from './use-folder-deeds.tsx';
import { useMoves } from './use-moves.ts';
import { assetWords } from './words.ts';

const STEP = 14;

export function FolderRow(props: {
  readonly path: string;
  readonly name: string;
  readonly assets: number;
  readonly level: number;
  /** undefined: nothing is in it that could be shown. */
  readonly open: boolean | undefined;
  readonly selected: boolean;
  readonly focused: string;
  readonly deeds: FolderDeeds;
  readonly onSelect: () => void;
  readonly onFocus: (path: string) => void;
  readonly onTurn: (path: string, open: boolean) => void;
}) {
  const { path, name, assets, level, open, selected, focused, deeds, onSelect, onFocus, onTurn } = props;
  const moves = useMoves();
  const [over, setOver] = useState(false);
  const root = path === '/';
  const drop = () => {
    setOver(false);
    const what = letGo();
    if (what?.kind === 'assets') void moves.moveAssets(what.assets, path);
    if (what?.kind === 'folder') void moves.moveFolderInto(what.path, path);
  };
  const Glyph = root ? IconStack2 : IconFolder;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys of all its rows
    <div
      role="treeitem"
      aria-level={level}
      aria-selected={selected}
      aria-expanded={open}
      aria-label={name}
      tabIndex={path === focused ? 0 : -1}
      data-path={path}
      data-over={over || undefined}
      className={classes.row}
      style={{ paddingLeft: (level - 1) * STEP }}
      title={root ? undefined : path}
      draggable={!root}
      onClick={onSelect}
      onFocus={() => onFocus(path)}
      onDragStart={(event) => carry({ kind: 'folder', path }, event.dataTransfer, path)}
      onDragEnd={letGo}
      onDragOver={(event) => {
        if (!fits(path)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        drop();
      }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: for the mouse; arrow keys do the same */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tree takes the keys of all its rows */}
      <span
        className={classes.turn}
        data-open={open || undefined}
        onClick={(event) => {
          if (open === undefined) return;
          event.stopPropagation();
          onTurn(path, !open);
        }}
      >
        {open !== undefined && <IconChevronRight size={14} />}
      </span>
      <Glyph size={16} stroke={1.6} />
      <span className={classes.name}>{name}</span>
      <RowMenu path={path} deeds={deeds} />
      <Text span size="xs" c="dimmed" miw={24} ta="right" pr={4}>
        {assets}
      </Text>
    </div>
  );
}

function RowMenu({ path, deeds }: { readonly path: string; readonly deeds: FolderDeeds }) {
  const t = useWords(assetWords);
  return (
    <Menu position="bottom-end" width={190}>
      <Menu.Target>
        <ActionIcon
          size="sm"
          className={classes.menu}
          aria-label={t.folderMenu(path)}
          tabIndex={-1}
          onClick={(event) => event.stopPropagation()}
        >
          <IconDots size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown onClick={(event) => event.stopPropagation()}>
        <Menu.Item leftSection={<IconFolderPlus size={16} />} onClick={() => deeds.add(path)}>
          {t.newFolder}
        </Menu.Item>
        {path !== '/' && (
          <>
            <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => deeds.rename(path)}>
              {t.rename}
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowRight size={16} />} onClick={() => deeds.move(path)}>
              {t.moveTo}
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={() => deeds.remove(path)}>
              {t.removeFolder}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
