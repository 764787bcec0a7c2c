import { useComputedColorScheme } from '@mantine/core';
import {
  IconArrowsMaximize,
  IconClearAll,
  IconClipboard,
  IconCopy,
  IconLayoutColumns,
  IconLayoutRows,
  IconSearch,
  IconSelectAll,
} from '@tabler/icons-react';
import { type SyntheticEvent, useEffect, useRef } from 'react';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { pastedText } from './clipboard.ts';
import { type MenuEntry, useContextMenu } from './context-menu.tsx';
import { FindBar } from './find-bar.tsx';
import { paletteOf } from './palettes.ts';
import { PaneState } from './pane-state.tsx';
import classes from './panes.module.css';
import { usePasting } from './pasting.tsx';
import { SessionBar } from './session-bar.tsx';
import { terminalSettings } from './settings.ts';
import type { Shell } from './shell.ts';
import { useStore } from './store.ts';
import { TransferBar } from './transfer-bar.tsx';
import { Watermark } from './watermark.tsx';
import { words } from './words.ts';
import { detachPane, focusPane, openShell } from './workspace.ts';

interface Props {
  readonly shell: Shell;
  readonly visible: boolean;
  readonly focused: boolean;
  /** It has the tab for itself. */
  readonly alone: boolean;
}

/** One terminal with the line about its session above it. */
export function Pane({ shell, visible, focused, alone }: Props) {
  const t = useWords(words);
  const tell = useTell();
  const box = useRef<HTMLDivElement>(null);
  const view = useStore(shell.view);
  const settings = useStore(terminalSettings);
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: false }) === 'dark';
  const { open, menu } = useContextMenu();
  const paste = usePasting();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours of the moment; later ones come below
  useEffect(() => shell.attach(box.current!, dark), [shell]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: read where it is applied
  useEffect(() => shell.look(dark), [shell, dark, settings]);
  useEffect(() => shell.show(visible), [shell, visible]);
  useEffect(() => {
    if (focused) shell.focus();
  }, [shell, focused]);

  /** What happens in menus that hang elsewhere in the page reaches this by React alone, and is none of it. */
  const takeFocus = (event: SyntheticEvent) => {
    if (event.currentTarget.contains(event.target as Node)) focusPane(shell.id);
  };
  const pasteHere = async () => {
    const text = await pastedText();
    if (text === undefined) tell.failed(new Error(t.pasteByKeys));
    else paste(shell, text);
  };
  const entries = (): MenuEntry[] => {
    const selected = shell.screen?.terminal.hasSelection() ?? false;
    return [
      {
        label: t.copy,
        icon: IconCopy,
        hint: 'Ctrl+Shift+C',
        not: shell.may('copy') ? (selected ? undefined : t.nothingSelected) : t.mayNotCopy,
        run: () => void shell.copy(),
      },
      {
        label: t.paste,
        icon: IconClipboard,
        hint: 'Ctrl+Shift+V',
        not: shell.may('paste') ? undefined : t.mayNotPaste,
        run: () => void pasteHere(),
      },
      { label: t.selectAll, icon: IconSelectAll, run: () => shell.screen?.terminal.selectAll() },
      { label: t.find, icon: IconSearch, hint: 'Ctrl+Shift+F', run: () => shell.view.patch({ searching: true }) },
      { label: t.clear, icon: IconClearAll, run: () => shell.screen?.terminal.clear() },
      'line',
      {
        label: t.splitRight,
        icon: IconLayoutColumns,
        run: () => openShell(view.wish, { pane: shell.id, edge: 'right' }),
      },
      {
        label: t.splitDown,
        icon: IconLayoutRows,
        run: () => openShell(view.wish, { pane: shell.id, edge: 'bottom' }),
      },
      ...(alone ? [] : [{ label: t.ownTab, icon: IconArrowsMaximize, run: () => detachPane(shell.id) }]),
    ];
  };

  return (
    <section
      className={classes.pane}
      aria-label={view.wish.asset}
      data-focused={(focused && !alone) || undefined}
      data-phase={view.phase}
      data-pane={shell.id}
      onPointerDownCapture={takeFocus}
      onFocusCapture={takeFocus}
    >
      <SessionBar shell={shell} view={view} alone={alone} />
      {view.searching && <FindBar shell={shell} />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the terminal inside has the keys */}
      <div
        ref={box}
        className={classes.screen}
        data-rang={view.rang || undefined}
        style={{ background: paletteOf(settings.palette, dark).theme.background }}
        onContextMenu={(event) => {
          // with Shift the browser's own menu comes
          if (event.shiftKey) return;
          event.preventDefault();
          if (settings.rightClick === 'menu') open(event, entries());
          else if (shell.screen?.terminal.hasSelection() && shell.may('copy')) {
            void shell.copy().then(() => shell.screen?.terminal.clearSelection());
          } else void pasteHere();
        }}
      />
      <Watermark />
      {view.transfer && <TransferBar shell={shell} transfer={view.transfer} />}
      <PaneState shell={shell} view={view} />
      {menu}
    </section>
  );
}
