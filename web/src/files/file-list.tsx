// biome-ignore-all lint/a11y/useSemanticElements: a table of thousands of rows of which only some are drawn
// biome-ignore-all lint/a11y/useFocusableInteractive: the list as a whole has the focus and takes the keys
import { Checkbox, Menu, TextInput, UnstyledButton } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconDots,
  IconFile,
  IconFileUnknown,
  IconFolder,
  IconFolderSymlink,
  IconLink,
} from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import type { FileEntry } from '../../../src/api/contract/files.ts';
import { bytesText, useFormat } from '../kit/format.ts';
import { useWords } from '../kit/words.ts';
import classes from './files.module.css';
import { isFolder, type Sort, type SortBy } from './listing.ts';
import { isName, shownName } from './names.ts';
import type { Selection } from './selection.ts';
import { filesWords } from './words.ts';

const ROW_PX = 34;

interface Props {
  readonly entries: readonly FileEntry[];
  readonly selection: Selection;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly onOpen: (entry: FileEntry) => void;
  /** Of the whole list, those of the arrows apart. */
  readonly onKey: (event: KeyboardEvent) => void;
  /** The name that is being changed. */
  readonly renaming: string | undefined;
  readonly onRenamed: (entry: FileEntry, name: string | undefined) => void;
  readonly menu: (entry: FileEntry) => ReactNode;
  readonly empty: ReactNode;
}

/** What is in a folder. Only the rows that can be seen are drawn. */
export function FileList(props: Props) {
  const { entries, selection, sort, onSort, onKey, empty } = props;
  const t = useWords(filesWords);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => entries[index]?.name ?? index,
    overscan: 8,
    scrollPaddingStart: ROW_PX,
  });
  const { activeIndex } = selection;
  useEffect(() => {
    if (activeIndex >= 0) rows.scrollToIndex(activeIndex);
  }, [activeIndex, rows]);

  const keyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return;
    const steps: Partial<Record<string, number>> = {
      ArrowDown: activeIndex + 1,
      ArrowUp: activeIndex < 0 ? 0 : activeIndex - 1,
      PageDown: activeIndex + 12,
      PageUp: activeIndex - 12,
      Home: 0,
      End: entries.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined || event.altKey) return onKey(event);
    event.preventDefault();
    selection.move(to, event.shiftKey);
  };
  return (
    <div
      ref={scroll}
      className={classes.scroll}
      role="grid"
      aria-label={t.title}
      aria-multiselectable="true"
      aria-rowcount={entries.length}
      tabIndex={0}
      onKeyDown={keyDown}
      data-testid="files"
    >
      <div className={`${classes.row} ${classes.titles}`} role="row">
        <span />
        <Title by="name" label={t.name} sort={sort} onSort={onSort} />
        <Title by="size" label={t.size} sort={sort} onSort={onSort} className={classes.number} />
        <Title
          by="modified"
          label={t.modified}
          sort={sort}
          onSort={onSort}
          className={`${classes.dim} ${classes.modified}`}
        />
        <Title by="mode" label={t.mode} sort={sort} onSort={onSort} className={`${classes.dim} ${classes.mode}`} />
        <span />
      </div>
      {entries.length === 0 && empty}
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(
          (row) =>
            entries[row.index] && (
              <div
                key={row.key}
                style={{ position: 'absolute', top: 0, left: 0, right: 0, transform: `translateY(${row.start}px)` }}
              >
                <Row {...props} entry={entries[row.index]!} index={row.index} />
              </div>
            ),
        )}
      </div>
    </div>
  );
}

function Title(props: {
  readonly by: SortBy;
  readonly label: string;
  readonly sort: Sort;
  readonly onSort: (sort: Sort) => void;
  readonly className?: string | undefined;
}) {
  const { by, label, sort, onSort, className } = props;
  const mine = sort.by === by;
  return (
    <div
      role="columnheader"
      className={className}
      aria-sort={mine ? (sort.down ? 'descending' : 'ascending') : undefined}
    >
      <UnstyledButton fz="inherit" onClick={() => onSort({ by, down: mine ? !sort.down : false })}>
        {label} {mine && (sort.down ? <IconArrowDown size={11} /> : <IconArrowUp size={11} />)}
      </UnstyledButton>
    </div>
  );
}

