import { ActionIcon, Box, Group, Text, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconGripVertical } from '@tabler/icons-react';
import { type DragEvent, useRef } from 'react';
import type { FilterView } from '../../../../src/api/contract/filters.ts';
import { api } from '../../kit/api.ts';
import { useWords } from '../../kit/words.ts';
import { useRun } from '../parts/run.ts';
import { moved } from './order.ts';
import classes from './reorder.module.css';
import { filterWords } from './words.ts';

export interface Reorder {
  /** One place up (-1) or down (1). */
  readonly step: (filter: FilterView, by: -1 | 1) => void;
  readonly isFirst: (filter: FilterView) => boolean;
  readonly isLast: (filter: FilterView) => boolean;
  readonly startDrag: (filter: FilterView) => void;
  /** For what is around the rows. */
  readonly dropZone: {
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
    readonly onDragEnd: () => void;
  };
}

/** Gives a filter another place among all of them, by its priority and, where there is no room, by those of others. */
export function useReorder(rows: readonly FilterView[]): Reorder {
  const t = useWords(filterWords);
  const run = useRun('filters');
  const dragged = useRef<FilterView>(undefined);
  const over = useRef<HTMLElement>(undefined);

  const move = async (filter: FilterView, to: number) => {
    const changes = moved(rows, filter.id, to);
    if (!changes) return run.failed(new Error(t.tooMany));
    if (changes.length === 0) return;
    const versions = new Map(rows.map((row) => [row.id, row]));
    const apply = async () => {
      for (const { id, priority } of changes)
        await api.filters.set({ name: id, priority, version: versions.get(id)?.version });
    };
    const undo = async () => {
      for (const { id } of changes) await api.filters.set({ name: id, priority: versions.get(id)!.priority });
    };
    await run.one(apply, t.reordered(filter.name), undo);
  };
  const indexOf = (filter: FilterView) => rows.findIndex((row) => row.id === filter.id);
  const mark = (row: HTMLElement | undefined) => {
    over.current?.removeAttribute('data-drop');
    over.current = row;
    row?.setAttribute('data-drop', '');
  };
  const rowUnder = (event: DragEvent): { row: HTMLElement; id: string } | undefined => {
    const row = event.target instanceof Element ? event.target.closest('tr') : null;
    const id = row?.querySelector<HTMLElement>('[data-filter]')?.dataset.filter;
    return row && id !== undefined ? { row, id } : undefined;
  };
  return {
    step: (filter, by) => void move(filter, indexOf(filter) + by),
    isFirst: (filter) => indexOf(filter) === 0,
    isLast: (filter) => indexOf(filter) === rows.length - 1,
    startDrag: (filter) => {
      dragged.current = filter;
    },
    dropZone: {
      onDragOver(event) {
        const under = rowUnder(event);
        if (!dragged.current || !under) return;
        event.preventDefault();
        mark(under.row);
      },
      onDrop(event) {
        const under = rowUnder(event);
        const filter = dragged.current;
        mark(undefined);
        dragged.current = undefined;
        if (!filter || !under) return;
        event.preventDefault();
        void move(
          filter,
          rows.findIndex((row) => row.id === under.id),
        );
      },
      onDragEnd() {
        mark(undefined);
        dragged.current = undefined;
      },
    },
  };
}

/** The priority, with three ways to change the order: dragging, up, down. Without `reorder` it only shows. */
export function OrderCell({ filter, reorder }: { filter: FilterView; reorder: Reorder | undefined }) {
  const t = useWords(filterWords);
  const number = (
    <Text size="sm" c="dimmed" w={26} ta="right">
      {filter.priority}
    </Text>
  );
  if (!reorder) return number;
  return (
    <Group gap={0} wrap="nowrap" data-filter={filter.id}>
      <Tooltip label={t.drag}>
        <Box
          component="span"
          visibleFrom="sm"
          className={classes.grip}
          draggable
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = 'move';
            event.dataTransfer.setData('text/plain', filter.name);
            reorder.startDrag(filter);
          }}
        >
          <IconGripVertical size={14} />
        </Box>
      </Tooltip>
      {number}
      <ActionIcon
        size="sm"
        style={{ background: 'transparent' }}
        ml={4}
        aria-label={t.up(filter.name)}
        disabled={reorder.isFirst(filter)}
        onClick={() => reorder.step(filter, -1)}
      >
        <IconChevronUp size={14} />
      </ActionIcon>
      <ActionIcon
        size="sm"
        style={{ background: 'transparent' }}
        aria-label={t.down(filter.name)}
        disabled={reorder.isLast(filter)}
        onClick={() => reorder.step(filter, 1)}
      >
        <IconChevronDown size={14} />
      </ActionIcon>
    </Group>
  );
}
