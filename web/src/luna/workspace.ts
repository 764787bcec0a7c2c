import {
  type Edge,
  insertAt,
  leaf,
  MAX_PANES,
  neighbourOf,
  type PaneNode,
  panesOf,
  removePane,
  setRatio,
} from './pane-tree.ts';
import { Shell, type ShellPage, type Wish } from './shell.ts';
import { Store } from './store.ts';

export interface Tab {
  readonly id: string;
  /** As the person named it; null: by what is in it. */
  readonly name: string | null;
  readonly root: PaneNode;
  /** The pane that has the keyboard. */
  readonly focused: string;
}

export interface WorkspaceView {
  readonly tabs: readonly Tab[];
  readonly active: string | null;
}

/** What is open. It stays while another page of the console is looked at. */
export const workspace = new Store<WorkspaceView>({ tabs: [], active: null });
export const shells = new Map<string, Shell>();
/** Counts the changes of what terminals do: connecting, live, ended. */
export const pulse = new Store(0);
/** Set by the page while it is there. */
const page: { current: ShellPage | undefined; owner: string | null } = { current: undefined, owner: null };

const forward: ShellPage = {
  taken: (event) => page.current?.taken(event) ?? false,
  link: (url) => page.current?.link(url),
  paste: (shell, text) => page.current?.paste(shell, text),
  copied: (shell) => page.current?.copied(shell),
  ended: (shell) => page.current?.ended(shell),
};

/** The page comes, for this person; what somebody else left open is closed. */
export function enterWorkspace(current: ShellPage, owner: string | null): () => void {
  if (page.owner !== owner) for (const tab of workspace.get().tabs) closeTab(tab.id);
  page.owner = owner;
  page.current = current;
  return () => {
    page.current = undefined;
  };
}

const change = (id: string, to: (tab: Tab) => Tab) =>
  workspace.patch({ tabs: workspace.get().tabs.map((tab) => (tab.id === id ? to(tab) : tab)) });

export function tabOf(pane: string): Tab | undefined {
  return workspace.get().tabs.find((tab) => panesOf(tab.root).includes(pane));
}

export function activeTab(): Tab | undefined {
  const { tabs, active } = workspace.get();
  return tabs.find((tab) => tab.id === active);
}

export function focusedShell(): Shell | undefined {
  const tab = activeTab();
  return tab && shells.get(tab.focused);
}

function newTab(root: PaneNode): Tab {
  return { id: crypto.randomUUID(), name: null, root, focused: panesOf(root)[0]! };
}

/** Opens a terminal in a tab of its own, or at an edge of a pane. */
export function openShell(wish: Wish, at?: { pane: string; edge: Edge }): Shell {
  const shell = new Shell(wish, forward);
  shells.set(shell.id, shell);
  let { phase } = shell.view.get();
  shell.view.subscribe(() => {
    const now = shell.view.get().phase;
    if (now === phase) return;
    phase = now;
    pulse.set(pulse.get() + 1);
  });
  const beside = at && tabOf(at.pane);
  if (at && beside && panesOf(beside.root).length < MAX_PANES) {
    change(beside.id, (tab) => ({
      ...tab,
      root: insertAt(tab.root, at.pane, leaf(shell.id), at.edge, crypto.randomUUID()),
      focused: shell.id,
    }));
  } else {
    const tab = newTab(leaf(shell.id));
    workspace.set({ tabs: [...workspace.get().tabs, tab], active: tab.id });
  }
  return shell;
}

export function activate(id: string): void {
  workspace.patch({ active: id });
}

export function focusPane(id: string): void {
  const tab = tabOf(id);
  if (!tab) return;
  if (tab.focused !== id) change(tab.id, (one) => ({ ...one, focused: id }));
  if (workspace.get().active !== tab.id) activate(tab.id);
}

/** Moves the focus to the pane beside. */
export function focusTowards(edge: Edge): void {
  const tab = activeTab();
  const next = tab && neighbourOf(tab.root, tab.focused, edge);
  if (!next) return;
  focusPane(next);
  shells.get(next)?.focus();
}

