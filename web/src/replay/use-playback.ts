import { useCallback, useRef, useSyncExternalStore } from 'react';
import type { Playback, PlaybackState } from './playback.ts';

const NOT_YET: PlaybackState = {
  time: 0,
  duration: 0,
  playing: false,
  loading: true,
  speed: 1,
  skipIdle: true,
  error: undefined,
};

/** A piece of what is playing; draws again only when that piece is another. */
export function usePlayback<T>(playback: Playback | undefined, pick: (state: PlaybackState) => T): T {
  const last = useRef<T>(undefined);
  return useSyncExternalStore(
    useCallback((listener) => playback?.subscribe(listener) ?? (() => {}), [playback]),
    () => {
      const next = pick(playback?.state ?? NOT_YET);
      if (last.current === undefined || !isSame(last.current, next)) last.current = next;
      return last.current as T;
    },
  );
}

function isSame(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return Object.is(a, b);
  return Object.entries(a).every(([key, value]) => Object.is(value, (b as Readonly<Record<string, unknown>>)[key]));
}
