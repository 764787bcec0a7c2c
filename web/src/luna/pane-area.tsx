import { type PointerEvent, useMemo, useRef, useState } from 'react';
import { useTell } from '../kit/tell.tsx';
import { useWords } from '../kit/words.ts';
import { dragging, stopDrag } from './dragging.ts';
import { Pane } from './pane.tsx';
import { type Divider, type Edge, MAX_PANES, placePanes, type Rect } from './pane-tree.ts';
import classes from './panes.module.css';
import { useStore } from './store.ts';
import { words } from './words.ts';
import { dropAt, resizeSplit, shells, type Tab, workspace } from './workspace.ts';

const percent = (share: number) => `${share * 100}%`;
const placed = ({ x, y, w, h }: Rect) => ({
  left: percent(x),
  top: percent(y),
  width: percent(w),
  height: percent(h),
});

/**
 * Every open terminal, the ones of hidden tabs too: they keep their size and place in the page, only out of sight, so
 * that no terminal is ever made anew when panes move about.
 */
export function PaneArea() {
  const { tabs, active } = useStore(workspace);
  const box = useRef<HTMLDivElement>(null);
  const drag = useStore(dragging);
  const [drop, setDrop] = useState<{ pane: string; edge: Edge }>();
  const t = useWords(words);
  const tell = useTell();
  const places = useMemo(() => tabs.map((tab) => ({ tab, ...placePanes(tab.root) })), [tabs]);
  const current = places.find(({ tab }) => tab.id === active);
  const target = drop && drag && current?.panes.get(drop.pane);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: takes what is dropped; the menus do the same by keyboard
    <div
      ref={box}
      className={classes.panes}
      onDragOver={(event) => {
        if (!drag || !box.current || !current) return;
        event.preventDefault();
        const room = box.current.getBoundingClientRect();
        setDrop(
          dropOf(current.panes, (event.clientX - room.left) / room.width, (event.clientY - room.top) / room.height),
        );
      }}
      onDragLeave={(event) => {
        if (!box.current?.contains(event.relatedTarget as Node | null)) setDrop(undefined);
      }}
      onDrop={(event) => {
        event.preventDefault();
        if (drag && drop && !dropAt(drag, drop.pane, drop.edge)) tell.failed(new Error(t.tooManyPanes(MAX_PANES)));
        setDrop(undefined);
        stopDrag();
      }}
    >
      {/* in the order in which they were opened: React then never moves the elements of terminals */}
      {[...shells.values()].map((shell) => {
        const place = places.find(({ panes }) => panes.has(shell.id));
        if (!place) return null;
        const { tab, panes } = place;
        const visible = tab.id === active;
        return (
          <div
            key={shell.id}
            className={classes.place}
            data-hidden={!visible || undefined}
            inert={!visible}
            style={placed(panes.get(shell.id)!)}
          >
            <Pane
              shell={shell}
              visible={visible}
              focused={visible && tab.focused === shell.id}
              alone={panes.size === 1}
            />
          </div>
        );
      })}
      {current?.dividers.map((divider) => (
        <DividerLine key={divider.id} tab={current.tab} divider={divider} />
      ))}
      {drag && <div className={classes.dropCatcher} />}
      {target && drop && <div className={classes.dropHint} style={placed(halfOf(target, drop.edge))} />}
    </div>
  );
}

/** The pane under the pointer and the edge that is nearest. */
function dropOf(panes: Map<string, Rect>, x: number, y: number): { pane: string; edge: Edge } | undefined {
  for (const [pane, rect] of panes) {
    const inX = (x - rect.x) / rect.w;
    const inY = (y - rect.y) / rect.h;
    if (inX < 0 || inX > 1 || inY < 0 || inY > 1) continue;
    const edges: [Edge, number][] = [
      ['left', inX],
      ['right', 1 - inX],
      ['top', inY],
      ['bottom', 1 - inY],
    ];
    return { pane, edge: edges.sort((a, b) => a[1] - b[1])[0]![0] };
  }
  return undefined;
}

function halfOf({ x, y, w, h }: Rect, edge: Edge): Rect {
  if (edge === 'left' || edge === 'right') return { x: edge === 'left' ? x : x + w / 2, y, w: w / 2, h };
  return { x, y: edge === 'top' ? y : y + h / 2, w, h: h / 2 };
}

const KEY_STEP = 0.02;

function DividerLine({ tab, divider }: { readonly tab: Tab; readonly divider: Divider }) {
  const t = useWords(words);
  const { id, direction, at, span } = divider;
  const row = direction === 'row';
  const ratio = row ? (at.x - span.x) / span.w : (at.y - span.y) / span.h;
  const drag = (event: PointerEvent<HTMLDivElement>) => {
    if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const room = event.currentTarget.parentElement!.getBoundingClientRect();
    const share = row ? (event.clientX - room.left) / room.width : (event.clientY - room.top) / room.height;
    resizeSplit(tab.id, id, row ? (share - span.x) / span.w : (share - span.y) / span.h);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that can be moved is no <hr>
    <div
      role="separator"
      tabIndex={0}
      aria-orientation={row ? 'vertical' : 'horizontal'}
      aria-label={t.divider}
      aria-valuenow={Math.round(ratio * 100)}
      className={classes.divider}
      data-direction={direction}
      style={
        row
          ? { left: percent(at.x), top: percent(at.y), height: percent(at.h) }
          : { left: percent(at.x), top: percent(at.y), width: percent(at.w) }
      }
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={drag}
      onDoubleClick={() => resizeSplit(tab.id, id, 0.5)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -KEY_STEP, ArrowUp: -KEY_STEP, ArrowRight: KEY_STEP, ArrowDown: KEY_STEP }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        resizeSplit(tab.id, id, ratio + by);
      }}
    />
  );
}
