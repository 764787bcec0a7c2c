import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { FileEntry } from '../../../src/api/contract/files.ts';
import { api } from '../kit/api.ts';
import type { Connection } from './connection.ts';

export type SortBy = 'name' | 'size' | 'modified' | 'mode';
export interface Sort {
  readonly by: SortBy;
  readonly down: boolean;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const HIDDEN_KEY = 'bastion-files-hidden';

export const isFolder = (entry: FileEntry) => entry.kind === 'folder' || entry.toFolder;

/** What is in a folder, in the order and with the files one wants to see. */
export function useListing(connection: Connection, path: string, sort: Sort) {
  const [hidden, setHidden] = useState(() => localStorage.getItem(HIDDEN_KEY) === '1');
  const key = useMemo(() => ['files', connection.place.id], [connection]);
  const client = useQueryClient();
  const query = useQuery({
    queryKey: [...key, path],
    queryFn: ({ signal }) => connection.call((id) => api.files.list({ id, path }, { signal })),
    staleTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
    placeholderData: (before) => before,
  });
  useEffect(() => () => client.removeQueries({ queryKey: key }), [client, key]);
  const all = query.data?.entries;
  const entries = useMemo(
    () => (all ? sorted(hidden ? all : all.filter(({ name }) => !name.startsWith('.')), sort) : []),
    [all, hidden, sort],
  );
  const refresh = useCallback(() => client.invalidateQueries({ queryKey: key }), [client, key]);
  return {
    ...query,
    entries,
    refresh,
    hidden,
    unseen: (all?.length ?? 0) - entries.length,
    toggleHidden() {
      localStorage.setItem(HIDDEN_KEY, hidden ? '0' : '1');
      setHidden(!hidden);
    },
  };
}

function sorted(entries: readonly FileEntry[], { by, down }: Sort): FileEntry[] {
  const sign = down ? -1 : 1;
  const compare: Record<SortBy, (a: FileEntry, b: FileEntry) => number> = {
    name: () => 0,
    size: (a, b) => (a.size ?? -1) - (b.size ?? -1),
    modified: (a, b) => Date.parse(a.modifiedAt ?? '') - Date.parse(b.modifiedAt ?? '') || 0,
    mode: (a, b) => (a.mode < b.mode ? -1 : a.mode > b.mode ? 1 : 0),
  };
  return [...entries].sort(
    (a, b) =>
      Number(isFolder(b)) - Number(isFolder(a)) || sign * (compare[by](a, b) || collator.compare(a.name, b.name)),
  );
}
