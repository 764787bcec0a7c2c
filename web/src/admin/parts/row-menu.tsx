import { ActionIcon, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useWords } from '../../kit/words.ts';
import { partWords } from './part-words.ts';

export interface RowAction {
  readonly label: string;
  readonly danger?: boolean;
  /** A page it leads to, or else what it does. */
  readonly href?: string;
  readonly run?: () => unknown;
}

/** What can be done with one row. */
export function RowMenu({ name, items }: { readonly name: string; readonly items: readonly RowAction[] }) {
  const t = useWords(partWords);
  return (
    <Menu position="bottom-end" shadow="md" width={200}>
      <Menu.Target>
        <ActionIcon aria-label={t.menuOf(name)}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {items.map(({ label, danger, href, run }) =>
          href === undefined ? (
            <Menu.Item key={label} color={danger ? 'red' : undefined} onClick={() => void run?.()}>
              {label}
            </Menu.Item>
          ) : (
            <Menu.Item key={label} component={Link} href={href}>
              {label}
            </Menu.Item>
          ),
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
