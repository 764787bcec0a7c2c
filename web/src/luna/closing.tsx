import { useConfirm } from '../kit/confirm.tsx';
import { useWords } from '../kit/words.ts';
import { panesOf } from './pane-tree.ts';
import { words } from './words.ts';
import { closePane, closeTab, focusedShell, liveShells, shells, type Tab } from './workspace.ts';

/** Closes what is open; asks first where something still runs. */
export function useClosing(): {
  tabs: (tabs: readonly Tab[]) => void;
  pane: (id: string) => void;
  reconnect: (panes: readonly string[]) => void;
} {
  const t = useWords(words);
  const confirm = useConfirm();
  const asking = (panes: readonly string[], title: string, action: string, run: () => void) => {
    const live = liveShells(panes);
    const go = () => {
      run();
      focusedShell()?.focus();
    };
    if (live.length === 0) return go();
    const names = live.map((shell) => shell.view.get().wish.asset).join(', ');
    confirm({ title, text: t.stillRunning(live.length, names), action, run: async () => go() });
  };
  return {
    tabs: (tabs) =>
      asking(
        tabs.flatMap((tab) => panesOf(tab.root)),
        tabs.length === 1 ? t.closeTitle : t.closeManyTitle(tabs.length),
        t.close,
        () => {
          for (const tab of tabs) closeTab(tab.id);
        },
      ),
    pane: (id) => asking([id], t.closeTitle, t.close, () => closePane(id)),
    reconnect: (panes) =>
      asking(panes, t.reconnectTitle, t.reconnect, () => {
        for (const pane of panes) void shells.get(pane)?.connect();
      }),
  };
}
