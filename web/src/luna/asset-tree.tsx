import { Text } from '@mantine/core';
import { IconChevronRight, IconFolder, IconFolderOpen, IconStarFilled } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { ReachableView } from '../../../src/api/contract/me.ts';
import { AssetIcon } from './asset-icon.tsx';
import classes from './luna.module.css';
import type { TreeRow } from './tree-rows.ts';

const ROW = 30;
const STEP = 16;

interface Props {
  readonly label: string;
  readonly rows: readonly TreeRow[];
  readonly starred: ReadonlySet<string>;
  readonly live: ReadonlySet<string>;
  readonly onFolder: (path: string, open: boolean) => void;
  readonly onAsset: (asset: ReachableView) => void;
  readonly onMenu: (asset: ReachableView, at: { clientX: number; clientY: number }) => void;
}

const keyOf = (row: TreeRow) => (row.kind === 'folder' ? row.path : row.asset.id);

/** The rows of the side bar. Only what is visible is in the page, so that hundreds cost nothing. */
export function AssetTree({ label, rows, starred, live, onFolder, onAsset, onMenu }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const current = Math.min(at, rows.length - 1);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => keyOf(rows[index]!),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its top
  useEffect(() => setAt(0), [label]);

  const go = (to: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, to));
    setAt(next);
    virtual.scrollToIndex(next);
  };
  const press = (row: TreeRow) => (row.kind === 'folder' ? onFolder(row.path, !row.open) : onAsset(row.asset));
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current];
    if (!row || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 300) / ROW) - 1);
    const moves = new Map<string, () => void>([
      ['ArrowDown', () => go(current + 1)],
      ['ArrowUp', () => go(current - 1)],
      ['PageDown', () => go(current + page)],
      ['PageUp', () => go(current - page)],
      ['Home', () => go(0)],
      ['End', () => go(rows.length - 1)],
      ['Enter', () => press(row)],
      [' ', () => press(row)],
      [
        'ArrowRight',
        () => {
          if (row.kind !== 'folder') return;
          if (row.open) go(current + 1);
          else onFolder(row.path, true);
        },
      ],
      [
        'ArrowLeft',
        () => {
          if (row.kind === 'folder' && row.open) return onFolder(row.path, false);
          const parent = rows.slice(0, current).findLastIndex((one) => one.depth < row.depth);
          if (parent >= 0) go(parent);
        },
      ],
      ['ContextMenu', () => menu(row)],
      ['F10', () => event.shiftKey && menu(row)],
    ]);
    const move = moves.get(event.key);
    if (!move) return;
    event.preventDefault();
    move();
  };
  const menu = (row: TreeRow, event?: MouseEvent) => {
    if (row.kind !== 'asset') return;
    const element = box.current?.querySelector(`[data-key="${CSS.escape(keyOf(row))}"]`);
    const rect = element?.getBoundingClientRect();
    onMenu(row.asset, event ?? { clientX: (rect?.left ?? 0) + 40, clientY: rect?.bottom ?? 0 });
  };

  return (
    <div
      ref={box}
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={rows[current] && `row-${keyOf(rows[current])}`}
      className={classes.tree}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          const key = keyOf(row);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the tree, which has the focus
            // biome-ignore lint/a11y/useFocusableInteractive: as in every tree with one focus for all rows
            <div
              key={key}
              id={`row-${key}`}
              data-key={key}
              role="treeitem"
              aria-level={row.depth + 1}
              aria-expanded={row.kind === 'folder' ? row.open : undefined}
              aria-selected={item.index === current}
              className={classes.row}
              data-current={item.index === current || undefined}
              style={{ top: item.start, height: ROW, paddingLeft: 8 + row.depth * STEP }}
              title={row.kind === 'asset' ? titleOf(row.asset) : row.path}
              onClick={(event) => {
                setAt(item.index);
                // a double click means one terminal, not two
                if (event.detail < 2) press(row);
              }}
              onContextMenu={(event) => {
                event.preventDefault();
                setAt(item.index);
                menu(row, event);
              }}
            >
              <RowContent row={row} starred={starred} live={live} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function titleOf(asset: ReachableView): string {
  return [`${asset.name} (${asset.address})`, asset.folder, asset.comment].filter(Boolean).join('\n');
}

function RowContent(props: {
  readonly row: TreeRow;
  readonly starred: ReadonlySet<string>;
  readonly live: ReadonlySet<string>;
}) {
  const { row } = props;
  if (row.kind === 'folder') {
    const Glyph = row.open ? IconFolderOpen : IconFolder;
    return (
      <>
        <IconChevronRight size={14} className={classes.chevron} data-open={row.open || undefined} aria-hidden="true" />
        <Glyph size={16} stroke={1.6} style={{ flexShrink: 0 }} aria-hidden="true" />
        <span className={classes.rowName}>{row.name}</span>
        <Text span size="xs" c="dimmed">
          {row.count}
        </Text>
      </>
    );
  }
  const { asset, where } = row;
  return (
    <>
      <span style={{ width: where === null ? 14 : 0, flexShrink: 0 }} />
      <AssetIcon asset={asset} />
      <span className={classes.rowName}>{asset.name}</span>
      {where !== null && where !== '/' && <span className={classes.where}>{where}</span>}
      {props.live.has(asset.id) && <span className={classes.liveDot} />}
      {props.starred.has(asset.id) && <IconStarFilled size={11} className={classes.star} aria-hidden="true" />}
    </>
  );
}
