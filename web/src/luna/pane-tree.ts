/** How the panes of a tab divide its room: a leaf is a pane, a split has two sides and where they part. */
export type PaneNode =
  | { readonly kind: 'leaf'; readonly id: string }
  | {
      readonly kind: 'split';
      readonly id: string;
      /** `row`: side by side. */
      readonly direction: 'row' | 'column';
      /** The share of the first side, 0…1. */
      readonly ratio: number;
      readonly first: PaneNode;
      readonly second: PaneNode;
    };

export type Edge = 'left' | 'right' | 'top' | 'bottom';

/** In shares of the whole, 0…1. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Divider {
  readonly id: string;
  readonly direction: 'row' | 'column';
  readonly at: Rect;
  /** The room of both sides. */
  readonly span: Rect;
}

export const MAX_PANES = 6;
const MIN_RATIO = 0.1;

export const leaf = (id: string): PaneNode => ({ kind: 'leaf', id });

/** The panes, in reading order. */
export function panesOf(node: PaneNode): string[] {
  return node.kind === 'leaf' ? [node.id] : [...panesOf(node.first), ...panesOf(node.second)];
}

/** Puts `added` at an edge of pane `at`. `splitId` names the new split. */
export function insertAt(node: PaneNode, at: string, added: PaneNode, edge: Edge, splitId: string): PaneNode {
  if (node.kind === 'leaf') {
    if (node.id !== at) return node;
    const before = edge === 'left' || edge === 'top';
    return {
      kind: 'split',
      id: splitId,
      direction: edge === 'left' || edge === 'right' ? 'row' : 'column',
      ratio: 0.5,
      first: before ? added : node,
      second: before ? node : added,
    };
  }
  return {
    ...node,
    first: insertAt(node.first, at, added, edge, splitId),
    second: insertAt(node.second, at, added, edge, splitId),
  };
}

/** Without pane `id`; null when nothing is left. */
export function removePane(node: PaneNode, id: string): PaneNode | null {
  if (node.kind === 'leaf') return node.id === id ? null : node;
  const first = removePane(node.first, id);
  const second = removePane(node.second, id);
  if (first === null) return second;
  return second === null ? first : { ...node, first, second };
}

/** Another pane in the place of `id`. */
export function replacePane(node: PaneNode, id: string, by: string): PaneNode {
  if (node.kind === 'leaf') return node.id === id ? leaf(by) : node;
  return { ...node, first: replacePane(node.first, id, by), second: replacePane(node.second, id, by) };
}

export function setRatio(node: PaneNode, splitId: string, ratio: number): PaneNode {
  if (node.kind === 'leaf') return node;
  if (node.id === splitId) return { ...node, ratio: Math.min(1 - MIN_RATIO, Math.max(MIN_RATIO, ratio)) };
  return { ...node, first: setRatio(node.first, splitId, ratio), second: setRatio(node.second, splitId, ratio) };
}

/** Where each pane and each divider lies. */
export function placePanes(root: PaneNode): { panes: Map<string, Rect>; dividers: Divider[] } {
  const panes = new Map<string, Rect>();
  const dividers: Divider[] = [];
  const walk = (node: PaneNode, room: Rect): void => {
    if (node.kind === 'leaf') {
      panes.set(node.id, room);
      return;
    }
    const { direction, ratio, id } = node;
    if (direction === 'row') {
      const w = room.w * ratio;
      dividers.push({ id, direction, at: { x: room.x + w, y: room.y, w: 0, h: room.h }, span: room });
      walk(node.first, { ...room, w });
      walk(node.second, { ...room, x: room.x + w, w: room.w - w });
    } else {
      const h = room.h * ratio;
      dividers.push({ id, direction, at: { x: room.x, y: room.y + h, w: room.w, h: 0 }, span: room });
      walk(node.first, { ...room, h });
      walk(node.second, { ...room, y: room.y + h, h: room.h - h });
    }
  };
  walk(root, { x: 0, y: 0, w: 1, h: 1 });
  return { panes, dividers };
}

/** The pane beside `id` in that direction, the one that shares most of the border with it. */
export function neighbourOf(root: PaneNode, id: string, towards: Edge): string | undefined {
  const { panes } = placePanes(root);
  const from = panes.get(id);
  if (!from) return undefined;
  const near = (a: number, b: number) => Math.abs(a - b) < 1e-6;
  const shared = (a: number, aSize: number, b: number, bSize: number) =>
    Math.min(a + aSize, b + bSize) - Math.max(a, b);
  let best: { id: string; border: number } | undefined;
  for (const [other, to] of panes) {
    const touches =
      towards === 'left'
        ? near(to.x + to.w, from.x)
        : towards === 'right'
          ? near(from.x + from.w, to.x)
          : towards === 'top'
            ? near(to.y + to.h, from.y)
            : near(from.y + from.h, to.y);
    const border =
      towards === 'left' || towards === 'right'
        ? shared(from.y, from.h, to.y, to.h)
        : shared(from.x, from.w, to.x, to.w);
    if (touches && border > 1e-6 && (!best || border > best.border)) best = { id: other, border };
  }
  return best?.id;
}
