import {
  IconBolt,
  IconBroadcast,
  IconFiles,
  IconLayoutColumns,
  IconLayoutRows,
  IconMaximize,
  IconPlugConnected,
  IconSearch,
  IconSettings,
  IconTerminal2,
  IconX,
} from '@tabler/icons-react';
import { useWords } from '../kit/words.ts';
import { useClosing } from './closing.tsx';
import { batchOpen, dialog, showClient, showFiles } from './opened.ts';
import type { Deed } from './palette-box.tsx';
import { toolWords } from './tool-words.ts';
import { focusedShell, openShell } from './workspace.ts';

export function toggleFullScreen(): void {
  void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
}

/** What can be done, for going anywhere by typing. */
export function useDeeds(): Deed[] {
  const t = useWords(toolWords);
  const closing = useClosing();
  const shell = focusedShell();
  const size = { size: 16, stroke: 1.7 };
  return [
    { name: t.settings, icon: <IconSettings {...size} />, run: () => dialog.set({ kind: 'settings' }) },
    { name: t.quick, icon: <IconBolt {...size} />, run: () => dialog.set({ kind: 'quick' }) },
    { name: t.batch, icon: <IconBroadcast {...size} />, run: () => batchOpen.set(true) },
    { name: t.fullScreen, icon: <IconMaximize {...size} />, run: toggleFullScreen },
    ...(shell
      ? [
          {
            name: t.splitRight,
            icon: <IconLayoutColumns {...size} />,
            run: () => openShell(shell.view.get().wish, { pane: shell.id, edge: 'right' }),
          },
          {
            name: t.splitDown,
            icon: <IconLayoutRows {...size} />,
            run: () => openShell(shell.view.get().wish, { pane: shell.id, edge: 'bottom' }),
          },
          {
            name: t.find,
            icon: <IconSearch {...size} />,
            hint: 'Ctrl+Shift+F',
            run: () => shell.view.patch({ searching: true }),
          },
          { name: t.files, icon: <IconFiles {...size} />, run: () => showFiles(shell) },
          { name: t.client, icon: <IconTerminal2 {...size} />, run: () => showClient(shell) },
          {
            name: t.reconnect,
            icon: <IconPlugConnected {...size} />,
            run: () => closing.reconnect([shell.id]),
          },
          { name: t.closeTerminal, icon: <IconX {...size} />, run: () => closing.pane(shell.id) },
        ]
      : []),
  ];
}
