import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, queries } from '../kit/api.ts';
import { useTell } from '../kit/tell.tsx';
import { readSettings, type TerminalSettings, terminalSettings } from './settings.ts';

const KEY = ['me', 'preferences'];
/** A slider that is dragged is written down once. */
const PAUSE_MS = 400;

interface Kept {
  readonly values: Record<string, unknown>;
}

let waiting: Record<string, unknown> = {};
let timer: ReturnType<typeof setTimeout> | undefined;

/** One thing that the pages remember for the person, as `read` understands it, and how to change it. */
export function usePreference<T>(
  name: string,
  read: (kept: unknown) => T,
): { value: T; loaded: boolean; set: (value: T) => void } {
  const tell = useTell();
  const { data } = useQuery({ queryKey: KEY, queryFn: () => api.me.preferences(), staleTime: 60_000 });
  const set = (value: T) => {
    void queries.cancelQueries({ queryKey: KEY });
    queries.setQueryData<Kept>(KEY, (old) => ({ values: { ...old?.values, [name]: value } }));
    waiting[name] = value;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const values = waiting;
      waiting = {};
      api.me.setPreferences({ values }).catch((error: unknown) => {
        tell.failed(error);
        void queries.invalidateQueries({ queryKey: KEY });
      });
    }, PAUSE_MS);
  };
  return { value: read(data?.values[name]), loaded: data !== undefined, set };
}

const readIds = (kept: unknown): string[] =>
  Array.isArray(kept) ? kept.filter((id): id is string => typeof id === 'string') : [];

/** Ids of assets. */
export function useFavourites() {
  const { value, set } = usePreference('luna.favourites', readIds);
  return {
    favourites: value,
    toggle: (id: string) => set(value.includes(id) ? value.filter((one) => one !== id) : [...value, id]),
  };
}

/** The looks of terminals: what is chosen reaches every open one. */
export function useTerminalSettings() {
  const { value, loaded, set } = usePreference('luna.terminal', readSettings);
  const text = JSON.stringify(value);
  useEffect(() => {
    if (loaded) terminalSettings.set(JSON.parse(text) as TerminalSettings);
  }, [text, loaded]);
  return { settings: value, change: (fields: Partial<TerminalSettings>) => set({ ...value, ...fields }) };
}

export interface QuickCommand {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

const readCommands = (kept: unknown): QuickCommand[] =>
  Array.isArray(kept)
    ? kept.filter((one): one is QuickCommand =>
        ['id', 'name', 'text'].every((key) => typeof (one as Record<string, unknown> | null)?.[key] === 'string'),
      )
    : [];

export function useQuickCommands() {
  const { value, set } = usePreference('luna.quickCommands', readCommands);
  return {
    commands: value,
    save: (command: QuickCommand) =>
      set(
        value.some((one) => one.id === command.id)
          ? value.map((one) => (one.id === command.id ? command : one))
          : [...value, command],
      ),
    remove: (id: string) => set(value.filter((one) => one.id !== id)),
    restore: set,
  };
}