export function renameTab(id: string, name: string): void {
  change(id, (tab) => ({ ...tab, name: name.trim().slice(0, 80) || null }));
}

export function moveTab(id: string, to: number): void {
  const { tabs } = workspace.get();
  const tab = tabs.find((one) => one.id === id);
  if (!tab) return;
  const rest = tabs.filter((one) => one.id !== id);
  const from = tabs.indexOf(tab);
  rest.splice(to > from ? to - 1 : to, 0, tab);
  workspace.patch({ tabs: rest });
}

/** Steps to the tab before or after, around the ends. */
export function stepTab(by: 1 | -1): void {
  const { tabs, active } = workspace.get();
  if (tabs.length === 0) return;
  const at = tabs.findIndex((tab) => tab.id === active);
  activate(tabs[(at + by + tabs.length) % tabs.length]!.id);
}

export function resizeSplit(tab: string, split: string, ratio: number): void {
  change(tab, (one) => ({ ...one, root: setRatio(one.root, split, ratio) }));
}

/** Takes a pane out of its tab; the tab goes when it was the last one. */
function takeOut(id: string): void {
  const { tabs, active } = workspace.get();
  const at = tabs.findIndex((tab) => panesOf(tab.root).includes(id));
  const tab = tabs[at];
  if (!tab) return;
  const root = removePane(tab.root, id);
  if (root) {
    const focused = tab.focused === id ? panesOf(root)[0]! : tab.focused;
    change(tab.id, (one) => ({ ...one, root, focused }));
    return;
  }
  const rest = tabs.filter((one) => one !== tab);
  const next = active === tab.id ? (rest[Math.min(at, rest.length - 1)]?.id ?? null) : active;
  workspace.set({ tabs: rest, active: next });
}

export function closePane(id: string): void {
  takeOut(id);
  shells.get(id)?.close();
  shells.delete(id);
}

export function closeTab(id: string): void {
  const tab = workspace.get().tabs.find((one) => one.id === id);
  if (tab) for (const pane of panesOf(tab.root)) closePane(pane);
}

/** A pane becomes a tab of its own, behind all others. */
export function detachPane(id: string): void {
  const tab = tabOf(id);
  if (!tab || panesOf(tab.root).length === 1) return;
  takeOut(id);
  const own = newTab(leaf(id));
  workspace.set({ tabs: [...workspace.get().tabs, own], active: own.id });
}

/** Puts a pane, or all panes of a tab, at an edge of another pane. False: there would be too many. */
export function dropAt(what: { pane: string } | { tab: string }, at: string, edge: Edge): boolean {
  const into = tabOf(at);
  const from = 'pane' in what ? tabOf(what.pane) : workspace.get().tabs.find((tab) => tab.id === what.tab);
  if (!into || !from || ('pane' in what ? what.pane === at : from === into)) return true;
  const root = 'pane' in what ? leaf(what.pane) : from.root;
  if (from !== into && panesOf(into.root).length + panesOf(root).length > MAX_PANES) return false;
  if ('pane' in what) takeOut(what.pane);
  else workspace.patch({ tabs: workspace.get().tabs.filter((tab) => tab !== from) });
  const focused = 'pane' in what ? what.pane : from.focused;
  change(into.id, (tab) => ({ ...tab, root: insertAt(tab.root, at, root, edge, crypto.randomUUID()), focused }));
  activate(into.id);
  return true;
}

/** The terminals of which something is still running. */
export function liveShells(ids: Iterable<string> = shells.keys()): Shell[] {
  return [...ids].map((id) => shells.get(id)).filter((shell) => shell?.live === true) as Shell[];
}

addEventListener('beforeunload', (event) => {
  if (liveShells().length > 0) event.preventDefault();
});
// whoever leaves the page cannot come back to its terminals: nobody has to be waited for
addEventListener('pagehide', () => {
  for (const shell of shells.values()) shell.hangUp();
});
addEventListener('online', () => {
  for (const shell of shells.values()) shell.retryNow();
});