function Row(props: Props & { readonly entry: FileEntry; readonly index: number }) {
  const { entry, index, selection, onOpen, renaming, onRenamed, menu } = props;
  const t = useWords(filesWords);
  const format = useFormat();
  const { name, size, modifiedAt, mode, owner, group } = entry;
  const kinds = { folder: t.folder, file: t.file, link: t.link, other: t.other };
  const press = (event: MouseEvent) => {
    if (event.shiftKey) selection.extend(name);
    else if (event.ctrlKey || event.metaKey) selection.toggle(name);
    else selection.only(name);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
    <div
      role="row"
      className={`${classes.row} ${classes.entry}`}
      aria-rowindex={index + 1}
      aria-selected={selection.names.has(name)}
      data-active={selection.active === name}
      onClick={press}
      onDoubleClick={() => onOpen(entry)}
    >
      <Checkbox
        size="xs"
        aria-label={t.select(shownName(name))}
        checked={selection.names.has(name)}
        onClick={(event) => event.stopPropagation()}
        onChange={() => selection.toggle(name)}
      />
      <div className={classes.name} role="gridcell">
        <Glyph entry={entry} />
        {renaming === name ? (
          <Rename entry={entry} done={(next) => onRenamed(entry, next)} />
        ) : (
          <span className={classes.label} title={`${shownName(name)} · ${kinds[entry.kind]}`}>
            {shownName(name)}
          </span>
        )}
      </div>
      <div className={classes.number} role="gridcell">
        {isFolder(entry) || size === null ? '' : bytesText(size)}
      </div>
      <div
        className={`${classes.dim} ${classes.modified}`}
        role="gridcell"
        title={modifiedAt ? format.moment(modifiedAt) : ''}
      >
        {modifiedAt ? format.short(modifiedAt) : ''}
      </div>
      <div className={`${classes.dim} ${classes.mode} mono`} role="gridcell" title={`${owner ?? '?'}:${group ?? '?'}`}>
        {mode}
      </div>
      <Menu position="bottom-end" withinPortal shadow="md">
        <Menu.Target>
          <UnstyledButton
            aria-label={t.actions(shownName(name))}
            onClick={(event) => event.stopPropagation()}
            lh={1}
            p={6}
          >
            <IconDots size={16} />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown onClick={(event) => event.stopPropagation()} onDoubleClick={(event) => event.stopPropagation()}>
          {menu(entry)}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Glyph({ entry }: { readonly entry: FileEntry }) {
  const colour = isFolder(entry) ? 'var(--mantine-primary-color-filled)' : 'var(--mantine-color-dimmed)';
  const props = { size: 17, stroke: 1.6, color: colour, style: { flex: 'none' }, 'aria-hidden': true };
  if (entry.kind === 'folder') return <IconFolder {...props} />;
  if (entry.toFolder) return <IconFolderSymlink {...props} />;
  if (entry.kind === 'link') return <IconLink {...props} />;
  return entry.kind === 'file' ? <IconFile {...props} /> : <IconFileUnknown {...props} />;
}

function Rename({ entry, done }: { readonly entry: FileEntry; readonly done: (name: string | undefined) => void }) {
  const t = useWords(filesWords);
  const [name, setName] = useState(entry.name);
  const over = useRef(false);
  const end = (next: string | undefined) => {
    if (over.current) return;
    over.current = true;
    done(next === entry.name ? undefined : next);
  };
  return (
    <TextInput
      size="xs"
      flex={1}
      aria-label={t.rename}
      value={name}
      autoFocus
      error={name !== '' && !isName(name) ? t.badName : undefined}
      onFocus={({ currentTarget }) => {
        const dot = isFolder(entry) ? -1 : entry.name.lastIndexOf('.');
        currentTarget.setSelectionRange(0, dot > 0 ? dot : entry.name.length);
      }}
      onChange={(event) => setName(event.currentTarget.value)}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={(event) => event.stopPropagation()}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === 'Escape') end(undefined);
        if (event.key === 'Enter' && isName(name)) end(name);
      }}
      onBlur={() => end(isName(name) ? name : undefined)}
    />
  );
}
