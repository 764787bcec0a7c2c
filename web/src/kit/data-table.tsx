import { Box, Button, Center, Checkbox, Group, Paper, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconSearchOff } from '@tabler/icons-react';
import type { DragEvent, ReactNode } from 'react';
import classes from './data-table.module.css';
import { kitWords } from './kit-words.ts';
import type { Paged } from './paged.ts';
import { rememberRow, rowBeside, useRowFocus } from './row-focus.ts';
import { Empty, Failed, Waiting } from './states.tsx';
import { useWords } from './words.ts';

export interface Column<T> {
  readonly key: string;
  readonly title: ReactNode;
  readonly render: (row: T) => ReactNode;
  /** The name by which the list is ordered when the title is pressed. */
  readonly sort?: string | undefined;
  readonly width?: number | string | undefined;
  readonly align?: 'left' | 'right' | undefined;
  /** Left out where the window is narrower than this. */
  readonly from?: 'sm' | 'md' | 'lg' | undefined;
}

export interface Selection {
  readonly ids: ReadonlySet<string>;
  readonly change: (ids: ReadonlySet<string>) => void;
}

interface Props<T> {
  readonly list: Paged<T>;
  readonly columns: readonly Column<T>[];
  readonly idOf: (row: T) => string;
  readonly nameOf: (row: T) => string;
  /**
   * Opens a row: by a press anywhere in it that hits nothing else, or by Enter. Arrows go from row to row then, and
   * Space selects: a row is one stop for who goes by Tab, and not one more for its checkbox.
   */
  readonly onOpen?: ((row: T) => void) | undefined;
  readonly sort?: string | undefined;
  readonly onSort?: ((sort: string) => void) | undefined;
  readonly selection?: Selection | undefined;
  /** Makes rows draggable: what is carried is put into the event. */
  readonly onDrag?: ((row: T, event: DragEvent) => void) | undefined;
  /** Shown above the rows while some are selected. */
  readonly bulk?: ReactNode;
  /** Whether rows are left out by a search or filter: an empty list then says so. */
  readonly filtered?: boolean;
  /** Of an empty list that leaves nothing out: what would be here, and how to begin. */
  readonly empty: ReactNode;
}

/** Rows of a list with order, selection and paging. Every list of the consoles is one of these. */
export function DataTable<T>(props: Props<T>) {
  const { list, columns, idOf, nameOf, onOpen, onDrag, selection, filtered, empty } = props;
  const t = useWords(kitWords);
  const body = useRowFocus();
  if (list.error !== undefined && list.error !== null) return <Failed error={list.error} retry={list.retry} />;
  if (list.loading) return <Waiting />;
  if (list.rows.length === 0) {
    return (
      <Paper withBorder p="lg">
        {filtered ? <Empty icon={IconSearchOff} title={t.noMatch} text={t.noMatchText} /> : empty}
      </Paper>
    );
  }
  const shown = list.rows.map(idOf);
  const all = selection !== undefined && shown.every((id) => selection.ids.has(id));
  const some = selection !== undefined && shown.some((id) => selection.ids.has(id));
  const toggle = (id: string) => {
    const ids = new Set(selection?.ids);
    if (!ids.delete(id)) ids.add(id);
    selection?.change(ids);
  };
  return (
    <Paper withBorder style={{ overflow: 'hidden' }}>
      {selection && selection.ids.size > 0 && (
        <Group px="md" py={6} gap="sm" className={classes.bulk}>
          <Text size="sm" fw={500}>
            {t.selected(selection.ids.size)}
          </Text>
          {props.bulk}
          <Button size="compact-sm" variant="subtle" color="gray" onClick={() => selection.change(new Set())}>
            {t.clear}
          </Button>
        </Group>
      )}
      <Table.ScrollContainer minWidth={320} type="native">
        <Table className={classes.table}>
          <Table.Thead>
            <Table.Tr>
              {selection && (
                <Table.Th w={40}>
                  <Checkbox
                    size="xs"
                    aria-label={t.selectAll}
                    checked={all}
                    indeterminate={some && !all}
                    onChange={() => selection.change(all ? new Set() : new Set([...selection.ids, ...shown]))}
                  />
                </Table.Th>
              )}
              {columns.map((column) => (
                <Table.Th key={column.key} w={column.width} ta={column.align} visibleFrom={column.from}>
                  <Title column={column} sort={props.sort} onSort={props.onSort} />
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody ref={body}>
            {list.rows.map((row) => {
              const id = idOf(row);
              const open = () => {
                rememberRow(id);
                onOpen?.(row);
              };
              return (
                <Table.Tr
                  key={id}
                  data-row={id}
                  className={onOpen && classes.opens}
                  tabIndex={onOpen ? 0 : undefined}
                  draggable={onDrag !== undefined}
                  onDragStart={onDrag && ((event) => onDrag(row, event))}
                  bg={selection?.ids.has(id) ? 'var(--mantine-primary-color-light)' : undefined}
                  onClick={(event) => {
                    if (onOpen && !isControl(event.target, event.currentTarget)) open();
                  }}
                  onKeyDown={(event) => {
                    if (!onOpen || event.target !== event.currentTarget) return;
                    if (event.key === 'Enter') return open();
                    const beside = rowBeside(event.currentTarget, event.key);
                    if (selection && event.key === ' ') toggle(id);
                    else if (!beside) return;
                    beside?.focus();
                    event.preventDefault();
                  }}
                >
                  {selection && (
                    <Table.Td>
                      <Checkbox
                        size="xs"
                        aria-label={t.selectRow(nameOf(row))}
                        tabIndex={onOpen ? -1 : undefined}
                        checked={selection.ids.has(id)}
                        onChange={() => toggle(id)}
                      />
                    </Table.Td>
                  )}
                  {columns.map((column) => (
                    <Table.Td key={column.key} ta={column.align} visibleFrom={column.from}>
                      {column.render(row)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Footer list={list} />
    </Paper>
  );
}

function Footer<T>({ list }: { readonly list: Paged<T> }) {
  const t = useWords(kitWords);
  return (
    <Group justify="space-between" px="md" py={8} className={classes.footer}>
      <Text size="xs" c="dimmed">
        {list.total === undefined ? list.rows.length : t.count(list.rows.length, list.total)}
      </Text>
      {list.more && (
        <Button size="compact-sm" variant="subtle" loading={list.loadingMore} onClick={list.more}>
          {t.more}
        </Button>
      )}
    </Group>
  );
}

function Title<T>(props: {
  readonly column: Column<T>;
  readonly sort: string | undefined;
  readonly onSort: ((sort: string) => void) | undefined;
}) {
  const { column, sort, onSort } = props;
  const name = column.sort;
  if (name === undefined || !onSort) return column.title;
  const direction = sort === name ? 'up' : sort === `-${name}` ? 'down' : undefined;
  return (
    <UnstyledButton onClick={() => onSort(direction === 'up' ? `-${name}` : name)} fz="inherit" fw="inherit">
      <Center inline>
        {column.title}
        <Box w={18} pl={4} lh={1}>
          {direction === 'up' && <IconArrowUp size={13} />}
          {direction === 'down' && <IconArrowDown size={13} />}
        </Box>
      </Center>
    </UnstyledButton>
  );
}

/** Whether a press inside a row hit something with a meaning of its own, or something outside that React counts as inside. */
function isControl(target: EventTarget, row: HTMLElement): boolean {
  if (!(target instanceof Element) || !row.contains(target)) return true;
  const control = target.closest('a, button, input, label, [role="menuitem"], [role="switch"]');
  return control !== null && row.contains(control);
}
