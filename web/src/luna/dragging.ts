import type { DragEvent } from 'react';
import { Store } from './store.ts';

export type Dragged = { readonly tab: string } | { readonly pane: string };

/** What is being dragged about: the target needs to know it before it is dropped, which the browser does not tell. */
export const dragging = new Store<Dragged | undefined>(undefined);

export function startDrag(event: DragEvent, what: Dragged): void {
  event.dataTransfer.effectAllowed = 'move';
  event.dataTransfer.setData('application/x-bastion-terminal', '');
  // the picture is taken before the page changes
  setTimeout(() => dragging.set(what));
}

export function stopDrag(): void {
  dragging.set(undefined);
}
