import { useCallback, useMemo, useState } from 'react';
import type { FileEntry } from '../../../src/api/contract/files.ts';

/** Which entries are chosen, and where the keyboard is. By name: a list that is read again keeps both. */
export function useSelection(entries: readonly FileEntry[]) {
  const [names, setNames] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState<string>();
  const [anchor, setAnchor] = useState<string>();
  const indexOf = useCallback(
    (name: string | undefined) => entries.findIndex((entry) => entry.name === name),
    [entries],
  );
  const selected = useMemo(() => entries.filter(({ name }) => names.has(name)), [entries, names]);

  const range = (from: number, to: number) =>
    new Set(entries.slice(Math.min(from, to), Math.max(from, to) + 1).map(({ name }) => name));
  const only = (name: string) => {
    setNames(new Set([name]));
    setActive(name);
    setAnchor(name);
  };
  return {
    names,
    selected,
    active,
    activeIndex: indexOf(active),
    only,
    toggle(name: string) {
      const next = new Set(names);
      if (!next.delete(name)) next.add(name);
      setNames(next);
      setActive(name);
      setAnchor(name);
    },
    /** From where the last choice was made to here. */
    extend(name: string) {
      setNames(range(Math.max(0, indexOf(anchor)), indexOf(name)));
      setActive(name);
    },
    /** By keyboard; stays within the list. */
    move(to: number, extending: boolean) {
      const entry = entries[Math.max(0, Math.min(entries.length - 1, to))];
      if (!entry) return;
      if (!extending) only(entry.name);
      else {
        setNames(range(Math.max(0, indexOf(anchor)), indexOf(entry.name)));
        setActive(entry.name);
      }
    },
    all: () => setNames(new Set(entries.map(({ name }) => name))),
    clear() {
      setNames(new Set());
      setActive(undefined);
      setAnchor(undefined);
    },
  };
}

export type Selection = ReturnType<typeof useSelection>;
