import { Menu } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Icon } from '../kit/states.tsx';

export type MenuEntry =
  | 'line'
  | {
      readonly label: string;
      readonly icon?: Icon | undefined;
      readonly hint?: string | undefined;
      readonly danger?: boolean | undefined;
      /** Why it cannot be done now; the entry is then grey. */
      readonly not?: string | undefined;
      readonly run: () => void;
    };

/** The entries of a menu, wherever it hangs. */
export function MenuEntries({ entries }: { readonly entries: readonly MenuEntry[] }) {
  return entries.map((entry, at) =>
    entry === 'line' ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines have nothing else
      <Menu.Divider key={at} />
    ) : (
      <Menu.Item
        key={entry.label}
        leftSection={entry.icon && <entry.icon size={16} />}
        rightSection={entry.hint && <kbd style={{ opacity: 0.6, fontSize: 11 }}>{entry.hint}</kbd>}
        color={entry.danger ? 'red' : undefined}
        disabled={entry.not !== undefined}
        title={entry.not}
        onClick={entry.run}
      >
        {entry.label}
      </Menu.Item>
    ),
  );
}

/** A menu where the pointer is. */
export function useContextMenu(): {
  open: (at: { clientX: number; clientY: number }, entries: readonly MenuEntry[]) => void;
  menu: ReactNode;
} {
  const [shown, setShown] = useState<{ x: number; y: number; entries: readonly MenuEntry[] }>();
  const [opened, setOpened] = useState(false);
  return {
    open: ({ clientX, clientY }, entries) => {
      setShown({ x: clientX, y: clientY, entries });
      setOpened(true);
    },
    menu: shown && (
      <Menu
        key={`${shown.x}:${shown.y}`}
        opened={opened}
        onChange={setOpened}
        position="bottom-start"
        offset={2}
        shadow="md"
        width={230}
        returnFocus={false}
      >
        <Menu.Target>
          <div style={{ position: 'fixed', left: shown.x, top: shown.y, width: 1, height: 1, pointerEvents: 'none' }} />
        </Menu.Target>
        <Menu.Dropdown>
          <MenuEntries entries={shown.entries} />
        </Menu.Dropdown>
      </Menu>
    ),
  };
}
