import { type RefObject, useEffect, useRef } from 'react';

/** The row opened last, for who comes back to the list from what it opened. */
let opened: { readonly path: string; readonly id: string } | undefined;

export function rememberRow(id: string): void {
  opened = { path: location.pathname, id };
}

/** Gives the focus back to the row by which its list was left, unless the person has put it elsewhere meanwhile. */
export function useRowFocus(): RefObject<HTMLTableSectionElement | null> {
  const body = useRef<HTMLTableSectionElement>(null);
  const fresh = useRef(true);
  useEffect(() => {
    if (!body.current || !fresh.current) return;
    fresh.current = false;
    const left = opened;
    const { activeElement } = document;
    if (left?.path !== location.pathname || (activeElement !== document.body && activeElement?.id !== 'content'))
      return;
    opened = undefined;
    rowsOf(body.current)
      .find((row) => row.dataset.row === left.id)
      ?.focus();
  });
  return body;
}

/** Where an arrow leads from a row; undefined for other keys, and at the ends. */
export function rowBeside(row: HTMLElement, key: string): HTMLElement | undefined {
  if (key !== 'ArrowDown' && key !== 'ArrowUp') return undefined;
  const beside = key === 'ArrowDown' ? row.nextElementSibling : row.previousElementSibling;
  return beside instanceof HTMLElement ? beside : undefined;
}

function rowsOf(body: HTMLElement): HTMLElement[] {
  return [...body.querySelectorAll<HTMLElement>(':scope > [data-row]')];
}
