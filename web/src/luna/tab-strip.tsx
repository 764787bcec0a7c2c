import { ActionIcon, Menu, ScrollArea, TextInput, Tooltip } from '@mantine/core';
import {
  IconBellRinging,
  IconChevronDown,
  IconCopyPlus,
  IconCursorText,
  IconLayoutColumns,
  IconPlugConnected,
  IconX,
} from '@tabler/icons-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import { useWords } from '../kit/words.ts';
import { useClosing } from './closing.tsx';
import { useContextMenu } from './context-menu.tsx';
import { dragging, startDrag, stopDrag } from './dragging.ts';
import classes from './luna.module.css';
import { panesOf } from './pane-tree.ts';
import type { Shell, ShellView } from './shell.ts';
import { Store, useStore } from './store.ts';
import { words } from './words.ts';
import { activate, detachPane, moveTab, openShell, renameTab, shells, type Tab, workspace } from './workspace.ts';

/** The open tabs. They can be dragged, also to the edge of a pane. */
export function TabStrip() {
  const t = useWords(words);
  const { tabs, active } = useStore(workspace);
  const close = useClosing();
  const { open, menu } = useContextMenu();
  const [renaming, setRenaming] = useState<string>();
  const [before, setBefore] = useState<number>();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    strip.current?.querySelector(`[data-tab="${active}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [active]);

  const showMenu = (tab: Tab, at: { clientX: number; clientY: number }) => {
    const place = tabs.indexOf(tab);
    const panes = panesOf(tab.root);
    const others = tabs.filter((one) => one !== tab);
    open(at, [
      { label: t.rename, icon: IconCursorText, run: () => setRenaming(tab.id) },
      {
        label: t.clone,
        icon: IconCopyPlus,
        run: () => {
          const shell = shells.get(tab.focused);
          if (shell) openShell(shell.view.get().wish);
        },
      },
      {
        label: t.reconnect,
        icon: IconPlugConnected,
        run: () => close.reconnect(panes),
      },
      ...(panes.length > 1
        ? [
            {
              label: t.unsplit,
              icon: IconLayoutColumns,
              run: () => {
                for (const pane of panes.slice(1)) detachPane(pane);
              },
            },
          ]
        : []),
      'line',
      { label: t.close, icon: IconX, run: () => close.tabs([tab]) },
      { label: t.closeOthers, not: others.length === 0 ? t.noOther : undefined, run: () => close.tabs(others) },
      {
        label: t.closeRight,
        not: place === tabs.length - 1 ? t.noOther : undefined,
        run: () => close.tabs(tabs.slice(place + 1)),
      },
    ]);
  };

  /** Where between the tabs the pointer is. */
  const placeOf = (event: DragEvent) => {
    const all = [...(strip.current?.querySelectorAll('[data-tab]') ?? [])];
    const at = all.findIndex((element) => {
      const { left, width } = element.getBoundingClientRect();
      return event.clientX < left + width / 2;
    });
    return at < 0 ? all.length : at;
  };

  return (
    <>
      <ScrollArea flex={1} miw={0} type="never" className={classes.stripScroll}>
        <div
          ref={strip}
          role="tablist"
          aria-label={t.tabs}
          className={classes.strip}
          onDragOver={(event) => {
            if (!dragging.get()) return;
            event.preventDefault();
            setBefore(placeOf(event));
          }}
          onDragLeave={() => setBefore(undefined)}
          onDrop={(event) => {
            const what = dragging.get();
            setBefore(undefined);
            if (!what) return;
            event.preventDefault();
            stopDrag();
            if ('tab' in what) moveTab(what.tab, placeOf(event));
            else detachPane(what.pane);
          }}
        >
          {tabs.map((tab, at) => (
            <TabButton
              key={tab.id}
              tab={tab}
              place={at}
              active={tab.id === active}
              dropBefore={before === at}
              dropAfter={before === tabs.length && at === tabs.length - 1}
              renaming={renaming === tab.id}
              onRename={(name) => {
                if (name !== undefined) renameTab(tab.id, name);
                setRenaming(undefined);
                shells.get(tab.focused)?.focus();
              }}
              onBeginRename={() => setRenaming(tab.id)}
              onClose={() => close.tabs([tab])}
              onMenu={(event) => showMenu(tab, event)}
            />
          ))}
        </div>
      </ScrollArea>
      {tabs.length > 1 && (
        <Menu position="bottom-end" shadow="md" width={260} returnFocus={false}>
          <Menu.Target>
            <Tooltip label={t.allTabs}>
              <ActionIcon aria-label={t.allTabs}>
                <IconChevronDown size={16} />
              </ActionIcon>
            </Tooltip>
          </Menu.Target>
          <Menu.Dropdown mah="60vh" style={{ overflowY: 'auto' }}>
            {tabs.map((tab, at) => (
              <Menu.Item
                key={tab.id}
                onClick={() => activate(tab.id)}
                rightSection={at < 9 && <kbd style={{ opacity: 0.6, fontSize: 11 }}>Alt+{at + 1}</kbd>}
                fw={tab.id === active ? 600 : undefined}
              >
                {tabName(tab)}
              </Menu.Item>
            ))}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconX size={16} />} onClick={() => close.tabs(tabs)}>
              {t.closeAll}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {menu}
    </>
  );
}

/** As the person named it, else the asset it shows. */
export function tabName(tab: Tab): string {
  const panes = panesOf(tab.root);
  const asset = shells.get(tab.focused)?.view.get().wish.asset ?? '';
  return tab.name ?? (panes.length > 1 ? `${asset} +${panes.length - 1}` : asset);
}

interface TabProps {
  readonly tab: Tab;
  readonly place: number;
  readonly active: boolean;
  readonly dropBefore: boolean;
  readonly dropAfter: boolean;
  readonly renaming: boolean;
  /** undefined: it stays as it was. */
  readonly onRename: (name: string | undefined) => void;
  readonly onBeginRename: () => void;
  readonly onClose: () => void;
  readonly onMenu: (at: { clientX: number; clientY: number }) => void;
}

const NOWHERE = new Store<ShellView | undefined>(undefined);

function TabButton(props: TabProps) {
  const { tab, active, renaming } = props;
  const t = useWords(words);
  const shell: Shell | undefined = shells.get(tab.focused);
  const view = useStore((shell?.view ?? NOWHERE) as Store<ShellView | undefined>);
  const name = tabName(tab);
  if (!view) return null;
  const state = stateOf(view);
  const hint = [name, view.title, view.wish.account && `${view.wish.account}@${view.wish.asset}`, t.stateName(state)];
  return (
    <div
      role="tab"
      tabIndex={active ? 0 : -1}
      aria-selected={active}
      data-tab={tab.id}
      data-state={state}
      data-active={active || undefined}
      data-before={props.dropBefore || undefined}
      data-after={props.dropAfter || undefined}
      className={classes.tab}
      title={hint.filter(Boolean).join('\n')}
      draggable={!renaming}
      onDragStart={(event) => startDrag(event, { tab: tab.id })}
      onDragEnd={stopDrag}
      onMouseDown={(event) => {
        if (event.button === 1) event.preventDefault();
      }}
      onAuxClick={(event) => {
        if (event.button === 1) props.onClose();
      }}
      onClick={() => {
        activate(tab.id);
        shell?.focus();
      }}
      onDoubleClick={props.onBeginRename}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.key === 'Enter' || event.key === ' ') activate(tab.id);
        if (event.key === 'F2') props.onBeginRename();
        if (event.key === 'Delete') props.onClose();
      }}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu(event);
      }}
    >
      {view.rang ? (
        <IconBellRinging size={13} className={classes.bell} aria-label={t.rang} />
      ) : (
        <span className={classes.dot} data-state={state} role="img" aria-label={t.stateName(state)} />
      )}
      {renaming ? (
        <TextInput
          size="xs"
          variant="unstyled"
          aria-label={t.rename}
          defaultValue={name}
          autoFocus
          className={classes.renameInput}
          onFocus={(event) => event.currentTarget.select()}
          onBlur={(event) => props.onRename(event.currentTarget.value === name ? undefined : event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') props.onRename(undefined);
          }}
        />
      ) : (
        <span className={classes.tabName} data-unread={(view.unread && !active) || undefined}>
          {name}
        </span>
      )}
      {view.unread && !active && <span className={classes.unread} role="img" aria-label={t.unread} />}
      <ActionIcon
        size={18}
        className={classes.tabClose}
        aria-label={t.closeTab(name)}
        tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation();
          props.onClose();
        }}
      >
        <IconX size={13} />
      </ActionIcon>
    </div>
  );
}

/** What the dot of a tab says. */
export function stateOf(view: ShellView): 'connecting' | 'live' | 'cut' | 'ended' | 'failed' {
  if (view.phase === 'ready') return 'live';
  if (view.phase === 'cut') return 'cut';
  if (view.phase !== 'ended') return 'connecting';
  return view.end?.cause === 'error' || view.end?.exitCode ? 'failed' : 'ended';
}
