import type { Edge } from './pane-tree.ts';
import { DEFAULTS, FONT_SIZES, terminalSettings } from './settings.ts';
import { activate, focusedShell, focusTowards, stepTab, workspace } from './workspace.ts';

export interface KeyDeeds {
  palette(): void;
  close(): void;
  fontSize(size: number): void;
  paste(): void;
}

const EDGES: Readonly<Record<string, Edge>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'top',
  ArrowDown: 'bottom',
};
const MAC = navigator.platform.startsWith('Mac');

/**
 * Does what a key means to the page, and says whether it meant anything. `inTerminal`: keys that programs need (Ctrl+K)
 * then stay theirs.
 */
export function pressed(event: KeyboardEvent, inTerminal: boolean, deeds: KeyDeeds): boolean {
  const { altKey: alt, ctrlKey: ctrl, shiftKey: shift, metaKey: meta } = event;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const edge = EDGES[event.key];
  if (event.getModifierState('AltGraph')) return false;

  if (alt && !ctrl && !meta && !shift && /^Digit[1-9]$/.test(event.code)) {
    const tab = workspace.get().tabs[Number(event.code.slice(5)) - 1];
    if (tab) activate(tab.id);
    return true;
  }
  if (alt && shift && !ctrl && !meta && (edge === 'left' || edge === 'right')) {
    stepTab(edge === 'left' ? -1 : 1);
    return true;
  }
  if (ctrl && shift && !alt && !meta && edge) {
    focusTowards(edge);
    return true;
  }
  if (letter === 'k' && !alt && ((ctrl && shift) || (MAC ? meta : ctrl && !inTerminal))) {
    deeds.palette();
    return true;
  }
  if (!inTerminal || alt) return false;
  if (ctrl && shift && !meta) {
    const shell = focusedShell();
    const does: Readonly<Record<string, () => void>> = {
      f: () => shell?.view.patch({ searching: true }),
      c: () => void shell?.copy(),
      v: () => deeds.paste(),
      ...(terminalSettings.get().closeByKey && { w: () => deeds.close() }),
    };
    const deed = does[letter];
    deed?.();
    if (deed) return true;
  }
  const sizing = MAC ? meta && !ctrl : ctrl && !meta;
  if (!sizing) return false;
  const { fontSize } = terminalSettings.get();
  const bound = (size: number) => Math.min(FONT_SIZES.max, Math.max(FONT_SIZES.min, size));
  if (event.key === '=' || event.key === '+') deeds.fontSize(bound(fontSize + 1));
  else if (event.key === '-') deeds.fontSize(bound(fontSize - 1));
  else if (event.key === '0') deeds.fontSize(DEFAULTS.fontSize);
  else return false;
  return true;
}
